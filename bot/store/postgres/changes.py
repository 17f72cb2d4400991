"""Changes that processes follow by LISTEN, on a connection of their own. A trigger notifies as part of the change.

Polling goes on beside it: PgBouncer, in transaction mode, takes the LISTEN and never hands on a notification.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection

from bot.model.database import DatabaseUrl
from bot.store.postgres.connection import PostgresConnection
from bot.store.postgres.server import defaults
from bot.store.sql import changes
from bot.store.sql.changes import Changes

log = logging.getLogger("paperboy.store")


class PostgresChanges(Changes):
    """Changes with notifications."""

    def __init__(self, connection: PostgresConnection, url: DatabaseUrl) -> None:
        super().__init__(connection)
        self._url = url
        self._listening: AsyncConnection[Any] | None = None

    async def _changed(self) -> None:
        try:
            if self._listening is None:
                parameters = defaults(self._url) | {"application_name": "paperboy changes", "autocommit": True}
                self._listening = await AsyncConnection.connect(self._url.reveal(), **parameters)
                await self._listening.execute("LISTEN paperboy_changes")
                return  # what changed before that was not notified
            async for _ in self._listening.notifies(timeout=changes.POLL_SECONDS, stop_after=1):
                pass
        except psycopg.Error as error:
            log.info("changes are polled until a connection listens again reason=%s", type(error).__name__)
            await self._close()
            await asyncio.sleep(changes.POLL_SECONDS)

    async def _close(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            with suppress(psycopg.Error):
                await listening.close()
