"""Interactions from the fake over a real gateway to the real engine and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Channel
from tests.discord.fake import Channel as FakeChannel
from tests.discord.fake.world import VOICE
from tests.discord.harness import Notes, Server, delivered, server
from tests.fakes import reactions

HELLO = 1
"""Messages in the first channel at the start."""


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as ready:
        yield ready
        assert ready.discord.pings == []
        assert ready.discord.mentions == []
        assert ready.discord.interactions.late_acks == 0


async def test_a_command_is_acknowledged_first_and_answered_to_the_asker_alone(s: Server):
    await s.discord.until(lambda: s.channel.messages)  # the hello
    reply = await s.command("search", query="video", count=2)
    assert reply.ack == {"type": 5, "data": {"flags": 64}}
    assert "Papers for video" in reply.text
    assert reply.message is not None
    assert reply.message.visible_to == s.ada
    assert len(s.channel.messages) == HELLO


async def test_a_reply_has_one_row_of_buttons_and_a_menu_that_its_presser_alone_reads(s: Server):
    first, *_ = await s.digest()
    [row] = [part for part in first.raw["components"] if part["type"] == 1]
    assert [button["label"] for button in row["components"]] == ["Save", "👍", "👎", "Let's discuss", "More…"]
    opened = (await s.click(first, "More…", by=s.ben)).message
    assert opened is not None
    assert opened.visible_to == s.ben
    assert [button["label"] for button in opened.buttons] == ["Similar", "Why?", "Follow this…", "Less of this…"]
    assert opened.text == first.text.split("\n")[0], "it says which paper it is about"
    assert "Why this" in (await s.click(opened, "Why?", by=s.ben)).text


async def test_pages_turn_in_place_for_the_asker_and_in_a_new_message_for_others(s: Server):
    reply = await s.command("search", query="video", count=2)
    assert reply.message is not None
    before = reply.message.text
    turned = await s.click(reply.message, "More")
    assert turned.message is reply.message
    assert reply.message.text != before
    await s.click(reply.message, "Back")
    assert reply.message.text == before
    [public] = (await s.click(reply.message, "Share")).follow_ups
    apart = await s.click(public, "More", by=s.ben)
    assert apart.message is not public
    assert apart.message is not None
    assert apart.message.visible_to == s.ben


async def test_a_topic_is_shown_before_it_is_saved(s: Server):
    preview = await s.command("topics add", topic="video")
    assert await s.subscription() is None
    saved = await s.click(preview.message, "Follow")
    subscription = await s.subscription()
    assert subscription is not None
    assert subscription.topics == ("video",)
    assert saved.message is preview.message
    assert "Following video" in saved.text


async def test_a_topic_too_long_for_a_custom_id_is_saved_by_its_button_even_after_a_restart(tmp_path: Path):
    long = " | ".join(f'"a subject of study number {number}"' for number in range(5)) + " | video"
    notes = Notes()
    async with server(tmp_path, notes=notes) as s:
        preview = await s.command("topics add", topic=long)
        discord, message = s.discord, preview.message
        assert message is not None
        assert all(len(button["custom_id"]) <= 100 for button in message.buttons if "custom_id" in button)
        raw = message.raw
    async with server(tmp_path, notes=notes) as s:
        again = s.discord.add_message(s.channel, raw, s.discord.bot["id"], visible_to=s.ada)
        await s.click(again, "Follow")
        subscription = await s.subscription()
        assert subscription is not None
        assert subscription.topics == (long,)
    assert discord is not s.discord


async def test_a_button_whose_options_are_lost_is_answered_in_a_sentence(tmp_path: Path):
    async with server(tmp_path) as s:
        reply = await s.command("today", count=1)
        assert reply.message is not None
        row = next(part for part in reply.message.raw["components"] if part["type"] == 1)
        for custom_id in ("|search|~" + "0" * 32, "nonsense", "|no such command|", "edit|no such form|0"):
            row["components"] = [{"type": 2, "style": 2, "label": "Old", "custom_id": custom_id}]
            text = (await s.click(reply.message, "Old")).text
            assert "another version" in text or "is not a command" in text


async def test_buttons_under_a_reply_answer_the_presser_alone(s: Server):
    first, *_ = await s.digest()
    pressed = (
        *(("Save", "Saved"), ("👍", "Noted"), ("👎", "Noted"), ("Why?", "Why this"), ("Similar", "Like")),
        *(("Let's discuss", "Noted: you want to discuss"), ("Let's discuss", "Taken back")),
    )
    for label, text in pressed:
        answer = (await s.click(first, label, by=s.ben)).message
        assert answer is not None
        assert text in answer.text
        assert answer.visible_to == s.ben
    [(_, value)] = await reactions(s.backend.store, Channel("discord:1001/2001"))
    assert value == -1


async def test_in_a_thread_a_command_is_about_its_channel(s: Server):
    first, *_ = await s.digest()
    reply = await s.command("topics list", first.channel)
    assert "everything" in reply.text.lower()
    await s.command("topics add", first.channel, topic="video", confirm="yes")
    subscription = await s.subscription()
    assert subscription is not None
    assert subscription.topics == ("video",)


async def test_without_the_permission_to_manage_changes_are_refused_with_the_reason_and_reading_works(s: Server):
    for words, options in (
        ("subscribe", {}),
        ("topics add", {"topic": "video"}),
        ("settings", {}),
        ("unsubscribe", {}),
        ("subscriptions", {}),
    ):
        refused = await s.command(words, by=s.ben, manager=False, **options)
        assert "Manage Channels" in refused.text, words
    assert await s.subscription() is None
    assert "Trending now" in (await s.command("today", by=s.ben, manager=False)).text
    preview = await s.command("topics add", topic="video")
    assert preview.message is not None
    preview.message.visible_to = None  # as if somebody else could press it
    assert "Manage Channels" in (await s.click(preview.message, "Follow", by=s.ben, manager=False)).text
    assert await s.subscription() is None


async def test_direct_messages_can_be_subscribed(s: Server):
    channel = s.discord.dm(s.ada)
    assert "Subscribed" in (await s.command("subscribe", channel, size=3, manager=False)).text
    s.backend.clock.advance(days=1)
    await s.backend.deliver()
    posts = delivered(channel)
    assert len(posts) == 1, "in one message, unless somebody chose replies"
    await s.command("subscribe", channel, style="thread", manager=False)
    s.backend.clock.advance(days=1)
    await s.backend.deliver()
    posts = delivered(channel)[1:]
    assert [bool(post.raw.get("message_reference")) for post in posts] == [False, True, True, True]


async def test_a_voice_channel_gets_one_message_unless_somebody_chose_replies(s: Server):
    voice: FakeChannel = s.discord.add_channel(s.guild, "2009", VOICE)
    await s.discord.gateway.dispatch("CHANNEL_CREATE", voice.as_json())
    await s.command("subscribe", voice)
    subscription = await s.subscription(voice)
    assert subscription is not None
    assert subscription.style == "compact"


async def test_a_command_in_a_digests_thread_knows_its_papers(s: Server):
    _, second, *_ = await s.digest()
    title = second.text.partition("\n")[0].partition(". ")[2]
    answer = await s.command("why", second.channel, paper="#2")
    assert title in answer.text
    assert "This digest has 3 papers" in (await s.command("why", second.channel, paper="#9")).text


async def test_a_change_of_the_digest_leaves_one_line_in_the_channel(s: Server):
    await s.discord.until(lambda: s.channel.messages)  # the hello
    reply = await s.command("subscribe", size=4)
    await s.discord.until(lambda: len(s.channel.messages) > HELLO)
    line = s.channel.messages[-1]
    assert "subscribed this channel: 4 papers at 09:00 (UTC), every day, as a thread." in line.text
    assert line.visible_to is None
    assert "Subscribed" in reply.text
    direct = s.discord.dm(s.ada)
    before = len(direct.messages)
    await s.command("subscribe", direct, manager=False)
    assert len(direct.messages) == before, "nobody else reads there"


async def test_direct_messages_do_not_reveal_other_subscribers(s: Server):
    for person in (s.ada, s.ben):
        await s.command("subscribe", s.discord.dm(person), by=person)
    listed = await s.command("subscriptions", s.discord.dm(s.ben), by=s.ben)
    assert "1 channel with a digest" in listed.text
    assert "cannot see" not in listed.text


async def test_settings_are_a_panel_whose_buttons_open_forms_and_which_shows_errors(s: Server):
    await s.command("subscribe", size=3)
    panel = await s.command("settings")
    assert panel.message is not None
    buttons = [button["label"] for button in panel.message.buttons]
    assert buttons[2:] == ["Add a digest"]
    modal = (await s.click(panel.message, buttons[0])).modal
    assert len(modal["components"]) <= 5
    wrong = await s.discord.interactions.submit(s.ada, panel.message, modal, {"topics": 'video\n"never closed'})
    assert wrong.message is not None
    assert "Topics" in wrong.text
    assert "never closed" in wrong.text
    assert "Nothing was saved: 1 answer needs another look." in wrong.text
    assert "Topics: everything that trends" in wrong.text.replace("*", ""), "what is stored, and not what was refused"
    assert (await s.subscription()).topics == ()  # type: ignore[union-attr]
    modal = (await s.click(wrong.message, buttons[0])).modal
    [topics] = [row["component"] for row in modal["components"] if row["component"]["custom_id"] == "topics"]
    assert topics["value"] == 'video\n"never closed', "nothing that was typed is lost"
    await s.discord.interactions.submit(s.ada, wrong.message, modal, {"topics": "video\nagents", "size": "7"})
    subscription = await s.subscription()
    assert subscription is not None
    assert (subscription.topics, subscription.size) == (("video", "agents"), 7)


async def test_a_panel_makes_another_digest_and_each_panel_is_of_its_own(s: Server):
    await s.command("subscribe", size=3)
    panel = (await s.command("settings")).message
    assert panel is not None
    another = (await s.click(panel, "Add a digest")).message
    assert another is not None
    assert "Settings: another digest" in another.text
    first, *_ = (button["label"] for button in another.buttons)
    modal = (await s.click(another, first)).modal
    assert [row["component"]["custom_id"] for row in modal["components"]][:2] == ["name", "topics"]
    refused = await s.discord.interactions.submit(s.ada, another, modal, {"name": "main", "topics": "agents"})
    assert "This channel has a digest main already." in refused.text
    modal = (await s.click(refused.message, first)).modal
    made = await s.discord.interactions.submit(s.ada, refused.message, modal, {"name": "RL"})
    assert "Subscribed to “rl”" in made.text
    of_rl = (await s.command("settings", name="rl")).message
    assert of_rl is not None
    assert [button["label"] for button in of_rl.buttons][2:] == ["main", "Add a digest"]
    of_main = (await s.click(of_rl, "main")).message
    for message, style in ((of_rl, "compact"), (of_main, "thread")):
        modal = (await s.click(message, "Hour, time zone…")).modal
        await s.discord.interactions.submit(s.ada, message, modal, {"style": style, "at": "18:00"})
    digests = await s.backend.store.subscriptions.all("discord:1001")
    assert [(each.name, each.topics, each.size, each.style) for each in digests] == [
        ("main", (), 3, "thread"), ("rl", ("agents",), 5, "compact"),
    ]  # fmt: skip
    assert await s.discord.interactions.autocomplete(s.ada, s.channel, "preview", "name", "") == ["main", "rl"]
    assert await s.discord.interactions.autocomplete(s.ada, s.channel, "pause", "name", "") == ["main", "rl", "all"]


async def test_answers_that_were_refused_do_not_keep_the_other_half_of_the_form_from_being_saved(s: Server):
    await s.command("subscribe", size=3)
    panel = await s.command("settings")
    assert panel.message is not None
    first, second, *_ = (button["label"] for button in panel.message.buttons)
    modal = (await s.click(panel.message, first)).modal
    wrong = await s.discord.interactions.submit(s.ada, panel.message, modal, {"size": "99", "mutes": "x"})
    assert wrong.message is not None
    assert "Papers in a digest: 3" in wrong.text.replace("*", "")
    modal = (await s.click(wrong.message, second)).modal
    saved = await s.discord.interactions.submit(s.ada, wrong.message, modal, {"style": "compact"})
    assert (await s.subscription()).mutes == ()  # type: ignore[union-attr]
    assert "Changed the style" in saved.text
    subscription = await s.subscription()
    assert subscription is not None
    assert (subscription.size, f"{subscription.at:%H:%M}", subscription.style) == (3, "09:00", "compact")


async def test_hour_days_and_choices_are_picked_and_what_is_stored_is_picked_already(s: Server):
    await s.command("subscribe", at="07:45", timezone="Europe/Berlin", days="mon,wed")
    panel = await s.command("settings")
    assert panel.message is not None
    first, second, *_ = (button["label"] for button in panel.message.buttons)
    assert (first, second) == ("Topics, mutes…", "Hour, time zone…"), "both fit beside each other on a phone"
    for words in ("Topics: everything that trends", "Style: A thread: one reply per paper", "Days: mon,wed"):
        assert words in panel.text
    modal = (await s.click(panel.message, second)).modal
    inputs = {row["component"]["custom_id"]: row["component"] for row in modal["components"]}
    picked = {
        name: [each["value"] for each in part["options"] if each["default"]]
        for name, part in inputs.items()
        if "options" in part
    }
    assert picked == {"at": ["07:45"], "days": ["mon", "wed"], "style": ["thread"], "quiet": ["say"]}
    assert len(inputs["at"]["options"]) == 25
    unchanged = await s.discord.interactions.submit(s.ada, panel.message, modal, {})
    assert "Nothing changed" in unchanged.text
    panel = await s.command("settings")
    assert panel.message is not None
    modal = (await s.click(panel.message, second)).modal
    answers = {"at": "18:00", "days": "tue,fri,sat", "style": "compact", "quiet": "skip"}
    await s.discord.interactions.submit(s.ada, panel.message, modal, answers)
    panel = await s.command("settings")
    assert panel.message is not None
    assert "Places for papers nobody has noticed yet: One where topics are followed, else none" in panel.text
    modal = (await s.click(panel.message, first)).modal
    await s.discord.interactions.submit(s.ada, panel.message, modal, {"early": "2"})
    subscription = await s.subscription()
    assert subscription is not None
    assert (f"{subscription.at:%H:%M}", subscription.days) == ("18:00", {1, 4, 5})
    assert (subscription.style, subscription.quiet, subscription.early) == ("compact", "skip", 2)


async def test_a_time_zone_that_is_none_keeps_what_was_picked_beside_it(s: Server):
    await s.command("subscribe", at="09:00", timezone="UTC", days="mon")
    panel = await s.command("settings")
    assert panel.message is not None
    label = panel.message.buttons[1]["label"]
    modal = (await s.click(panel.message, label)).modal
    answers = {"timezone": "Atlantis", "at": "18:00", "days": "tue,fri", "style": "compact"}
    wrong = await s.discord.interactions.submit(s.ada, panel.message, modal, answers)
    assert "Atlantis" in wrong.text
    modal = (await s.click(wrong.message, label)).modal
    await s.discord.interactions.submit(s.ada, panel.message, modal, {"timezone": "Europe/Berlin"})
    subscription = await s.subscription()
    assert subscription is not None
    assert (f"{subscription.at:%H:%M}", subscription.days, subscription.style) == ("18:00", {1, 4}, "compact")


async def test_an_outdated_panel_or_one_of_somebody_else_is_answered_in_a_sentence(s: Server):
    panel = await s.command("settings")
    assert panel.message is not None
    label = panel.message.buttons[0]["label"]
    denied = await s.click(panel.message, label, by=s.ben, manager=False)
    assert "Manage Channels" in denied.text
    for outdated in ("edit|settings|9", "edit|nonsense|0"):
        panel.message.buttons[0]["custom_id"] = outdated
        assert "from another version of Paperboy" in (await s.click(panel.message, label)).text


async def test_a_value_of_any_length_opens_its_form(s: Server):
    await s.command("subscribe")
    panel = await s.command("settings")
    assert panel.message is not None
    label = panel.message.buttons[0]["label"]
    modal = (await s.click(panel.message, label)).modal
    longest = "\N{PERSEVERING FACE}" * 3_000
    wrong = await s.discord.interactions.submit(s.ada, panel.message, modal, {"topics": longest, "size": ""})
    assert wrong.message is not None
    inputs = {
        row["component"]["custom_id"]: row["component"]
        for row in (await s.click(wrong.message, label)).modal["components"]
    }
    assert longest.startswith(inputs["topics"]["value"])
    assert len(inputs["topics"]["value"]) == 2_000, "as many as Discord takes"


async def test_completions_come_at_once_and_are_at_most_25(s: Server):
    zones = await s.discord.interactions.autocomplete(s.ada, s.channel, "subscribe", "timezone", "eur")
    assert "Europe/Berlin" in zones
    assert len(zones) <= 25
    await s.command("topics add", topic="video", confirm="yes")
    assert await s.discord.interactions.autocomplete(s.ada, s.channel, "topics remove", "topic", "") == ["video"]
    await s.command("today")
    papers = await s.discord.interactions.autocomplete(s.ada, s.channel, "why", "paper", "")
    assert len(papers) == 25
    assert "Why this" in (await s.command("why", paper=papers[7])).text
    [completion] = await s.discord.interactions.autocomplete(s.ada, s.channel, "similar", "paper", "open-o3")
    assert completion.startswith("2510.20579 · Open-o3 Video")


async def test_the_papers_of_a_message_are_related_to_others(s: Server):
    async def related(text: str) -> str:
        return (await s.discord.interactions.use_message_command(s.ben, s.channel, {"content": text})).text

    assert "Open-o3 Video" in await related("look: https://huggingface.co/papers/2510.20579")
    assert "Which of them" in await related("https://arxiv.org/abs/2510.20579 and arXiv:2510.15831")
    assert "10.1000/xyz.7" in await related("[this](https://doi.org/10.1000/XYZ.7)"), (
        "a DOI is looked up, and unknown here"
    )
    assert "No paper is linked" in await related("good morning, 3.14159 people")


async def test_channels_that_a_person_cannot_see_are_left_out(s: Server):
    secret: FakeChannel = s.discord.add_channel(s.guild, "2003")
    secret.hidden_from_people = True
    await s.discord.gateway.dispatch("CHANNEL_CREATE", secret.as_json())
    for channel in (s.channel, secret):
        await s.command("subscribe", channel)
    listed = (await s.command("subscriptions")).text
    assert "#channel-2001" in listed
    assert "2003" not in listed
    assert "left out" in listed


async def test_a_faulty_event_does_not_affect_others(s: Server):
    for broken in ({}, {"id": "1", "type": 2, "token": "t", "data": None, "application_id": "1"}, {"type": "no"}):
        await s.discord.gateway.dispatch("INTERACTION_CREATE", broken)
        await s.discord.gateway.dispatch("MESSAGE_REACTION_ADD", broken)
    assert "Trending now" in (await s.command("today")).text


async def test_foreign_text_in_an_answer_pings_nobody(s: Server):
    for hostile in ("@everyone <@42> <#2001> `x", "https://evil.example/@here [a](b) **c**", "\u202e@here\u2066 # h"):
        for words, option in (("search", "query"), ("topics add", "topic"), ("paper", "paper"), ("help", "command")):
            reply = await s.command(words, **{option: hostile})
            assert reply.message is not None
            assert reply.message.raw["allowed_mentions"] == {"parse": []}
