"""One HTTP server for all fronts that are called over HTTP, with `/healthz`."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.ports import Front

log = logging.getLogger("paperboy.listen")

PORT = 8000
"""Port if a front needs one and PORT is not set."""
SHUTDOWN_TIMEOUT = 5
"""Seconds that requests in progress get at shutdown."""


async def _alive(request: Request) -> PlainTextResponse:  # noqa: ARG001 - Starlette passes it
    return PlainTextResponse("ok\n")


def application(fronts: Iterable[Front]) -> Starlette:
    """The ASGI app: `/healthz`, each front under its prefix, and all other paths to the front without a prefix."""
    application = Starlette(routes=[Route("/healthz", _alive)])
    for prefix, app in (front.asgi for front in fronts if front.asgi):
        if prefix:
            application.mount(prefix, app)
        else:
            application.router.default = app  # not a Mount, whose pattern does not match paths with a line break
    return application


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `scheduler.run`, which stops all parts in order."""
        yield


async def serve(fronts: Iterable[Front], host: str, port: int, *, proxies: Sequence[str] = ()) -> None:
    """Listen until cancelled. Raises OSError if the address cannot be bound.

    `proxies` are the addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as bound:
        # asyncio does this for sockets it makes; without it each answer waits 40 ms for the client's delayed ACK
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        log.info("listening url=http://%s:%d", f"[{host}]" if ":" in host else host, port)
        config = uvicorn.Config(
            application(fronts),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
        )
        server = _Server(config)
        try:
            await server.serve(sockets=[bound])
        finally:
            # Without this the loop goes on watching the closed socket, and then the next one with its number.
            if server.started:
                await server.shutdown(sockets=[bound])
