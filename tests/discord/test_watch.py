"""Watches on Discord: set by a command, posted when a paper comes, in a thread of the day, stopped from the card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord.fake import FORUM
from tests.discord.harness import Server, delivered, server
from tests.fakes import reactions
from tests.harness.engine import eventually
from tests.harness.watch import LINE, paper_comes


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as connected:
        yield connected


async def watch(s: Server, **options: str) -> None:
    preview = await s.command("watch add", topic=LINE, **options)
    assert "at most 3 a day one by one" in preview.text
    saved = await s.click(preview.message, "Watch")
    assert 'Watching "speculative decoding": here' in saved.text


async def test_from_the_command_to_the_thread_and_back(s: Server) -> None:
    await watch(s, quiet="22:00-08:00")
    new = [await paper_comes(s.backend, number) for number in (1, 2)]
    [card] = delivered(s.channel)
    assert "Watch: “speculative decoding”" in card.text
    assert new[0].title in card.text
    [reply] = s.discord.channels[card.id].messages
    assert new[1].title in reply.text
    await s.discord.interactions.react(s.ben, reply, "👍")
    await s.click(card, "👍", by=s.ben)

    async def stored() -> list[tuple[str, int]]:
        return sorted(await reactions(s.backend.store, "discord:1001/2001"))

    await eventually(stored, [(each.id, 1) for each in new])  # the gateway answers no reaction
    stopped = await s.click(card, "Stop this watch")
    assert "No longer watching" in stopped.text
    await paper_comes(s.backend, 3)
    assert len(delivered(s.channel)) == 1


async def test_who_may_not_manage_the_channel_is_told_so_and_may_watch_for_themselves(s: Server) -> None:
    refused = await s.command("watch add", topic=LINE, by=s.ben, manager=False)
    assert "you need" in refused.text
    preview = await s.command("watch add", topic=LINE, to="dm", by=s.ben, manager=False)
    await s.click(preview.message, "Watch", by=s.ben, manager=False)
    new = [await paper_comes(s.backend, number) for number in (1, 2)]
    first, second = delivered(s.discord.dm(s.ben))
    assert new[0].title in first.text
    assert new[1].title in second.text
    assert not second.raw.get("message_reference")
    assert not delivered(s.channel)


async def test_lines_are_completed(s: Server) -> None:
    await watch(s)
    assert await s.discord.interactions.autocomplete(s.ada, s.channel, "watch remove", "watch", "spec") == [LINE]


async def test_in_a_forum_the_days_papers_are_one_post(s: Server) -> None:
    s.channel.kind = FORUM
    await watch(s)
    new = [await paper_comes(s.backend, number) for number in (1, 2)]
    [thread] = [each for each in s.discord.channels.values() if each.messages and each.id != s.channel.id]
    assert [any(title.title in post.text for post in thread.messages) for title in new] == [True, True]
