"""ASGI middleware around the site: limits on requests, security headers, a page for internal errors, metrics.

Not Starlette's middleware, because responses that never reached a page (too long, too many, broken) need all of it too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from adapters.shared_rate import ClientRate, client_key
from adapters.web.site import Site
from bot.ports import Asgi

log = logging.getLogger("paperboy.web")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

MAX_TARGET = 4_000
"""Bytes of path and query: a query has 500 characters, each at most 12 bytes when it is escaped; most have less."""
MAX_BODY = 16_384
"""Bytes of a form."""
TOO_LARGE = "That is more than any form here sends."
PICTURES_A_PAGE = 20
"""Pictures that a client may load for each page that it may read; browsers keep them for a month."""
MAX_CONCURRENT = 64
"""Requests being answered; more would only wait longer."""
YEAR = 31_536_000
"""Seconds."""
TOKEN_PAGES = frozenset({"confirm", "preferences", "unsubscribe", "reader", "reading-list", "journal-club", "new-link"})
"""Pages whose path holds a token that lets its holder change or read what is a person's: it stays out of the log."""

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
"""https://owasp.org/www-project-secure-headers/. Feeds and the API add `CROSS_ORIGIN`."""
CROSS_ORIGIN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Headers of feeds and the API, which are the same for all clients."""


class Guard:
    """The middleware, with the limits of a client's requests for pages and for pictures."""

    def __init__(self, app: Asgi, site: Site, *, pages: ClientRate, pictures: ClientRate) -> None:
        self._app, self._site, self._pages, self._pictures = app, site, pages, pictures
        self._answering = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it with a reason."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        request = Request(scope)
        response = GuardedSend(send, secure=request.url.scheme == "https")
        if (refusal := await self._refusal(request)) is not None:
            await self._site.problem(request, *refusal)(scope, receive, response)
        else:
            self._answering += 1
            self._rate_of(request).count(client_key(request))
            try:
                await self._app(scope, _limited(receive), response)
            except ClientDisconnect:
                pass  # before its request was whole
            except Exception:
                page = scope["path"].split("/")[1]
                log.exception("a page failed path=%r", f"/{page}/…" if page in TOKEN_PAGES else scope["path"])
                if not response.status:
                    await self._site.problem(request, 500)(scope, receive, response)
            finally:
                self._answering -= 1
        if self._site.desk is not None and self._site.desk.monitor is not None:
            # The page that answered: one of a few, whatever the path was.
            page = "refused" if refusal else str(getattr(scope.get("endpoint"), "__qualname__", "none")).lower()
            self._site.desk.monitor.served(page, response.status, time.perf_counter() - started)

    async def _refusal(self, request: Request) -> tuple[int, str, Mapping[str, str]] | None:
        """Status, reason and headers of a request that is not answered; None if it is."""
        scope = request.scope
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_TARGET:
            return 414, "That address is too long.", {}
        if _content_length(request) > MAX_BODY:
            return 413, TOO_LARGE, {"Connection": "close"}
        if await self._rate_of(request).refuses(client_key(request)):
            return 429, "That was a lot at once. Please wait a minute.", {"Retry-After": "60"}
        if self._answering >= MAX_CONCURRENT:
            return 503, "Too many are reading at once. Please try again in a moment.", {"Retry-After": "2"}
        return None

    def _rate_of(self, request: Request) -> ClientRate:
        """The limit that holds for a request; a page has many pictures of papers."""
        return self._pictures if request.url.path.startswith("/pictures/") else self._pages


class GuardedSend:
    """Sends a response with the security headers, and records its status."""

    def __init__(self, send: Send, *, secure: bool) -> None:
        self._send, self._secure = send, secure
        self.status = 0
        """0 until the response has started."""

    async def __call__(self, message: Any) -> None:
        """Send one ASGI message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self._secure:
                headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        await self._send(message)


def _content_length(request: Request) -> int:
    """The length that the client announces in bytes; 0 if it is no number."""
    text = request.headers.get("content-length", "")
    return int(text[:20]) if text.isascii() and text.isdigit() else 0  # `int` refuses thousands of digits


def _limited(receive: Receive) -> Receive:
    """A `receive` that raises HTTPException (413) once the body exceeds MAX_BODY."""
    size = 0

    async def limited() -> Any:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise HTTPException(413, TOO_LARGE, {"Connection": "close"})
        return message

    return limited
