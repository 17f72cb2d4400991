"""Operators in plain words: alternatives that are listed, `a or b`, `a, b and c`, and `not a`. Pure."""

from __future__ import annotations

import re

from bot.errors import QueryError
from bot.query.parser import TITLE_WORDS, canonical

_QUOTED = re.compile(r'"[^"]*"')
_BETWEEN = re.compile(r"\s*(?:(?<!\d)[,;]|[,;](?!\d))\s*(?:(?:and|or)\s+)?|\s+or\s+")

_LEAVING_OUT = frozenset({"not", "no", "without", "except"})


def left_out(text: str) -> str:
    """`medical` of `not medical`: what a text in plain words leaves out; empty for others, such as titles."""
    first, _, others = text.partition(" ")
    return others if first.lower() in _LEAVING_OUT and 0 < len(others.split()) <= TITLE_WORDS else ""


def listed_alternatives(text: str) -> tuple[str, ...]:
    """The alternatives of a tidied text, `robotics` and `drones` of `robotics or drones`; empty if it lists none.

    A side that is longer than a topic usually is, as in a pasted title, makes the text no list.
    """
    if "|" in text:
        return ()
    masked = _QUOTED.sub(lambda match: "q" * len(match[0]), text)
    separators = list(_BETWEEN.finditer(masked))
    starts = [0, *(separator.end() for separator in separators)]
    ends = [*(separator.start() for separator in separators), len(text)]
    parts = tuple(text[start:end].strip() for start, end in zip(starts, ends, strict=True))
    parts = tuple(filter(None, parts))
    if len(parts) < 2 or any(len(part.split()) > TITLE_WORDS for part in parts):
        return ()
    try:
        canonical(" | ".join(parts))
    except QueryError:
        return ()
    return parts
