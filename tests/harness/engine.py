"""The engine, wired to outlets as a process wires it, on the sample week: real store, real answers, a clock to move."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot.app.desk import FrontDesk
from bot.app.engine import DigestEngine
from bot.app.library import PaperLibrary
from bot.app.metrics import MeteredOutlet, Metrics
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.handlers import Handlers
from bot.search import Search
from bot.store import Store
from bot.store.sqlite import SqliteStore
from tests.fakes import FakeClock
from tests.harness.desk import NOW, stocked

T = TypeVar("T")


@dataclass
class House:
    """Everything that runs behind a front."""

    store: Store
    desk: FrontDesk
    engine: DigestEngine
    deliverer: Deliverer
    clock: FakeClock

    async def deliver(self) -> None:
        """Choose what is due and post all of it."""
        await self.engine.tick()
        await self.deliverer.drain()


@contextlib.contextmanager
def housed(path: Path, outlets: Mapping[str, Any]) -> Iterator[House]:
    """A house on the sample week, its database in `path`; one that is there already is gone on with."""
    database = path / "week.db"
    if not database.exists():
        database.write_bytes(stocked())
    with SqliteStore(database, write=True) as store:
        clock = FakeClock(NOW)
        notices = Notices(store, outlets, clock, None)
        metrics = Metrics(store)
        watched = {name: MeteredOutlet(outlet, metrics) for name, outlet in outlets.items()}
        deliverer = Deliverer(store, watched, clock, notices)
        engine = DigestEngine(store, (), clock, notices=notices, outlets=outlets, wake=deliverer.wake, metrics=metrics)
        search = Search(store)
        library = PaperLibrary(store, search, engine)
        desk = FrontDesk(engine, Handlers(store, search, engine), deliverer, library, metrics)
        yield House(store, desk, engine, deliverer, clock)


async def eventually(ask: Callable[[], Awaitable[T]], expected: T) -> None:
    """Wait until the answer is this; the store rings no bell."""
    async with asyncio.timeout(5):
        while await ask() != expected:
            await asyncio.sleep(0.005)
