"""One HTTP server for all fronts that are called over HTTP, with the two paths a host asks for."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.ports import Front

log = logging.getLogger("paperboy.listen")

PORT = 8000
"""Where to listen if an adapter needs it and nobody said."""

FINISH_WITHIN = 5
"""Seconds for requests under way when it ends."""


async def _alive(request: Request) -> PlainTextResponse:  # noqa: ARG001 - Starlette passes it
    return PlainTextResponse("ok\n")


def application(fronts: Iterable[Front]) -> Starlette:
    """The ASGI app: `/healthz`, and each front under its own prefix; the one without a prefix gets what is left."""
    called = [front.asgi for front in fronts if front.asgi]
    mounts: list[BaseRoute] = [Mount(prefix, app=app) for prefix, app in called if prefix]
    house = Starlette(routes=[Route("/healthz", _alive), *mounts])
    for prefix, app in called:
        if not prefix:
            house.router.default = app  # no Mount: its pattern leaves out paths with a line break in them
    return house


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process, which stops all its parts in order."""
        yield


async def serve(fronts: Iterable[Front], host: str, port: int, *, proxies: Sequence[str] = ()) -> None:
    """Listen until cancelled. Raises OSError if the address is taken or not ours.

    `proxies` are the addresses and networks that may say for whom they ask (X-Forwarded-For and -Proto).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as bound:
        # As asyncio does for its own sockets: else each answer waits 40 ms for the delayed ACK of the other side.
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
            timeout_graceful_shutdown=FINISH_WITHIN,
        )
        server = _Server(config)
        try:
            await server.serve(sockets=[bound])
        finally:
            if (
                server.started
            ):  # else the loop would go on watching a socket that is closed, and the next to get its number
                await server.shutdown(sockets=[bound])
