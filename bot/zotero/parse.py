"""Answers of Zotero's Web API -> values; what is not as documented is left out. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ZoteroError
from bot.model.zotero import ZoteroPlace
from bot.text.cleaning import clean_text

NAME_MAX = 80
"""Characters of a library's or collection's name."""
TEXT_MAX = 20_000
DEPTH_MAX = 10
"""Collections within each other."""
OWN_LIBRARY = "My Library"
"""Zotero's own name of it."""
_KEY = re.compile(r"[A-Z0-9]{8}")


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """Whose an API key is, and what it may do."""

    name: str
    user: str
    """The path of the user: `users/475425`."""
    access: Mapping[str, Any]

    def may_write(self, library: str) -> bool:
        """Whether the key may read and write a library."""
        kind, _, number = library.partition("/")
        if kind == "users":
            return _grants(self.access.get("user"))
        groups = self.access.get("groups")
        return isinstance(groups, dict) and (_grants(groups.get("all")) or _grants(groups.get(number)))


def _grants(access: object) -> bool:
    return isinstance(access, dict) and access.get("library") is True and access.get("write") is True


def decoded(body: bytes) -> Any:
    """JSON. Raises ZoteroError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ZoteroError("its answer cannot be read") from None


def key_access(answer: object) -> KeyAccess:
    """The answer to `GET /keys/current`. Raises ZoteroError."""
    if not isinstance(answer, dict) or not isinstance(number := answer.get("userID"), int):
        raise ZoteroError("its answer cannot be read")
    access = answer.get("access")
    return KeyAccess(_name(answer.get("username")), f"users/{number}", access if isinstance(access, dict) else {})


def group_places(answer: object) -> Iterator[ZoteroPlace]:
    """The libraries of an answer to `GET /users/…/groups`."""
    for group in _objects(answer):
        if isinstance(number := group.get("id"), int):
            yield ZoteroPlace(f"groups/{number}", _name(_data(group).get("name")) or f"Group {number}")


def collection_places(library: ZoteroPlace, answers: Iterable[object]) -> list[ZoteroPlace]:
    """The collections of a library, those within others after these, each with its path as its name."""
    data_by_key = {key: _data(each) for answer in answers for each in _objects(answer) if (key := _key(each))}
    places = (
        ZoteroPlace(library.library, " / ".join([library.name, *_path(key, data_by_key)]), key) for key in data_by_key
    )
    return sorted(places, key=lambda place: place.name.casefold())


def _path(key: str, collections: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Names from the outermost collection to this one."""
    names: list[str] = []
    at: object = key
    while isinstance(at, str) and at in collections and len(names) < DEPTH_MAX:
        names.insert(0, _name(collections[at].get("name")) or at)
        at = collections[at].get("parentCollection")
    return names


def item_texts(answer: object) -> list[tuple[str, str]]:
    """Title and abstract of the items of an answer that have both, or at least a title."""
    data = map(_data, _objects(answer))
    texts = ((_text(each.get("title")), _text(each.get("abstractNote"))) for each in data)
    return [(title, abstract) for title, abstract in texts if title]


def items_data(answer: object) -> list[Mapping[str, Any]]:
    """The editable part of each item of an answer that has a key and a version; no notes and attachments."""
    data = (_data(each) for each in _objects(answer) if _key(each))
    return [each for each in data if isinstance(each.get("version"), int) and each.get("itemType") not in _NO_WORKS]


_NO_WORKS = frozenset({"attachment", "note", "annotation"})


def _objects(answer: object) -> Iterator[Mapping[str, Any]]:
    yield from (each for each in answer if isinstance(each, dict)) if isinstance(answer, list) else ()


def _data(each: Mapping[str, Any]) -> Mapping[str, Any]:
    data = each.get("data")
    return data if isinstance(data, dict) else {}


def _key(each: Mapping[str, Any]) -> str:
    key = each.get("key")
    return key if isinstance(key, str) and _KEY.fullmatch(key) else ""


def _name(value: object) -> str:
    if not isinstance(value, str):
        return ""
    storable = value.encode("utf-8", "replace").decode()  # JSON can have halves of surrogate pairs
    return " ".join(clean_text(storable).split())[:NAME_MAX]


def _text(value: object) -> str:
    return clean_text(value[:TEXT_MAX]) if isinstance(value, str) else ""
