"""Nine o'clock: many channels at once, a Slack that asks to go slower, and people who type meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapters.slack.outlet import SlackOutlet
from tests.slack.fake import Fault
from tests.slack.harness import openers, workspace

CHANNELS, SIZE = 60, 2


def test_messages_of_a_channel_are_a_second_apart() -> None:
    """As many as Slack takes; the deliverer waits for the pace of an outlet before each reply."""
    assert SlackOutlet(None).pace == 1.0  # type: ignore[arg-type]  # nothing is posted


async def test_every_channel_gets_its_thread_once_and_commands_are_answered_meanwhile(tmp_path: Path) -> None:
    async with workspace(tmp_path) as w:
        channels = [w.team.channel(f"C1{number:03}", [w.ada]) for number in range(CHANNELS)]
        for channel in channels:
            await w.ada.command("/papers", f"subscribe size:{SIZE}", channel)
        w.slack.fails("chat.postMessage", Fault.wait(7), times=CHANNELS)
        w.backend.clock.advance(days=1)
        delivering = asyncio.create_task(w.backend.deliver())
        replies = [await w.ada.command("/papers", "search video", w.channel) for _ in range(5)]
        await delivering
        ledger = w.backend.store.ledger
        refused = sum(not openers(channel) for channel in channels)
        assert refused > CHANNELS / 2, "Slack turned many away"
        while await ledger.next_try() is not None:
            w.backend.clock.advance(seconds=8)
            await w.backend.queue.drain()
        assert all(reply.text for reply in replies)
        for channel in channels:
            [opener] = openers(channel)
            assert len(channel.thread(opener.ts)) == SIZE
