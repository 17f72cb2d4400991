"""A desk on the sample week that is connected to a fake Zotero, with time that a test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path

import httpx

from bot import embeddings
from bot.app import collect
from bot.handlers import Handlers
from bot.model import Caller, FilledForm, Message
from bot.search import Search
from bot.store.encryption import new_key
from bot.zotero import ZoteroSync
from bot.zotero.client import ZoteroClient
from bot.zotero.http import ZoteroHttp
from tests.fakes.zotero import FakeZotero
from tests.harness.desk import ADA, HERE, Desk


class FakeTime:
    """Seconds that pass only while somebody sleeps, or as a test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def http_of(zotero: FakeZotero, time: FakeTime | None = None) -> ZoteroHttp:
    """Requests to the fake."""
    time = time or FakeTime()
    return ZoteroHttp(partial(httpx.AsyncClient, trust_env=False), zotero.url, clock=time, sleep=time.sleep)


class ZoteroDesk(Desk):
    """The desk, its sync and the fake; `round` does what runs in the background."""

    def __init__(self, path: Path, zotero: FakeZotero, client: ZoteroClient) -> None:
        super().__init__(path, keys=(new_key(),))
        self.path = path
        self.zotero, self.embedder = zotero, embeddings.load(embeddings.DEFAULT)
        self.search = Search(self.store, self.embedder)
        self.sync = ZoteroSync(self.store, client, self.embedder, self.clock, partial(nullcontext, True))
        self.handlers = Handlers(self.store, self.search, self.engine, zotero=self.sync)

    async def connect(self, key: str | None = None, caller: Caller = ADA) -> Message:
        """Fill in the form for a key."""
        form = await self.form("zotero connect", caller)
        filled = await self.handlers.read(form.filled({"key": key or self.zotero.key}), HERE)
        assert isinstance(filled, FilledForm)
        return await self.handlers.apply(filled, caller)


@asynccontextmanager
async def zotero_desk(path: Path, time: FakeTime | None = None) -> AsyncIterator[ZoteroDesk]:
    """A desk whose handlers know a fake Zotero."""
    async with FakeZotero() as zotero, http_of(zotero, time) as http:
        desk = ZoteroDesk(path, zotero, ZoteroClient(http))
        try:
            await collect.embed(desk.store, desk.embedder)
            yield desk
        finally:
            desk.store.close()
