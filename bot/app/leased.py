"""Work that one of several processes does at a time, whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.ports.leases import kept
from bot.store import Store

LEASE_SECONDS = 20.0
"""After a crash another process goes on so much later."""
RENEW_SECONDS = 5.0
WAIT_SECONDS = 1.0
"""Time between two attempts to be the one."""


@asynccontextmanager
async def leased(store: Store, name: str, *, wait: bool = True) -> AsyncIterator[bool]:
    """Whether this process holds a lease during the block; with `wait` it waits until it does.

    A process that is frozen loses it and does not notice: for work that may be done twice, if seldom.
    """
    if not store.shared:
        yield True
        return
    while not (is_leased := await store.leases.take(name, LEASE_SECONDS)) and wait:  # noqa: ASYNC110 - held elsewhere
        await asyncio.sleep(WAIT_SECONDS)
    if not is_leased:
        yield False
        return
    async with kept(store.leases, name, LEASE_SECONDS, RENEW_SECONDS):
        yield True
