"""The lease of this process: it may post while the store knows that it lives.

Other processes take over what a process had in hand once its lease is out. A process that was frozen, or cut off from
the store, therefore stops posting before that by its own monotonic clock, and goes on when it could renew the lease.
What is under way then is cut off: a client that waits, for a connection or a rate limit, must not send it later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.delivery.attempts import Stopping
from bot.errors import OutdatedError, StoreError
from bot.store import Store

log = logging.getLogger("paperboy.deliver")

LEASE_SECONDS = 8.0
"""After a crash others wait that long before they look for what it had in hand."""
RENEW_SECONDS = 2.0
MARGIN_SECONDS = 1.0
"""Time before the end of the lease from which nothing is posted any more: between the last check and the wire."""


class ProcessLease:
    """A lease that this process renews. `monotonic` is in seconds, and goes on while the process is frozen.

    A store that no other process can write to needs none: it is always held.
    """

    def __init__(
        self,
        store: Store,
        monotonic: Callable[[], float],
        *,
        name: str | None = None,
        lost: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`name`: of another lease than the one that says that this process lives. `lost` is called when it ran out."""
        self._leases, self._shared = store.leases, store.shared
        self._name, self._names = name or f"process {store.process}", (name,) if name else ()
        self._lost = lost
        self._monotonic, self._sleep = monotonic, sleep
        self._held_until = float("-inf")
        self.losses = 0
        """Times that it ran out."""
        self._bounds: set[asyncio.Timeout] = set()

    @property
    def is_held(self) -> bool:
        """Whether this process may post now."""
        return not self._shared or self._monotonic() < self._held_until

    @asynccontextmanager
    async def bound(self) -> AsyncIterator[None]:
        """A block that ends with Stopping when the lease runs out, also where this process was frozen."""
        if not self._shared:
            yield
            return
        bound = asyncio.timeout(None)
        try:
            async with bound:
                self._bounds.add(bound)
                self._set(bound)
                yield
        except TimeoutError:
            if bound.expired():
                raise Stopping from None
            raise
        finally:
            self._bounds.discard(bound)

    def _set(self, bound: asyncio.Timeout) -> None:
        """Let a block end with the lease as it is now."""
        if not bound.expired():
            bound.reschedule(asyncio.get_running_loop().time() + self._held_until - self._monotonic())

    async def run(self) -> None:
        """Renew until cancelled; then let others take over at once."""
        try:
            while True:
                await self.renew()
                await self._sleep(RENEW_SECONDS)
        finally:
            await self.release()

    async def release(self) -> None:
        """Let others take over at once: this lease, or if it is the process's own, all that the process holds."""
        self._held_until = float("-inf")
        if self._shared:
            await self._leases.release(*self._names)

    async def renew(self) -> None:
        """Hold the lease from now on, if the store can be reached; nothing where no other process writes to it."""
        if not self._shared:
            return
        started = self._monotonic()  # before the store writes: its clock gives at least as long
        was_held = self.is_held
        if not was_held and self._held_until > float("-inf"):
            self._held_until = float("-inf")
            self.losses += 1
            self._lost()
        try:
            is_taken = await self._leases.take(self._name, LEASE_SECONDS)
        except OutdatedError:
            raise
        except StoreError as error:
            if was_held:
                log.warning("the lease was not renewed: nothing is posted once it is out reason=%s", error)
            return
        self._held_until = started + LEASE_SECONDS - MARGIN_SECONDS if is_taken else float("-inf")
        for bound in self._bounds:
            self._set(bound)
