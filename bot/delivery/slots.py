"""A limit on concurrent calls that slow calls do not hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Slots:
    """Runs at most `count` calls at once; a call that takes longer than `patience` seconds gives its slot away.

    Quick calls are bounded, and any number of stuck ones does not hold up the others.
    """

    def __init__(self, count: int, patience: float) -> None:
        self._slots = asyncio.Semaphore(count)
        self._patience = patience

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Wait for a slot, then run the call."""
        await self._slots.acquire()
        released = False

        def release() -> None:
            nonlocal released
            if not released:
                released = True
                self._slots.release()

        timer = asyncio.get_running_loop().call_later(self._patience, release)
        try:
            return await call()
        finally:
            timer.cancel()
            release()
