"""Commands, buttons and shortcuts through the fake over a real socket, to the real engine and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.slack import interactions
from bot.handlers.context import HANDLERS
from tests.fakes import reactions
from tests.slack.fake import Fault
from tests.slack.harness import Workspace, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready
        assert ready.slack.pings == []
        assert [ack for ack in ready.slack.acks if ack.failure] == []


async def test_a_command_is_acknowledged_at_once_and_answered_to_the_asker_alone(w: Workspace):
    reply = await w.ada.command("/papers", "search video count:2", w.channel)
    assert reply.ack == {}
    assert "Papers for video" in reply.text
    assert reply.message.kind == "ephemeral"
    assert w.channel.messages == []


async def test_a_slow_answer_is_acknowledged_all_the_same(w: Workspace, monkeypatch):
    monkeypatch.setattr("adapters.slack.people.LOOKUP_SECONDS", patience := 1.0)
    w.slack.fails("users.info", Fault("hang"))
    reply = await w.ada.command("/papers", "today count:1", w.channel)
    assert reply.seconds < patience, "whoever waited for Slack to say who asks would have waited that long"
    assert "Trending now" in reply.text


async def test_an_empty_command_is_help_and_a_wrong_one_names_the_right_one(w: Workspace):
    assert "Five things to begin with" in (await w.ada.command("/papers", "", w.channel)).text
    assert "Did you mean" in (await w.ada.command("/papers", "serch x", w.channel)).text


async def test_commands_in_answers_begin_as_they_were_typed(w: Workspace):
    assert " /papers search x?" in (await w.ada.command("/papers", "serch x", w.channel)).text
    assert " @Paperboy search x?" in (await w.ada.mentions(w.channel, None, "serch x")).text
    assert " search x?" in (await w.ada.writes("serch x")).text


async def test_under_another_name_of_the_command_every_answer_begins_with_it(w: Workspace):
    w.slack.app = replace(w.slack.app, commands=frozenset({"/paperboy"}))
    reply = await w.ada.command("/paperboy", "help", w.channel)
    assert "/paperboy today" in reply.text
    pressed = await w.ada.click(reply.message, "All commands")
    assert "/paperboy search" in pressed.text
    assert "/papers" not in pressed.text
    hello = await w.ada.invites(w.team.channel("C7", [w.ada], bot=False), answered=True)
    assert "/paperboy search video diffusion" in hello.text
    assert "Type /paperboy in any channel" in (await w.ada.opens_home()).view.shown
    direct = await w.ada.writes("help")
    assert "today" in (await w.ada.click(direct.message, "All commands")).text
    assert "/paper" not in w.ada.dm.messages[-1].shown


@pytest.mark.parametrize(
    "typed",
    [
        "search “video generation” count:1",
        "search\u00a0“video\u00a0generation” count:1",
        "/papers search «video generation» count:1",
    ],
)
async def test_what_phones_make_of_quotes_and_spaces_is_understood(w: Workspace, typed: str):
    reply = await w.ada.command("/papers", typed, w.channel)
    assert "video" in reply.text.lower()
    assert "1." in reply.text


async def test_links_and_entities_are_undone(w: Workspace):
    for typed in ("paper <https://arxiv.org/abs/2510.20579v2|arxiv.org>", "paper https://arxiv.org/pdf/2510.20579"):
        assert "Open-o3" in (await w.ada.command("/papers", typed, w.channel, raw=True)).text
    assert "R&D" in (await w.ada.command("/papers", "search R&amp;D xyzzy", w.channel, raw=True)).text


async def test_share_posts_the_same_answer_for_everybody_where_paperboy_is_no_member(w: Workspace):
    outside = w.team.channel("C9", [w.ada], bot=False)
    reply = await w.ada.command("/papers", "search video count:2", outside)
    shared = await w.ada.click(reply.message, "Share")
    assert shared.message.kind == "message"
    assert "Papers for video" in shared.message.shown
    assert "Share" not in shared.message.buttons
    assert not reply.message.deleted
    again = [await w.ada.click(reply.message, "Share") for _ in range(7)]
    assert {each.message.shown for each in again} == {"This answer was shared here already."}
    assert {each.message.kind for each in again} == {"ephemeral"}
    equal = await w.ada.command("/papers", "search video count:2", outside)
    assert (await w.ada.click(equal.message, "Share")).message.kind == "message", "another answer, though it is equal"
    turned = (await w.ada.click(reply.message, "More")).message
    assert (await w.ada.click(turned, "Share")).message.kind == "message", "another page was not shared yet"


async def test_a_share_that_became_an_error_may_be_pressed_again(w: Workspace, monkeypatch):
    reply = await w.ada.command("/papers", "search video count:2", w.channel)
    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, "search", None)
        assert "went wrong" in (await w.ada.click(reply.message, "Share")).text
    assert (await w.ada.click(reply.message, "Share")).message.kind == "message"


@pytest.mark.parametrize("typed", ["today share:yes", "search video count:2 SHARE:y"])
async def test_a_typed_share_is_answered_to_its_asker_and_the_button_shares_it_once(w: Workspace, typed: str):
    """A line says nothing of which answer it means, so it could be typed again and again."""
    replies = [await w.ada.command("/papers", typed, w.channel) for _ in range(2)]
    assert {each.message.kind for each in replies} == {"ephemeral"}
    assert "press Share below" in replies[0].message.shown
    private = replies[0].message
    mention = (await w.ada.mentions(w.channel, None, typed)).message
    assert mention.kind == "message", "a public question is answered for everybody"
    assert "press Share" not in mention.shown
    posts = len(w.channel.messages)
    presses = [await w.ada.click(private, "Share") for _ in range(2)]
    assert [each.message.kind for each in presses] == ["message", "ephemeral"]
    assert "Shared by Ada" in presses[0].message.shown
    assert len(w.channel.messages) == posts + 1
    assert "press Share" not in presses[0].message.shown
    unshareable = await w.ada.command("/papers", "saved list share:yes", w.channel)
    assert "press Share" not in unshareable.message.shown


async def test_pages_turn_in_place(w: Workspace):
    first = (await w.ada.command("/papers", "search video count:2", w.channel)).message
    before = first.shown
    await w.ada.click(first, "More")
    assert first.edits == 1
    assert first.shown != before
    await w.ada.click(first, "Back")
    assert first.shown == before
    assert len(w.ada.private(w.channel)) == 1


async def test_a_page_of_a_public_list_is_turned_for_one_person_only(w: Workspace):
    reply = await w.ada.command("/papers", "search video count:2", w.channel)
    public = (await w.ada.click(reply.message, "Share")).message
    turned = await w.ben.click(public, "More")
    assert public.edits == 0
    assert turned.message.kind == "ephemeral"
    assert turned.message.user == "U2"


async def test_a_topic_is_shown_before_it_is_saved_and_the_answer_takes_the_questions_place(w: Workspace):
    preview = (await w.ada.command("/papers", "topics add video", w.channel)).message
    assert await w.subscription() is None
    await w.ada.click(preview, "Follow")
    subscription = await w.subscription()
    assert subscription is not None
    assert subscription.topics == ("video",)
    assert subscription.timezone == "Europe/Berlin"
    assert "Following video" in preview.shown
    assert "Follow" not in preview.buttons


async def test_buttons_under_a_reply_answer_the_presser_in_the_thread(w: Workspace):
    first, *_ = await w.digest()
    for label, text in (
        ("Save", "Saved"),
        ("👍", "Noted"),
        ("👎", "Noted"),
        ("Let's discuss", "Noted: you want to discuss"),
        ("Let's discuss", "Taken back"),
        ("Why?", "Why this rank"),
        ("Similar", "Like"),
    ):
        answer = (await w.ben.click(first, label)).message
        assert text in answer.shown
        assert (answer.kind, answer.user, answer.thread_ts) == ("ephemeral", "U2", first.thread_ts)
    [(_paper, value)] = await reactions(w.backend.store, "slack:T1/C1")
    assert value == -1


async def test_a_reply_has_two_buttons_and_a_menu_in_a_row_that_a_phone_does_not_break_and_feedback_buttons_under_it(
    w: Workspace,
):
    first, *_ = await w.digest()
    assert first.menu == ["Similar", "Why?", "Follow this…", "Less of this…"]
    rows = [block["elements"] for block in first.raw["blocks"] if block["type"] == "actions"]
    labels = [[each.get("text", {}).get("text", "…") for each in row] for row in rows]
    assert labels == [["Save", "Let's discuss", "…"]]
    assert first.buttons == ["Save", "Let's discuss", "👍", "👎"]
    card = (await w.ben.command("/papers", "paper 2510.20579", w.channel)).message
    assert card.buttons == ["Save", "Let's discuss", "Share", "👍", "👎"]
    assert [block["type"] for block in card.raw["blocks"]][-2:] == ["actions", "context_actions"]


async def test_an_answer_in_a_thread_finds_another_way_where_slack_refuses_the_first(w: Workspace):
    first, *_ = await w.digest()
    w.slack.fails("chat.postEphemeral", "not_in_channel")
    answer = (await w.ben.click(first, "Save")).message
    assert answer.kind == "ephemeral"
    assert answer.thread_ts == first.thread_ts


@pytest.mark.parametrize("value", ["no JSON", "[1]", '["today"]', "x" * 2_000, '["no such command",{}]'])
async def test_a_button_of_another_version_is_answered_in_a_sentence(w: Workspace, value: str):
    reply = await w.ada.command("/papers", "today count:1", w.channel)
    row = next(block for block in reply.message.raw["blocks"] if block["type"] == "actions")
    row["elements"] = [{**row["elements"][0], "action_id": "???", "value": value, "text": {"text": "Old"}}]
    text = (await w.ada.click(reply.message, "Old")).text
    assert "another version" in text or "is not a command" in text


async def test_a_link_button_opens_by_itself(w: Workspace):
    reply = await w.ada.command("/papers", "about", w.channel)
    for button in [each for each in reply.message.controls if each.get("url")]:
        assert (await w.ada.click(reply.message, button["action_id"], answered=False)).failure is None


async def test_polite_words_and_marks_after_a_command_change_nothing(w: Workspace):
    assert "Trending now" in (await w.ada.command("/papers", "today!", w.channel)).text
    await w.ada.command("/papers", "subscribe", w.channel)
    await w.ada.command("/papers", "unsubscribe me, please", w.channel)
    assert await w.subscription(w.channel) is None


async def test_a_pasted_link_is_a_paper_and_a_question_about_paperboy_is_help(w: Workspace):
    reply = await w.ada.command("/papers", "https://arxiv.org/abs/2510.20579", w.channel)
    assert "Open-o3" in reply.text
    helped = (await w.ada.writes("what can you do?")).text
    assert helped == (await w.ada.writes("help")).text


async def test_unpause_is_resume(w: Workspace):
    await w.ada.command("/papers", "subscribe", w.channel)
    assert "was not paused" in (await w.ada.command("/papers", "unpause", w.channel)).text


async def test_a_change_of_the_digest_leaves_one_line_in_the_channel(w: Workspace):
    reply = await w.ada.command("/papers", "subscribe size:4", w.channel)
    await reply.more()
    lines = [each.shown for each in w.channel.messages]
    assert lines == ["Ada subscribed this channel: 4 papers at 09:00 (Europe/Berlin), every day, as a thread."]
    before = len(w.ada.dm.messages)
    await w.ada.writes("subscribe")
    assert len(w.ada.dm.messages) == before + 2, "what Ada wrote, and the answer alone"


async def test_a_shortcut_shows_the_card_of_the_linked_paper(w: Workspace):
    linked = w.ada.says(w.channel, "look: <https://huggingface.co/papers/2510.20579|this>")
    assert "Open-o3" in (await w.ben.shortcut(linked, "card")).text
    none = w.ada.says(w.channel, "good morning, 3.14159 people")
    assert "No paper is linked" in (await w.ben.shortcut(none, "card")).text
    two = w.ada.says(w.channel, "<https://arxiv.org/abs/2510.20579> and arXiv:2510.15831")
    which = await w.ben.shortcut(two, "card")
    assert which.message.buttons == ["2510.20579", "2510.15831"]
    assert "VISTA" in (await w.ben.click(which.message, "2510.15831")).text


async def test_test_proves_that_it_can_post_and_leaves_nothing_behind(w: Workspace):
    await w.ada.command("/papers", "test", w.channel)  # what it posts counts as an answer too, until it is taken back
    await w.slack.until(
        lambda: any("Paperboy can post here, and reply" in post.shown for post in w.ada.private(w.channel))
    )
    assert w.channel.messages == []
    outside = w.team.channel("C9", [w.ada], bot=False)
    assert "/invite @Paperboy" in (await w.ada.command("/papers", "test", outside)).text


async def test_other_apps_are_not_talked_to(w: Workspace):
    body = {**w.mention("today")["event"], "bot_id": "B99"}
    await w.slack.event(w.team, body, channel=w.channel)
    await w.ada.command("/papers", "help", w.channel)
    assert len(w.ada.private(w.channel)) == 1


def test_what_is_asked_stands_after_the_name_or_before_it():
    assert interactions.text_to_paperboy("<@UB> why 1", "UB").strip() == "why 1"
    assert interactions.text_to_paperboy("hey <@UB|paperboy> help", "UB").strip() == "help"
    assert interactions.text_to_paperboy("help <@UB>", "UB").strip() == "help"
    assert interactions.text_to_paperboy("<@UB>: why 1", "UB") == "why 1"
    assert interactions.text_to_paperboy("<@UB|paperboy>,\u00a0why 1", "UB") == "why 1"
    assert interactions.text_to_paperboy("help <@UB>:", "UB").strip() == "help"
    assert interactions.text_to_paperboy("no name", "UB") == "no name"
    assert interactions.text_to_paperboy("no bot", None) == "no bot"
