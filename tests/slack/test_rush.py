"""Nine o'clock: many channels at once, a Slack that asks to go slower, and people who type meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.slack.fake import Fault
from tests.slack.harness import town

CHANNELS, SIZE = 60, 2


async def test_every_channel_gets_its_thread_once_and_commands_are_answered_meanwhile(tmp_path: Path) -> None:
    async with town(tmp_path) as t:
        rooms = [t.team.channel(f"C1{number:03}", [t.ada]) for number in range(CHANNELS)]
        for room in rooms:
            await t.ada.command("/papers", f"subscribe size:{SIZE}", room)
        t.slack.fails("chat.postMessage", Fault.wait(7), times=CHANNELS)
        t.house.clock.advance(days=1)
        delivering = asyncio.create_task(t.house.deliver())
        replies = [await t.ada.command("/papers", "search video", t.channel) for _ in range(5)]
        await delivering
        ledger = t.house.store.ledger
        refused = sum(not room.roots for room in rooms)
        assert refused > CHANNELS / 2, "Slack turned many away"
        while await ledger.next_try() is not None:
            t.house.clock.advance(seconds=8)
            await t.house.deliverer.drain()
        assert all(reply.seconds < 3 and reply.text for reply in replies)
        for room in rooms:
            [opener] = room.roots
            assert len(room.thread(opener.ts)) == SIZE
