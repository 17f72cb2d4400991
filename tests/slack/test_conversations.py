"""Mentions and direct messages through the fake over a real socket, to the real engine and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.slack.harness import Workspace, openers, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready
        assert ready.slack.pings == []
        assert [ack for ack in ready.slack.acks if ack.failure] == []


@pytest.mark.parametrize("question", ["why #2", "why 2", "why is #2 so high?"])
async def test_a_mention_in_a_digests_thread_knows_its_papers_and_is_answered_there_for_everybody(w, question):
    _, second, *_ = await w.digest()
    reply = await w.ben.mentions(w.channel, second.thread_ts, question)
    title = second.shown.partition("\n")[0].removeprefix("2. ")
    assert f"Why this rank: {title}" in reply.message.shown
    assert (reply.message.kind, reply.message.thread_ts) == ("message", second.thread_ts)
    assert "Share" not in reply.message.buttons


@pytest.mark.parametrize("question", ["#2", "what is 2 about?", "tldr 2"])
async def test_a_number_mentioned_in_a_digests_thread_shows_its_paper(w: Workspace, question: str):
    _, second, *_ = await w.digest()
    reply = await w.ben.mentions(w.channel, second.thread_ts, question)
    assert second.shown.partition("\n")[0].removeprefix("2. ") in reply.message.shown


async def test_a_wish_to_stop_is_answered_to_the_asker_alone_and_ends_nothing_by_itself(w: Workspace):
    await w.ada.command("/papers", "subscribe", w.channel)
    reply = await w.ada.mentions(w.channel, None, "please stop posting here")
    assert reply.message.kind == "ephemeral"
    assert [*reply.message.buttons] == ["pause", "unsubscribe"]
    assert await w.subscription(w.channel) is not None
    assert "unsubscribed" in (await w.ada.click(reply.message, "unsubscribe")).text.lower()
    assert await w.subscription(w.channel) is None
    assert "To stop the digest here" in (await w.ada.writes("can you stop?")).text


async def test_a_question_without_a_number_and_mistakes_are_answered_to_the_asker_alone(w: Workspace):
    first, *_ = await w.digest()
    for question, answer in (
        ("why", "Which paper?"),
        ("why #9", "This digest has"),
        ("saved", "reading list is empty"),
    ):
        reply = await w.ben.mentions(w.channel, first.thread_ts, question)
        assert answer in reply.text
        assert (reply.message.kind, reply.message.thread_ts) == ("ephemeral", first.thread_ts)


async def test_a_mention_outside_a_thread_opens_one_for_its_answer(w: Workspace):
    reply = await w.ben.mentions(w.channel, None, "any papers on video?")
    assert "Papers for video" in reply.text
    asked = next(each for each in w.channel.messages if "any papers" in each.shown)
    assert (reply.message.kind, reply.message.thread_ts) == ("message", asked.ts)
    assert (await w.ben.mentions(w.channel, None, "saved")).message.kind == "ephemeral", "a reading list is one's own"


async def test_thanks_are_not_answered(w: Workspace):
    before = len(w.channel.messages)
    reply = await w.ben.mentions(w.channel, None, "thanks a lot!", answered=False)
    assert len(w.channel.messages) == before + 1, "what Ben wrote"
    assert reply.messages == []


async def test_a_direct_message_is_a_command_and_its_answer_a_message(w: Workspace):
    reply = await w.ada.writes("papers today count:1")
    assert "Trending now" in reply.text
    assert reply.message.kind == "message"
    turned = await w.ada.click(reply.message, "More", answered=True)
    assert turned.message is reply.message, "pages turn in place"
    assert len(w.ada.dm.messages) == 2


async def test_direct_messages_can_be_subscribed(w: Workspace):
    await w.ada.command("/papers", "subscribe size:3")
    w.backend.clock.advance(days=1)
    await w.backend.deliver()
    [opener] = openers(w.ada.dm)
    assert w.ada.dm.thread(opener.ts) == [], "one message where nobody opens threads"
    assert opener.shown.count(" upvote") == 3


async def test_a_form_asked_for_in_writing_is_offered_as_a_button(w: Workspace):
    reply = await w.ada.writes("settings")
    assert (await w.ada.click(reply.message, "Digest settings")).view.kind == "modal"
