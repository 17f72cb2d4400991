"""Two digests of one channel due at one minute: no paper twice, across a restart, two processes, and a lost digest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from bot.app import engine as engine_module
from bot.app.engine import DigestEngine
from bot.delivery.notices import Notices
from bot.model import Channel, Digest, Subscription
from bot.store import Store
from bot.store.postgres import PostgresStore
from tests.fakes import MONDAY, FakeClock, FakeSource, paper
from tests.harness.postgres import clear_databases, database
from tests.harness.store import new_store

CHANNELS = [Channel(f"fake:T1/C{number}") for number in range(6)]
NAMES = ("main", "rl")
PAPERS = [paper(number) for number in range(1, 25)]


class KilledError(Exception):
    """The process ends here."""


@pytest.fixture(params=["sqlite", "postgres"])
def stores(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Store, Store]]:
    """Stores of two processes on one PostgreSQL, or twice the one of a process on SQLite."""
    if request.param == "sqlite":
        with new_store(tmp_path / "p.db") as only:
            yield only, only
        return
    url = database(tmp_path)
    with PostgresStore(url, write=True) as first, PostgresStore(url, write=True) as second:
        yield first, second
    clear_databases()


@pytest.fixture(autouse=True)
def one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests are kept one after the other, so that a process can end between two of a channel."""
    monkeypatch.setattr(engine_module, "CHANNELS_AT_ONCE", 1)


def engine(store: Store, votes: int = 0) -> DigestEngine:
    """A process's engine. `votes` for the first papers are what another one does not know yet."""
    source, clock = FakeSource(), FakeClock(MONDAY + timedelta(minutes=bool(votes)))
    for number, each in enumerate(PAPERS):
        source.notices(each, upvotes=60 - number + votes * (number >= 6))
    return DigestEngine(store, (source,), clock, notices=Notices(store, {}, clock, None))


async def subscribed(store: Store) -> None:
    await store.subscriptions.put(
        *(Subscription(channel, name=name, size=4, next_due=MONDAY) for channel in CHANNELS for name in NAMES)
    )


async def shown(store: Store) -> list[list[str]]:
    """The ids of the papers that each channel's digests have, of all days that were not given up."""
    channels = []
    for channel in CHANNELS:
        digests = [
            await store.ledger.digest(channel, record.day, record.name)
            for record in await store.ledger.last_days(channel, name=None)
            if record.state != "abandoned"
        ]
        channels.append([paper_id for each in digests if each for paper_id in papers_of(each)])
    return channels


def papers_of(digest: Digest) -> list[str]:
    listed = [each.id for missed in digest.missed for each in missed.papers]
    return [*(pick.paper.id for pick in digest.picks), *listed]


async def test_after_a_restart_between_two_digests_of_a_channel(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribed(stores[0])
    first, keep, kept = engine(stores[0]), stores[0].ledger.keep, 0
    await first.collect()

    async def killed_after_seven(*facts: Any) -> None:
        nonlocal kept
        if kept == 7:
            raise KilledError
        kept += 1
        await keep(*facts)

    with monkeypatch.context() as patched:
        patched.setattr(stores[0].ledger, "keep", killed_after_seven)
        with pytest.raises(KilledError):
            await first.tick()
    assert sum(map(len, await shown(stores[1]))) == 7 * 4
    second = engine(stores[1], votes=50)
    await second.collect()
    await second.tick()
    assert [(len(ids), len(set(ids))) for ids in await shown(stores[1])] == [(8, 8)] * len(CHANNELS)


@pytest.mark.parametrize("stores", ["postgres"], indirect=True)
async def test_with_two_processes_that_choose_at_once_by_different_votes(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where one was frozen, and woke up with a choice that is out of date."""
    await subscribed(stores[0])
    engines = [engine(stores[0]), engine(stores[1], votes=50)]
    await engines[0].collect()
    shortlist = await engines[0].shortlist()
    await engines[1].collect()
    chosen, keep = asyncio.Event(), stores[0].ledger.keep

    async def late(digests: Sequence[Digest], *facts: Any) -> None:
        if digests[0].name == "rl":  # frozen with its choice, while the other one keeps its own
            await chosen.wait()
            await keep(digests, *facts)

    monkeypatch.setattr(stores[0].ledger, "keep", late)
    monkeypatch.setattr(engines[0], "fresh_shortlist", AsyncMock(return_value=shortlist))
    frozen = asyncio.create_task(engines[0].tick())
    keep_of_other = stores[1].ledger.keep

    async def only_main(digests: Sequence[Digest], *facts: Any) -> None:
        if digests[0].name == "main":
            await keep_of_other(digests, *facts)

    monkeypatch.setattr(stores[1].ledger, "keep", only_main)
    await engines[1].tick()
    chosen.set()
    await frozen
    ids = await shown(stores[1])
    assert all(len(each) == len(set(each)) for each in ids), "no paper twice"
    assert {len(each) for each in ids} <= set(range(4, 9))
    assert min(map(len, ids)) < 8, "what both had chosen was left out of the later one"


async def test_with_one_that_was_lost_and_is_listed_on_the_next_day(stores: tuple[Store, Store]) -> None:
    await subscribed(stores[0])
    running = engine(stores[0])
    await running.collect()
    await running.tick()
    lost = [await stores[0].ledger.digest(channel, MONDAY.date()) for channel in CHANNELS]
    for each in filter(None, lost):
        await stores[0].ledger.abandon(each.post, "lost")
    assert isinstance(running.clock, FakeClock)
    running.clock.set(MONDAY + timedelta(days=1))
    await running.tick()
    for each, ids in zip(lost, await shown(stores[0]), strict=True):
        assert each is not None
        assert len(ids) == len(set(ids)), "no paper twice"
        assert {pick.paper.id for pick in each.picks} <= set(ids), "and none lost"
