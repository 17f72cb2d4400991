"""Connections to PostgreSQL: a pool, queries on one snapshot, changes as serialisable transactions that are repeated.

Changes are written as if each were alone in the database, as it is in SQLite: `SERIALIZABLE` keeps that promise by
undoing one of two that would break it, and a change that was undone is made again. The server groups commits by itself.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import accumulate, chain
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from psycopg import ClientCursor, Connection
from psycopg.errors import (
    AdminShutdown,
    CrashShutdown,
    DeadlockDetected,
    FeatureNotSupported,
    IdleInTransactionSessionTimeout,
    SerializationFailure,
    UniqueViolation,
)
from psycopg_pool import ConnectionPool, PoolTimeout

from bot.errors import StoreError, UnavailableStoreError
from bot.model.database import DatabaseUrl
from bot.store.postgres import migrations, server
from bot.store.postgres.batches import CANCEL_SECONDS, Batches, Change
from bot.store.postgres.faults import commit_fault, fault, is_mistake
from bot.store.postgres.transaction import PostgresTransaction
from bot.store.sql.transaction import Statement, Transaction

P = ParamSpec("P")
T = TypeVar("T")

WAIT_SECONDS = 30.0
"""Time that a query waits for a free connection, or for the server to come back."""
RECONNECT_SECONDS = 1.0
"""Time after which the pool gives an attempt to connect up: its intervals grow. The next query begins another."""
POOL_SECONDS = 2.0
"""Time after which a query asks the pool again, so that there is an attempt as long as somebody waits."""
FROZEN_SECONDS = 5
"""Time after which the server undoes a change whose process says nothing more: others wait for what it has locked."""
READING_SECONDS = 600
"""The same for queries, which lock nothing and compute between their statements; at most, as they hold VACUUM back."""
ATTEMPTS = 30
"""Most attempts at a change that other changes undo."""
KEY_ATTEMPTS = 3
"""Attempts at one that finds a key taken: often by a change made at the same time, which the next one sees."""
CHECK_SECONDS = 2.0
"""Time between two looks whether a newer version has changed the tables."""

_UNDONE = (SerializationFailure, DeadlockDetected, UniqueViolation, FeatureNotSupported)
"""The last one: a newer version has added a column to what a kept plan reads."""
_READ = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    f"; SET LOCAL idle_in_transaction_session_timeout = '{READING_SECONDS}s'"
)
_WRITE = "BEGIN ISOLATION LEVEL SERIALIZABLE"
_UPDATE = "BEGIN ISOLATION LEVEL READ COMMITTED"


class _Session(Connection[Any]):
    """A connection of the pool."""

    plans: dict[str, str] | None = None
    """Names of its prepared statements; None where they would be another session's by the next transaction."""


def _configure(conn: _Session) -> None:
    conn.execute(f"SET idle_in_transaction_session_timeout = '{FROZEN_SECONDS}s'".encode())
    if conn.execute("SELECT pg_backend_pid()").fetchone() == (conn.info.backend_pid,):  # PgBouncer says another one
        conn.plans = {}


class PostgresConnection:
    """Threads that run functions of a `Transaction`, each on a connection of a pool.

    Raises UnavailableStoreError if the server cannot be used: absent, read-only, full, or without the rights needed.
    """

    def __init__(self, url: DatabaseUrl, *, write: bool) -> None:
        self._url = url
        self._may_write = write
        self.undone = 0
        """Attempts at a change that another one undid, about."""
        self._checked_at = time.monotonic()
        self._waits_until = float("inf")
        server.prepare(url, write=write)
        self._pool: ConnectionPool[_Session] = ConnectionPool(
            url.reveal(),
            connection_class=_Session,
            min_size=1,
            max_size=server.POOL_CONNECTIONS,
            timeout=WAIT_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            configure=_configure,
            open=False,
            kwargs={
                "autocommit": True,  # transactions are begun below, with their isolation
                "cursor_factory": ClientCursor,
                "prepare_threshold": None,  # PgBouncer, in transaction mode, gives each transaction another session
                **server.defaults(url),
            },
        )
        self._pool.open()
        self._threads = ThreadPoolExecutor(server.POOL_CONNECTIONS, thread_name_prefix="store")
        self._batches = Batches(self._threads, self._commit)

    async def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on one snapshot."""
        return await self._run(_READ, lambda db: query(db, *args, **kwargs))

    async def write(self, change: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a change; when this returns, it is committed. It may run several times."""
        if not self._may_write:
            raise StoreError("the database was opened for reading only")
        return await self._run(_WRITE, lambda db: change(db, *args, **kwargs))

    async def update(self, change: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a change as `write` does, each statement on what was committed before it; nothing it reads is watched.

        Where the connection breaks at its commit it is made again, though it may be kept.

        Serialisable claims of different messages undid each other most of the time: their rows share pages of an index.
        """
        if not self._may_write:
            raise StoreError("the database was opened for reading only")
        return await self._run(_UPDATE, lambda db: change(db, *args, **kwargs))

    async def apply(self, *statements: Statement) -> int:
        """Make a change of statements as `update` does, committed together with others that wait for their commit."""
        if not self._may_write:
            raise StoreError("the database was opened for reading only")
        return await self._batches.apply(statements)

    def hurry(self, seconds: float) -> None:
        """Wait for the server no longer than so many seconds from now, whatever runs or is asked for later."""
        self._waits_until = time.monotonic() + seconds

    def close(self) -> None:
        """Finish what runs, without waiting for a server that is away, and close every connection."""
        self.hurry(0)
        self._threads.shutdown(wait=True)
        self._pool.close()

    async def _run(self, begin: str, function: Callable[[Transaction], T]) -> T:
        is_cancelled = False

        def unless_cancelled(db: Transaction) -> T:
            if is_cancelled:  # the server is back, too late
                raise StoreError("the change was cancelled")
            return function(db)

        job = self._threads.submit(self._repeat, begin, unless_cancelled)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            is_cancelled = True
            if not job.cancel() and begin != _READ:
                # Whoever takes it back has to come after it, and it may be at its commit.
                with suppress(TimeoutError):
                    async with asyncio.timeout(CANCEL_SECONDS):
                        await asyncio.gather(asyncio.wrap_future(job), return_exceptions=True)
            raise

    def _commit(self, batch: Sequence[Change]) -> list[int]:
        def apply(db: Transaction) -> list[int]:
            parts = [() if change.is_cancelled else change.statements for change in batch]
            answers = db.finish(*chain.from_iterable(parts))
            return [answers[end - 1].rowcount if end else 0 for end in accumulate(map(len, parts))]

        return self._repeat(_UPDATE, apply, min(change.since for change in batch))

    def _repeat(self, begin: str, function: Callable[[Transaction], T], since: float | None = None) -> T:
        """Run a function in a transaction, again where the server undid it, or was gone before the commit."""
        started = since or time.monotonic()
        for attempt in range(ATTEMPTS):
            try:
                return self._once(begin, function, min(POOL_SECONDS, self._remaining(started)))
            except _UNDONE as error:
                if isinstance(error, UniqueViolation) and attempt >= KEY_ATTEMPTS:
                    raise
                if isinstance(error, FeatureNotSupported) and attempt >= server.POOL_CONNECTIONS:
                    raise
                self.undone += 1
                time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 7)))  # noqa: S311 - spreads attempts
            except _LostError as lost:
                if self._remaining(started) < 0:
                    raise fault(lost.error, self._url) from lost
                time.sleep(min(1.0, 0.05 * 2**attempt))
            except PoolTimeout:
                if self._remaining(started) < 0:
                    raise self._unconnected() from None
        raise StoreError(f"the database undid one change {ATTEMPTS} times, for others that were made at the same time")

    def _remaining(self, started: float) -> float:
        return min(started + WAIT_SECONDS, self._waits_until) - time.monotonic()

    def _once(self, begin: str, function: Callable[[Transaction], T], timeout: float) -> T:
        with self._pool.connection(max(0.1, timeout)) as conn:
            transaction = PostgresTransaction(conn, begin, conn.plans)
            try:
                if time.monotonic() - self._checked_at > CHECK_SECONDS:
                    migrations.refuse_newer(conn)  # not as part of the change, which begins with its lock if it has one
                    self._checked_at = time.monotonic()
                answer = function(transaction)
                transaction.commit()
            except _UNDONE as error:
                if isinstance(error, FeatureNotSupported) and conn.plans:
                    conn.rollback()
                    conn.execute("DEALLOCATE ALL")
                    conn.plans.clear()
                raise
            except psycopg.Error as error:
                raise self._fault(conn, error, commits=transaction.is_ending and begin == _WRITE) from error
            return answer

    def _fault(self, conn: _Session, error: psycopg.Error, *, commits: bool) -> Exception:
        """Error to raise in place of one of the client's: the same one for a mistake of ours."""
        if not conn.closed and not isinstance(error, AdminShutdown | CrashShutdown):
            conn.rollback()
            if isinstance(error, psycopg.ProgrammingError):  # of tables that were changed at this moment?
                with suppress(psycopg.ProgrammingError):  # that table is gone too
                    migrations.refuse_newer(conn)
            return error if is_mistake(error) else fault(error, self._url)
        if commits and not isinstance(error, IdleInTransactionSessionTimeout):
            return commit_fault(error, self._url)
        return _LostError(error)

    def _unconnected(self) -> StoreError:
        """The reason why the pool has no connection: another attempt tells it."""
        try:
            server.connect(self._url).close()
        except psycopg.Error as error:
            return fault(error, self._url)
        return UnavailableStoreError(
            f"no connection to the database was free for {WAIT_SECONDS:.0f} seconds: its queries are slow, see"
            " pg_stat_activity"
        )


class _LostError(Exception):
    """The connection was lost before the transaction was to be committed."""

    def __init__(self, error: psycopg.Error) -> None:
        self.error = error
        super().__init__(str(error))
