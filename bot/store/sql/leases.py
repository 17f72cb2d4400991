"""Leases of processes. A row is a name, who holds it, and until when by the clock of the database."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from uuid import uuid4

from bot.errors import StoreError
from bot.store.sql.connection import Connection, Part, reads, updates
from bot.store.sql.transaction import Transaction

NOW = "((julianday('now') - 2440587.5) * 86400)"
"""Unix seconds by the database's own clock: the clocks of two machines may differ by minutes."""
RELEASE_SECONDS = 1.0
"""Most time for giving leases back: a stop must not wait for a store that is away."""
PROCESS = "process "
"""Before the id of a process in the name of the lease that says that it lives."""


def process_id() -> str:
    """A new id of this process, which also tells people which one it is."""
    return f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"


def is_free(leased_by: str) -> str:
    """Condition on a column: it names no process, this one (the statement's first parameter), or one that is gone."""
    return (
        f"({leased_by} IS NULL OR {leased_by} = ?1 OR NOT EXISTS (SELECT 1 FROM leases"
        f" WHERE name = '{PROCESS}' || {leased_by} AND until > {NOW}))"
    )


class SqlLeases(Part):
    """`bot.ports.leases.Leases` in SQL, whose docstrings hold here too."""

    def __init__(self, connection: Connection, process: str) -> None:
        super().__init__(connection)
        self._process = process

    @updates
    def take(self, db: Transaction, name: str, seconds: float) -> bool:
        taken = db.execute(
            f"INSERT INTO leases (name, holder, until) VALUES (?1, ?2, {NOW} + ?3)"
            " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
            f" WHERE leases.holder = excluded.holder OR leases.until <= {NOW}",
            (name, self._process, seconds),
        )
        return taken.rowcount > 0

    async def release(self, *names: str) -> None:
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._release(*names)

    @updates
    def _release(self, db: Transaction, *names: str) -> None:
        if not names:  # those that are out too: what dead processes leave would never go
            db.execute(f"DELETE FROM leases WHERE holder = ? OR until <= {NOW}", (self._process,))
        db.executemany("DELETE FROM leases WHERE holder = ? AND name = ?", [(self._process, name) for name in names])

    async def processes(self) -> list[str]:
        return list((await self.holders(PROCESS)).values())

    @reads
    def remaining(self, db: Transaction, name: str) -> float:
        row = db.execute(f"SELECT until - {NOW} FROM leases WHERE name = ?", (name,)).fetchone()
        return max(float(row[0]), 0.0) if row else 0.0

    @updates
    def turn(self, db: Transaction, name: str, seconds: float) -> float:
        return _reserve(db, name, seconds)

    @updates
    def turns(self, db: Transaction, seconds: Mapping[str, float]) -> dict[str, float]:
        db.execute(f"DELETE FROM leases WHERE holder = '' AND until <= {NOW}")
        return {name: _reserve(db, name, seconds[name]) + seconds[name] for name in sorted(seconds)}

    @reads
    def holders(self, db: Transaction, prefix: str) -> dict[str, str]:
        sql = f"SELECT name, holder FROM leases WHERE substr(name, 1, length(?1)) = ?1 AND until > {NOW} ORDER BY name"
        return dict(db.execute(sql, (prefix,)).fetchall())


def _reserve(db: Transaction, name: str, seconds: float) -> float:
    """Reserve the next turn of a pace; the seconds until it begins."""
    wait = db.execute(
        f"""
        INSERT INTO leases (name, holder, until) VALUES (?1, '', {NOW} + ?2)
        ON CONFLICT (name) DO UPDATE
        SET until = CASE WHEN leases.until > {NOW} THEN leases.until ELSE {NOW} END + ?2
        RETURNING until - ?2 - {NOW}
        """,
        (name, seconds),
    ).fetchone()[0]
    return max(float(wait), 0.0)
