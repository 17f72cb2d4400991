"""Locks by key: events of one key are handled in the order they came in, though each is a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary


class KeyedLock:
    """One lock a key, first come, first served; other keys go on meanwhile."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: Hashable) -> asyncio.Lock:
        """The lock of this key, for `async with`; forgotten once no task holds it."""
        return self._locks.setdefault(key, asyncio.Lock())
