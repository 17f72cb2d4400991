"""Work that goes on after an acknowledgement, and what is remembered for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
MOST = 10_000


class Errands:
    """Tasks that somebody holds on to: the event loop alone would let them be collected half done."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._log = logging.getLogger(f"paperboy.{platform}")
        self._running: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin; a fault is logged under this name."""
        task = asyncio.create_task(self._run(name, work), name=f"{self._platform} {name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self, seconds: float) -> None:
        """Let what runs come to its end, for so long at most."""
        if not self._running:
            return
        _, late = await asyncio.wait(set(self._running), timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:  # noqa: BLE001 - logged just below, through a logger of the platform's
            self._log.exception("could not be carried out what=%s", name)


class Memory(Generic[Key, Value]):
    """What was asked of a platform, for so many seconds; the oldest gives way when there is too much."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._seconds, self._clock, self._most = seconds, clock, most
        self._kept: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    async def get(self, key: Key, ask: Callable[[], Awaitable[Value]]) -> Value:
        """What is remembered, or what `ask` says; its exceptions are not remembered."""
        known = self._kept.get(key)
        if known is not None and self._clock() - known[0] < self._seconds:
            return known[1]
        value = await ask()
        self.keep(key, value)
        return value

    def seen(self, key: Key, value: Value) -> bool:
        """Whether the key was here already; from now on it is."""
        known = self._kept.get(key)
        self.keep(key, value)
        return known is not None and self._clock() - known[0] < self._seconds

    def known(self, key: Key) -> Value | None:
        """What is remembered and not too old."""
        found = self._kept.get(key)
        return found[1] if found is not None and self._clock() - found[0] < self._seconds else None

    def keep(self, key: Key, value: Value) -> None:
        """Remember it from now on."""
        self._kept[key] = (self._clock(), value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
