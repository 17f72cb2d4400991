"""A limit on concurrent calls that slow calls do not hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class ConcurrencyLimit:
    """Runs at most `limit` calls at once; a call that takes longer than `patience` seconds no longer counts.

    Quick calls are bounded, and any number of stuck ones does not hold up the others.
    """

    def __init__(self, limit: int, patience: float) -> None:
        self._semaphore = asyncio.Semaphore(limit)
        self._patience = patience

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Wait until fewer than `limit` calls count, then run this one."""
        await self._semaphore.acquire()
        released = False

        def release() -> None:
            nonlocal released
            if not released:
                released = True
                self._semaphore.release()

        timer = asyncio.get_running_loop().call_later(self._patience, release)
        try:
            return await call()
        finally:
            timer.cancel()
            release()
