"""Paces calls of Slack's Web API, in one process or in all that share a store."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from bot.ports.leases import Leases

Sleep = Callable[[float], Awaitable[None]]


class Pacer:
    """Starts calls of a kind at least so many seconds apart, in the order they came."""

    def __init__(
        self, seconds: float, sleep: Sleep, clock: Callable[[], float] | None, leases: Leases | None = None
    ) -> None:
        """`leases`: of all processes together."""
        self._seconds, self._leases = seconds, leases
        self._sleep = sleep
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._next_start: defaultdict[tuple[str, str], float] = defaultdict(lambda: float("-inf"))

    async def wait(self, kind: tuple[str, str]) -> None:
        """Wait until a call of this kind may start."""
        if self._leases is not None and self._seconds:
            await self._sleep(await self._leases.turn(f"slack {' '.join(kind)}", self._seconds))
            return
        now = self._clock()
        start = max(now, self._next_start[kind])
        self._next_start[kind] = start + self._seconds
        if start > now:
            await self._sleep(start - now)
