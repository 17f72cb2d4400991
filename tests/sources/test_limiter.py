"""One at a time, seconds apart, people first. No test waits."""

from __future__ import annotations

import asyncio

import pytest

from bot.sources.limiter import Limiter


class Hours:
    """A clock that goes on when told, and the sleepers that it wakes."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        self._sleepers.append((self.now + seconds, event))
        await event.wait()

    async def pass_(self, seconds: float) -> None:
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


class Office:
    """A limiter, its clock, and who came in when."""

    def __init__(self) -> None:
        self.hours = Hours()
        self.limiter = Limiter(3.0, clock=self.hours, sleep=self.hours.sleep)
        self.seen: list[tuple[str, float]] = []

    def enter(self, who: str, *, people: bool = False, stay: asyncio.Event | None = None) -> asyncio.Task[None]:
        async def visit() -> None:
            async with self.limiter.turn(people=people):
                self.seen.append((who, self.hours.now))
                if stay is not None:
                    await stay.wait()

        return asyncio.create_task(visit())


async def test_requests_are_three_seconds_apart() -> None:
    office = Office()
    tasks = [office.enter(who) for who in "abc"]
    for _ in range(8):
        await office.hours.pass_(1)
    await asyncio.gather(*tasks)
    assert office.seen == [("a", 0), ("b", 3), ("c", 6)]


async def test_a_person_who_comes_later_goes_before_machines_that_wait() -> None:
    office = Office()
    tasks = [office.enter(who) for who in ("first", "machine", "machine")]
    await office.hours.pass_(1)
    tasks.append(office.enter("person", people=True))
    for _ in range(9):
        await office.hours.pass_(1)
    await asyncio.gather(*tasks)
    assert [who for who, _ in office.seen] == ["first", "person", "machine", "machine"]
    assert [at for _, at in office.seen] == [0, 3, 6, 9]


async def test_a_slow_request_is_alone_and_the_pause_follows_its_end() -> None:
    office, done = Office(), asyncio.Event()
    tasks = [office.enter("slow", stay=done), office.enter("next")]
    await office.hours.pass_(10)
    assert [who for who, _ in office.seen] == ["slow"]
    done.set()
    await settle()
    await office.hours.pass_(3)
    await asyncio.gather(*tasks)
    assert office.seen == [("slow", 0), ("next", 13)]


async def test_one_who_leaves_the_line_or_fails_holds_nobody_up() -> None:
    office, stay = Office(), asyncio.Event()
    inside, gone, last = office.enter("inside", stay=stay), office.enter("gone"), office.enter("last")
    await settle()
    gone.cancel()
    await settle()
    inside.cancel()
    await office.hours.pass_(3)
    await last
    assert [who for who, _ in office.seen] == ["inside", "last"]


async def test_an_error_inside_a_turn_gives_it_back() -> None:
    office = Office()
    with pytest.raises(ZeroDivisionError):
        async with office.limiter.turn():
            raise ZeroDivisionError
    task = office.enter("next")
    await office.hours.pass_(3)
    await task
    assert office.seen == [("next", 3)]
