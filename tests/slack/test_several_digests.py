"""Two digests of one channel as Slack gets them: each in a thread that says which it is, and no paper twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.slack.harness import Workspace, openers, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready


async def test_two_digests_of_a_channel_are_two_threads_with_their_names_and_no_paper_in_common(w: Workspace):
    await w.ada.command("/papers", "subscribe size:3", w.channel)
    await w.ada.command("/papers", "subscribe name:rl cat:cs.LG | cat:cs.CV size:3", w.channel)
    w.backend.clock.advance(days=1)
    await w.backend.deliver()
    main, rl = openers(w.channel)[-2:]
    assert "Trending papers · main ·" in main.shown
    assert "Trending papers · rl ·" in rl.shown
    replies = [w.channel.thread(opener.ts) for opener in (main, rl)]
    assert [len(each) for each in replies] == [3, 3]
    assert len({reply.shown.partition("\n")[0].lstrip("123. ") for each in replies for reply in each}) == 6
    paused = await w.ada.command("/papers", "pause", w.channel)
    await w.ada.click(paused.message, "rl")
    before = len(openers(w.channel))
    w.backend.clock.advance(days=1)
    await w.backend.deliver()
    assert len(openers(w.channel)) == before + 1
    assert "main" in openers(w.channel)[-1].shown
