"""A journal club on Discord: started from the menu, voted on by buttons, its date as an attached file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.discord.fake import FORUM
from tests.discord.harness import Server, delivered, server


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as connected:
        yield connected


async def start(s: Server) -> None:
    started = await s.command("club start", day="thu", at="15:00", timezone="UTC")
    assert "Journal club: Thursdays at 15:00 (UTC), every week." in started.text


async def test_from_the_command_to_the_reminder(s: Server) -> None:
    await start(s)
    await tick(s, 24, 10)
    [vote] = delivered(s.channel)
    assert "which paper?" in vote.text
    for person, label in ((s.ada, "Vote 2"), (s.ben, "Vote 1"), (s.ben, "Vote 2")):
        assert "You can change it until" in (await s.click(vote, label, by=person)).text
    await tick(s, 29, 15)
    [result] = s.discord.channels[vote.id].messages
    assert "It got 2 of 2 votes." in result.text
    assert "You present on" in (await s.click(result, "I'll present", by=s.ben)).text
    given = (await s.click(result, "Calendar file", by=s.ben)).message
    assert given is not None
    assert given.visible_to == s.ben
    assert b"BEGIN:VEVENT" in given.files["journal-club-2025-10-30.ics"]
    await tick(s, 30, 14)
    _, presents, reminder = s.discord.channels[vote.id].messages
    assert " presents." in presents.text
    assert "Journal club at" in reminder.text
    assert "your press was not counted" in (await s.click(vote, "Vote 1")).text
    assert len(delivered(s.channel)) == 1


async def test_who_may_not_manage_the_channel_starts_none_and_votes(s: Server) -> None:
    refused = await s.command("club start", day="thu", at="15:00", by=s.ben, manager=False)
    assert "you need" in refused.text
    await start(s)
    await tick(s, 24, 10)
    [vote] = delivered(s.channel)
    assert "Your vote is for" in (await s.click(vote, "Vote 1", by=s.ben, manager=False)).text


async def test_in_a_forum_it_is_one_post(s: Server) -> None:
    s.channel.kind = FORUM
    await start(s)
    await tick(s, 24, 10)
    await tick(s, 29, 15)
    [thread] = [each for each in s.discord.channels.values() if each.messages and each.id != s.channel.id]
    assert ["which paper?" in thread.messages[0].text, "We read: " in thread.messages[1].text] == [True, True]


async def tick(s: Server, day: int, hour: int) -> None:
    s.backend.clock.set(datetime(2025, 10, day, hour, tzinfo=UTC))
    await s.backend.deliver()
