"""The rate limiter: one request at a time, seconds apart, people first. On a fake clock: no test waits."""

from __future__ import annotations

import asyncio

import pytest

from bot.sources.limiter import Limiter


class FakeClock:
    """A clock that a test advances, with the sleeping tasks that it wakes."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        self._sleepers.append((self.now + seconds, event))
        await event.wait()

    async def advance(self, seconds: float) -> None:
        await settle()
        self.now += seconds
        for until, event in self._sleepers:
            if until <= self.now:
                event.set()
        await settle()


async def settle() -> None:
    """Let everything run that can run now."""
    for _ in range(20):
        await asyncio.sleep(0)


class Turns:
    """A limiter on a fake clock, and the time of each turn."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.limiter = Limiter(3.0, clock=self.clock, sleep=self.clock.sleep)
        self.log: list[tuple[str, float]] = []

    def enter(self, name: str, *, people: bool = False, stay: asyncio.Event | None = None) -> asyncio.Task[None]:
        async def call() -> None:
            async with self.limiter.turn(people=people):
                self.log.append((name, self.clock.now))
                if stay is not None:
                    await stay.wait()

        return asyncio.create_task(call())


async def test_requests_are_three_seconds_apart() -> None:
    turns = Turns()
    tasks = [turns.enter(name) for name in "abc"]
    for _ in range(8):
        await turns.clock.advance(1)
    await asyncio.gather(*tasks)
    assert turns.log == [("a", 0), ("b", 3), ("c", 6)]


async def test_a_later_person_goes_before_waiting_scheduled_work() -> None:
    turns = Turns()
    tasks = [turns.enter(name) for name in ("first", "machine", "machine")]
    await turns.clock.advance(1)
    tasks.append(turns.enter("person", people=True))
    for _ in range(9):
        await turns.clock.advance(1)
    await asyncio.gather(*tasks)
    assert [name for name, _ in turns.log] == ["first", "person", "machine", "machine"]
    assert [at for _, at in turns.log] == [0, 3, 6, 9]


async def test_a_slow_request_is_alone_and_the_pause_follows_its_end() -> None:
    turns, done = Turns(), asyncio.Event()
    tasks = [turns.enter("slow", stay=done), turns.enter("next")]
    await turns.clock.advance(10)
    assert [name for name, _ in turns.log] == ["slow"]
    done.set()
    await settle()
    await turns.clock.advance(3)
    await asyncio.gather(*tasks)
    assert turns.log == [("slow", 0), ("next", 13)]


async def test_a_cancelled_caller_holds_up_no_other() -> None:
    turns, stay = Turns(), asyncio.Event()
    inside, cancelled, last = turns.enter("inside", stay=stay), turns.enter("cancelled"), turns.enter("last")
    await settle()
    cancelled.cancel()
    await settle()
    inside.cancel()
    await turns.clock.advance(3)
    await last
    assert [name for name, _ in turns.log] == ["inside", "last"]


async def test_an_error_inside_a_turn_gives_it_back() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        async with turns.limiter.turn():
            raise ZeroDivisionError
    task = turns.enter("next")
    await turns.clock.advance(3)
    await task
    assert turns.log == [("next", 3)]
