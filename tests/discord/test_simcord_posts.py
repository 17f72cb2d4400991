"""What Paperboy posts by itself, in simcord: a digest, a second look, a watch, a journal club, a recap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.discord.blocks import decode_action
from bot.app.recap import RecapRoutine
from bot.app.second_look import SecondLook
from bot.model import Findings, Signal, SourceReport
from tests.discord.simulated import Simulated, labels, simulated, text
from tests.harness.watch import LINE, paper_comes


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Simulated]:
    async with simulated(tmp_path) as ready:
        engine = ready.backend.engine
        more = SecondLook(ready.backend.store, engine.post, ["discord"]), RecapRoutine(ready.backend.store, engine)
        engine.routines = (*engine.routines, *more)
        yield ready


def posted(channel: Any, words: str) -> list[Any]:
    """Messages of a channel or thread with these words, oldest first."""
    return [each for each in channel.history() if words in text(each)]


async def at(s: Simulated, day: int, hour: int) -> None:
    """What is posted at an hour of October 2025."""
    s.backend.clock.set(datetime(2025, 10, day, hour, tzinfo=UTC))
    await s.backend.deliver()
    await s.env.settle()


async def digest(s: Simulated) -> Any:
    """The thread of a digest of three papers, of 25 October."""
    await s.mod.slash(s.channel, "papers subscribe", size=3, timezone="UTC")
    await at(s, 25, 10)
    [thread] = s.channel.threads
    return thread


async def test_a_digest_is_a_thread_whose_papers_can_be_saved_and_voted_on(s: Simulated):
    thread = await digest(s)
    [opener] = [each for each in s.channel.history() if each.id == thread.id]
    assert "Trending now" in labels(opener)
    papers = posted(thread, "upvotes")
    assert len(papers) == 3
    assert all({"Save", "Let's discuss"} <= {*labels(each)} for each in papers)
    voted = await s.bob.click(papers[0], label="👍")
    assert "Noted for this channel" in text(voted.response.message)
    explained = await s.bob.slash(thread, "papers why", paper="#2")
    assert "Why this" in text(explained.response.message)
    await at(s, 25, 11)
    assert len(posted(thread, "upvotes")) == 3


async def test_many_more_votes_are_told_below_the_digest_that_showed_the_paper(s: Simulated):
    thread = await digest(s)
    _, options = decode_action(posted(thread, "upvotes")[0].components[-1].children[0].custom_id)
    s.backend.clock.advance(days=1)
    now = s.backend.clock()
    votes = Signal(options["paper"], "huggingface", "upvotes", 5_000, now)
    await s.backend.store.papers.add(Findings((), (votes,)), "huggingface", now)
    await s.backend.store.papers.report(SourceReport("huggingface", now, now))
    await at(s, 26, 11)
    [update] = posted(thread, "Update")
    assert "→ 5k" in text(update)


async def test_a_watched_paper_is_posted_when_it_comes(s: Simulated):
    preview = await s.mod.slash(s.channel, "papers-team watch add", topic=LINE)
    await s.mod.click(preview.response.message, label="Watch")
    new = [await paper_comes(s.backend, number) for number in (1, 2)]
    await s.env.settle()
    [card] = posted(s.channel, "Watch: “speculative decoding”")
    assert new[0].title in text(card)
    [thread] = s.channel.threads
    assert posted(thread, new[1].title)


async def test_a_journal_club_votes_reads_and_reminds(s: Simulated):
    await s.mod.slash(s.channel, "papers-team club start", day="thu", at="15:00", timezone="UTC")
    await at(s, 24, 10)
    [vote] = posted(s.channel, "which paper?")
    assert "Your vote is for" in text((await s.bob.click(vote, label="Vote 2")).response.message)
    await at(s, 29, 15)
    [thread] = s.channel.threads
    [result] = posted(thread, "We read: ")
    assert "It got 1 of 1 vote." in text(result)
    presenting = await s.bob.click(result, label="I'll present")
    assert "You present on" in text(presenting.response.message)
    file = (await s.bob.click(result, label="Calendar file")).response.message.attachments[0]
    assert file.filename == "journal-club-2025-10-30.ics"
    await at(s, 30, 14)
    assert posted(thread, "Journal club at")


async def test_a_recap_lists_what_the_channel_liked(s: Simulated):
    thread = await digest(s)
    liked = posted(thread, "upvotes")[0]
    await s.bob.click(liked, label="👍")
    await s.mod.slash(s.channel, "papers-team recap", state="on", day="fri", at="16:00")
    await at(s, 31, 17)
    [recap] = posted(s.channel, "Papers of the week")
    assert text(liked).splitlines()[0][3:30] in text(recap)
