"""Caches of this process renewed after changes by other processes."""

from __future__ import annotations

from contextlib import aclosing
from typing import Protocol

from bot.store import Store, StoreRevision


class Follower(Protocol):
    """Remembers something of the store."""

    async def catch_up(self, revision: StoreRevision) -> None:
        """Make anew what is older than a revision."""


async def follow(store: Store, follower: Follower) -> None:
    """Let `follower` catch up with every change, until cancelled."""
    async with aclosing(store.changes.follow()) as revisions:
        async for revision in revisions:
            await follower.catch_up(revision)
