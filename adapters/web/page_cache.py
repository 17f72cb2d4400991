"""ASGI middleware that keeps answers which are the same for all readers, as a cache in front of the site would.

An answer is kept for its own `max-age`, and no longer than the ranking that it was made from. Whoever has it already
gets 304; requests for one that is being made wait for it instead of making it again.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from adapters.web.compression import accepts_gzip
from adapters.web.guard import TOKEN_PAGES
from adapters.web.site import Site, is_held
from bot.errors import UnavailableStoreError
from bot.ports import Asgi

MAX_ANSWERS = 1_024
MAX_BYTES = 16 * 2**20
"""Of all bodies: a page is 5 to 12 kB compressed, 20 to 40 without."""
MAX_BODY = 512 * 2**10
"""Bytes of the largest body that is kept."""
_PUBLIC = re.compile(rb"public, max-age=(\d{1,5})\b")
_ABOUT_THE_BODY = {b"content-length", b"content-type", b"content-encoding"}

_NOT_KEPT = [[page] for page in (*TOKEN_PAGES, "static", "pictures", "subscribe", "readyz", "metrics")]
"""First parts of paths of one reader, of one process, or that are served from memory or a folder anyway."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A whole answer, the route that made it, and until when it is good."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    tag: str
    endpoint: object
    edition: object
    until: float

    async def send(self, request: Request, send: Callable[[Any], Any]) -> None:
        """Send it, or 304 to a client that has it."""
        status, headers, body = 200, self.headers, b"" if request.method == "HEAD" else self.body
        if self.tag and is_held(request, self.tag):
            status, body = 304, b""
            headers = [header for header in headers if header[0] not in _ABOUT_THE_BODY]
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})


class PageCache:
    """The middleware; `clock` returns seconds."""

    def __init__(self, app: Asgi, site: Site, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._site, self._clock = app, site, clock
        self._answers: OrderedDict[Key, CachedPage] = OrderedDict()
        self._bytes = 0
        self._being_made: dict[Key, asyncio.Event] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer from memory, else by the site."""
        request, edition = Request(scope), await self._edition(scope)
        if edition is None:
            await self._app(scope, receive, send)
            return
        key = self._key(request)
        if (answer := self._kept(key, edition)) is None and (made := self._being_made.get(key)) is not None:
            await made.wait()
            answer = self._kept(key, edition)
        if answer is not None:
            scope["endpoint"] = answer.endpoint
            await answer.send(request, send)
            return
        made = self._being_made.setdefault(key, asyncio.Event())
        try:
            await self._make(request, key, edition, receive, send)
        finally:
            made.set()
            self._being_made.pop(key, None)

    async def _edition(self, scope: Any) -> object:
        """The ranking that an answer is made from; None for a request that goes to the site."""
        desk = self._site.desk
        if scope["method"] not in ("GET", "HEAD") or scope["path"].split("/")[1:2] in _NOT_KEPT:
            return None
        if desk is None or desk.library is None:
            return None
        try:
            return await desk.library.edition()
        except UnavailableStoreError:
            return None

    def _key(self, request: Request) -> Key:
        gzip = "gzip" if accepts_gzip(request.headers.get("accept-encoding", "")) else ""
        scope = request.scope
        return self._site.url(request, scope["path"]), scope["query_string"].decode("latin-1"), gzip

    def _kept(self, key: Key, edition: object) -> CachedPage | None:
        answer = self._answers.get(key)
        if answer is None or answer.edition is not edition or answer.until <= self._clock():
            return None
        self._answers.move_to_end(key)
        return answer

    async def _make(self, request: Request, key: Key, edition: object, receive: Any, send: Any) -> None:
        """Have the site answer, as to a client that has nothing yet, and keep what is for everybody."""
        scope = request.scope
        unconditional = [header for header in scope["headers"] if header[0] != b"if-none-match"]
        inner = {**scope, "method": "GET", "headers": unconditional}
        start: dict[str, Any] = {}

        async def collected(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            scope["endpoint"] = inner.get("endpoint")
            answer = None if message.get("more_body") else self._answer(start, message.get("body", b""), edition, scope)
            if answer is not None:
                self._keep(key, answer)
                await answer.send(request, send)
                return
            if start:
                await send({**start})
                start.clear()
            await send(message)

        await self._app(inner, receive, collected)

    def _answer(self, start: Any, body: bytes, edition: object, scope: Any) -> CachedPage | None:
        """The answer, if caches may keep it."""
        headers = [(name.lower(), value) for name, value in start.get("headers", ())]
        fields = dict(headers)
        age = _PUBLIC.match(fields.get(b"cache-control", b""))
        if not start or start["status"] != 200 or age is None:
            return None
        tag = fields.get(b"etag", b"").decode("latin-1").removeprefix("W/")
        return CachedPage(headers, body, tag, scope.get("endpoint"), edition, self._clock() + int(age[1]))

    def _keep(self, key: Key, answer: CachedPage) -> None:
        if len(answer.body) > MAX_BODY:
            return
        self._forget(key)
        self._answers[key] = answer
        self._bytes += len(answer.body)
        while len(self._answers) > MAX_ANSWERS or self._bytes > MAX_BYTES:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: Key) -> None:
        if (answer := self._answers.pop(key, None)) is not None:
            self._bytes -= len(answer.body)
