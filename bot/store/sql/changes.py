"""Changes that processes follow, by polling: one row has a number that grows with each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import NamedTuple

from bot.errors import StoreError
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.transaction import Transaction

POLL_SECONDS = 1.0
"""Time after which a change is noticed that nobody was notified of."""


class StoreRevision(NamedTuple):
    """Numbers that grow with every change of the index, and with every collection."""

    indexed: int
    collections: int


class Changes(Part):
    """Changes of what processes keep in memory: the index, and what is ranked from a collection."""

    @writes
    def mark_collected(self, db: Transaction) -> int:
        """Count a collection, so that every process ranks anew. Returns the number."""
        sql = "UPDATE index_revision SET collections = collections + 1 RETURNING collections"
        return int(db.execute(sql).fetchone()[0])

    @reads
    def _latest(self, db: Transaction) -> StoreRevision:
        return StoreRevision(*db.execute("SELECT value, collections FROM index_revision").fetchone())

    async def follow(self) -> AsyncGenerator[StoreRevision, None]:
        """The revision now, then each one that some process made, soon after its change; the latest of several.

        Endless, also while the database cannot be reached; close it.
        """
        latest = None
        try:
            while True:
                before = latest
                with suppress(StoreError):
                    latest = await self._latest()
                if latest is not None and latest != before:
                    yield latest
                await self._changed()
        finally:
            await self._close()

    async def _changed(self) -> None:
        """Wait until something may have changed."""
        await asyncio.sleep(POLL_SECONDS)

    async def _close(self) -> None:
        """Release what waiting needed."""
