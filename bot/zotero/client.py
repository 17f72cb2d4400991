"""Client of Zotero's Web API v3 (https://www.zotero.org/support/dev/web_api/v3/start): the requests that we need.

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
from typing import Any, Self

import httpx

from bot.errors import SettingsError, ZoteroError
from bot.model import SavedPaper
from bot.model.zotero import ZoteroPlace
from bot.zotero.items import is_item_of, item_key, new_item, title_query
from bot.zotero.parse import (
    OWN_LIBRARY,
    KeyAccess,
    collection_places,
    decoded,
    group_places,
    item_texts,
    items_data,
    key_access,
)

TIMEOUT = 20.0
"""Seconds for one request as a whole."""
BODY_MAX = 8 * 2**20
"""Bytes of an answer; a hundred items with abstracts have about 400,000."""
PAGE = 100
"""Objects in an answer: the most that Zotero sends."""
ITEMS_MAX = 500
"""Items of a library that a profile is made of, the latest."""
COLLECTIONS_MAX = 500
GROUPS_MAX = 5
BACKGROUND_PATIENCE = 60.0
"""Seconds that a request waits where nobody waits for it."""
RATE_LIMITED = frozenset({429, 503})
ATTEMPTS = 3
REQUESTS_AT_ONCE = 2
"""Zotero asks for four at most."""
WORKS = "conferencePaper || journalArticle || preprint"
"""Types of the items that say what somebody reads."""
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]*)?")
_REFUSED = "it refuses the key, or the key may not write there"
GONE_OR_CHANGED = frozenset({404, 412})


@dataclass(frozen=True, slots=True)
class LibraryItems:
    """The latest items of a library: title and abstract, the latest first."""

    version: int
    texts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    version: int
    """The library's version."""
    following: str
    """The address of the next page; empty on the last."""


class ZoteroClient:
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
        self._opened: httpx.AsyncClient | None = None
        self._clock, self._sleep = clock, sleep
        self._quiet_until = 0.0
        self._turns = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._opened is not None:
            await self._opened.aclose()

    @property
    def _http(self) -> httpx.AsyncClient:
        """Made when first needed: it reads the proxies of the environment. Raises ZoteroError."""
        if self._opened is None:
            try:
                self._opened = self._connect()
            except SettingsError as fault:
                raise ZoteroError(f"it cannot be reached: {fault}") from None
        return self._opened

    async def access(self, key: str) -> KeyAccess:
        """Whose a key is, and what it may do."""
        return key_access(decoded((await self._request("GET", "keys/current", key)).body))

    async def places(self, key: str) -> list[ZoteroPlace]:
        """The libraries that the key may write to, each followed by its collections."""
        access = await self.access(key)
        groups = await self._request("GET", f"{access.user}/groups", key, {"limit": PAGE})
        libraries = [ZoteroPlace(access.user, OWN_LIBRARY), *group_places(decoded(groups.body))]
        places: list[ZoteroPlace] = []
        for library in [each for each in libraries if access.may_write(each.library)][: GROUPS_MAX + 1]:
            path = f"{library.library}/collections"
            try:
                answers = [decoded(each.body) async for each in self._pages(path, key, {}, COLLECTIONS_MAX, 0)]
            except ZoteroError as error:
                if error.refused:
                    continue  # a group that its owner has left
                raise
            places += [library, *collection_places(library, answers)]
        return places

    async def items(self, key: str, library: str, since: int) -> LibraryItems | None:
        """The latest works in a library; None if nothing in it has changed since this version."""
        params = {"itemType": WORKS, "sort": "dateAdded", "direction": "desc"}
        texts: list[tuple[str, str]] = []
        version = 0
        pages = self._pages(f"{library}/items/top", key, params, ITEMS_MAX, BACKGROUND_PATIENCE, since=since)
        async for page in pages:
            if page.status == 304:
                return None
            version = version or page.version  # of the first page: what changes meanwhile is read next time
            texts += item_texts(decoded(page.body))
        return LibraryItems(version, texts[:ITEMS_MAX])

    async def put(self, key: str, place: ZoteroPlace, saved: SavedPaper) -> None:
        """Have a paper in a library and collection, once: an item that is there already is only added to it.

        A request whose answer was lost can be repeated: the item's key follows from the paper, and is refused then.
        """
        data = await self._find(key, place.library, saved) or await self._create(key, place, saved)
        if data is None:
            return
        collections = [each for each in data.get("collections") or () if isinstance(each, str)]
        if data.get("deleted") or (place.collection and place.collection not in collections):
            changed: dict[str, Any] = {
                "collections": [*dict.fromkeys((*collections, *filter(None, (place.collection,))))]
            }
            if data.get("deleted"):
                changed["deleted"] = False
            headers = {"If-Unmodified-Since-Version": str(data["version"])}
            path = f"{place.library}/items/{data['key']}"
            answer = await self._write("PATCH", path, key, changed, headers)
            if answer.status in GONE_OR_CHANGED:
                raise _changed_meanwhile()

    async def _find(self, key: str, library: str, saved: SavedPaper) -> Mapping[str, Any] | None:
        """The item of a paper that is in the library whoever put it there."""
        params = {"q": title_query(saved.paper), "qmode": "titleCreatorYear", "limit": PAGE}
        if not params["q"]:
            return None
        answer = await self._request("GET", f"{library}/items/top", key, params, patience=BACKGROUND_PATIENCE)
        return next((each for each in items_data(decoded(answer.body)) if is_item_of(saved.paper, each)), None)

    async def _create(self, key: str, place: ZoteroPlace, saved: SavedPaper) -> Mapping[str, Any] | None:
        """Make the item; the one with its key if that is there, as in the trash, else None."""
        answer = await self._write("POST", f"{place.library}/items", key, [new_item(saved, place.collection)])
        written = decoded(answer.body) if answer.status == 200 else {}
        failed = written.get("failed") if isinstance(written, dict) else None
        fault = failed.get("0") if isinstance(failed, dict) else None
        if answer.status == 200 and fault is None:
            return None
        code = fault.get("code") if isinstance(fault, dict) else answer.status
        if code == 412:
            return await self._item(key, place.library, item_key(saved.paper))
        if code == 404:
            raise ZoteroError(_REFUSED, refused=True)
        if code == 409 and place.collection:
            raise ZoteroError(f"the collection “{place.name}” is not there any more", refused=True)
        raise ZoteroError(f"it does not take the item (HTTP {code})")

    async def _item(self, key: str, library: str, item: str) -> Mapping[str, Any]:
        path = f"{library}/items/{item}"
        answer = await self._request("GET", path, key, patience=BACKGROUND_PATIENCE, accept=(200, 404))
        if answer.status == 404:
            raise _changed_meanwhile()
        if not (data := items_data([decoded(answer.body)])):
            raise ZoteroError("its answer cannot be read")
        return data[0]

    async def _pages(  # noqa: PLR0913 - what varies between the lists
        self, path: str, key: str, params: Mapping[str, Any], most: int, patience: float, *, since: int = 0
    ) -> AsyncIterator[_Answer]:
        """The pages of a list, at most `most` objects of it."""
        headers = {"If-Modified-Since-Version": str(since)} if since else {}
        url, query = path, {**params, "limit": PAGE}
        for _ in range(most // PAGE):
            answer = await self._request("GET", url, key, query, headers=headers, patience=patience)
            yield answer
            if not answer.following:
                return
            if not answer.following.startswith(self._url):
                raise ZoteroError("its next page is at another address")
            url, query, headers = answer.following.removeprefix(self._url), {}, {}

    async def _write(
        self, method: str, path: str, key: str, body: object, headers: Mapping[str, str] | None = None
    ) -> _Answer:
        return await self._request(
            method,
            path,
            key,
            body=body,
            headers=headers or {},
            patience=BACKGROUND_PATIENCE,
            accept=(200, 204, *GONE_OR_CHANGED),
        )

    async def _request(  # noqa: PLR0913 - what varies between the requests
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
    ) -> _Answer:
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
            raise ZoteroError(_REFUSED, refused=True)
        raise ZoteroError(f"it answers HTTP {answer.status}")

    async def _admitted(self, request: httpx.Request, patience: float) -> _Answer:
        """The answer to a request that is sent once no pause is asked for. Raises ZoteroError for a longer pause."""
        while True:
            async with self._turns:
                if (remaining := self._quiet_until - self._clock()) <= 0:
                    return await self._sent(request)
            if remaining > patience:
                raise ZoteroError("it asks to be left alone for a while", wait=remaining)
            await self._sleep(remaining)

    async def _sent(self, request: httpx.Request) -> _Answer:
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
        return _Answer(response.status_code, body, int(version) if version.isdecimal() else 0, following)


def _changed_meanwhile() -> ZoteroError:
    return ZoteroError("the item was changed meanwhile", wait=60.0)


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
