"""A Zotero library: the owner of a key, places that papers can go to, the latest works, and adding a paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ZoteroError
from bot.model import SavedPaper
from bot.model.zotero import ZoteroPlace
from bot.zotero.http import PAGE, REFUSED, ZoteroAnswer, ZoteroHttp
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

ITEMS_MAX = 500
"""Items of a library that a profile is made of, the latest."""
COLLECTIONS_MAX = 500
GROUPS_MAX = 5
BACKGROUND_PATIENCE = 60.0
"""Seconds that a request waits where nobody waits for it."""
WORKS = "conferencePaper || journalArticle || preprint"
"""Types of the items that say what somebody reads."""
GONE_OR_CHANGED = frozenset({404, 412})


@dataclass(frozen=True, slots=True)
class LibraryItems:
    """The latest items of a library: title and abstract, the latest first."""

    version: int
    texts: list[tuple[str, str]]


class ZoteroClient:
    """Requests to Zotero, each with the key of a library's owner."""

    def __init__(self, http: ZoteroHttp) -> None:
        self._http = http

    async def access(self, key: str) -> KeyAccess:
        """Owner and rights of a key."""
        return key_access(decoded((await self._http.request("GET", "keys/current", key)).body))

    async def places(self, key: str) -> list[ZoteroPlace]:
        """The libraries that the key may write to, each followed by its collections."""
        access = await self.access(key)
        groups = await self._http.request("GET", f"{access.user}/groups", key, {"limit": PAGE})
        libraries = [ZoteroPlace(access.user, OWN_LIBRARY), *group_places(decoded(groups.body))]
        places: list[ZoteroPlace] = []
        for library in [each for each in libraries if access.may_write(each.library)][: GROUPS_MAX + 1]:
            path = f"{library.library}/collections"
            try:
                answers = [decoded(each.body) async for each in self._http.pages(path, key, {}, COLLECTIONS_MAX, 0)]
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
        pages = self._http.pages(f"{library}/items/top", key, params, ITEMS_MAX, BACKGROUND_PATIENCE, since=since)
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
        """The item of a paper that is in the library already; it may be its owner's own."""
        params = {"q": title_query(saved.paper), "qmode": "titleCreatorYear", "limit": PAGE}
        if not params["q"]:
            return None
        answer = await self._http.request("GET", f"{library}/items/top", key, params, patience=BACKGROUND_PATIENCE)
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
            raise ZoteroError(REFUSED, refused=True)
        if code == 409 and place.collection:
            raise ZoteroError(f"the collection “{place.name}” is not there any more", refused=True)
        raise ZoteroError(f"it does not take the item (HTTP {code})")

    async def _item(self, key: str, library: str, item: str) -> Mapping[str, Any]:
        path = f"{library}/items/{item}"
        answer = await self._http.request("GET", path, key, patience=BACKGROUND_PATIENCE, accept=(200, 404))
        if answer.status == 404:
            raise _changed_meanwhile()
        if not (data := items_data([decoded(answer.body)])):
            raise ZoteroError("its answer cannot be read")
        return data[0]

    async def _write(
        self, method: str, path: str, key: str, body: object, headers: Mapping[str, str] | None = None
    ) -> ZoteroAnswer:
        return await self._http.request(
            method,
            path,
            key,
            body=body,
            headers=headers or {},
            patience=BACKGROUND_PATIENCE,
            accept=(200, 204, *GONE_OR_CHANGED),
        )


def _changed_meanwhile() -> ZoteroError:
    return ZoteroError("the item was changed meanwhile", wait=60.0)
