"""The engine against the clock: asleep for days, set back, a year ahead, restarted. Every day has one record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import engine
from bot.app.engine import DigestEngine
from bot.model import Channel, Digest, MissedDigest, Outcome, Subscription, SubscriptionKey
from bot.model.schedule import with_next_due
from bot.store.sqlite.connection import SqliteConnection
from tests.fakes import MONDAY, FakeOutlet, FakeSource, paper
from tests.harness.delivery import HERE, SETTER, THERE, Delivery


class House:
    """An engine, its deliverer and the world around them; a new paper is noticed every day."""

    def __init__(self, path: Path) -> None:
        self.outlet = FakeOutlet()
        self.source = FakeSource()
        self.delivery = Delivery(path, self.outlet)
        self.clock = self.delivery.clock
        self.clock.set(MONDAY - timedelta(days=1))
        self.restarts()

    def restarts(self) -> None:
        """The process ends and another one takes over; only the store is left."""
        self.delivery.restart()
        store, notices = self.delivery.store, self.delivery.notices
        self.engine = DigestEngine(store, [self.source], self.clock, notices=notices)

    async def subscribes(self, channel: Channel = HERE, at: str = "09:00", zone: str = "UTC") -> None:
        subscription = Subscription(channel, at=time.fromisoformat(at), timezone=zone, size=2, set_by=SETTER)
        await self.delivery.store.subscriptions.put(with_next_due(subscription, self.clock()))

    async def wakes_at(self, now: datetime) -> int:
        """Set the clock, collect, tick and deliver. Returns the number of channels that were due."""
        self.clock.set(now)
        number = (now.date() - date(2025, 1, 1)).days
        for each in (2 * number, 2 * number + 1):
            self.source.notices(paper(each, at=now), upvotes=20)
        await self.engine.collect()
        due = await self.engine.tick()
        await self.delivery.deliver()
        return due

    async def record(self, channel: Channel = HERE) -> dict[date, Outcome]:
        """Every day that has a digest, oldest first."""
        days = await self.delivery.store.ledger.last_days(channel, 100)
        return {record.day: record.outcome for record in reversed(days)}

    async def due_at(self, channel: Channel = HERE) -> datetime | None:
        subscription = await self.delivery.store.subscriptions.get(channel)
        assert subscription is not None
        return subscription.next_due

    def opened(self, channel: Channel = HERE) -> int:
        return len(self.outlet.openers(channel))

    def said(self) -> list[str]:
        return [post.message.text for post in self.outlet.in_channel(SETTER)]

    def papers(self, channel: Channel = HERE) -> list[str]:
        return [post.message.paper_id for post in self.outlet.in_channel(channel) if post.message.paper_id]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path / "paperboy.db")
    with built.delivery.store:
        yield built


def on(day: int, at: str = "09:00") -> datetime:
    """A time so many days after the Monday on which the tests begin."""
    return datetime.combine(MONDAY.date() + timedelta(days=day), time.fromisoformat(at), UTC)


def days(*numbers: int) -> list[date]:
    return [on(number).date() for number in numbers]


async def test_a_second_tick_posts_nothing_new(house: House) -> None:
    await house.subscribes()
    assert await house.wakes_at(on(0)) == 1
    posts = len(house.outlet.posts)
    assert await house.wakes_at(on(0)) == 0
    assert await house.wakes_at(on(0, "09:01")) == 0
    assert len(house.outlet.posts) == posts == 3


async def test_a_workspace_that_is_back_is_resumed_in_one_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    store, workspace, changes, write = house.delivery.store, Channel("fake:T1"), [], SqliteConnection.write

    async def note(self: SqliteConnection, change: Any, *args: Any, **kwargs: Any) -> Any:
        changes.append(change)
        return await write(self, change, *args, **kwargs)

    for channel in (HERE, THERE):
        await house.subscribes(channel)
    await store.subscriptions.pause(workspace, house.clock(), until=None, reason="it is gone")
    monkeypatch.setattr(SqliteConnection, "write", note)
    await house.engine.revive(workspace)
    assert [each.paused_at for each in await store.subscriptions.all()] == [None, None]
    assert len(changes) == 3, "that it is back, its watches and its pauses"


async def test_one_batch_is_stored_while_the_next_is_chosen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CHANNELS_AT_ONCE", 1)
    ledger, is_chosen = house.delivery.store.ledger, [asyncio.Event(), asyncio.Event()]
    keep, missed, waiting = ledger.keep, ledger.missed, iter(is_chosen)

    async def keep_when_the_next_is_chosen(digests: Sequence[Digest], due: Mapping[SubscriptionKey, datetime]) -> None:
        async with asyncio.timeout(60):
            await is_chosen[1].wait()
        await keep(digests, due)

    async def note_chosen(*args: Any) -> Mapping[SubscriptionKey, tuple[MissedDigest, ...]]:
        next(waiting).set()
        return await missed(*args)

    monkeypatch.setattr(ledger, "keep", keep_when_the_next_is_chosen)
    monkeypatch.setattr(ledger, "missed", note_chosen)
    for channel in (HERE, THERE):
        await house.subscribes(channel)
    assert await house.wakes_at(on(0)) == 2
    assert [house.opened(channel) for channel in (HERE, THERE)] == [1, 1]


async def test_nothing_is_due_before_its_minute(house: House) -> None:
    await house.subscribes()
    assert await house.wakes_at(on(-1, "09:01")) == 0
    assert await house.wakes_at(on(0, "08:59")) == 0
    assert house.outlet.posts == []


async def test_a_restart_within_the_same_minute_posts_nothing_new(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0))
    posts = len(house.outlet.posts)
    house.restarts()
    assert await house.wakes_at(on(0)) == 0
    assert len(house.outlet.posts) == posts


async def test_a_digest_that_was_kept_when_the_process_died_is_delivered_by_the_next_one(house: House) -> None:
    await house.subscribes()
    house.source.notices(paper(1), upvotes=20)
    house.clock.set(on(0))
    await house.engine.collect()
    await house.engine.tick()
    house.restarts()
    await house.wakes_at(on(0, "09:02"))
    assert house.opened() == 1
    assert house.papers() == [paper(1).id]


async def test_day_after_day_there_is_one_opener_and_no_paper_twice(house: House) -> None:
    await house.subscribes()
    for day in range(5):
        await house.wakes_at(on(day, "09:00"))
    assert house.opened() == 5
    assert len(house.papers()) == len(set(house.papers())) == 10
    assert house.said() == []


async def test_after_a_day_asleep_the_missed_day_has_a_record_and_today_a_digest(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0))
    await house.wakes_at(on(2, "10:00"))
    assert list((await house.record()).items())[1:] == [
        (on(1).date(), Outcome.LATE),
        (on(2).date(), Outcome.PICKED),
    ]
    assert house.opened() == 2
    assert len(house.said()) == 1


async def test_after_five_days_asleep_every_missed_day_has_a_record_and_one_notice_says_so(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0))
    await house.wakes_at(on(6, "09:30"))
    record = await house.record()
    assert list(record) == days(0, 1, 2, 3, 4, 5, 6)
    assert [record[day] for day in days(1, 2, 3, 4, 5)] == [Outcome.LATE] * 5
    assert record[on(6).date()] is Outcome.PICKED
    assert house.opened() == 2
    assert len(house.said()) == 1


async def test_who_wakes_more_than_six_hours_late_skips_today_too_and_goes_on_tomorrow(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0))
    await house.wakes_at(on(2, "15:01"))
    assert list((await house.record()).values())[1:] == [Outcome.LATE, Outcome.LATE]
    assert house.opened() == 1
    assert await house.due_at() == on(3)
    await house.wakes_at(on(3))
    assert house.opened() == 2


async def test_six_hours_late_is_not_too_late(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0, "15:00"))
    assert (await house.record())[on(0).date()] is Outcome.PICKED
    assert house.opened() == 1


async def test_the_papers_of_the_days_asleep_are_not_lost(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0))
    missed = paper(9_000, at=on(1))
    house.source.notices(missed, upvotes=500)
    await house.wakes_at(on(3))
    assert missed.id in house.papers()


async def test_a_clock_set_back_an_hour_posts_nothing_again(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0, "09:30"))
    for minute in range(0, 60, 10):
        assert await house.wakes_at(on(0, f"08:{30 + minute // 2}")) == 0
    assert await house.wakes_at(on(0)) == 0
    assert house.opened() == 1
    await house.wakes_at(on(1))
    assert house.opened() == 2


async def test_a_clock_set_back_a_day_posts_nothing_again_and_goes_on_when_it_is_due(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0))
    await house.wakes_at(on(1))
    for hour in range(9, 24):
        assert await house.wakes_at(on(0, f"{hour:02}:00")) == 0
    assert await house.wakes_at(on(1)) == 0
    assert house.opened() == 2
    assert await house.wakes_at(on(2)) == 1
    assert house.opened() == 3
    assert len(house.papers()) == len(set(house.papers()))


async def test_a_clock_that_was_a_year_ahead_does_not_silence_a_channel_for_a_year(house: House) -> None:
    await house.subscribes()
    await house.wakes_at(on(0))
    await house.wakes_at(on(365))
    await house.wakes_at(on(0, "10:00"))
    assert await house.due_at() == on(1)
    opened = house.opened()
    for day in (1, 2, 3):
        await house.wakes_at(on(day))
    assert house.opened() == opened + 3


@pytest.mark.parametrize("ahead", [2, 4, 7, 9, 30])
@pytest.mark.parametrize("hour", ["08:00", "12:00"], ids=["before the hour", "after it"])
@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
async def test_a_clock_ahead_for_five_seconds_silences_no_day_it_skipped(
    house: House, ahead: int, hour: str, restart: bool
) -> None:
    """Only a digest that was posted for the day at which the clock stood keeps that day: never twice."""
    await house.subscribes()
    await house.wakes_at(on(0))
    await house.wakes_at(on(1, hour))
    await house.wakes_at(on(1 + ahead, hour) + timedelta(seconds=5))
    if restart:
        house.restarts()
    await house.wakes_at(on(1, hour) + timedelta(seconds=10))
    for day in range(1, 3 + ahead):
        for later in ("09:00", "12:01"):
            await house.wakes_at(max(on(day, later), house.clock()))
    record = await house.record()
    assert record == dict.fromkeys(days(*range(3 + ahead)), Outcome.PICKED)
    assert house.opened() == 3 + ahead
    assert len(house.papers()) == len(set(house.papers()))
    skipped, corrected = house.said()
    assert "not running" not in skipped
    assert f"the clock went {ahead} days ahead at once" in skipped
    assert f"stood {ahead} days ahead" in corrected


@pytest.mark.parametrize("behind", [2, 30])
async def test_a_clock_behind_for_five_seconds_repeats_nothing_and_tells_nothing(house: House, behind: int) -> None:
    await house.subscribes()
    for day in range(5):
        await house.wakes_at(on(day))
    await house.wakes_at(on(4 - behind, "10:00"))
    await house.wakes_at(on(4, "10:01"))
    await house.wakes_at(on(5))
    assert await house.record() == dict.fromkeys(days(*range(6)), Outcome.PICKED)
    assert house.opened() == 6
    assert house.said() == []


async def test_a_digest_kept_by_a_clock_a_year_ahead_is_not_posted_and_holds_nothing_up(house: House) -> None:
    await house.subscribes()
    house.clock.set(on(365))
    house.source.notices(paper(1, at=on(365)), upvotes=10)
    await house.engine.collect()
    await house.engine.tick()
    house.restarts()
    await house.wakes_at(on(0, "08:00"))
    assert house.opened() == 0
    await house.wakes_at(on(0))
    assert house.opened() == 1


@pytest.mark.parametrize("change", ["2026-03-29", "2025-10-26"], ids=["summer time begins", "summer time ends"])
async def test_across_a_change_of_summer_time_there_is_one_digest_a_day(house: House, change: str) -> None:
    start = datetime.fromisoformat(change).replace(tzinfo=UTC) - timedelta(days=1)
    house.clock.set(start)
    await house.subscribes(at="02:30", zone="Europe/Berlin")
    for half_hours in range(1, 72 * 2):
        house.clock.set(start + timedelta(minutes=30 * half_hours))
        if half_hours % 8 == 0:
            house.source.notices(paper(half_hours, at=house.clock()), upvotes=9)
            await house.engine.collect()
        await house.engine.tick()
        await house.delivery.deliver()
    record = await house.record()
    assert list(record) == [start.date() + timedelta(days=n) for n in range(3)]
    assert house.opened() == 3
    assert house.said() == []


async def test_a_channel_whose_hour_was_changed_gets_one_digest_that_day(house: House) -> None:
    """An import may bring a due time that is no longer the schedule's own; it must not stop everybody's tick."""
    await house.subscribes()
    other = Channel("fake:T1/C2")
    await house.subscribes(other)
    subscription = Subscription(HERE, at=time(11), size=2, set_by=SETTER, next_due=on(0, "09:00"))
    await house.delivery.store.subscriptions.put(subscription)
    await house.wakes_at(on(0, "11:00"))
    assert list(await house.record()) == days(0)
    assert house.opened() == house.opened(other) == 1
