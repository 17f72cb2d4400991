"""Rate limiter: one request at a time, a minimum interval between two, people before scheduled work.

arXiv allows one request every 3 seconds on a single connection, over everything an operator runs
(https://info.arxiv.org/help/api/tou.html), so feed and API share one limiter.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from itertools import count

from bot.ports.leases import Leases, kept

LEASE_SECONDS = 10.0
"""After that long others go on if a process dies during its request; renewed while the request lasts."""
RENEW_SECONDS = 3.0
LOOK_SECONDS = 0.25
"""Between two looks whether another process's request has ended."""
ARXIV_INTERVAL = 3.0
"""Seconds between two requests (https://info.arxiv.org/help/api/tou.html)."""


class SharedTurns:
    """One request at a time over all processes, the next one `interval` seconds after the last one ended."""

    def __init__(self, leases: Leases, name: str, interval: float) -> None:
        self._leases, self._name, self._interval = leases, name, interval
        self._pace = f"{name} pace"

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn; the request is made inside the context."""
        while not await self._leases.take(self._name, LEASE_SECONDS):  # noqa: ASYNC110 - another process's request ends
            await asyncio.sleep(LOOK_SECONDS)
        async with kept(self._leases, self._name, LEASE_SECONDS, RENEW_SECONDS):
            await asyncio.sleep(await self._leases.remaining(self._pace))
            try:
                yield
            finally:
                await self._leases.turn(self._pace, self._interval)


class Limiter:
    """One caller at a time, the next one `interval` seconds after the last one left.

    Waiting callers with `people=True` go first, the others in order of arrival.
    """

    def __init__(
        self,
        interval: float = ARXIV_INTERVAL,
        *,
        shared: SharedTurns | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`shared`: the turns of all processes, where there are several."""
        self._shared = shared
        self._interval, self._clock, self._sleep = interval, clock, sleep
        self._arrivals = count()
        self._waiting: set[tuple[bool, int]] = set()
        self._busy = False
        self._open_at = clock()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def turn(self, *, people: bool = False) -> AsyncIterator[None]:
        """Wait for a turn; the request is made inside the context."""
        ticket = (not people, next(self._arrivals))
        self._waiting.add(ticket)
        try:
            await self._wait_for(ticket)
            self._busy = True
        finally:
            self._waiting.discard(ticket)
            self._notify()
        try:
            async with nullcontext() if self._shared is None else self._shared.turn():
                yield
        finally:
            # Counted from the end: two requests are never closer than the interval, however slow the first was.
            self._busy, self._open_at = False, self._clock() + self._interval
            self._notify()

    async def _wait_for(self, ticket: tuple[bool, int]) -> None:
        while True:
            if self._busy or min(self._waiting) != ticket:
                await self._changed.wait()
            elif (wait := self._open_at - self._clock()) > 0:
                await self._sleep(wait)
            else:
                return

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
