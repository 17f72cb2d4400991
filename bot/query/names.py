"""Names among typed words: how many of the words after a field belong to its value. Pure."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_NAME = 4
"""Words of a name that is typed without quotes."""


def name_of(words: Sequence[str]) -> list[str]:
    """The words at the beginning that are one name: those with a capital, else the first one."""
    capitals = next((i for i, word in enumerate(words) if not word[:1].isupper()), len(words))
    return list(words[: min(capitals, LONGEST_NAME) or 1])
