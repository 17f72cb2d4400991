"""A scriptable HTTP server on loopback: real sockets, and every way a server can misbehave.

    async with Loopback() as server:
        server.on("/api/things", json_answer([1]), Answer(500))   # in this order, the last one for ever
        server.on("/slow", HANG)                                  # takes the request and never answers
        ... client.get(server.url + "/api/things") ...
        assert [seen.query["p"] for seen in server.seen("/api/things")] == ["0", "1"]

A path ending in `*` is a prefix. A route may also be a function of the request, sync or async.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        """Its body, decoded."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """A prepared answer. `chunked` hides the length; `cut` sends only so many bytes of the body and hangs up."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False
    cut: int | None = None


HANG = Answer(status=-1)
"""Read the request and never answer."""
DROP = Answer(status=-2)
"""Read the request and close the connection."""

Route = Answer | Callable[[Seen], Answer | Awaitable[Answer]]


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """An Answer in JSON; header names with underscores for dashes."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


class Loopback:
    """The server. `requests` has everything that arrived, in order."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.requests: list[Seen] = []
        self._routes: dict[str, list[Route]] = {}
        self._server: asyncio.Server | None = None
        self._closing = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Its base URL, without a slash at the end."""
        assert self._server is not None
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def on(self, path: str, *answers: Route) -> None:
        """Answer this path with these in turn, the last one from then on. Replaces what was said before."""
        self._routes[path] = list(answers)

    def seen(self, path: str) -> list[Seen]:
        """The requests of one path (or prefix, with `*`)."""
        return [request for request in self.requests if _matches(path, request.path)]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self._closing.set()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            # The other side may hang up at any time: that is what half of the tests do.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                request = await _read(reader)
                self.requests.append(request)
                await self._answer(await self._choose(request), request, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self._connections.discard(task)

    async def _choose(self, seen: Seen) -> Answer:
        best = max((path for path in self._routes if _matches(path, seen.path)), key=len, default=None)
        if best is None:
            return Answer(404, b"no such route")
        routes = self._routes[best]
        route = routes.pop(0) if len(routes) > 1 else routes[0]
        if isinstance(route, Answer):
            return route
        answer = route(seen)
        return answer if isinstance(answer, Answer) else await answer

    async def _answer(self, answer: Answer, seen: Seen, writer: asyncio.StreamWriter) -> None:
        if answer is HANG:
            await self._closing.wait()
        if answer.status < 0:
            return
        headers = {"Connection": "close", **answer.headers}
        body = b"" if seen.method == "HEAD" else answer.body
        if answer.chunked:
            headers["Transfer-Encoding"] = "chunked"
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        else:
            headers["Content-Length"] = str(len(answer.body))
        lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        writer.write(body[: answer.cut])
        await writer.drain()


def _matches(route: str, path: str) -> bool:
    return path.startswith(route[:-1]) if route.endswith("*") else path == route


async def _read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    start, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = start.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    return Seen(method, unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)
