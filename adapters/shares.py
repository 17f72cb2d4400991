"""Answers that were shared with everybody, so that each is shared once however often its button is pressed."""

from __future__ import annotations

from collections.abc import Hashable

from cachetools import TTLCache

REMEMBERED = 86_400.0
"""Seconds; buttons of answers are gone before, or were taken off."""
MAX_REMEMBERED = 10_000


class Shares:
    """Shared answers by a key: the message whose button was pressed, and what the button does."""

    def __init__(self) -> None:
        self._keys: TTLCache[Hashable, bool] = TTLCache(MAX_REMEMBERED, REMEMBERED)

    def begin(self, key: Hashable) -> bool:
        """Whether the answer was not shared yet; it counts as shared from now on."""
        is_new = key not in self._keys
        self._keys[key] = True
        return is_new

    def undo(self, key: Hashable) -> None:
        """Allow the answer to be shared again, because it certainly was not posted."""
        self._keys.pop(key, None)
