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
        for due, event in self._sleepers:
            if due <= self.now:
                event.set()
        await settle()


async def settle() -> None:
    """Let everything run that can run now."""
    for _ in range(20):
        await asyncio.sleep(0)


class Visits:
    """A limiter on a fake clock, and the time of each turn."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.limiter = Limiter(3.0, clock=self.clock, sleep=self.clock.sleep)
        self.seen: list[tuple[str, float]] = []

    def enter(self, name: str, *, people: bool = False, stay: asyncio.Event | None = None) -> asyncio.Task[None]:
        async def visit() -> None:
            async with self.limiter.turn(people=people):
                self.seen.append((name, self.clock.now))
                if stay is not None:
                    await stay.wait()

        return asyncio.create_task(visit())


async def test_requests_are_three_seconds_apart() -> None:
    visits = Visits()
    tasks = [visits.enter(name) for name in "abc"]
    for _ in range(8):
        await visits.clock.advance(1)
    await asyncio.gather(*tasks)
    assert visits.seen == [("a", 0), ("b", 3), ("c", 6)]


async def test_a_later_person_goes_before_waiting_scheduled_work() -> None:
    visits = Visits()
    tasks = [visits.enter(name) for name in ("first", "machine", "machine")]
    await visits.clock.advance(1)
    tasks.append(visits.enter("person", people=True))
    for _ in range(9):
        await visits.clock.advance(1)
    await asyncio.gather(*tasks)
    assert [name for name, _ in visits.seen] == ["first", "person", "machine", "machine"]
    assert [at for _, at in visits.seen] == [0, 3, 6, 9]


async def test_a_slow_request_is_alone_and_the_pause_follows_its_end() -> None:
    visits, done = Visits(), asyncio.Event()
    tasks = [visits.enter("slow", stay=done), visits.enter("next")]
    await visits.clock.advance(10)
    assert [name for name, _ in visits.seen] == ["slow"]
    done.set()
    await settle()
    await visits.clock.advance(3)
    await asyncio.gather(*tasks)
    assert visits.seen == [("slow", 0), ("next", 13)]


async def test_a_cancelled_caller_holds_up_no_other() -> None:
    visits, stay = Visits(), asyncio.Event()
    inside, gone, last = visits.enter("inside", stay=stay), visits.enter("gone"), visits.enter("last")
    await settle()
    gone.cancel()
    await settle()
    inside.cancel()
    await visits.clock.advance(3)
    await last
    assert [name for name, _ in visits.seen] == ["inside", "last"]


async def test_an_error_inside_a_turn_gives_it_back() -> None:
    visits = Visits()
    with pytest.raises(ZeroDivisionError):
        async with visits.limiter.turn():
            raise ZeroDivisionError
    task = visits.enter("next")
    await visits.clock.advance(3)
    await task
    assert visits.seen == [("next", 3)]
