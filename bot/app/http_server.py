"""One HTTP server for all fronts that are called over HTTP, with `/healthz`."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from bot.app.http_connections import ConnectionLimits, Connections, GuardedProtocol
from bot.app.http_proxies import Proxies
from bot.app.logs import Unrepeated
from bot.app.runtime import open_files
from bot.ports import Front
from bot.store import Secrets

log = logging.getLogger("paperboy.listen")

PORT = 8000
"""Port if a front needs one and PORT is not set."""
SHUTDOWN_TIMEOUT = 5
"""Seconds that requests in progress get at shutdown."""
ACCEPTED_AT_ONCE = 64
"""Connections that asyncio accepts before it looks at any."""
QUEUE = 1_024
"""Connections that the system keeps until they are accepted."""


async def _alive(request: Request) -> PlainTextResponse:  # noqa: ARG001 - Starlette passes it
    return PlainTextResponse("ok\n")


def application(fronts: Iterable[Front]) -> Starlette:
    """The ASGI app: `/healthz`, each front under its prefix, and all other paths to the front without a prefix."""
    application = Starlette(routes=[Route("/healthz", _alive)])
    for prefix, app in (front.asgi for front in fronts if front.asgi):
        if prefix:
            application.router.routes += [Route(prefix, app), Mount(prefix, app)]  # the prefix itself, and below it
        else:
            application.router.default = app  # not a Mount, whose pattern does not match paths with a line break
    return application


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `scheduler.run`, which stops all parts in order."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, with a queue of our own length: asyncio's is as long as the number that it accepts at once."""
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(QUEUE)


async def serve(  # noqa: PLR0913 - what a server is told
    fronts: Iterable[Front],
    host: str,
    port: int,
    *,
    proxies: Sequence[str] = (),
    notes: Secrets | None = None,
    limits: ConnectionLimits | None = None,
) -> None:
    """Listen until cancelled. Raises OSError if the address cannot be bound.

    `proxies` are the addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
    """
    app = Proxies(application(fronts), proxies, notes)
    await app.start()
    guard = Connections((limits or ConnectionLimits()).within(open_files()), proxies)
    for name in ("asyncio", "uvicorn.error"):
        Unrepeated.attach(logging.getLogger(name))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as bound:
        # asyncio does this for sockets it makes; without it each answer waits 40 ms for the client's delayed ACK
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        log.info("listening url=http://%s:%d", f"[{host}]" if ":" in host else host, port)
        server = _Server(_config(app, guard))
        try:
            await server.serve(sockets=[bound])
        finally:
            # Without this the loop goes on watching the closed socket, and then the next one with its number.
            if server.started:
                await server.shutdown(sockets=[bound])


def _config(app: Proxies, guard: Connections) -> uvicorn.Config:
    protocol: Any = partial(GuardedProtocol, guard)  # uvicorn's annotation names a class; it calls what it gets
    return uvicorn.Config(
        app,
        http=protocol,
        backlog=ACCEPTED_AT_ONCE,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,  # `Proxies` reads them, after it looked at who sent them
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
    )
