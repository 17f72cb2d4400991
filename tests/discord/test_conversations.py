"""Messages written to Paperboy: mentions answered for everybody, private ones by a button, direct messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord.fake import APPLICATION, Channel, Posted
from tests.discord.harness import Server, server

ME = f"<@{APPLICATION}>"


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as ready:
        await ready.discord.until(lambda: ready.channel.messages)  # the hello
        yield ready


async def written(s: Server, text: str, channel: Channel | None = None, *, to: Posted | None = None) -> Posted:
    return await s.discord.interactions.write(s.ben, channel or s.channel, text, reply_to=to)


def replies(s: Server, question: Posted) -> list[Posted]:
    return [
        post
        for post in question.channel.messages
        if (post.raw.get("message_reference") or {}).get("message_id") == question.id
    ]


async def answer(s: Server, text: str, channel: Channel | None = None) -> Posted:
    question = await written(s, text, channel)
    await s.discord.until(lambda: replies(s, question))
    [reply] = replies(s, question)
    assert reply.raw["allowed_mentions"] == {"parse": []}
    return reply


async def test_a_mention_is_answered_for_everybody_as_a_reply_without_a_ping(s: Server):
    reply = await answer(s, f"{ME} any papers on video diffusion?")
    assert "Papers for video diffusion" in reply.text
    assert reply.visible_to is None
    assert "Share" not in [button["label"] for button in reply.buttons]
    assert "Trending now" in (await answer(s, f"hey {ME} today")).text


async def test_in_the_thread_of_a_digest_a_mention_knows_its_papers(s: Server):
    first, second, *_ = await s.digest()
    reply = await answer(s, f"{ME} why #2", first.channel)
    assert reply.channel is first.channel
    title = second.text.split("\n")[0].removeprefix("2. ")
    assert title in reply.text
    assert title in (await s.command("why", first.channel, paper="#2")).text


async def test_thanks_replies_to_others_and_what_bots_write_are_not_answered(s: Server):
    first, *_ = await s.digest()
    asked = [
        await written(s, f"{ME} thanks!"),
        await written(s, "I doubt it: today", first.channel, to=first),
        await written(s, "today"),
        await s.discord.interactions.write(APPLICATION, s.channel, f"{ME} today"),
    ]
    assert "Trending now" in (await answer(s, f"{ME} today")).text
    assert [replies(s, question) for question in asked] == [[]] * 4


async def test_what_is_for_one_person_alone_is_a_button_in_a_channel(s: Server):
    await s.command("save", by=s.ben, paper="2510.20579")
    reply = await answer(s, f"{ME} saved")
    assert "Open-o3" not in reply.text
    [button] = reply.buttons
    shown = (await s.click(reply, button["label"], by=s.ben)).message
    assert shown is not None
    assert shown.visible_to == s.ben
    assert "Open-o3" in shown.text


async def test_a_wish_to_stop_ends_nothing_by_itself(s: Server):
    for channel, text in ((s.channel, f"{ME} please stop posting here"), (s.discord.dm(s.ben), "can you stop?")):
        reply = await answer(s, text, channel)
        assert "To stop the digest here" in reply.text
        assert [button["label"] for button in reply.buttons] == ["pause", "unsubscribe"]


async def test_sentences_about_paperboy_are_answered_with_the_command_that_they_mean(s: Server):
    channel = s.discord.dm(s.ben)
    helped = (await answer(s, "help", channel)).text
    assert (await answer(s, "what is this?", channel)).text == helped
    assert "gets no digest yet" in (await answer(s, "unpause please", channel)).text
    assert "Open-o3" in (await answer(s, "https://arxiv.org/abs/2510.20579", channel)).text


async def test_a_number_mentioned_in_a_digests_thread_shows_its_paper(s: Server):
    first, second, *_ = await s.digest()
    title = second.text.split("\n")[0].removeprefix("2. ")
    for question in ("#2", "tldr 2"):
        assert title in (await answer(s, f"{ME} {question}", first.channel)).text


async def test_a_mistake_is_answered_where_it_was_made(s: Server):
    assert "closed" in (await answer(s, f'{ME} search "video')).text


async def test_commands_in_answers_begin_as_they_were_written(s: Server):
    assert "@Paperboy search video count:5" in (await answer(s, f"{ME} search video cuont:5")).text


async def test_direct_messages_are_answered_in_full(s: Server):
    channel = s.discord.dm(s.ben)
    assert "Trending now" in (await answer(s, "today", channel)).text
    assert "Subscribed" in (await answer(s, "subscribe at:9:00 timezone:UTC", channel)).text
    panel = await answer(s, "settings", channel)
    modal = (await s.click(panel, panel.buttons[0]["label"], by=s.ben)).modal
    await s.discord.interactions.submit(s.ben, panel, modal, {"topics": "video"})
    subscription = await s.backend.store.subscriptions.get(f"discord:@/{s.ben}")  # type: ignore[arg-type]
    assert subscription is not None
    assert subscription.topics == ("video",)
