"""Cache whose entries expire: answers of a platform, event ids that were handled, forms that are being filled in."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
MAX_ENTRIES = 10_000


class TtlCache(Generic[Key, Value]):
    """Entries live for so many seconds after they were put; over `max_entries` the oldest is dropped."""

    def __init__(
        self, seconds: float, *, clock: Callable[[], float] = time.monotonic, max_entries: int = MAX_ENTRIES
    ) -> None:
        self._seconds, self._clock, self._max_entries = seconds, clock, max_entries
        self._entries: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The value, None if there is none or it has expired."""
        put_at, value = self._entries.get(key, (None, None))
        return value if put_at is not None and self._clock() - put_at < self._seconds else None

    def put(self, key: Key, value: Value) -> Value | None:
        """Store a value, whose time starts now. Returns the previous one, None if there was none or it had expired."""
        previous = self.get(key)
        self._entries[key] = (self._clock(), value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
        return previous

    async def get_or_load(self, key: Key, load: Callable[[], Awaitable[Value]]) -> Value:
        """The value; if there is none, what `load` returns, which is stored. Exceptions are not stored."""
        value = self.get(key)
        if value is None:
            value = await load()
            self.put(key, value)
        return value
