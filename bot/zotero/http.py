"""Requests to Zotero's Web API v3 (https://www.zotero.org/support/dev/web_api/v3/basics) with its limits and back-off.

Two requests at a time, so that a person need not wait for the background. `Backoff` of any answer and `Retry-After` of
429 and 503 hold for all requests that follow: who cannot wait so long gets a ZoteroError with the seconds. The key is
sent as a header, to the one address of the setting.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import httpx

from bot.errors import SettingsError, ZoteroError

TIMEOUT = 20.0
"""Seconds for one request as a whole."""
BODY_MAX = 8 * 2**20
"""Bytes of an answer; a hundred items with abstracts have about 400,000."""
PAGE = 100
"""Objects in an answer: the most that Zotero sends."""
RATE_LIMITED = frozenset({429, 503})
ATTEMPTS = 3
REQUESTS_AT_ONCE = 2
"""Zotero asks for four at most."""
REFUSED = "it refuses the key, or the key may not write there"
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]*)?")


@dataclass(frozen=True, slots=True)
class ZoteroAnswer:
    """An answer with a status that was accepted."""

    status: int
    body: bytes
    version: int
    """The library's version."""
    following: str
    """The address of the next page; empty on the last."""


class ZoteroHttp:
    """The requests, each for the owner of a key. A context manager."""

    def __init__(
        self,
        connect: Callable[[], httpx.AsyncClient],
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connect, self._url = connect, f"{url.rstrip('/')}/"
        self._clock, self._sleep = clock, sleep
        self._quiet_until = 0.0
        self._turns = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if "_http" in vars(self):
            await self._http.aclose()

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        """Made when first needed: it reads the proxies of the environment. Raises ZoteroError."""
        try:
            return self._connect()
        except SettingsError as fault:
            raise ZoteroError(f"it cannot be reached: {fault}") from None

    async def request(  # noqa: PLR0913 - what varies between the requests
        self,
        method: str,
        path: str,
        key: str,
        params: Mapping[str, Any] | None = None,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        patience: float = 0,
        accept: tuple[int, ...] = (200, 304),
    ) -> ZoteroAnswer:
        """The answer, with a status of `accept`. Raises ZoteroError for any other, and for none within `patience`."""
        request = self._http.build_request(
            method,
            f"{self._url}{path}",
            params=params or None,
            json=body,
            headers={"Zotero-API-Version": "3", "Zotero-API-Key": key, **(headers or {})},
        )
        answer = await self._admitted(request, patience)
        for _ in range(ATTEMPTS - 1):
            if answer.status in RATE_LIMITED:
                answer = await self._admitted(request, patience)
        if answer.status in accept:
            return answer
        if answer.status in RATE_LIMITED:
            raise ZoteroError("it is asked too often", wait=max(self._quiet_until - self._clock(), 60.0))
        if answer.status in {401, 403, 404}:
            raise ZoteroError(REFUSED, refused=True)
        raise ZoteroError(f"it answers HTTP {answer.status}")

    async def _admitted(self, request: httpx.Request, patience: float) -> ZoteroAnswer:
        """The answer to a request that is sent once no pause is asked for. Raises ZoteroError for a longer pause."""
        while True:
            async with self._turns:
                if (remaining := self._quiet_until - self._clock()) <= 0:
                    return await self._sent(request)
            if remaining > patience:
                raise ZoteroError("it asks to be left alone for a while", wait=remaining)
            await self._sleep(remaining)

    async def _sent(self, request: httpx.Request) -> ZoteroAnswer:
        try:
            async with asyncio.timeout(TIMEOUT):
                response = await self._http.send(request, stream=True)
                try:
                    body = await _body(response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise ZoteroError("it does not answer in time") from None
        except httpx.HTTPError as error:
            raise ZoteroError(f"it cannot be reached ({type(error).__name__})") from None
        pause = max(_seconds(response.headers.get("Backoff")), _seconds(response.headers.get("Retry-After")))
        if response.status_code in RATE_LIMITED:
            pause = pause or 10.0
        if pause:
            self._quiet_until = max(self._quiet_until, self._clock() + pause)
        version = response.headers.get("Last-Modified-Version", "")
        following = response.links.get("next", {}).get("url", "")
        return ZoteroAnswer(response.status_code, body, int(version) if version.isdecimal() else 0, following)

    async def pages(  # noqa: PLR0913 - what varies between the lists
        self, path: str, key: str, params: Mapping[str, Any], most: int, patience: float, *, since: int = 0
    ) -> AsyncIterator[ZoteroAnswer]:
        """The pages of a list, at most `most` objects of it."""
        headers = {"If-Modified-Since-Version": str(since)} if since else {}
        url, query = path, {**params, "limit": PAGE}
        for _ in range(most // PAGE):
            answer = await self.request("GET", url, key, query, headers=headers, patience=patience)
            yield answer
            if not answer.following:
                return
            if not answer.following.startswith(self._url):
                raise ZoteroError("its next page is at another address")
            url, query, headers = answer.following.removeprefix(self._url), {}, {}


async def _body(response: httpx.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > BODY_MAX:
            raise ZoteroError(f"its answer has more than {BODY_MAX // 2**20} MB")
    return body


def _seconds(value: str | None) -> float:
    """The seconds of a header, which may have decimals; 0 without."""
    match = _SECONDS.fullmatch((value or "").strip())
    return min(float(match[0]), 24 * 3600.0) if match else 0.0
