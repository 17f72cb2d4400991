"""Connections to PostgreSQL: a pool, queries on one snapshot, changes as serialisable transactions that are repeated.

Changes are written as if each were alone in the database, as it is in SQLite: `SERIALIZABLE` keeps that promise by
undoing one of two that would break it, and a change that was undone is made again. The server groups commits by itself.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import islice
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from psycopg import ClientCursor, Connection, IsolationLevel
from psycopg.errors import DeadlockDetected, ReadOnlySqlTransaction, SerializationFailure
from psycopg_pool import ConnectionPool, PoolTimeout

from bot.errors import StoreError
from bot.store.postgres import migrations
from bot.store.sql.transaction import Parameters, Transaction

P = ParamSpec("P")
T = TypeVar("T")

OLDEST_VERSION = 15
CONNECTIONS = 8
"""Connections and threads of one process."""
CONNECT_SECONDS = 10
WAIT_SECONDS = 30.0
"""Time that a query waits for a free connection, or for the server to come back."""
ATTEMPTS = 30
"""Most attempts at a change that other changes undo."""
STATEMENTS_AT_ONCE = 200
"""Statements of `executemany` sent together: a round trip costs as much as several statements."""

_PARAMETER = re.compile(r"\?(\d*)")


class PostgresTransaction:
    """`sql.transaction.Transaction` on a connection to PostgreSQL."""

    def __init__(self, conn: Connection[Any]) -> None:
        self._conn = conn

    def execute(self, sql: str, parameters: Parameters = ()) -> psycopg.Cursor[Any]:
        return self._conn.execute(*_bound(sql, parameters))

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> None:
        remaining = iter(rows)
        with ClientCursor(self._conn) as cursor:
            while some := list(islice(remaining, STATEMENTS_AT_ONCE)):
                statements = (cursor.mogrify(*_bound(sql, row)) for row in some)
                cursor.execute(";".join(statements).encode())

    def defer_references(self) -> None:
        self._conn.execute("SET CONSTRAINTS ALL DEFERRED")


def _bound(sql: str, parameters: Parameters) -> tuple[bytes, dict[str, object] | None]:
    """A statement with psycopg's parameters in place of `?` and `?1`, and their values by name."""
    if not parameters:
        return sql.encode(), None
    return _translated(sql), {str(number): value for number, value in enumerate(parameters, start=1)}


@lru_cache(maxsize=1024)
def _translated(sql: str) -> bytes:
    numbers = iter(range(1, sql.count("?") + 1))
    return _PARAMETER.sub(lambda mark: f"%({mark[1] or next(numbers)})s", sql.replace("%", "%%")).encode()


class PostgresConnection:
    """Threads that run functions of a `Transaction`, each on a connection of a pool.

    Raises StoreError if the server cannot be used: absent, too old, read-only, or without the rights that are needed.
    """

    def __init__(self, url: str, *, write: bool) -> None:
        self._may_write = write
        self._pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            url,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=WAIT_SECONDS,
            open=False,
            kwargs={
                "autocommit": True,  # transactions are begun below, with their isolation
                "cursor_factory": ClientCursor,
                "prepare_threshold": None,  # PgBouncer, in transaction mode, gives each transaction another session
                "connect_timeout": CONNECT_SECONDS,
                "application_name": "paperboy",
            },
        )
        _prepare(url, write=write)
        self._pool.open()
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="store")

    async def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on one snapshot."""
        return await self._run(IsolationLevel.REPEATABLE_READ, lambda db: query(db, *args, **kwargs))

    async def write(self, change: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a change; when this returns, it is committed. It may run several times."""
        if not self._may_write:
            raise StoreError("the database was opened for reading only")
        return await self._run(IsolationLevel.SERIALIZABLE, lambda db: change(db, *args, **kwargs))

    def close(self) -> None:
        """Finish what runs and close every connection."""
        self._threads.shutdown(wait=True)
        self._pool.close()

    async def _run(self, isolation: IsolationLevel, function: Callable[[Transaction], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._repeat, isolation, function)

    def _repeat(self, isolation: IsolationLevel, function: Callable[[Transaction], T]) -> T:
        """Run a function in a transaction, again where the server undid it, or was gone before the commit."""
        deadline = time.monotonic() + WAIT_SECONDS
        for attempt in range(ATTEMPTS):
            try:
                return self._once(isolation, function)
            except (SerializationFailure, DeadlockDetected):
                time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 7)))  # noqa: S311 - spreads attempts
            except _LostError as lost:
                if time.monotonic() > deadline:
                    raise _fault(lost.__cause__) from lost
                time.sleep(min(1.0, 0.05 * 2**attempt))
            except PoolTimeout as error:
                raise _fault(error) from error
        raise StoreError(f"the database undid one change {ATTEMPTS} times, for others that were made at the same time")

    def _once(self, isolation: IsolationLevel, function: Callable[[Transaction], T]) -> T:
        with self._pool.connection() as conn:
            conn.isolation_level = isolation
            conn.read_only = isolation is IsolationLevel.REPEATABLE_READ
            commits = False
            try:
                with conn.transaction():
                    answer = function(PostgresTransaction(conn))
                    commits = True
            except (SerializationFailure, DeadlockDetected):
                raise
            except psycopg.OperationalError as error:
                if not conn.closed or (commits and not conn.read_only):  # after COMMIT nobody knows what was kept
                    raise _fault(error) from error
                raise _LostError from error
            return answer


class _LostError(Exception):
    """The connection was lost before the transaction was to be committed."""


def _prepare(url: str, *, write: bool) -> None:
    """Check the server and bring its tables up to date. Raises StoreError."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS) as conn:
            if (version := conn.info.server_version // 10_000) < OLDEST_VERSION:
                raise StoreError(
                    f"the server is PostgreSQL {version}: Paperboy needs version {OLDEST_VERSION} or newer"
                )
            if migrations.is_current(conn):
                return
            if not write:
                raise StoreError("the database has no tables of this version yet: start `paperboy run` once")
            migrations.apply(conn)
    except psycopg.Error as error:
        raise _fault(error) from error


def _fault(error: BaseException | None) -> StoreError:
    """What went wrong in one line, without the password: libpq's messages name host, port, user and database alone."""
    line = " ".join(str(error).split())
    if isinstance(error, ReadOnlySqlTransaction):
        return StoreError(f"the database server is read-only ({line}): give PAPERBOY_DB the primary server")
    return StoreError(f"cannot use the database: {line}; check PAPERBOY_DB, and that the server runs")
