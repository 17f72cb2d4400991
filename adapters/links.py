"""The papers that somebody's message links to, whatever a platform made of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.model.paper_id import find_ids, paper_id

DEEPEST = 20
"""Levels of a message's parts that are read."""
_WORD = re.compile(r"[^\s<>|\"\[\]]+")
"""Slack writes `<url|label>`, Discord `[label](url)`."""


def linked(parts: object) -> tuple[str, ...]:
    """Every arXiv id and DOI in the texts of a message's parts, each once, in order of appearance."""
    found: dict[str, None] = {}
    for text in _texts(parts):
        dois = filter(None, map(paper_id, _WORD.findall(text))) if "10." in text else ()
        found |= dict.fromkeys((*find_ids(text), *dois))
    return tuple(found)


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < DEEPEST:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each, depth + 1)
