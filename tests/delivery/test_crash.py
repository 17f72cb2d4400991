"""Messages that a dead process left claimed are searched for before anything is posted again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from bot.delivery import attempts
from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref, delivery_key, digest_key
from tests.fakes import MONDAY, FakeOutlet
from tests.harness.delivery import HERE, PAPERS, SETTER, TODAY, Delivery, texts


async def claimed_and_posted(delivery: Delivery, outlet: FakeOutlet) -> None:
    """The process died after the platform took the opener, before that was written down."""
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.UNKNOWN, arrived=True)
    await delivery.store.ledger.claim(digest_key(HERE, TODAY), 0, None, delivery.clock())
    key = delivery_key(HERE, TODAY, 0)
    with suppress(DeliveryError):
        await outlet.post(HERE, Message(()), under=None, key=key)


@pytest.mark.parametrize(
    "trouble",
    [
        DeliveryError(Failure.LATER, "one look a minute", retry_after=60),
        DeliveryError(Failure.UNKNOWN, "the connection was dropped"),
        ValueError("the adapter has a bug"),
    ],
    ids=["later", "unknown", "crash"],
)
async def test_an_opener_that_cannot_be_looked_for_just_now_is_not_posted_again(
    delivery: Delivery, outlet: FakeOutlet, trouble: Exception
) -> None:
    await claimed_and_posted(delivery, outlet)
    outlet.find_fails_next(trouble, times=3)
    for _ in range(3):
        await delivery.deliver_after(minutes=10)
        delivery.restart()
    assert len(outlet.openers(HERE)) == 1
    await delivery.deliver_after(minutes=10)
    assert len(outlet.in_channel(HERE)) == 6
    assert len(outlet.openers(HERE)) == 1


async def test_an_opener_that_cannot_be_looked_for_within_a_day_is_given_up(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await claimed_and_posted(delivery, outlet)
    outlet.find_fails_next(DeliveryError(Failure.LATER, "history is down"), times=float("inf"))
    for _ in range(48):
        await delivery.deliver_after(minutes=30)
    assert await delivery.digest_state() == "open"
    await delivery.deliver_after(minutes=30)
    assert await delivery.digest_state() == "abandoned"
    assert await delivery.shown_papers(PAPERS) == set()
    [notice] = texts(outlet, SETTER)
    assert "history is down" in notice


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_opener_that_is_looked_for_after_six_hours_goes_on_if_it_arrived_and_is_never_posted_so_late(
    delivery: Delivery, outlet: FakeOutlet, arrived: bool
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.UNKNOWN, arrived=arrived)
    await delivery.deliver()
    await delivery.deliver_after(hours=6, seconds=1)
    assert len(outlet.in_channel(HERE)) == (6 if arrived else 0)
    assert await delivery.digest_state() == ("done" if arrived else "abandoned")
    assert ["within six hours" in each for each in texts(outlet, SETTER)] == [True] * (not arrived)


async def test_a_search_that_hangs_gives_up_and_comes_back(
    delivery: Delivery, outlet: FakeOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "FIND_TIMEOUT", 0.05)
    find = outlet.find

    async def hangs(channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        await asyncio.Event().wait()
        raise AssertionError

    await claimed_and_posted(delivery, outlet)
    outlet.find = hangs  # type: ignore[method-assign]  # a platform that never answers
    await delivery.deliver()
    outlet.find = find  # type: ignore[method-assign]  # now it does
    await delivery.deliver_after(seconds=15)
    assert len(outlet.openers(HERE)) == 1
    assert len(outlet.in_channel(HERE)) == 6


@pytest.mark.parametrize(
    ("hours", "since"),
    [
        (0, MONDAY - timedelta(minutes=10)),
        (1, MONDAY - timedelta(minutes=10)),
        (-8, MONDAY - timedelta(hours=8, days=1, minutes=10)),
    ],
    ids=["at once", "later", "from the future"],
)
async def test_a_message_is_looked_for_from_ten_minutes_before_its_claim_or_in_the_past_day_after_a_wrong_clocks(
    delivery: Delivery, outlet: FakeOutlet, hours: int, since: datetime
) -> None:
    await claimed_and_posted(delivery, outlet)
    await delivery.deliver_after(hours=hours)
    assert [each for _, _, each in outlet.find_calls] == [since]
