"""A limit on concurrent calls that slow calls do not hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Gate:
    """Runs at most `places` calls at once; a call that takes longer than `patience` seconds gives its place away.

    Quick calls are bounded, and any number of stuck ones does not hold up the others.
    """

    def __init__(self, places: int, patience: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._patience = patience

    async def through(self, call: Callable[[], Awaitable[T]]) -> T:
        """Wait for a place, then run the call."""
        await self._places.acquire()
        released = False

        def release() -> None:
            nonlocal released
            if not released:
                released = True
                self._places.release()

        timer = asyncio.get_running_loop().call_later(self._patience, release)
        try:
            return await call()
        finally:
            timer.cancel()
            release()
