"""The engine as `bot.app.wiring` wires it, on a platform that answers at once; and stores filled for a measurement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bot.app.desk import FrontDesk
from bot.app.engine import DigestEngine
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.handlers import Handlers
from bot.model import Channel, Digest, Evidence, Message, Outcome, Paper, Pick, Reason, Ref, Trend
from bot.model.database import Database as Place
from bot.model.database import DatabaseUrl
from bot.ports import Claim, Outlet, no_claim
from bot.queue.in_process import InProcessQueue
from bot.search import Search
from bot.store import Store
from bot.store.postgres import PostgresStore
from bot.store.sqlite import SqliteStore, connection
from tests.bench.papers import NOW, findings, noticed, papers
from tests.bench.subscriptions import selections, subscriptions
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from sqlite_utils import Database


def opened(place: Place) -> SqliteStore | PostgresStore:
    """A store, open for writing."""
    if isinstance(place, DatabaseUrl):
        return PostgresStore(place, write=True)
    return SqliteStore(place, write=True)


class AtOnce:
    """An outlet that accepts every message at once and keeps only their number."""

    name = "bench"
    threads = True
    pace = 0.0

    def __init__(self) -> None:
        self.posted = 0

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Count it."""
        await claim()
        self.posted += 1
        return Ref(f"r{self.posted}")

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """None: never called, since no post fails."""
        return None

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Nothing to delete."""

    async def prove(self, channel: Channel) -> None:
        """Nothing can be missing here."""


class House:
    """Engine, deliverer and desk on one store; `outlet` is an adapter's own, instead of the one that only counts."""

    def __init__(self, store: Store, *, now: datetime = NOW, outlet: Outlet | None = None) -> None:
        self.store = store
        self.clock = FakeClock(now)
        self.outlet = AtOnce()
        used = outlet or self.outlet
        outlets: Mapping[str, Outlet] = {used.name: used}
        notices = Notices(store, outlets, self.clock, None)
        self.deliverer = Deliverer(store, outlets, self.clock, notices)
        self.queue = InProcessQueue(self.deliverer)
        self.engine = DigestEngine(store, (), self.clock, notices=notices, outlets=outlets, queue=self.queue)
        self.desk = FrontDesk(self.engine, Handlers(store, Search(store), self.engine), self.deliverer)


@contextmanager
def synchronous(level: str) -> Iterator[None]:
    """Stores opened inside write with this level instead of FULL."""
    connect = connection.connect

    def connect_at_level(path: Path, *, write: bool) -> Database:
        db = connect(path, write=write)
        db.conn.execute(f"PRAGMA synchronous = {level}")
        return db

    connection.connect = connect_at_level
    try:
        yield
    finally:
        connection.connect = connect


async def due_channels(
    place: Place, *, channels: int, different: int, candidates: int, days_shown: int, seconds: int = 0
) -> list[Paper]:
    """Fill a store with candidates, channels that are due now, and their digests of the days before.

    `seconds`: so many of the channels have a second digest, due at the same time.
    """
    candidate_papers = papers(candidates)
    subscribed = list(subscriptions(selections(min(different, channels), candidate_papers), channels))
    topics_of_next = (each.topics for each in subscribed[1:])
    subscribed += [
        replace(each, name="second", topics=topics)
        for each, topics in zip(subscribed[:seconds], topics_of_next, strict=False)
    ]
    with opened(place) as store:
        await store.papers.add(findings(candidate_papers, noticed(candidate_papers)), "huggingface", NOW)
        await store.subscriptions.put(*subscribed)
        for days in range(days_shown, 0, -1):
            at = NOW - timedelta(days=days)
            dice = Random(days)
            before = [each for each in candidate_papers if each.listed_at and each.listed_at <= at]
            listed = before or candidate_papers[-20:]
            earlier = [
                replace(digest(each.channel, dice.sample(listed, min(each.size, len(listed))), at), name=each.name)
                for each in subscribed
            ]
            await store.ledger.keep(earlier, {})
        await store.connection.write(lambda db: db.execute("UPDATE posts SET state = 'done'"))
        await store.connection.write(lambda db: db.execute("ANALYZE"))
    return candidate_papers


def digest(channel: Channel, chosen: Sequence[Paper], at: datetime) -> Digest:
    """A digest of these papers, each with the evidence of three signals."""
    kinds = (("upvotes", 21.0), ("comments", 2.0), ("github_stars", 132.0))
    evidence = tuple(Evidence("huggingface", kind, value, at, value / 2, at, 0.25) for kind, value in kinds)
    picks = tuple(Pick(Trend(each, 3.0, 1.0, evidence, "a rule"), Reason.TRENDING) for each in chosen)
    return Digest(channel, at.date(), picks, Outcome.PICKED, at, at, at - timedelta(days=3))
