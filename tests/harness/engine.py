"""The whole backend on the sample week, wired to outlets as a process wires it, with a fake clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot.app.club import ClubRoutine
from bot.app.desk import FrontDesk
from bot.app.engine import DigestEngine
from bot.app.library import PaperLibrary
from bot.app.metrics import MeteredOutlet, Metrics
from bot.app.watch import WatchRoutine
from bot.delivery.counts import CardCounts
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.handlers import Handlers
from bot.queue.in_process import InProcessQueue
from bot.search import Search
from bot.store import Store
from tests.fakes import FakeClock
from tests.harness.desk import NOW, sample_database
from tests.harness.store import new_store

T = TypeVar("T")


@dataclass
class Backend:
    """Everything behind a front: store, desk, engine, deliverer."""

    store: Store
    desk: FrontDesk
    engine: DigestEngine
    queue: InProcessQueue
    clock: FakeClock
    counts: CardCounts

    async def deliver(self) -> None:
        """Choose the digests that are due and post them."""
        await self.engine.tick()
        await self.queue.drain()


@contextlib.contextmanager
def running_backend(path: Path, outlets: Mapping[str, Any], *, meaning: bool = False) -> Iterator[Backend]:
    """Run a backend whose database is in `path`: an existing one, else the sample week.

    `meaning`: profiles and memory compare vectors too, as in a process.
    """
    database = path / "week.db"
    if not database.exists():
        database.write_bytes(sample_database())
    with new_store(database) as store:
        clock = FakeClock(NOW)
        notices = Notices(store, outlets, clock, None)
        metrics = Metrics(store)
        watched = {name: MeteredOutlet(outlet, metrics) for name, outlet in outlets.items()}
        deliverer = Deliverer(store, watched, clock, notices)
        queue = InProcessQueue(deliverer)
        search = Search(store)
        vectors = search.vectors if meaning else None
        engine = DigestEngine(
            store, (), clock, notices=notices, outlets=watched, queue=queue, metrics=metrics, meaning=vectors
        )
        engine.routines = (WatchRoutine(store, engine, notices), ClubRoutine(store, engine))
        library = PaperLibrary(store, search, engine)
        desk = FrontDesk(engine, Handlers(store, search, engine, outlets=watched), deliverer, library, metrics)
        counts = CardCounts(store, watched, clock, lambda: contextlib.nullcontext(True))
        yield Backend(store, desk, engine, queue, clock, counts)


async def eventually(ask: Callable[[], Awaitable[T]], expected: T) -> None:
    """Wait until a call returns this, by polling: the store reports no changes. A minute at most."""
    async with asyncio.timeout(60):
        while await ask() != expected:
            await asyncio.sleep(0.005)
