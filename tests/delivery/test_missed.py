"""Digests that did not arrive, or may not have: the next one lists what they had, once, and every paper returns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.app.engine import DigestEngine
from bot.errors import Failure
from bot.model import Channel, Subscription
from tests.fakes import MONDAY, FakeOutlet, FakeSource, paper
from tests.harness.delivery import HERE, IDS, PAPERS, Delivery, texts

NEW = [paper(number, at=MONDAY + timedelta(days=1)) for number in range(11, 14)]
TITLES = [each.title for each in PAPERS]
UNSURE, SURE = "may not have reached you", "did not arrive"


@pytest.fixture
def engine(delivery: Delivery) -> DigestEngine:
    source = FakeSource()
    for each in [*PAPERS, *NEW]:
        source.notices(each, upvotes=10)
    return DigestEngine(delivery.store, [source], delivery.clock, notices=delivery.notices)


async def next_day(delivery: Delivery, engine: DigestEngine, channel: Channel = HERE) -> str:
    """All the texts that a channel gets on the next day."""
    outlet = delivery._outlets["fake"]
    assert isinstance(outlet, FakeOutlet)
    before = len(texts(outlet, channel))
    delivery.clock.advance(days=1)
    await engine.collect()
    await engine.tick()
    await delivery.deliver()
    return "\n".join(texts(outlet, channel)[before:])


async def losing(delivery: Delivery, outlet: FakeOutlet, *, times: int = 1) -> None:
    """The next openers may have arrived, and nobody can tell."""
    outlet.fails_next(Failure.UNKNOWN, times=times)
    outlet.cannot_tell("nobody can look into a mailbox")
    await delivery.deliver()
    await delivery.deliver_after(seconds=15)
    delivery.clock.advance(seconds=-15)


async def test_all_papers_of_a_lost_digest_are_listed_by_the_next_one_and_count_as_shown(
    delivery: Delivery, outlet: FakeOutlet, engine: DigestEngine
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    await losing(delivery, outlet)
    assert await delivery.shown_papers(PAPERS) == set()
    text = await next_day(delivery, engine)
    assert f"The digest of Mon 24 Nov {UNSURE}. It had:" in text
    assert all(text.count(f"• {title}") == 1 for title in TITLES)
    assert all(each.title in text for each in NEW), "the day's own papers are chosen all the same"
    assert await delivery.shown_papers(PAPERS) == set(IDS)
    later = await next_day(delivery, engine)
    assert UNSURE not in later, "that is told once"
    assert not any(title in later for title in TITLES)


async def test_a_quiet_day_that_would_be_skipped_still_lists_them(
    delivery: Delivery, outlet: FakeOutlet, engine: DigestEngine
) -> None:
    await delivery.store.subscriptions.put(
        Subscription(HERE, topics=("nothingmatches",), quiet="skip", next_due=MONDAY + timedelta(days=1))
    )
    await delivery.keep(HERE, PAPERS)
    await losing(delivery, outlet)
    text = await next_day(delivery, engine)
    assert all(title in text for title in TITLES)
    assert await next_day(delivery, engine) == ""


async def test_if_the_digest_that_lists_them_is_lost_too_the_one_after_it_lists_both(
    delivery: Delivery, outlet: FakeOutlet, engine: DigestEngine
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    await losing(delivery, outlet)
    delivery.clock.advance(days=1)
    await engine.collect()
    await engine.tick()
    await losing(delivery, outlet)
    text = await next_day(delivery, engine)
    assert all(day in text for day in (f"Mon 24 Nov {UNSURE}", f"Tue 25 Nov {UNSURE}"))
    assert all(text.count(f"• {each.title}") == 1 for each in [*PAPERS, *NEW])


async def test_papers_of_a_digest_that_certainly_did_not_arrive_may_be_chosen_again_and_the_others_are_listed(
    delivery: Delivery, outlet: FakeOutlet, engine: DigestEngine
) -> None:
    await delivery.store.subscriptions.put(Subscription(HERE, size=2, next_due=MONDAY + timedelta(days=1)))
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.MESSAGE_REFUSED, "invalid_blocks")
    await delivery.deliver()
    text = await next_day(delivery, engine)
    assert f"The digest of Mon 24 Nov {SURE}. It had:" in text
    assert all(title in text for title in TITLES)
    assert await delivery.shown_papers(PAPERS) == set(IDS)


async def test_nothing_older_than_two_weeks_is_listed(
    delivery: Delivery, outlet: FakeOutlet, engine: DigestEngine
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    await losing(delivery, outlet)
    delivery.clock.advance(days=14)
    assert UNSURE not in await next_day(delivery, engine)
