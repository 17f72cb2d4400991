"""Leases: what one of several processes holds for a time, by the clock of the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from bot.errors import StoreError


class Leases(Protocol):
    """Exclusive names of one process at a time, lost if they are not renewed in time.

    The process is the one that opened the store. Where no other can (`Store.shared` is false), its own are never lost.
    """

    async def take(self, name: str, seconds: float) -> bool:
        """Hold a name for some seconds from now, also one that is held already. False if another process holds it."""

    async def release(self, *names: str) -> None:
        """Let others have these names at once; without names, everything that this process holds.

        If the store is away or slow, they have them when the leases are out.
        """

    async def remaining(self, name: str) -> float:
        """Seconds until the lease of a name ends; 0 for one that is free."""

    async def turn(self, name: str, seconds: float) -> float:
        """Reserve the next turn of a pace that all processes share; returns the seconds until it begins.

        Turns begin `seconds` apart. A turn that is not used is lost.
        """

    async def turns(self, seconds: Mapping[str, float]) -> dict[str, float]:
        """Reserve a turn of each of several paces, that many seconds long; returns the seconds until the next begins.

        Paces of which no turn is reserved any more are forgotten.
        """

    async def processes(self) -> list[str]:
        """Ids of the processes that live; none where this one is alone."""

    async def holders(self, prefix: str) -> dict[str, str]:
        """Processes by the names that they hold and that begin with a prefix."""


@asynccontextmanager
async def kept(leases: Leases, name: str, seconds: float, every: float) -> AsyncIterator[None]:
    """Renew a lease that was taken, every so many seconds, and give it back at the end of the block."""
    renewal = asyncio.create_task(_renew(leases, name, seconds, every))
    try:
        yield
    finally:
        renewal.cancel()
        await asyncio.gather(renewal, return_exceptions=True)
        await leases.release(name)


async def _renew(leases: Leases, name: str, seconds: float, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        with suppress(StoreError):  # the next one may reach it, before the lease is out
            await leases.take(name, seconds)
