"""Changes that processes follow, by polling: one row has a number that grows with each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from bot.errors import StoreError
from bot.store.protocols.changes import StoreRevision
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.transaction import Transaction

POLL_SECONDS = 1.0
"""Time after which a change is noticed that nobody was notified of."""


class SqlChanges(Part):
    """`protocols.Changes` in SQL."""

    @writes
    def mark_collected(self, db: Transaction) -> int:
        sql = "UPDATE index_revision SET collections = collections + 1 RETURNING collections"
        return int(db.execute(sql).fetchone()[0])

    @reads
    def _latest(self, db: Transaction) -> StoreRevision:
        return StoreRevision(*db.execute("SELECT value, collections FROM index_revision").fetchone())

    async def follow(self) -> AsyncGenerator[StoreRevision, None]:
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
