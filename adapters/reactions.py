"""Votes that reactions with emoji are."""

from __future__ import annotations

REACTIONS = {"👍": 1, "❤": 1, "⭐": 1, "🔥": 1, "👎": -1}
"""Vote of each counted emoji. Skin tones and variation selectors are ignored."""
_VARIANTS = dict.fromkeys((0xFE0F, *range(0x1F3FB, 0x1F400)))


def reaction_value(emoji: object) -> int | None:
    """Vote of an emoji, +1 or -1; None for one that is not counted."""
    return REACTIONS.get(emoji.translate(_VARIANTS)) if isinstance(emoji, str) else None
