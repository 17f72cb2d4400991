"""Digests that are too late, have no adapter, or were chosen by a wrong clock: given up, and said so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import Failure
from bot.model import Channel
from tests.fakes import MONDAY, FakeOutlet
from tests.harness.delivery import HERE, IDS, PAPERS, SETTER, THERE, Delivery, slots, texts


async def test_a_digest_is_still_posted_six_hours_late_and_not_a_second_later(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE, THERE)
    await delivery.keep(HERE, PAPERS)
    await delivery.deliver_after(hours=6)
    await delivery.keep(THERE, PAPERS)
    await delivery.deliver_after(seconds=1)
    assert slots(outlet, HERE) == [None, *IDS]
    assert slots(outlet, THERE) == []
    assert await delivery.digest_state(THERE) == "abandoned"
    assert await delivery.shown_papers(PAPERS, THERE) == set()
    [notice] = texts(outlet, SETTER)
    assert THERE in notice
    assert "six hours" in notice


async def test_a_digest_that_was_never_posted_for_one_reason_is_skipped_with_that_reason(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.LATER, "the platform has an outage", times=1)
    await delivery.deliver()
    await delivery.deliver_after(hours=7)
    [notice] = texts(outlet, SETTER)
    assert "the platform has an outage" in notice


async def test_a_channel_whose_platform_is_not_set_up_waits_and_is_reported_to_the_operator(
    tmp_path: Path, outlet: FakeOutlet
) -> None:
    slack, operator = Channel("slack:T1/C1"), Channel("fake:T1/OPS")
    delivery = Delivery(tmp_path / "paperboy.db", outlet, operator=operator)
    with delivery.store:
        await delivery.subscribe(slack, set_by=Channel("slack:T1/U1"))
        await delivery.keep(slack, PAPERS)
        await delivery.deliver()
        assert await delivery.digest_state(slack) == "open"
        await delivery.deliver_after(hours=7)
        assert await delivery.digest_state(slack) == "abandoned"
        [notice] = texts(outlet, operator)
        assert "no adapter for slack is set up" in notice


async def test_an_adapter_that_is_set_up_in_time_delivers_what_waited(tmp_path: Path, outlet: FakeOutlet) -> None:
    without = Delivery(tmp_path / "paperboy.db")
    with without.store:
        await without.keep(HERE, PAPERS)
        await without.deliver()
    delivery = Delivery(tmp_path / "paperboy.db", outlet)
    with delivery.store:
        await delivery.deliver_after(hours=1)
    assert slots(outlet) == [None, *IDS]


async def test_replies_that_fail_for_a_day_are_left_and_that_is_said(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.LATER, "thread is locked", channel=HERE, after=2, times=float("inf"))
    for _ in range(48):
        await delivery.deliver_after(minutes=30)
    assert await delivery.digest_state() == "open"
    await delivery.deliver_after(minutes=30)
    assert slots(outlet) == [None, IDS[0]]
    assert await delivery.digest_state() == "done"
    assert await delivery.shown_papers(PAPERS) == set(IDS)
    [notice] = texts(outlet, SETTER)
    assert "thread is locked" in notice


async def test_a_digest_chosen_by_a_clock_a_year_ahead_is_given_up_and_blocks_nothing(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS[:1], at=MONDAY + timedelta(days=365))
    await delivery.keep(HERE, PAPERS[1:])
    await delivery.deliver()
    assert slots(outlet) == [None, *IDS[1:]]
    assert await delivery.digest_state(day=(MONDAY + timedelta(days=365)).date()) == "abandoned"
    assert len(texts(outlet, SETTER)) == 1


@pytest.mark.parametrize(("seconds", "state"), [(0, "open"), (1, "abandoned")])
async def test_a_digest_due_in_six_hours_waits_for_its_time_and_one_due_later_is_a_wrong_clocks(
    delivery: Delivery, outlet: FakeOutlet, seconds: int, state: str
) -> None:
    ahead = MONDAY + timedelta(hours=6, seconds=seconds)
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS, at=ahead)
    await delivery.deliver()
    assert await delivery.digest_state(day=ahead.date()) == state
    assert ["the clock was wrong" in each for each in texts(outlet, SETTER)] == [True] * seconds
    await delivery.deliver_after(hours=6)
    assert slots(outlet) == ([] if seconds else [None, *IDS])


async def test_a_thread_goes_on_after_the_clock_is_set_back_an_hour(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.UNKNOWN, after=2, arrived=True)
    await delivery.deliver()
    delivery.clock.advance(hours=-1)
    await delivery.deliver()
    await delivery.deliver_after(hours=1, minutes=1)
    assert slots(outlet) == [None, *IDS]
