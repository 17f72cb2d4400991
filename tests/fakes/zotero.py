"""Zotero's Web API v3 on loopback, as far as it is documented and we use it, limits and back-off included.

    async with FakeZotero() as zotero:
        zotero.has(title="Attention", abstract="We …")     # an item of users/7; the latest has the latest dateAdded
        ... client with zotero.url, zotero.key ...
        assert [item["title"] for item in zotero.items()] == [...]

https://www.zotero.org/support/dev/web_api/v3/{basics,write_requests,types_and_fields}; statuses and messages as in
https://github.com/zotero/dataserver. A test sets what goes wrong: `limit`, `backoff`, `breaks`, `revoked`, `read_only`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from tests.fakes.http_server import Answer, Loopback, Seen

KEY = "P9NiFoyLeZu2bZNvvuQPDWsd"
USER, GROUP = "users/7", "groups/12"
PAGE_MAX, WRITE_MAX = 100, 50
_COMMON = frozenset(
    {
        *("key", "version", "itemType", "title", "creators", "abstractNote", "date", "DOI", "url", "extra", "tags"),
        *("collections", "relations", "dateAdded", "dateModified", "deleted", "language", "rights", "accessDate"),
        *("shortTitle", "archive", "archiveLocation", "libraryCatalog", "callNumber", "series"),
    }
)
FIELDS = {
    "preprint": _COMMON | {"genre", "repository", "archiveID", "place", "seriesNumber", "citationKey"},
    "journalArticle": _COMMON
    | {"publicationTitle", "volume", "issue", "pages", "seriesTitle", "seriesText", "journalAbbreviation", "ISSN"},
    "conferencePaper": _COMMON | {"proceedingsTitle", "conferenceName", "publisher", "pages", "ISBN"},
    "webpage": _COMMON | {"websiteTitle", "websiteType"},
}
"""https://api.zotero.org/itemTypeFields?itemType=…"""


@dataclass
class _Library:
    version: int = 1
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)

    def changed(self) -> int:
        """A new version of the library."""
        self.version += 1
        return self.version


class FakeZotero:
    """The server, with the library of one user and one group."""

    def __init__(self) -> None:
        self.key, self.page_max = KEY, PAGE_MAX
        self.revoked = self.read_only = self.no_library = False
        self.libraries = {USER: _Library(), GROUP: _Library()}
        self.faults: list[Answer] = []
        """What the next requests are answered with."""
        self.lost: int = 0
        """Of so many writes the answer is lost after they were carried out."""
        self.written = asyncio.Event()
        """Set once an item was written."""
        self.backoff = ""
        """The header of every answer."""
        self._added = datetime(2025, 11, 1, tzinfo=UTC)
        self._server = Loopback()
        self._server.on("/*", self._answer)

    @property
    def url(self) -> str:
        """Its base URL."""
        return self._server.url

    @property
    def requests(self) -> list[Seen]:
        """Everything that arrived."""
        return self._server.requests

    def sent(self, method: str, path: str = "") -> list[Seen]:
        """The requests of a method whose path has this in it."""
        return [each for each in self.requests if each.method == method and path in each.path]

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._server.__aexit__(*error)

    # set and read by a test

    def has(self, library: str = USER, *, abstract: str = "", kind: str = "preprint", **fields: Any) -> str:
        """Add an item, later than all before; its key."""
        held = self.libraries[library]
        key = f"ITEM{len(held.items) + 2222:04d}".replace("0", "Z").replace("1", "Y")
        item = {"itemType": kind, "abstractNote": abstract, "collections": [], "tags": [], **fields}
        self._put(held, key, item)
        return key

    def has_collection(self, name: str, key: str, *, within: str = "", library: str = USER) -> None:
        """Add a collection."""
        held = self.libraries[library]
        data = {"key": key, "name": name, "parentCollection": within or False, "version": held.changed()}
        held.collections[key] = data

    def items(self, library: str = USER) -> list[dict[str, Any]]:
        """The items of a library, those in the trash included."""
        return list(self.libraries[library].items.values())

    def limit(self, retry_after: str, times: int = 1) -> None:
        """Answer the next requests with 429."""
        self.faults += [Answer(429, b"Request rate limit exceeded", {"Retry-After": retry_after})] * times

    def breaks(self, status: int, times: int = 1, **headers: str) -> None:
        """Answer the next requests with another status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults += [Answer(status, b"<html>a proxy", named)] * times

    # the API

    def _answer(self, seen: Seen) -> Answer:
        if self.faults:
            return self.faults.pop(0)
        if seen.path == "/itemTypes":  # asked by doctor, without a key
            return self._json([{"itemType": each, "localized": each} for each in FIELDS])
        if seen.headers.get("zotero-api-version") != "3":
            return self._plain(400, "the tests ask for version 3")
        if seen.headers.get("zotero-api-key") != self.key or self.revoked:
            return self._plain(403, "Invalid key")
        path = seen.path.strip("/")
        of_account = {
            "keys/current": self._key_facts(),
            f"{USER}/groups": [{"id": 12, "version": 1, "data": {"id": 12, "name": "Lab"}}],
        }
        return self._json(of_account[path]) if path in of_account else self._of_library(seen, path)

    def _of_library(self, seen: Seen, path: str) -> Answer:
        library, held = next(
            ((name, each) for name, each in self.libraries.items() if path.startswith(name)), ("", None)
        )
        if held is None:
            return self._plain(404, "Not found")
        if seen.method != "GET" and self.read_only:
            return self._plain(403, "Write access denied")
        rest = path.removeprefix(library).strip("/").split("/")
        routes: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "items/top"): lambda: self._list(seen, held, self._found(seen, held)),
            ("GET", "collections"): lambda: self._list(seen, held, list(held.collections.values())),
            ("POST", "items"): lambda: self._written(seen, held),
        }
        if (route := routes.get((seen.method, "/".join(rest)))) is not None:
            answer = route()
        elif rest[0] == "items" and len(rest) == 2:
            answer = self._one(seen, held, rest[1])
        else:
            return self._plain(405, "Method not allowed")
        if seen.method != "GET" and self.lost:
            self.lost -= 1
            return Answer(-2)
        return answer

    def _key_facts(self) -> dict[str, Any]:
        user = {"library": True, "files": True, "notes": True, "write": not self.read_only}
        access: dict[str, Any] = {"groups": {"all": {"library": True, "write": True}}}
        if not self.no_library:
            access["user"] = user
        return {"key": self.key, "userID": 7, "username": "ada", "displayName": "", "access": access}

    def _found(self, seen: Seen, held: _Library) -> list[dict[str, Any]]:
        kinds = [each.strip() for each in seen.query.get("itemType", "").split("||") if each.strip()]
        parts = [each.casefold() for each in seen.query.get("q", "").split()]
        items = [
            item
            for item in held.items.values()
            if not item.get("deleted")
            and (not kinds or item["itemType"] in kinds)
            and all(part in str(item.get("title", "")).casefold() for part in parts)
        ]
        by = seen.query.get("sort", "dateModified")
        return sorted(items, key=lambda item: str(item[by]), reverse=seen.query.get("direction", "desc") == "desc")

    def _list(self, seen: Seen, held: _Library, objects: list[dict[str, Any]]) -> Answer:
        since = seen.headers.get("if-modified-since-version")
        if since is not None and int(since) >= held.version:
            return Answer(304, headers=self._headers(held))
        limit = min(int(seen.query.get("limit", "25")), self.page_max)
        start = int(seen.query.get("start", "0"))
        headers = {"Total-Results": str(len(objects))}
        if start + limit < len(objects):
            query = urlencode({**seen.query, "start": start + limit, "limit": limit})
            headers["Link"] = f'<{self.url}{seen.path}?{query}>; rel="next", <{self.url}/>; rel="alternate"'
        page = [{"key": each["key"], "version": each["version"], "data": each} for each in objects[start:][:limit]]
        return self._json(page, held, **headers)

    def _one(self, seen: Seen, held: _Library, key: str) -> Answer:
        item = held.items.get(key)
        if item is None:
            return self._plain(404, "Item does not exist")
        if seen.method == "GET":
            return self._json({"key": key, "version": item["version"], "data": item}, held)
        changes = seen.json()
        version = seen.headers.get("if-unmodified-since-version", changes.get("version"))
        if version is None:
            return self._plain(428, "Either If-Unmodified-Since-Version or object version property must be provided")
        if int(version) != item["version"]:
            return self._plain(412, f"Item has been modified since specified version (expected {version})")
        item |= changes | {"version": held.changed()}
        return Answer(204, headers=self._headers(held))

    def _written(self, seen: Seen, held: _Library) -> Answer:
        objects = seen.json()
        if len(objects) > WRITE_MAX:
            return self._plain(413, "Cannot add more than 50 items at a time")
        outcome: dict[str, dict[str, Any]] = {"successful": {}, "success": {}, "unchanged": {}, "failed": {}}
        for place, item in enumerate(objects):
            if (fault := self._fault(held, item)) is not None:
                outcome["failed"][str(place)] = {"key": item.get("key", ""), "code": fault[0], "message": fault[1]}
                continue
            self._put(held, item["key"], {name: value for name, value in item.items() if name != "version"})
            outcome["success"][str(place)] = item["key"]
        return self._json(outcome, held)

    def _fault(self, held: _Library, item: dict[str, Any]) -> tuple[int, str] | None:
        kind = item.get("itemType")
        if kind not in FIELDS:
            return 400, f"'{kind}' is not a valid itemType"
        if unknown := sorted(item.keys() - FIELDS[kind]):
            return 400, f"Invalid property '{unknown[0]}'"
        stored = held.items.get(item["key"])
        if stored is not None and item.get("version") != stored["version"]:
            return 412, f"Item has been modified since specified version (expected {item.get('version')})"
        if missing := [each for each in item["collections"] if each not in held.collections]:
            return 409, f"Collection {missing[0]} doesn't exist"
        return None

    def _put(self, held: _Library, key: str, item: dict[str, Any]) -> None:
        self.written.set()
        self._added += timedelta(minutes=1)
        at = f"{self._added:%Y-%m-%dT%H:%M:%SZ}"
        held.items[key] = {"dateAdded": at, "dateModified": at, **item, "key": key, "version": held.changed()}

    def _headers(self, held: _Library | None = None) -> dict[str, str]:
        headers = {"Zotero-API-Version": "3"}
        if self.backoff:
            headers["Backoff"] = self.backoff
        return headers | ({"Last-Modified-Version": str(held.version)} if held else {})

    def _json(self, value: Any, held: _Library | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return Answer(
            200, json.dumps(value).encode(), {"Content-Type": "application/json", **self._headers(held), **named}
        )

    def _plain(self, status: int, text: str) -> Answer:
        return Answer(status, text.encode(), {"Content-Type": "text/plain", **self._headers()})
