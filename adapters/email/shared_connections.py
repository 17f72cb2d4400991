"""Connections to the mail server that all processes share: each is a lease, so together they have no more than one."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.errors import DeliveryError, Failure, StoreError
from bot.ports.leases import Leases

LEASE_SECONDS = 8.0
"""After a crash others take its connections over so much later."""
RENEW_SECONDS = 2.0
LOOK_SECONDS = 0.1
"""Between two looks whether another process gave one back."""
CONNECTION, WANTED = "smtp", "smtp wanted"
"""Beginning of the names of the leases; that of a process which has no connection and waits for one."""


class SharedConnections:
    """At most `most` connections of all processes. A process that is frozen keeps its own open for a moment longer."""

    def __init__(self, leases: Leases, most: int) -> None:
        self._leases, self._names = leases, [f"{CONNECTION} {number}" for number in range(1, most + 1)]
        self._held: set[str] = set()
        self._leased: set[str] = set()
        """Those, and the ones that are being released."""
        self._waiting, self._taking = asyncio.Lock(), asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None
        self._releasing: set[asyncio.Task[None]] = set()

    async def take(self) -> str:
        """Wait until one more may be opened; its name. Raises DeliveryError without the store."""
        try:
            async with self._waiting:  # one asks the store for all that wait here
                while (name := await self._take_free()) is None:  # noqa: ASYNC110 - another process closes one
                    await asyncio.sleep(LOOK_SECONDS)
        except StoreError as error:
            raise DeliveryError(Failure.LATER, "whether another connection may be opened is not known") from error
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
        return name

    def free(self, name: str) -> None:
        """Let others have a connection that was closed."""
        self._held.discard(name)
        task = asyncio.create_task(self._release(name))
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)

    async def close(self) -> None:
        """Wait until others may have those that were freed."""
        await asyncio.gather(*self._releasing)
        if self._renewing is not None:
            self._renewing.cancel()

    async def _take_free(self) -> str | None:
        async with self._taking:  # the lease of a name that is held could be taken twice
            busy = (await self._leases.holders(CONNECTION)).keys() - (self._leased - self._held)
            if self._held and WANTED in busy:
                return None  # a process without any goes first
            for name in self._names:
                if name not in busy | self._held and await self._leases.take(name, LEASE_SECONDS):
                    if not self._held:
                        await self._leases.release(WANTED)
                    self._held.add(name)
                    self._leased.add(name)
                    return name
            if not self._held:
                await self._leases.take(WANTED, 2 * LOOK_SECONDS)
            return None

    async def _release(self, name: str) -> None:
        async with self._taking:
            if name not in self._held:  # else it was taken again meanwhile
                self._leased.discard(name)
                await self._leases.release(name)

    async def _renew(self) -> None:
        while self._held:
            await asyncio.sleep(RENEW_SECONDS)
            for name in tuple(self._held):
                with suppress(StoreError):
                    await self._leases.take(name, LEASE_SECONDS)
