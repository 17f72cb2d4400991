"""Interactions from the fake over a real gateway to the real engine and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Channel
from tests.discord.fake import Channel as Room
from tests.discord.harness import Notes, Town, town
from tests.fakes import reactions

HELLO = 1
"""Messages in the first channel at the start."""


@pytest.fixture
async def t(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as ready:
        yield ready
        assert ready.discord.pings == []
        assert ready.discord.mentions == []
        assert ready.discord.interactions.late == 0


async def test_a_command_is_acknowledged_first_and_answered_to_the_asker_alone(t: Town):
    reply = await t.command("search", query="video", count=2)
    assert reply.ack == {"type": 5, "data": {"flags": 64}}
    assert "Papers for video" in reply.text
    assert reply.message is not None
    assert reply.message.only == t.ada
    assert len(t.room.messages) == HELLO


async def test_share_posts_the_answer_for_everybody(t: Town):
    reply = await t.command("search", query="video", count=2)
    shared = (await t.click(reply.message, "Share")).message
    assert shared is not None
    assert shared.only is None
    assert "Papers for video" in shared.shown
    assert "Share" not in [button["label"] for button in shared.buttons]


async def test_pages_turn_in_place_for_the_asker_and_apart_for_anybody_else(t: Town):
    reply = await t.command("search", query="video", count=2)
    assert reply.message is not None
    before = reply.message.shown
    turned = await t.click(reply.message, "More")
    assert turned.message is reply.message
    assert reply.message.shown != before
    await t.click(reply.message, "Back")
    assert reply.message.shown == before
    public = (await t.click(reply.message, "Share")).message
    assert public is not None
    apart = await t.click(public, "More", by=t.ben)
    assert apart.message is not public
    assert apart.message is not None
    assert apart.message.only == t.ben


async def test_a_topic_is_shown_before_it_is_saved(t: Town):
    preview = await t.command("topics add", topic="video")
    assert await t.wish() is None
    saved = await t.click(preview.message, "Save")
    wish = await t.wish()
    assert wish is not None
    assert wish.topics == ("video",)
    assert saved.message is preview.message
    assert "Following video" in saved.text


async def test_a_topic_too_long_for_a_button_is_saved_by_its_button_all_the_same_also_after_a_restart(tmp_path: Path):
    long = " | ".join(f'"a subject of study number {number}"' for number in range(5)) + " | video"
    notes = Notes()
    async with town(tmp_path, notes=notes) as t:
        preview = await t.command("topics add", topic=long)
        discord, message = t.discord, preview.message
        assert message is not None
        assert all(len(button["custom_id"]) <= 100 for button in message.buttons if "custom_id" in button)
        raw = message.raw
    async with town(tmp_path, notes=notes) as t:
        again = t.discord.keep(t.room, raw, t.discord.bot["id"], only=t.ada)
        await t.click(again, "Save")
        wish = await t.wish()
        assert wish is not None
        assert wish.topics == (long,)
    assert discord is not t.discord


async def test_a_button_whose_options_nobody_knows_any_more_is_answered_in_a_sentence(tmp_path: Path):
    async with town(tmp_path) as t:
        reply = await t.command("today", count=1)
        assert reply.message is not None
        row = next(part for part in reply.message.raw["components"] if part["type"] == 1)
        for custom_id in ("|search|~" + "0" * 32, "nonsense", "|no such command|", "edit|no such form|0"):
            row["components"] = [{"type": 2, "style": 2, "label": "Old", "custom_id": custom_id}]
            text = (await t.click(reply.message, "Old")).text
            assert "another version" in text or "is not a command" in text


async def test_buttons_under_a_reply_answer_the_presser_alone(t: Town):
    first, *_ = await t.digest()
    for label, text in (("Save", "Saved"), ("👍", "Noted"), ("👎", "Noted"), ("Why?", "Why this"), ("Similar", "Like")):
        answer = (await t.click(first, label, by=t.ben)).message
        assert answer is not None
        assert text in answer.shown
        assert answer.only == t.ben
    [(_, value)] = await reactions(t.house.store, Channel("discord:1001/2001"))
    assert value == -1


async def test_in_a_thread_a_command_is_about_its_channel(t: Town):
    first, *_ = await t.digest()
    reply = await t.command("topics list", first.channel)
    assert "everything" in reply.text.lower()
    await t.command("topics add", first.channel, topic="video", confirm="yes")
    wish = await t.wish()
    assert wish is not None
    assert wish.topics == ("video",)


async def test_who_may_not_manage_the_channel_is_told_what_it_takes_and_reads_all_the_same(t: Town):
    for words, options in (
        ("subscribe", {}),
        ("topics add", {"topic": "video"}),
        ("settings", {}),
        ("unsubscribe", {}),
        ("subscriptions", {}),
    ):
        refused = await t.command(words, by=t.ben, manager=False, **options)
        assert "Manage Channels" in refused.text, words
    assert await t.wish() is None
    assert "Trending now" in (await t.command("today", by=t.ben, manager=False)).text
    preview = await t.command("topics add", topic="video")
    assert preview.message is not None
    preview.message.only = None  # as if somebody else could press it
    assert "Manage Channels" in (await t.click(preview.message, "Save", by=t.ben, manager=False)).text
    assert await t.wish() is None


async def test_direct_messages_can_be_subscribed(t: Town):
    room = t.discord.dm(t.ada)
    assert "Subscribed" in (await t.command("subscribe", room, size=3, manager=False)).text
    t.house.clock.advance(days=1)
    await t.house.deliver()
    posts = [post for post in room.messages if "nonce" in post.raw]
    assert len(posts) == 4
    assert [bool(post.raw.get("message_reference")) for post in posts] == [False, True, True, True]


async def test_in_direct_messages_nobody_learns_who_else_subscribes(t: Town):
    for person in (t.ada, t.ben):
        await t.command("subscribe", t.discord.dm(person), by=person)
    listed = await t.command("subscriptions", t.discord.dm(t.ben), by=t.ben)
    assert "1 channel with a digest" in listed.text
    assert "cannot see" not in listed.text


async def test_settings_are_a_panel_whose_buttons_open_forms_and_say_what_is_wrong(t: Town):
    await t.command("subscribe", size=3)
    panel = await t.command("settings")
    assert panel.message is not None
    buttons = [button["label"] for button in panel.message.buttons]
    assert len(buttons) == 2
    modal = (await t.click(panel.message, buttons[0])).modal
    assert len(modal["components"]) <= 5
    wrong = await t.discord.interactions.submit(t.ada, panel.message, modal, {"topics": 'video\n"never closed'})
    assert wrong.message is not None
    assert "Topics" in wrong.text
    assert "never closed" in wrong.text
    assert (await t.wish()).topics == ()  # type: ignore[union-attr]
    modal = (await t.click(wrong.message, buttons[0])).modal
    [topics] = [row["component"] for row in modal["components"] if row["component"]["custom_id"] == "topics"]
    assert topics["value"] == 'video\n"never closed', "nothing that was typed is lost"
    await t.discord.interactions.submit(t.ada, wrong.message, modal, {"topics": "video\nagents", "size": "7"})
    wish = await t.wish()
    assert wish is not None
    assert (wish.topics, wish.size) == (("video", "agents"), 7)


async def test_a_panel_that_is_out_of_date_or_not_theirs_is_answered_in_a_sentence(t: Town):
    panel = await t.command("settings")
    assert panel.message is not None
    label = panel.message.buttons[0]["label"]
    denied = await t.click(panel.message, label, by=t.ben, manager=False)
    assert "Manage Channels" in denied.text
    for outdated in ("edit|settings|9", "edit|nonsense|0"):
        panel.message.buttons[0]["custom_id"] = outdated
        assert "from another version of Paperboy" in (await t.click(panel.message, label)).text


async def test_a_value_of_any_length_opens_its_form(t: Town):
    await t.command("subscribe")
    panel = await t.command("settings")
    assert panel.message is not None
    label = panel.message.buttons[0]["label"]
    modal = (await t.click(panel.message, label)).modal
    longest = "\N{PERSEVERING FACE}" * 3_000
    wrong = await t.discord.interactions.submit(t.ada, panel.message, modal, {"topics": longest, "at": ""})
    assert wrong.message is not None
    inputs = {
        row["component"]["custom_id"]: row["component"]
        for row in (await t.click(wrong.message, label)).modal["components"]
    }
    assert longest.startswith(inputs["topics"]["value"])
    assert len(inputs["topics"]["value"]) == 2_000, "as many as Discord takes"


async def test_completions_come_at_once_and_are_at_most_25(t: Town):
    zones = await t.discord.interactions.completes(t.ada, t.room, "subscribe", "timezone", "eur")
    assert "Europe/Berlin" in zones
    assert len(zones) <= 25
    await t.command("topics add", topic="video", confirm="yes")
    assert await t.discord.interactions.completes(t.ada, t.room, "topics remove", "topic", "") == ["video"]
    await t.command("today")
    papers = await t.discord.interactions.completes(t.ada, t.room, "why", "paper", "")
    assert len(papers) == 25
    assert "Why this" in (await t.command("why", paper=papers[7])).text
    [completion] = await t.discord.interactions.completes(t.ada, t.room, "similar", "paper", "open-o3")
    assert completion.startswith("2510.20579 · Open-o3 Video")


async def test_the_papers_of_a_message_are_related_to_others(t: Town):
    async def related(text: str) -> str:
        return (await t.discord.interactions.on_a_message(t.ben, t.room, {"content": text})).text

    assert "Open-o3 Video" in await related("look: https://huggingface.co/papers/2510.20579")
    assert "Which of them" in await related("https://arxiv.org/abs/2510.20579 and arXiv:2510.15831")
    assert "10.1000/xyz.7" in await related("[this](https://doi.org/10.1000/XYZ.7)"), (
        "a DOI is looked up, and unknown here"
    )
    assert "No paper is linked" in await related("good morning, 3.14159 people")


async def test_channels_that_a_person_cannot_see_are_left_out(t: Town):
    secret: Room = t.discord.room(t.guild, "2003")
    secret.hidden_from_people = True
    await t.discord.gateway.event("CHANNEL_CREATE", secret.as_json())
    for room in (t.room, secret):
        await t.command("subscribe", room)
    listed = (await t.command("subscriptions")).text
    assert "#room-2001" in listed
    assert "2003" not in listed
    assert "left out" in listed


async def test_a_fault_in_one_event_leaves_the_others_alone(t: Town):
    for broken in ({}, {"id": "1", "type": 2, "token": "t", "data": None, "application_id": "1"}, {"type": "no"}):
        await t.discord.gateway.event("INTERACTION_CREATE", broken)
        await t.discord.gateway.event("MESSAGE_REACTION_ADD", broken)
    assert "Trending now" in (await t.command("today")).text


async def test_foreign_text_in_an_answer_pings_nobody(t: Town):
    for hostile in ("@everyone <@42> <#2001> `x", "https://evil.example/@here [a](b) **c**", "\u202e@here\u2066 # h"):
        for words, option in (("search", "query"), ("topics add", "topic"), ("paper", "paper"), ("help", "command")):
            reply = await t.command(words, **{option: hostile})
            assert reply.message is not None
            assert reply.message.raw["allowed_mentions"] == {"parse": []}
