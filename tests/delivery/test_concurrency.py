"""A concurrency limit bounds the quick calls and is not held by stuck ones."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.concurrency import ConcurrencyLimit
from tests.harness.examples import examples
from tests.harness.loop_time import LoopTime

NEVER = 3_600.0


class BlockingCall:
    """A call that runs until it is released; counts how many run at once."""

    def __init__(self) -> None:
        self.running = 0
        self.peak = 0
        self.released = asyncio.Event()
        self._started = asyncio.Event()

    async def run(self) -> str:
        self.running += 1
        self.peak = max(self.peak, self.running)
        self._started.set()
        try:
            await self.released.wait()
        finally:
            self.running -= 1
        return "done"

    async def wait_for(self, number: int) -> None:
        """Wait until so many are running; a minute at most."""
        async with asyncio.timeout(60):
            while self.running < number:
                self._started.clear()
                await self._started.wait()


async def settled() -> None:
    """Let every task run until it waits for something."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_calls_than_the_limit_run_at_once() -> None:
    limit, calls = ConcurrencyLimit(3, NEVER), BlockingCall()
    tasks = [asyncio.create_task(limit.run(calls.run)) for _ in range(10)]
    await settled()
    assert calls.running == 3
    calls.released.set()
    assert await asyncio.gather(*tasks) == ["done"] * 10
    assert calls.peak == 3


async def test_stuck_calls_stop_counting_and_still_finish() -> None:
    limit, stuck = ConcurrencyLimit(2, 0.01), BlockingCall()
    tasks = [asyncio.create_task(limit.run(stuck.run)) for _ in range(7)]
    await stuck.wait_for(7)
    stuck.released.set()
    assert await asyncio.gather(*tasks) == ["done"] * 7


async def test_a_call_counts_for_as_long_as_the_patience_and_no_longer() -> None:
    time, limit, calls = LoopTime(), ConcurrencyLimit(1, 2.0), BlockingCall()
    tasks = [asyncio.create_task(limit.run(calls.run)) for _ in range(3)]
    await time.reach(1.99)
    assert calls.running == 1
    await time.reach(2)
    assert calls.running == 2
    await time.reach(3.99)
    assert calls.running == 2
    await time.reach(4)
    assert calls.running == 3
    calls.released.set()
    assert await asyncio.gather(*tasks) == ["done"] * 3


async def test_an_answer_comes_through_and_so_does_an_error() -> None:
    limit = ConcurrencyLimit(1, NEVER)

    async def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await limit.run(fails)
    calls = BlockingCall()
    calls.released.set()
    assert await limit.run(calls.run) == "done"


@examples(30)
@given(st.lists(st.sampled_from(["finishes", "fails", "is cancelled", "is slow"]), max_size=12))
def test_every_slot_comes_back_exactly_once(fates: list[str]) -> None:
    async def play() -> None:
        limit, calls = ConcurrencyLimit(2, 0.001), BlockingCall()

        async def one(fate: str) -> None:
            if fate == "fails":
                raise KeyError(fate)
            if fate in {"is slow", "is cancelled"}:
                await calls.run()

        tasks = [asyncio.create_task(limit.run(lambda fate=fate: one(fate))) for fate in fates]  # type: ignore[misc]
        await calls.wait_for(sum(fate in {"is slow", "is cancelled"} for fate in fates))
        for task, fate in zip(tasks, fates, strict=True):
            if fate == "is cancelled":
                task.cancel()
        calls.released.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        limit._patience = NEVER
        late = BlockingCall()
        waiting = [asyncio.create_task(limit.run(late.run)) for _ in range(5)]
        await settled()
        assert late.running == 2
        late.released.set()
        await asyncio.gather(*waiting)

    asyncio.run(play())
