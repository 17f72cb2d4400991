"""Ids of the papers that a message links to, whatever form the platform gave it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.paper_id import pasted_ids

MAX_DEPTH = 20
"""Levels of a message's parts that are read."""


def linked_paper_ids(parts: object) -> tuple[str, ...]:
    """Every arXiv id and DOI in the texts of a message's parts (JSON), each once, in order of appearance."""
    ids: dict[str, None] = {}
    for text in _texts(parts):
        ids |= dict.fromkeys(pasted_ids(text))
    return tuple(ids)


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < MAX_DEPTH:
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part, depth + 1)
