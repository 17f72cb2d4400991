"""A web server in a process of its own, on one core: `python -m tests.bench.web_app app DATABASE | bare BYTES…`.

Prints its port when it is ready, and ends when its input does. `bare` is a Starlette route for each number, on the same
uvicorn, that answers with so many bytes of HTML: `/1000`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from adapters.web import WebFront
from bot import embeddings
from bot.app import http_server, runtime
from bot.app.desk import FrontDesk
from bot.app.engine import DigestEngine
from bot.app.library import PaperLibrary
from bot.app.metrics import Metrics
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.handlers import Handlers
from bot.ports import Asgi, Desk
from bot.search import Search
from bot.store.sqlite import SqliteStore
from tests.bench.papers import NOW

UNLIMITED = 10_000_000
"""Requests a minute: how much it can, not how much it lets one client."""


class Bare:
    """A front with a page of each size."""

    name = "bare"

    def __init__(self, *sizes: int) -> None:
        routes = [Route(f"/{size}", lambda _, body="x" * size: HTMLResponse(body)) for size in sizes]
        self.asgi: tuple[str, Asgi] | None = ("", Starlette(routes=routes))

    async def serve(self, desk: Desk) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def site(path: Path) -> AsyncIterator[WebFront]:
    """The site on a store, ranked and with its index in memory, as after the first look at the sources."""
    with SqliteStore(path, write=True) as store:
        notices, metrics = Notices(store, {}, lambda: NOW, None), Metrics(store)
        embedder = embeddings.load(embeddings.DEFAULT)
        engine = DigestEngine(store, (), lambda: NOW, notices=notices, embedder=embedder, metrics=metrics)
        search = Search(store, embedder)
        handlers, deliverer = Handlers(store, search, engine), Deliverer(store, {}, lambda: NOW, notices)
        desk = FrontDesk(engine, handlers, deliverer, PaperLibrary(store, search, engine), metrics)
        await engine.shortlist()
        await search.search("paper", limit=1, now=NOW)
        web = WebFront(rate=UNLIMITED)
        serving = asyncio.create_task(web.serve(desk))
        try:
            yield web
        finally:
            serving.cancel()


async def main(kind: str, *what: str) -> None:
    """Serve until stdin is closed."""
    async with contextlib.AsyncExitStack() as stack:
        front = await stack.enter_async_context(site(Path(what[0]))) if kind == "app" else Bare(*map(int, what))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        serving = asyncio.create_task(http_server.serve((front,), "127.0.0.1", port))
        print(port, flush=True)
        await asyncio.to_thread(sys.stdin.read)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    runtime.tune()
    asyncio.run(main(*sys.argv[1:]))
