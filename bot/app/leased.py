"""Work that one of several processes does at a time, whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.errors import StoreError
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
    renewing = asyncio.create_task(_renew(store, name))
    try:
        yield True
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        await store.leases.release(name)


async def _renew(store: Store, name: str) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        with suppress(StoreError):
            await store.leases.take(name, LEASE_SECONDS)
