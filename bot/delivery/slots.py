"""How many things happen at once: a gate that slow ones do not hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Gate:
    """Lets `places` calls run at once; one that takes longer than `patience` seconds gives its place away and goes on.

    So quick calls are bounded, and any number of stuck ones never holds up the others.
    """

    def __init__(self, places: int, patience: float) -> None:
        self._free = asyncio.Semaphore(places)
        self._patience = patience

    async def through(self, call: Callable[[], Awaitable[T]]) -> T:
        """Wait for a place, then run the call."""
        await self._free.acquire()
        given_back = False

        def give_back() -> None:
            nonlocal given_back
            if not given_back:
                given_back = True
                self._free.release()

        timer = asyncio.get_running_loop().call_later(self._patience, give_back)
        try:
            return await call()
        finally:
            timer.cancel()
            give_back()
