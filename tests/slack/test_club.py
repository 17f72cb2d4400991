"""A journal club on Slack: started by a command, voted on by buttons, its date by direct message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.slack.harness import Workspace, openers, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as connected:
        yield connected


async def test_from_the_command_to_the_reminder(w: Workspace) -> None:
    started = (await w.ada.command("/papers", "club start day:thu at:15:00 timezone:UTC", w.channel)).messages[0]
    assert "Journal club: Thursdays at 15:00 (UTC), every week." in started.shown
    await tick(w, 24, 10)
    [vote] = openers(w.channel)
    assert vote.buttons == [f"Vote {number}" for number in range(1, 6)]
    for person, label in ((w.ada, "Vote 2"), (w.ben, "Vote 1"), (w.ben, "Vote 2")):
        answer = (await person.click(vote, label)).message
        assert "You can change it until" in answer.shown
    await tick(w, 29, 15)
    [result] = w.channel.thread(vote.ts)
    assert "It got 2 of 2 votes." in result.shown
    assert "You present on" in (await w.ben.click(result, "I'll present")).message.shown
    await tick(w, 30, 14)
    _, presents, reminder = w.channel.thread(vote.ts)
    assert " presents." in presents.shown
    assert "Journal club at" in reminder.shown
    assert len(openers(w.channel)) == 1
    late = (await w.ada.click(vote, "Vote 1")).message
    assert "your press was not counted" in late.shown


async def test_the_date_comes_as_a_file_by_direct_message(w: Workspace) -> None:
    await w.ada.command("/papers", "club start day:thu at:15:00 timezone:UTC", w.channel)
    await tick(w, 24, 10)
    await tick(w, 29, 15)
    [result] = w.channel.thread(openers(w.channel)[0].ts)
    await w.ben.click(result, "Calendar file")
    assert [post.raw["files"][0]["title"] for post in w.ben.dm.messages] == ["journal-club-2025-10-30.ics"]
    assert all("files" not in post.raw for post in w.channel.messages)


async def test_a_vote_that_people_deleted_has_its_result_in_the_channel(w: Workspace) -> None:
    await w.ada.command("/papers", "club start day:thu at:15:00 timezone:UTC", w.channel)
    await tick(w, 24, 10)
    w.slack.fails("chat.postMessage", "thread_not_found")
    await tick(w, 29, 15)
    await tick(w, 29, 16)
    assert "We read: " in openers(w.channel)[-1].shown
    assert len(openers(w.channel)) == 2


async def tick(w: Workspace, day: int, hour: int) -> None:
    w.backend.clock.set(datetime(2025, 10, day, hour, tzinfo=UTC))
    await w.backend.deliver()
