"""What every request passes: how much and how often, which headers the answer has, and what a fault of ours shows.

Written on ASGI itself, because an answer that never reached a page (too long, too often, broken) needs all of it too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from bot.model import client_ip

if TYPE_CHECKING:
    from adapters.web.site import Site
    from bot.ports import Asgi

log = logging.getLogger("paperboy.web")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

LONGEST_TARGET = 4_000
"""Bytes of path and query: a query has 500 characters, each at most 12 bytes when it is escaped; most have less."""
LARGEST_BODY = 16_384
"""Bytes of what a form sends."""
AT_ONCE = 64
"""Requests that wait for answers; more would only wait longer."""
YEAR = 31_536_000
SIGNED = frozenset({"confirm", "preferences", "unsubscribe"})
"""Pages whose address is all that it takes to change something."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""https://owasp.org/www-project-secure-headers/. Programs of other origins may read feeds and the API, see `OPEN`."""
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Headers of what programs read; nothing here depends on who asks."""


class TooLarge(Exception):  # noqa: N818 - a body, not an error of ours
    """More was sent than any form needs."""


class Guard:
    """Stands before the site."""

    def __init__(self, app: Asgi, site: Site, *, rate: int, at_once: int = AT_ONCE) -> None:
        self._app, self._site, self._at_once = app, site, at_once
        self._rate = RateLimitItemPerMinute(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._answering = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say why not."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        request = Request(scope)
        answered = Answered(_with_headers(send, secure=request.url.scheme == "https"))
        if (refused := await self._refusal(request)) is not None:
            await self._site.problem(request, *refused)(scope, receive, answered)
        else:
            self._answering += 1
            try:
                await self._answer(scope, receive, answered)
            finally:
                self._answering -= 1
        if self._site.desk is not None and self._site.desk.monitor is not None:
            page = "refused" if refused else _page(scope)
            self._site.desk.monitor.served(page, answered.status, time.perf_counter() - started)

    async def _refusal(self, request: Request) -> tuple[int, str, Mapping[str, str]] | None:
        """Why this request is not answered at all."""
        scope = request.scope
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_TARGET:
            return 414, "That address is too long.", {}
        if int(_digits(request.headers.get("content-length"))) > LARGEST_BODY:
            return 413, "That is more than any form here sends.", {"Connection": "close"}
        if not await self._limiter.hit(self._rate, client_of(request)):
            return 429, "That was a lot at once. Please wait a minute.", {"Retry-After": "60"}
        if self._answering >= self._at_once:
            return 503, "Too many are reading at once. Please try again in a moment.", {"Retry-After": "2"}
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Answered) -> None:
        try:
            await self._app(scope, _bounded(receive), send)
        except TooLarge:
            problem = self._site.problem(Request(scope), 413, "That is more than any form here sends.")
        except Exception:
            log.exception("a page failed path=%r", _loggable(scope["path"]))
            problem = self._site.problem(Request(scope), 500)
        else:
            return
        if not send.status:
            await problem(scope, receive, send)


def _loggable(path: str) -> str:
    """A path without the signed half of a link in a mail."""
    first = path.split("/")[1]
    return f"/{first}/…" if first in SIGNED else path


class Answered:
    """What was sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        """0: nothing yet."""

    async def __call__(self, message: Any) -> None:
        """Send it."""
        self.status = message.get("status", self.status)
        await self._send(message)


def _page(scope: Scope) -> str:
    """The name of the page that answered: one of a few, whatever was asked."""
    return str(getattr(scope.get("endpoint"), "__qualname__", "none")).lower()


def client_of(request: Request) -> str:
    """Whom a limit counts: an address, of IPv6 its network."""
    return client_ip.rate_limit_key(request.client.host if request.client else "")


def _digits(text: str | None) -> str:
    return text if text and text.isascii() and text.isdigit() and len(text) < 20 else "0"


def _bounded(receive: Receive) -> Receive:
    """The same body, read no further than any form is long."""
    read = 0

    async def bounded() -> Any:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY:
            raise TooLarge
        return message

    return bounded


def _with_headers(send: Send, *, secure: bool) -> Send:
    async def dressed(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if secure:
                headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        await send(message)

    return dressed
