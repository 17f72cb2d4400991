"""Commands, buttons and mentions through the fake over a real socket, to the real engine and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack import interactions
from tests.fakes import reactions
from tests.slack.fake import Fault
from tests.slack.harness import Town, town


@pytest.fixture
async def t(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as ready:
        yield ready
        assert ready.slack.pings == []
        assert [ack for ack in ready.slack.acks if ack.failure] == []


async def test_a_command_is_acknowledged_at_once_and_answered_to_the_asker_alone(t: Town):
    reply = await t.ada.command("/papers", "search video count:2", t.channel)
    assert reply.seconds < 1
    assert reply.ack == {}
    assert "Papers for video" in reply.text
    assert reply.message.kind == "ephemeral"
    assert t.channel.messages == []


async def test_a_slow_answer_is_acknowledged_all_the_same(t: Town, monkeypatch):
    monkeypatch.setattr("adapters.slack.people.LOOKUP_SECONDS", patience := 1.0)
    t.slack.fails("users.info", Fault("hang"))
    reply = await t.ada.command("/papers", "today count:1", t.channel)
    assert reply.seconds < patience, "whoever waited for Slack to say who asks would have waited that long"
    assert "Trending now" in reply.text


async def test_an_empty_command_is_help_and_a_wrong_one_names_the_right_one(t: Town):
    assert "What Paperboy can do" in (await t.ada.command("/papers", "", t.channel)).text
    assert "Did you mean" in (await t.ada.command("/papers", "serch x", t.channel)).text


@pytest.mark.parametrize(
    "typed",
    [
        "search “video generation” count:1",
        "search\u00a0“video\u00a0generation” count:1",
        "/papers search «video generation» count:1",
    ],
)
async def test_what_phones_make_of_quotes_and_spaces_is_understood(t: Town, typed: str):
    reply = await t.ada.command("/papers", typed, t.channel)
    assert "video" in reply.text.lower()
    assert "1." in reply.text


async def test_links_and_entities_are_undone(t: Town):
    for typed in ("paper <https://arxiv.org/abs/2510.20579v2|arxiv.org>", "paper https://arxiv.org/pdf/2510.20579"):
        assert "Open-o3" in (await t.ada.command("/papers", typed, t.channel, raw=True)).text
    assert "R&D" in (await t.ada.command("/papers", "search R&amp;D xyzzy", t.channel, raw=True)).text


async def test_share_posts_the_same_answer_for_everybody_where_paperboy_is_no_member(t: Town):
    outside = t.team.channel("C9", [t.ada], bot=False)
    reply = await t.ada.command("/papers", "search video count:2", outside)
    shared = await t.ada.click(reply.message, "Share")
    assert shared.message.kind == "message"
    assert "Papers for video" in shared.message.shown
    assert "Share" not in shared.message.buttons
    assert not reply.message.deleted


async def test_pages_turn_in_place(t: Town):
    first = (await t.ada.command("/papers", "search video count:2", t.channel)).message
    before = first.shown
    await t.ada.click(first, "More")
    assert first.edits == 1
    assert first.shown != before
    await t.ada.click(first, "Back")
    assert first.shown == before
    assert len(t.ada.private(t.channel)) == 1


async def test_a_page_of_a_public_list_is_turned_for_one_person_only(t: Town):
    reply = await t.ada.command("/papers", "search video count:2", t.channel)
    public = (await t.ada.click(reply.message, "Share")).message
    turned = await t.ben.click(public, "More")
    assert public.edits == 0
    assert turned.message.kind == "ephemeral"
    assert turned.message.user == "U2"


async def test_a_topic_is_shown_before_it_is_saved_and_the_answer_takes_the_questions_place(t: Town):
    preview = (await t.ada.command("/papers", "topics add video", t.channel)).message
    assert await t.wish() is None
    await t.ada.click(preview, "Save")
    wish = await t.wish()
    assert wish is not None
    assert wish.topics == ("video",)
    assert wish.timezone == "Europe/Berlin"
    assert "Following video" in preview.shown
    assert "Save" not in preview.buttons


async def test_buttons_under_a_reply_answer_the_presser_in_the_thread(t: Town):
    first, *_ = await t.digest()
    for label, text in (
        ("Save", "Saved"),
        ("👍", "Noted"),
        ("👎", "Noted"),
        ("Why?", "Why this rank"),
        ("Similar", "Like"),
    ):
        answer = (await t.ben.click(first, label)).message
        assert text in answer.shown
        assert (answer.kind, answer.user, answer.thread_ts) == ("ephemeral", "U2", first.thread_ts)
    [(_paper, value)] = await reactions(t.house.store, "slack:T1/C1")
    assert value == -1


async def test_an_answer_in_a_thread_finds_another_way_where_slack_refuses_the_first(t: Town):
    first, *_ = await t.digest()
    t.slack.fails("chat.postEphemeral", "not_in_channel")
    answer = (await t.ben.click(first, "Save")).message
    assert answer.kind == "ephemeral"
    assert answer.thread_ts == first.thread_ts


@pytest.mark.parametrize("value", ["no JSON", "[1]", '["today"]', "x" * 2_000, '["no such command",{}]'])
async def test_a_button_of_another_version_is_answered_in_a_sentence(t: Town, value: str):
    reply = await t.ada.command("/papers", "today count:1", t.channel)
    row = next(block for block in reply.message.raw["blocks"] if block["type"] == "actions")
    row["elements"] = [{**row["elements"][0], "action_id": "???", "value": value, "text": {"text": "Old"}}]
    text = (await t.ada.click(reply.message, "Old")).text
    assert "another version" in text or "is not a command" in text


async def test_a_link_button_opens_by_itself(t: Town):
    reply = await t.ada.command("/papers", "about", t.channel)
    for button in [each for each in reply.message.controls if each.get("url")]:
        assert (await t.ada.click(reply.message, button["action_id"], answered=False)).failure is None


async def test_a_mention_in_a_thread_is_answered_there_to_the_asker_alone(t: Town):
    first, *_ = await t.digest()
    reply = await t.ben.mentions(t.channel, first.thread_ts, "why 2510.20579")
    assert "Why this rank" in reply.text
    assert (reply.message.kind, reply.message.thread_ts) == ("ephemeral", first.thread_ts)


async def test_a_mention_outside_a_thread_is_answered_to_the_asker_alone(t: Town):
    reply = await t.ben.mentions(t.channel, None, "today count:1")
    assert (reply.message.kind, reply.message.thread_ts) == ("ephemeral", None)


async def test_a_direct_message_is_a_command_and_its_answer_a_message(t: Town):
    reply = await t.ada.writes("papers today count:1")
    assert "Trending now" in reply.text
    assert reply.message.kind == "message"
    turned = await t.ada.click(reply.message, "More", answered=True)
    assert turned.message is reply.message, "pages turn in place"
    assert len(t.ada.dm.messages) == 2


async def test_direct_messages_can_be_subscribed(t: Town):
    await t.ada.command("/papers", "subscribe size:3")
    t.house.clock.advance(days=1)
    await t.house.deliver()
    roots = [post for post in t.ada.dm.roots if post.raw.get("metadata")]
    assert len(roots) == 1
    assert len(t.ada.dm.thread(roots[0].ts)) == 3


async def test_a_form_asked_for_in_writing_is_offered_as_a_button(t: Town):
    reply = await t.ada.writes("settings")
    assert (await t.ada.click(reply.message, "Digest settings")).view.kind == "modal"


async def test_only_admins_change_things_where_the_setting_says_so(tmp_path: Path):
    async with town(tmp_path, managers="admins") as t:
        refused = await t.ben.command("/papers", "subscribe", t.channel)
        assert "admin or owner" in refused.text
        assert await t.wish() is None
        assert "Subscribed" in (await t.ada.command("/papers", "subscribe", t.channel)).text
        assert "admin or owner" in (await t.ben.command("/papers", "settings", t.channel)).text


async def test_everybody_in_the_channel_changes_things_by_default(t: Town):
    assert "Subscribed" in (await t.ben.command("/papers", "subscribe", t.channel)).text


async def test_somebody_of_a_partner_workspace_reads_but_changes_nothing_and_sees_no_other_channel(t: Town):
    eve = t.slack.team("T2", installed=False).user("U9")
    t.channel.members.add(eve.id)
    t.team.people[eve.id] = eve  # users.info knows strangers of shared channels
    t.channel.shared = True
    first, *_ = await t.digest()
    await t.slack.event(t.team, {**eve_says(t, "subscribe at:10:00", "T2"), "ts": first.thread_ts}, channel=t.channel)
    await t.slack.until(lambda: any("to belong to the workspace" in post.shown for post in eve.private(t.channel)))
    await t.slack.event(t.team, eve_says(t, "subscriptions", "T2"), channel=t.channel)
    await t.slack.until(lambda: len(eve.private(t.channel)) == 2)
    assert all("C1" not in post.shown for post in eve.private(t.channel))
    await t.slack.event(t.team, eve_says(t, "why 2510.20579", "T2"), channel=t.channel)
    await t.slack.until(lambda: any("Why this rank" in post.shown for post in eve.private(t.channel)))


def eve_says(t: Town, text: str, team: str) -> dict[str, object]:
    post = t.team.user("U9").says(t.channel, f"<@{t.team.bot}> {text}")
    return {**post.raw, "type": "app_mention", "channel": "C1", "team": team, "user_team": team}


async def test_a_shortcut_shows_the_card_of_the_linked_paper(t: Town):
    linked = t.ada.says(t.channel, "look: <https://huggingface.co/papers/2510.20579|this>")
    assert "Open-o3" in (await t.ben.shortcut(linked, "card")).text
    none = t.ada.says(t.channel, "good morning, 3.14159 people")
    assert "No paper is linked" in (await t.ben.shortcut(none, "card")).text
    two = t.ada.says(t.channel, "<https://arxiv.org/abs/2510.20579> and arXiv:2510.15831")
    which = await t.ben.shortcut(two, "card")
    assert which.message.buttons == ["2510.20579", "2510.15831"]
    assert "VISTA" in (await t.ben.click(which.message, "2510.15831")).text


async def test_test_proves_that_it_can_post_and_leaves_nothing_behind(t: Town):
    await t.ada.command("/papers", "test", t.channel)  # what it posts counts as an answer too, until it is taken back
    await t.slack.until(lambda: any("It works" in post.shown for post in t.ada.private(t.channel)))
    assert t.channel.messages == []
    outside = t.team.channel("C9", [t.ada], bot=False)
    assert "/invite @Paperboy" in (await t.ada.command("/papers", "test", outside)).text


async def test_other_apps_are_not_talked_to(t: Town):
    body = {**t.mention("today")["event"], "bot_id": "B99"}
    await t.slack.event(t.team, body, channel=t.channel)
    await t.ada.command("/papers", "help", t.channel)
    assert len(t.ada.private(t.channel)) == 1


def test_what_is_asked_stands_after_the_name_or_before_it():
    assert interactions.text_to_paperboy("<@UB> why 1", "UB").strip() == "why 1"
    assert interactions.text_to_paperboy("hey <@UB|paperboy> help", "UB").strip() == "help"
    assert interactions.text_to_paperboy("help <@UB>", "UB").strip() == "help"
    assert interactions.text_to_paperboy("<@UB>: why 1", "UB") == "why 1"
    assert interactions.text_to_paperboy("<@UB|paperboy>,\u00a0why 1", "UB") == "why 1"
    assert interactions.text_to_paperboy("help <@UB>:", "UB").strip() == "help"
    assert interactions.text_to_paperboy("no name", "UB") == "no name"
    assert interactions.text_to_paperboy("no bot", None) == "no bot"
