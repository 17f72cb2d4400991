"""Watches on Slack: set by a command, posted when a paper comes, in a thread of the day, stopped from the card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Channel
from tests.fakes import reactions
from tests.harness.engine import eventually
from tests.harness.watch import LINE, paper_comes
from tests.slack.harness import Workspace, openers, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as connected:
        yield connected


async def test_from_the_command_to_the_thread_and_back(w: Workspace) -> None:
    preview = (await w.ada.command("/papers", f"watch add {LINE} quiet:22-8", w.channel)).message
    assert "at most 3 a day one by one" in preview.shown
    await w.ada.click(preview, "Watch")
    assert 'Watching "speculative decoding": here' in preview.shown
    new = [await paper_comes(w.backend, number) for number in (1, 2)]
    [card] = openers(w.channel)
    assert "Watch: “speculative decoding”" in card.shown
    assert new[0].title in card.shown
    assert card.buttons == ["Save", "Let's discuss", "👍", "👎"]
    [reply] = w.channel.thread(card.ts)
    assert new[1].title in reply.shown
    await w.ben.reacts(reply, "+1")
    await w.ben.click(card, "👍")
    await eventually(lambda: _liked(w), [(each.id, 1) for each in new])
    await w.ada.click(card, "Stop this watch")
    await w.backend.settled()
    assert any('No longer watching "speculative decoding".' in post.shown for post in w.ada.private(w.channel))
    await paper_comes(w.backend, 3)
    assert len(openers(w.channel)) == 1


async def _liked(w: Workspace) -> list[tuple[str, int]]:
    return sorted(await reactions(w.backend.store, Channel("slack:T1/C1")))


async def test_ones_own_comes_by_direct_message_each_on_its_own(w: Workspace) -> None:
    preview = (await w.ben.command("/papers", f"watch add {LINE} to:dm", w.channel)).message
    await w.ben.click(preview, "Watch")
    new = [await paper_comes(w.backend, number) for number in (1, 2)]
    first, second = openers(w.ben.dm)
    assert new[0].title in first.shown
    assert new[1].title in second.shown
    assert not openers(w.channel)
    stopped = (await w.ben.click(second, "Stop this watch")).message
    assert "No longer watching" in stopped.shown


async def test_lines_are_listed_and_removed_by_their_button(w: Workspace) -> None:
    await w.ada.click((await w.ada.command("/papers", f"watch add {LINE}", w.channel)).message, "Watch")
    listed = (await w.ben.command("/papers", "watch", w.channel)).message
    assert "Watches here" in listed.shown
    await w.ada.click((await w.ada.command("/papers", "watch list", w.channel)).message, "Remove #1")
    assert "Nothing is watched here" in (await w.ben.command("/papers", "watch list", w.channel)).message.shown


async def test_an_opener_that_people_deleted_loses_no_paper(w: Workspace) -> None:
    await w.ada.click((await w.ada.command("/papers", f"watch add {LINE}", w.channel)).message, "Watch")
    await paper_comes(w.backend, 1)
    [card] = openers(w.channel)
    w.slack.fails("chat.postMessage", "thread_not_found")
    new = await paper_comes(w.backend, 2)
    await w.backend.engine.refresh()
    await w.backend.queue.drain()
    assert new.title in openers(w.channel)[-1].shown
    assert len(openers(w.channel)) == 2
    assert card.ts != openers(w.channel)[-1].ts
