"""HTTP client of all sources: identity, timeouts, retries, conditional requests, size limits, redirects.

Every failure is a SourceError whose text is one line without secrets.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import httpx
import stamina

from bot.errors import SourceError
from bot.ports.leases import Leases
from bot.sources.closed_hosts import ClosedHosts
from bot.sources.content_coding import ACCEPTED, ContentCodingError, coding, unpacked
from bot.sources.proxies import UnusableProxyError, new_client
from bot.sources.redirects import follows, origin_text
from bot.sources.retry_after import is_limited, retry_after

Turn = Callable[[], AbstractAsyncContextManager[None]]
"""Waits until a request may be sent; the request is made inside the context."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Limits of requests and answers. Times in seconds, sizes in bytes."""

    timeout: float = 20.0
    """For each step: connecting, sending, the next bytes."""
    deadline: float | None = None
    """For one attempt as a whole, so that a server that sends slowly cannot hold it; None: four times the timeout."""
    attempts: int = 4
    wait_initial: float = 1.0
    wait_max: float = 20.0
    wait_jitter: float = 1.0
    retry_after_max: float = 60.0
    """Longest Retry-After that is waited for; on a longer one the host gets no request until it has passed."""
    leave_alone_max: float = 6 * 3600.0
    """Longest time without requests to a host, whatever it asks for."""
    body_max: int = 16 * 2**20
    """Size of an answer, as sent and unpacked."""
    redirects: int = 5
    remembered_max: int = 16 * 2**20
    """Total size of the bodies kept for conditional requests."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A server's answer; after a 304 the kept one, with status 200."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    links: frozenset[str] = frozenset()
    """Relations of the Link header: `next`, `prev`, …"""


@dataclass(frozen=True, slots=True)
class _Request:
    """One request through all its attempts."""

    source: str
    http: httpx.Request
    auth: httpx.BasicAuth | None
    accept: Collection[int]
    cached: HttpResponse | None
    """The kept answer to the same URL, if the server is asked for changes only."""
    conditional: bool
    hosts: Collection[str]
    """Other hosts that it may be redirected to."""


class _TransientError(Exception):
    """A failure that a repetition may mend; `wait` is the server's Retry-After in seconds, if any."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        self.reason, self.wait = reason, wait
        super().__init__(reason)


class HttpClient:
    """HTTP client for all sources, a context manager.

    A redirect is followed to the same host, and over https to `hosts` and their subdomains; any other is a SourceError.
    """

    def __init__(  # noqa: PLR0913 - what it depends on, each by its name
        self,
        agent: str,
        *,
        hosts: Collection[str] = (),
        limits: HttpLimits | None = None,
        leases: Leases | None = None,
        clock: Callable[[], float] = time.monotonic,
        transport: Callable[[], httpx.AsyncHTTPTransport | None] = lambda: None,
    ) -> None:
        """`transport` makes that of a client which may not connect everywhere."""
        self._limits = limits = limits or HttpLimits()
        self._hosts, self._closed = hosts, ClosedHosts(clock, leases)
        self._remembered: OrderedDict[str, HttpResponse] = OrderedDict()
        self._agent, self._transport = agent, transport
        self._retrying = stamina.AsyncRetryingCaller(
            attempts=limits.attempts,
            timeout=None,
            wait_initial=limits.wait_initial,
            wait_max=limits.wait_max,
            wait_jitter=limits.wait_jitter,
        ).on(_retry)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if "_client" in vars(self):
            await self._client.aclose()

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made when first needed: it reads the proxies of the environment. Raises UnusableProxyError."""
        return new_client(
            headers={"User-Agent": self._agent, "Accept-Encoding": ACCEPTED},
            timeout=self._limits.timeout,
            follow_redirects=False,  # `_sent` follows them
            transport=self._transport(),
        )

    async def get(  # noqa: PLR0913 - what varies between requests
        self,
        source: str,
        url: str,
        params: Mapping[str, str | int] | None = None,
        *,
        accept: Collection[int] = (200,),
        turn: Turn = nullcontext,
        conditional: bool = True,
    ) -> HttpResponse:
        """The answer to a GET whose status is one of `accept`. Raises SourceError in the name of `source`.

        Each attempt takes a turn of its own. `conditional` sends the kept answer's validators (ETag, Last-Modified).
        """
        http, auth = self._prepared(source, "GET", url, params=params)
        cached = self._remembered.get(str(http.url)) if conditional else None
        http.headers.update(_validators(cached))
        request = _Request(source, http, auth, accept, cached, conditional=conditional, hosts=self._hosts)
        return await self._answer(request, turn)

    async def post(  # noqa: PLR0913 - what varies between requests
        self,
        source: str,
        url: str,
        document: object,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str],
        accept: Collection[int] = (200,),
        turn: Turn = nullcontext,
    ) -> HttpResponse:
        """The answer to a question that is sent as JSON; it may be repeated. Raises SourceError.

        `headers` may hold a key, so it is never redirected to another host.
        """
        http, auth = self._prepared(source, "POST", url, params=params, json=document, headers=headers)
        return await self._answer(_Request(source, http, auth, accept, None, conditional=False, hosts=()), turn)

    async def _answer(self, request: _Request, turn: Turn) -> HttpResponse:
        source, host = request.source, request.http.url.host
        if (wait := await self._closed.remaining(host)) > 0:
            raise SourceError(source, f"{host} asked to be left alone for another {_minutes(wait)}")
        try:
            return await self._retrying(self._once, request, turn)
        except _TransientError as last:
            attempts = f" ({self._limits.attempts} attempts)" if self._limits.attempts > 1 else ""
            raise SourceError(source, f"{last.reason}{attempts}") from None

    def _prepared(
        self, source: str, method: str, url: str, **content: Any
    ) -> tuple[httpx.Request, httpx.BasicAuth | None]:
        try:
            client = self._client
        except UnusableProxyError as fault:
            raise SourceError(source, str(fault)) from None
        try:
            address = httpx.URL(url)
            # A password in a base URL is sent as a header: URLs are logged, headers are not.
            auth = httpx.BasicAuth(address.username, address.password) if address.userinfo else None
            return client.build_request(method, address.copy_with(userinfo=b""), **content), auth
        except (httpx.InvalidURL, ValueError):
            raise SourceError(source, "its address is not a URL; correct the setting") from None

    async def _once(self, request: _Request, turn: Turn) -> HttpResponse:
        source, host = request.source, request.http.url.host
        try:
            async with turn(), asyncio.timeout(self._limits.deadline or 4 * self._limits.timeout):
                response = await self._sent(request)
                try:
                    return await self._read(request, response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise _TransientError(f"no answer from {host} in time") from None
        except httpx.UnsupportedProtocol:
            raise SourceError(source, "its address is not a web address; correct the setting") from None
        except httpx.TransportError as fault:
            raise _TransientError(f"no connection to {host} ({type(fault).__name__})") from None
        except httpx.HTTPError as fault:
            raise SourceError(source, f"unreadable answer from {host} ({type(fault).__name__})") from None

    async def _sent(self, request: _Request) -> httpx.Response:
        """The response to a request after its redirects, its body not read yet."""
        http, auth = request.http, request.auth
        for _ in range(self._limits.redirects + 1):
            response = await self._client.send(http, auth=auth, stream=True)
            if response.next_request is None:
                return response
            await response.aclose()
            before, http = http, response.next_request
            http.url = http.url.copy_with(userinfo=b"")
            if not follows(before.url, http.url, request.hosts):
                raise SourceError(
                    request.source,
                    f"{before.url.host} redirects to {origin_text(http.url)}, which is neither the same host nor one we"
                    " know over https; if the service has moved, correct the setting",
                )
            auth = None  # the header goes along on the same host, and only there
        raise SourceError(request.source, f"more than {self._limits.redirects} redirects from {request.http.url.host}")

    async def _read(self, request: _Request, response: httpx.Response) -> HttpResponse:
        status, reason = response.status_code, f"HTTP {response.status_code} from {request.http.url.host}"
        if status in {408, 429} or status >= 500 or is_limited(response):
            wait = retry_after(response)
            if wait is None or wait <= self._limits.retry_after_max:
                raise _TransientError(reason, wait)
            wait = min(wait, self._limits.leave_alone_max)
            await self._closed.close(request.http.url.host, wait)
            raise SourceError(request.source, f"{reason}, which asks to be left alone for {_minutes(wait)}")
        if status == 304 and request.cached:
            return request.cached
        if status not in request.accept:
            raise SourceError(request.source, reason)
        body = await self._body(request.source, response)
        answer = HttpResponse(status, body, dict(response.headers), frozenset(filter(None, response.links)))
        if request.conditional and status == 200:
            self._remember(str(request.http.url), answer)
        return answer

    async def _body(self, source: str, response: httpx.Response) -> bytes:
        limit, parts, size, host = self._limits.body_max, [], 0, response.url.host
        try:
            packed = coding(response.headers.get("content-encoding", ""))
            async for part in response.aiter_raw(64 * 1024):
                parts.append(part)
                size += len(part)
                if size > limit:
                    raise SourceError(source, f"an answer of more than {limit / 2**20:g} MB from {host}")
            body = b"".join(parts)
            return await asyncio.to_thread(unpacked, body, limit) if packed else body
        except ContentCodingError as fault:
            raise SourceError(source, f"unreadable answer from {host}: {fault}") from None

    def _remember(self, url: str, answer: HttpResponse) -> None:
        self._remembered.pop(url, None)
        if not _validators(answer):
            return
        self._remembered[url] = answer
        while sum(len(cached.body) for cached in self._remembered.values()) > self._limits.remembered_max:
            self._remembered.popitem(last=False)


def _validators(answer: HttpResponse | None) -> dict[str, str]:
    """Headers of a conditional request for changes since this answer; empty if it has no validators."""
    if answer is None:
        return {}
    headers = {"If-None-Match": answer.headers.get("etag"), "If-Modified-Since": answer.headers.get("last-modified")}
    return {name: value for name, value in headers.items() if value}


def _retry(fault: Exception) -> bool | float:
    """Whether stamina repeats the request, or after how many seconds."""
    return isinstance(fault, _TransientError) and (True if fault.wait is None else fault.wait)


def _minutes(seconds: float) -> str:
    return f"{math.ceil(seconds / 60)} min"
