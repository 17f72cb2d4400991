"""A gate bounds what is quick and is not held by what is stuck."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.slots import Gate

FOR_EVER = 3_600.0


class Crowd:
    """Counts who is inside; everybody stays until let go."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.let_go = asyncio.Event()
        self._came = asyncio.Event()

    async def stay(self) -> str:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self._came.set()
        try:
            await self.let_go.wait()
        finally:
            self.inside -= 1
        return "done"

    async def holds(self, number: int) -> None:
        """Wait until so many are inside; five seconds at most."""
        async with asyncio.timeout(5):
            while self.inside < number:
                self._came.clear()
                await self._came.wait()


async def settled() -> None:
    """Let every task run until it waits for something."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_than_its_places_are_inside_at_once() -> None:
    gate, crowd = Gate(3, FOR_EVER), Crowd()
    tasks = [asyncio.create_task(gate.through(crowd.stay)) for _ in range(10)]
    await settled()
    assert crowd.inside == 3
    crowd.let_go.set()
    assert await asyncio.gather(*tasks) == ["done"] * 10
    assert crowd.most == 3


async def test_stuck_ones_give_their_places_away_and_still_finish() -> None:
    gate, stuck = Gate(2, 0.01), Crowd()
    tasks = [asyncio.create_task(gate.through(stuck.stay)) for _ in range(7)]
    await stuck.holds(7)
    stuck.let_go.set()
    assert await asyncio.gather(*tasks) == ["done"] * 7


async def test_an_answer_comes_through_and_so_does_an_error() -> None:
    gate = Gate(1, FOR_EVER)

    async def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await gate.through(fails)
    crowd = Crowd()
    crowd.let_go.set()
    assert await gate.through(crowd.stay) == "done"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["finishes", "fails", "is cancelled", "is slow"]), max_size=12))
def test_every_place_comes_back_exactly_once(fates: list[str]) -> None:
    async def play() -> None:
        gate, crowd = Gate(2, 0.001), Crowd()

        async def one(fate: str) -> None:
            if fate == "fails":
                raise KeyError(fate)
            if fate in {"is slow", "is cancelled"}:
                await crowd.stay()

        tasks = [asyncio.create_task(gate.through(lambda fate=fate: one(fate))) for fate in fates]  # type: ignore[misc]
        await crowd.holds(sum(fate in {"is slow", "is cancelled"} for fate in fates))
        for task, fate in zip(tasks, fates, strict=True):
            if fate == "is cancelled":
                task.cancel()
        crowd.let_go.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        gate._patience = FOR_EVER
        late = Crowd()
        waiting = [asyncio.create_task(gate.through(late.stay)) for _ in range(5)]
        await settled()
        assert late.inside == 2
        late.let_go.set()
        await asyncio.gather(*waiting)

    asyncio.run(play())
