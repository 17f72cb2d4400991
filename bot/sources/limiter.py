"""One request at a time, seconds apart, people before machines.

arXiv allows one request every 3 seconds on a single connection, over everything an operator runs
(https://info.arxiv.org/help/api/tou.html), so feed and API share one limiter.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

ARXIV_INTERVAL = 3.0
"""Seconds between two requests: https://info.arxiv.org/help/api/tou.html"""


class Limiter:
    """Lets one caller in at a time, `interval` seconds after the last one left.

    Whoever waits for a person goes before whatever runs on schedule, even when it came later.
    """

    def __init__(
        self,
        interval: float = ARXIV_INTERVAL,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval, self._clock, self._sleep = interval, clock, sleep
        self._numbers = count()
        self._line: set[tuple[bool, int]] = set()
        self._busy = False
        self._open_at = clock()
        self._bell = asyncio.Event()

    @asynccontextmanager
    async def turn(self, *, people: bool = False) -> AsyncIterator[None]:
        """Wait for a turn and hold it: the request belongs inside."""
        ticket = (not people, next(self._numbers))
        self._line.add(ticket)
        try:
            await self._stand_in_line(ticket)
            self._busy = True
        finally:
            self._line.discard(ticket)
            self._ring()
        try:
            yield
        finally:
            # Counted from the end, so that two requests never arrive closer than promised however slow the first was.
            self._busy, self._open_at = False, self._clock() + self._interval
            self._ring()

    async def _stand_in_line(self, ticket: tuple[bool, int]) -> None:
        while True:
            if self._busy or min(self._line) != ticket:
                await self._bell.wait()
            elif (wait := self._open_at - self._clock()) > 0:
                await self._sleep(wait)
            else:
                return

    def _ring(self) -> None:
        """Wake everybody in line to look again."""
        self._bell.set()
        self._bell = asyncio.Event()
