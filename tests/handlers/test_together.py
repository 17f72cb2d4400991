"""Two processes on one database change a channel's settings at the same time: no change is lost."""

from __future__ import annotations

import asyncio
from datetime import time

from bot.handlers import Handlers
from bot.model import Message, SubscriptionChanges
from bot.search import Search
from bot.store import Store
from tests.fakes import FakeClock, FakeOutlet
from tests.harness.desk import ADA, HERE, NOW, FakeArxiv, SampleEngine


def handlers(store: Store) -> Handlers:
    return Handlers(store, Search(store), SampleEngine(store, FakeClock(NOW), FakeArxiv(), FakeOutlet("slack")))


async def add(process: Handlers, topic: str) -> None:
    answer = await process.run("topics add", ADA, {"topic": topic, "confirm": "yes"})
    assert isinstance(answer, Message)
    assert "Following" in answer.text


async def test_topics_and_forms_of_two_processes_at_once_are_all_kept(stores: tuple[Store, Store]) -> None:
    first, second = map(handlers, stores)
    await asyncio.gather(
        *(add(process, f"{name}{number}") for name, process in (("a", first), ("b", second)) for number in range(8)),
        first.apply(SubscriptionChanges(size=9), ADA),
        second.apply(SubscriptionChanges(at=time(17, 30)), ADA),
    )
    subscription = await stores[0].subscriptions.get(HERE)
    assert subscription is not None
    assert sorted(subscription.topics) == sorted(f"{name}{number}" for name in "ab" for number in range(8))
    assert (subscription.size, subscription.at) == (9, time(17, 30))


async def test_a_pause_is_kept_beside_a_change_of_the_hour(stores: tuple[Store, Store]) -> None:
    first, second = map(handlers, stores)
    await add(first, "video")
    await asyncio.gather(
        first.run("pause", ADA, {}), *(second.apply(SubscriptionChanges(size=size), ADA) for size in (3, 4, 6))
    )
    subscription = await stores[1].subscriptions.get(HERE)
    assert subscription is not None
    assert (subscription.paused_at, subscription.size in {3, 4, 6}) == (NOW, True)
