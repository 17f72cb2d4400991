"""JSON values with one value changed, for tests of what foreign answers and requests may do."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

REMOVED = object()
"""As the new value: the old one is removed."""

JsonPath = Sequence[Any]
"""Keys and indices from the outside in."""


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a JSON value."""
    keys: Sequence[Any] = (
        list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield (*at, key)
        yield from paths(value[key], (*at, key))


def mutated(document: Any, path: JsonPath, value: Any) -> Any:
    """A copy of a JSON value with another value at a path, or none."""
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    if value is REMOVED:
        del inner[path[-1]]
    else:
        inner[path[-1]] = copy.deepcopy(value)
    return document
