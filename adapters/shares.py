"""Answers that were shared with everybody, so that each is shared once however often its button is pressed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Protocol

REMEMBERED = timedelta(days=1)
"""Buttons of answers are gone before, or were taken off."""


class UsedNames(Protocol):
    """Names that may be used once, in the store, so that the presses may reach any process."""

    async def use_once(self, name: str, until: datetime) -> bool:
        """Record until then that a name is used. False if it was used before."""

    async def unuse(self, name: str) -> None:
        """Let a name be used again."""


class Shares:
    """Shared answers by a key: the message whose button was pressed, and what the button does."""

    def __init__(self, names: UsedNames) -> None:
        self._names = names

    async def begin(self, *key: object) -> bool:
        """Whether the answer was not shared yet; it counts as shared from now on."""
        return await self._names.use_once(_name(key), datetime.now(UTC) + REMEMBERED)

    async def undo(self, *key: object) -> None:
        """Allow the answer to be shared again, because it certainly was not posted."""
        await self._names.unuse(_name(key))


def _name(key: tuple[object, ...]) -> str:
    return f"share {hashlib.sha256(repr(key).encode()).hexdigest()}"
