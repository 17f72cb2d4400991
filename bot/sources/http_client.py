"""The HTTP side that all sources share: who we are, how long we wait, what we repeat, how much we read.

Every failure is a SourceError with one line that can be shown to anybody.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Self

import httpx
import stamina

from bot.errors import SourceError

Turn = Callable[[], AbstractAsyncContextManager[None]]
"""Waits for permission to send one request, and holds it meanwhile."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """How patient, how persistent and how greedy. Times in seconds, sizes in bytes."""

    timeout: float = 20.0
    """For each step: connecting, sending, the next bytes."""
    deadline: float | None = None
    """For one attempt as a whole, so that a server that drips cannot hold us; None is four times the timeout."""
    attempts: int = 4
    wait_initial: float = 1.0
    wait_max: float = 20.0
    wait_jitter: float = 1.0
    retry_after_max: float = 60.0
    """A server that wants more than this is left alone until then, instead of waited for."""
    leave_alone_max: float = 6 * 3600.0
    """The longest that a server's word keeps us away."""
    body_max: int = 16 * 2**20
    redirects: int = 5
    remembered_max: int = 16 * 2**20
    """Bodies kept for conditional requests, all together."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a server said. After a 304 it is what it said before, with status 200."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    links: frozenset[str] = frozenset()
    """The relations of its Link header: `next`, `prev`, …"""


@dataclass(frozen=True, slots=True)
class _Ask:
    """One question through all its attempts."""

    source: str
    request: httpx.Request
    auth: httpx.BasicAuth | None
    accept: Collection[int]
    kept: HttpResponse | None
    """The last answer to the same question, if the server is asked for changes only."""
    conditional: bool

    @property
    def host(self) -> str:
        return self.request.url.host


class _AgainError(Exception):
    """This attempt failed in a way that may pass; `wait` is what the server asked for, if it did."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        self.reason, self.wait = reason, wait
        super().__init__(reason)


def user_agent(version: str, contact: str) -> str:
    """Who we are and whom to write to, as arXiv and Hugging Face ask for."""
    # A header is ASCII on one line; the contact is the operator's own text.
    told = " ".join(contact.encode("ascii", "ignore").decode().split())
    return f"Paperboy/{version} (paper digests; contact: {told or 'not given'})"


class HttpClient:
    """One HTTP client for all sources. Close it, or use it as a context manager."""

    def __init__(
        self,
        agent: str,
        *,
        limits: HttpLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._limits = limits or HttpLimits()
        self._clock = clock
        self._closed_until: dict[str, float] = {}
        self._remembered: OrderedDict[str, HttpResponse] = OrderedDict()
        self._client = httpx.AsyncClient(
            headers={"User-Agent": agent},
            timeout=self._limits.timeout,
            follow_redirects=True,
            max_redirects=self._limits.redirects,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(  # noqa: PLR0913  what a source may want of one GET, each by its name
        self,
        source: str,
        url: str,
        params: Mapping[str, str | int] | None = None,
        *,
        accept: Collection[int] = (200,),
        turn: Turn = nullcontext,
        conditional: bool = True,
    ) -> HttpResponse:
        """The answer to a GET, if its status is one of `accept`. Raises SourceError in the name of `source`.

        Each attempt takes a turn of its own. `conditional` asks only for what changed since the last time.
        """
        ask = self._ask(source, url, params, accept, conditional=conditional)
        self._respect_closure(ask)
        limits = self._limits
        try:
            async for attempt in stamina.retry_context(
                on=_wait_before_again,
                attempts=limits.attempts,
                timeout=None,
                wait_initial=limits.wait_initial,
                wait_max=limits.wait_max,
                wait_jitter=limits.wait_jitter,
            ):
                with attempt:
                    async with turn():
                        return await self._once(ask)
        except _AgainError as last:
            tried = f" ({limits.attempts} attempts)" if limits.attempts > 1 else ""
            raise SourceError(source, f"{last.reason}{tried}") from None
        raise AssertionError("a retry context ends with a value or an error")

    def _ask(
        self,
        source: str,
        url: str,
        params: Mapping[str, str | int] | None,
        accept: Collection[int],
        *,
        conditional: bool,
    ) -> _Ask:
        try:
            address = httpx.URL(url)
            # A password in a base URL travels as a header: addresses are logged, headers are not.
            auth = httpx.BasicAuth(address.username, address.password) if address.userinfo else None
            request = self._client.build_request("GET", address.copy_with(userinfo=b""), params=params)
        except (httpx.InvalidURL, ValueError):
            raise SourceError(source, "its address is not a URL; correct the setting") from None
        kept = self._remembered.get(str(request.url)) if conditional else None
        request.headers.update(_conditions(kept))
        return _Ask(source, request, auth, accept, kept, conditional=conditional)

    def _respect_closure(self, ask: _Ask) -> None:
        left = self._closed_until.get(ask.host, 0.0) - self._clock()
        if left > 0:
            raise SourceError(ask.source, f"{ask.host} asked to be left alone for another {_minutes(left)}")

    async def _once(self, ask: _Ask) -> HttpResponse:
        try:
            async with asyncio.timeout(self._limits.deadline or 4 * self._limits.timeout):
                response = await self._client.send(ask.request, auth=ask.auth, stream=True)
                try:
                    return await self._read(ask, response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise _AgainError(f"no answer from {ask.host} in time") from None
        except httpx.UnsupportedProtocol:
            raise SourceError(ask.source, "its address is not a web address; correct the setting") from None
        except httpx.TransportError as fault:
            raise _AgainError(f"no connection to {ask.host} ({type(fault).__name__})") from None
        except httpx.TooManyRedirects:
            raise SourceError(ask.source, f"more than {self._limits.redirects} redirects from {ask.host}") from None
        except httpx.HTTPError as fault:
            raise SourceError(ask.source, f"unreadable answer from {ask.host} ({type(fault).__name__})") from None

    async def _read(self, ask: _Ask, response: httpx.Response) -> HttpResponse:
        status = response.status_code
        if status in {408, 429} or status >= 500:
            self._again_or_later(ask, response)
        if status == 304 and ask.kept:
            return ask.kept
        if status not in ask.accept:
            raise SourceError(ask.source, f"HTTP {status} from {ask.host}")
        body = await self._body(ask.source, response)
        answer = HttpResponse(status, body, dict(response.headers), frozenset(rel for rel in response.links if rel))
        if ask.conditional and status == 200:
            self._remember(str(ask.request.url), answer)
        return answer

    def _again_or_later(self, ask: _Ask, response: httpx.Response) -> None:
        limits, wait = self._limits, _asked_wait(response)
        reason = f"HTTP {response.status_code} from {ask.host}"
        if wait is not None and wait > limits.retry_after_max:
            wait = min(wait, limits.leave_alone_max)
            self._closed_until[ask.host] = self._clock() + wait
            raise SourceError(ask.source, f"{reason}, which asks to be left alone for {_minutes(wait)}")
        raise _AgainError(reason, wait)

    async def _body(self, source: str, response: httpx.Response) -> bytes:
        limit, parts, size = self._limits.body_max, [], 0
        async for part in response.aiter_bytes(64 * 1024):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise SourceError(source, f"an answer of more than {limit / 2**20:g} MB from {response.url.host}")
        return b"".join(parts)

    def _remember(self, url: str, answer: HttpResponse) -> None:
        self._remembered.pop(url, None)
        if not _conditions(answer):
            return
        self._remembered[url] = answer
        while sum(len(kept.body) for kept in self._remembered.values()) > self._limits.remembered_max:
            self._remembered.popitem(last=False)


def _conditions(answer: HttpResponse | None) -> dict[str, str]:
    """The headers that ask for a change since this answer; none when it does not say how."""
    if answer is None:
        return {}
    told = {"If-None-Match": answer.headers.get("etag"), "If-Modified-Since": answer.headers.get("last-modified")}
    return {name: value for name, value in told.items() if value}


def _wait_before_again(fault: Exception) -> bool | float:
    if not isinstance(fault, _AgainError):
        return False
    return True if fault.wait is None else fault.wait


def _minutes(seconds: float) -> str:
    return f"{math.ceil(seconds / 60)} min"


def _asked_wait(response: httpx.Response) -> float | None:
    """Seconds until the server wants to be asked again: Retry-After, else the reset of its RateLimit.

    A date counts from the server's own Date: its clock and ours may differ by more than the wait.
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, https://huggingface.co/docs/hub/rate-limits
    """
    told = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", told):
        return float(told)
    if told:
        try:
            wait = parsedate_to_datetime(told) - parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        return max(0.0, wait.total_seconds())
    reset = re.search(r"(?:^|[;\s])t=([0-9]{1,9})\b", response.headers.get("ratelimit", ""))
    return float(reset[1]) if reset and response.status_code == 429 else None
