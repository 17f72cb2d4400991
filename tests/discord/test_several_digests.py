"""Two digests of one channel as Discord gets them: each in a thread that says which it is, and no paper twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord.harness import Server, delivered, server


@pytest.fixture
async def s(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as ready:
        yield ready


async def test_two_digests_of_a_channel_are_two_threads_with_their_names_and_no_paper_in_common(s: Server):
    await s.command("subscribe", size=3)
    made = await s.command("subscribe", name="rl", topics="cat:cs.LG | cat:cs.CV", size=3)
    assert "Subscribed to “rl”" in made.text
    s.backend.clock.advance(days=1)
    await s.backend.deliver()
    main, rl = delivered(s.channel)
    assert "Trending papers · main ·" in main.text
    assert "Trending papers · rl ·" in rl.text
    replies = [s.discord.channels[opener.id].messages for opener in (main, rl)]
    assert [len(each) for each in replies] == [3, 3]
    assert len({reply.text.partition("\n")[0].lstrip("#123. ") for each in replies for reply in each}) == 6
    paused = await s.command("pause")
    await s.click(paused.message, "rl")
    s.backend.clock.advance(days=1)
    await s.backend.deliver()
    assert len(delivered(s.channel)) == 3
    assert "main" in delivered(s.channel)[-1].text
