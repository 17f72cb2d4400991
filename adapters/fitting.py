"""Messages that fit what a platform takes: paragraphs are cut as far as it needs, and not further. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from adapters.text import truncate
from bot.model import Message, Span

PARAGRAPH_LIMITS = (10_000, 1_000, 300, 100)
"""Characters of a paragraph."""


def fitted(message: Message, make: Callable[[Message], dict[str, Any]], limit: int) -> dict[str, Any]:
    """The JSON that is made of a message, with the longest paragraphs that leave it at most `limit` bytes."""
    for room in PARAGRAPH_LIMITS:
        cut = [(each, _cut(each.spans, room), _cut(each.note, room)) for each in message.blocks]
        blocks = tuple(replace(each, spans=spans, note=note) for each, spans, note in cut)
        made = make(replace(message, blocks=blocks))
        if len(json.dumps(made, ensure_ascii=False).encode()) <= limit:
            break
    return made


def _cut(spans: Iterable[Span], room: int) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in spans:
        if room > 0:
            kept.append(replace(span, text=truncate(span.text, room)))
        room -= len(span.text)
    return tuple(kept)
