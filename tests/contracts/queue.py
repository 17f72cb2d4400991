"""What every queue must do: give each channel its turn, one at a time, whatever happens to others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import pytest

from bot.model import Channel, Nudge
from bot.ports.queue import Queue, Ready, Work

HERE, THERE, ELSEWHERE = Channel("fake:T1/C1"), Channel("fake:T1/C2"), Channel("fake:T2/C3")
SOMEBODY = Channel("fake:T1/U1")
MakeQueue = Callable[[Work], AbstractAsyncContextManager[Queue]]


class FakeWork:
    """Messages in memory: what is still to be delivered, and what was, in order."""

    def __init__(self) -> None:
        self.open: dict[Nudge, list[str]] = {}
        self.delivered: list[tuple[Channel, str]] = []
        self.most_at_once: Counter[Channel] = Counter()
        self.fails: set[Channel] = set()
        self.gates: dict[Channel, asyncio.Event] = {}
        """A delivery to such a channel waits for the event before each message."""
        self.waiting: Counter[Channel] = Counter()
        self._running: Counter[Channel] = Counter()
        self._changed = asyncio.Event()

    def add(self, channel: Channel, *messages: str, notices: bool = False) -> Nudge:
        nudge = Nudge(channel, notices)
        self.open.setdefault(nudge, []).extend(messages)
        return nudge

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def until_all_is_delivered(self) -> None:
        await self.until(lambda: not any(self.open.values()))

    def in_channel(self, channel: Channel) -> list[str]:
        return [message for where, message in self.delivered if where == channel]

    # `ports.queue.Work`

    async def ready(self) -> Ready:
        return Ready([nudge for nudge, messages in self.open.items() if messages], None)

    async def deliver(self, nudge: Nudge) -> None:
        channel = nudge.channel
        self._running[channel] += 1
        self.most_at_once[channel] = max(self.most_at_once[channel], self._running[channel])
        try:
            if channel in self.fails:
                self.fails.remove(channel)
                raise RuntimeError("as the test set it")
            messages = self.open.get(nudge, [])
            while messages:
                await self._pass_gate(channel)
                self.delivered.append((channel, messages.pop(0)))
                self._changed.set()
        finally:
            self._running[channel] -= 1
            self._changed.set()

    async def _pass_gate(self, channel: Channel) -> None:
        if channel in self.gates:
            self.waiting[channel] += 1
            self._changed.set()
            try:
                await self.gates[channel].wait()
            finally:
                self.waiting[channel] -= 1
        await asyncio.sleep(0)

    def start(self) -> None:
        pass

    async def stop(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        cancelled = list(tasks)
        for task in cancelled:
            task.cancel()
        await asyncio.gather(*cancelled, return_exceptions=True)


@asynccontextmanager
async def running(queue: Queue) -> AsyncIterator[None]:
    """The queue runs until the block ends."""
    task = asyncio.create_task(queue.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class QueueContract:
    """`make_queue` is a fixture: a queue on the database of the test, for this work."""

    @pytest.fixture
    def work(self) -> FakeWork:
        return FakeWork()

    async def test_a_nudge_leads_to_a_delivery_of_digests_or_notices(
        self, make_queue: MakeQueue, work: FakeWork
    ) -> None:
        async with make_queue(work) as queue, running(queue):
            await queue.nudge([work.add(HERE, "a", "b"), work.add(THERE, "c"), work.add(SOMEBODY, "d", notices=True)])
            await work.until_all_is_delivered()
        assert sorted(work.delivered) == [(HERE, "a"), (HERE, "b"), (THERE, "c"), (SOMEBODY, "d")]

    async def test_what_is_ready_is_delivered_though_nobody_nudges(self, make_queue: MakeQueue, work: FakeWork) -> None:
        work.add(HERE, "kept by a process that died before it nudged")
        async with make_queue(work) as queue, running(queue):
            await work.until_all_is_delivered()
            work.add(THERE, "its waiting time is over")
            queue.wake()
            await work.until_all_is_delivered()

    async def test_a_nudge_without_anything_to_do_is_done(self, make_queue: MakeQueue, work: FakeWork) -> None:
        async with make_queue(work) as queue, running(queue):
            await queue.nudge([])
            await queue.nudge([Nudge(HERE)])
            await queue.nudge([work.add(THERE, "a")])
            await work.until_all_is_delivered()
        assert work.delivered == [(THERE, "a")]

    async def test_a_channels_messages_go_in_order_and_never_two_at_once(
        self, make_queue: MakeQueue, work: FakeWork
    ) -> None:
        messages = [f"{number:02}" for number in range(20)]
        work.gates[HERE] = asyncio.Event()
        async with make_queue(work) as queue, running(queue):
            for message in messages:
                await queue.nudge([work.add(HERE, message)] * 2)
            await work.until(lambda: work.waiting[HERE] == 1)
            await queue.nudge([work.add(THERE, "of another channel")])
            await work.until(lambda: work.in_channel(THERE) != [])
            work.gates[HERE].set()
            await work.until_all_is_delivered()
        assert work.in_channel(HERE) == messages
        assert work.most_at_once[HERE] == 1

    async def test_channels_go_side_by_side(self, make_queue: MakeQueue, work: FakeWork) -> None:
        channels = [Channel(f"fake:T1/C{number:02}") for number in range(30)]
        gate = asyncio.Event()
        async with make_queue(work) as queue, running(queue):
            for channel in channels:
                work.gates[channel] = gate
            await queue.nudge([work.add(channel, "a") for channel in channels])
            await work.until(lambda: sum(work.waiting.values()) == len(channels))
            gate.set()
            await work.until_all_is_delivered()

    async def test_a_delivery_that_fails_holds_up_no_other_and_is_tried_again(
        self, make_queue: MakeQueue, work: FakeWork
    ) -> None:
        work.fails = {HERE}
        async with make_queue(work) as queue, running(queue):
            await queue.nudge([work.add(HERE, "a"), work.add(THERE, "b")])
            await work.until(lambda: work.in_channel(THERE) == ["b"])
            queue.wake()
            await work.until(lambda: HERE not in work.fails)
            queue.wake()
            await work.until_all_is_delivered()

    async def test_a_stop_cuts_off_what_has_not_left_and_the_next_start_goes_on(
        self, make_queue: MakeQueue, work: FakeWork
    ) -> None:
        work.gates[HERE] = asyncio.Event()
        async with make_queue(work) as queue:
            async with running(queue):
                await queue.nudge([work.add(HERE, "a", "b"), work.add(THERE, "c")])
                await work.until(lambda: work.waiting[HERE] == 1 and work.in_channel(THERE) == ["c"])
            assert work.in_channel(HERE) == []
            assert work.waiting[HERE] == 0
            work.gates[HERE].set()
            async with running(queue):
                await work.until_all_is_delivered()
        assert work.in_channel(HERE) == ["a", "b"]
