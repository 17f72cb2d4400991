"""Threads of the database: one writer that owns the write connection, and readers with one each.

Waiting changes are committed together (group commit): with synchronous=FULL a commit costs a sync of the disk,
so sixteen messages under way share one instead of paying sixteen. If a change fails, all changes of the commit are
made again, each with a savepoint of its own. No call returns before the commit.

A thread that releases the GIL, as at every statement and every call to the loop, may wait for a busy loop to get it
back. So there are no savepoints while nothing fails, and the loop is called once for a whole batch.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Concatenate, ParamSpec, TypeVar

from filelock import FileLock
from sqlite_utils import Database

from bot.errors import LostStoreError, StoreError
from bot.store.sql.outcomes import Outcome, resolve
from bot.store.sql.transaction import Answer, Parameters, Statement, Transaction
from bot.store.sqlite import migrations
from bot.store.sqlite.file import FileWatch, connect, import_lock, lock, make_private, read_ahead

P = ParamSpec("P")
T = TypeVar("T")

READERS = 2
CHANGES_PER_COMMIT = 256

_Job = tuple["asyncio.Future[object]", Callable[[Transaction], object]]
"""A future and its change, which can be made again if its transaction was undone."""


class SqliteTransaction:
    """`sql.transaction.Transaction` on a connection to SQLite."""

    def __init__(self, db: Database) -> None:
        self._conn = db.conn
        self._reads_ahead = False

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        return self._conn.execute(sql, parameters)

    def ask(self, sql: str, parameters: Parameters) -> Answer:
        cursor = self._conn.execute(sql, parameters)
        return Answer(cursor.rowcount, cursor.fetchall(), [name for name, *_ in cursor.description or ()])

    def finish(self, *statements: Statement) -> list[Answer]:
        return [self.ask(*each) for each in statements]

    def stream(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        return self._conn.execute(sql, parameters)

    def read_ahead(self) -> None:
        if not self._reads_ahead:
            self._reads_ahead = True
            ((_, _, path), *_) = self._conn.execute("PRAGMA database_list")
            threading.Thread(target=read_ahead, args=(Path(path),), name="store-read-ahead", daemon=True).start()

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> None:
        self._conn.executemany(sql, rows)

    def update(self, table: str, key: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
        if not rows:
            return
        columns = [column for column in rows[0] if column not in key]
        values = ", ".join(f"{column} = coalesce(?, {column})" for column in columns)
        condition = " AND ".join(f"{column} = ?" for column in key)
        parameters = ([row[column] for column in (*columns, *key)] for row in rows)
        self._conn.executemany(f"UPDATE {table} SET {values} WHERE {condition}", parameters)

    def count(self, table: str) -> int:
        return int(self._conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def defer_references(self) -> None:
        self._conn.execute("PRAGMA defer_foreign_keys = ON")

    def lock(self, table: str) -> None:
        """Do nothing: there is one writer."""


class SqliteConnection:
    """Threads that run functions of a `Transaction`: queries on a reader, changes on the writer.

    A writer migrates the database and holds the lock; without `write` every change is refused. `clock` is in seconds.
    """

    def __init__(
        self, path: Path, *, write: bool, beside: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """With `beside` it holds another lock, so that the writer's process may run meanwhile."""
        self.path = path
        self._watch: FileWatch | None = None
        """Of a writer's file."""
        self._lock: FileLock | None = None
        if beside:
            self._lock = self._guest_lock(path)
        elif write or self._outdated(path):
            self._lock = lock(path)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        try:
            db = self._migrated() if self._lock is not None else None
            if db is not None and write:
                self._watch = FileWatch(self.path, clock)
                self._writer = threading.Thread(target=self._write_until_closed, args=(db,), name="store-writer")
                self._writer.daemon = True
                self._writer.start()
            elif db is not None and self._lock is not None:
                db.conn.close()
                self._lock.release()
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    def _guest_lock(self, path: Path) -> FileLock:
        """The lock of an import; the tables are brought up to date under the writer's first."""
        guest_lock = import_lock(path)
        try:
            if not path.exists() or self._outdated(path):
                writer_lock = lock(path)
                try:
                    self._migrated(alone=True).conn.close()
                finally:
                    writer_lock.release()
        except BaseException:
            guest_lock.release()
            raise
        return guest_lock

    @staticmethod
    def _outdated(path: Path) -> bool:
        if not path.exists():
            raise StoreError(f"there is no database at {path} yet: `paperboy collect --db {path}` makes one")
        db = connect(path, write=False)
        with closing(db.conn):
            return not migrations.is_current(db, str(path))

    def _migrated(self, *, alone: bool = False) -> Database:
        """A connection for writing, migrated after a check of the file; `alone`: no import can be under way.

        The file of another program must not even be switched to WAL.
        """
        outdated = not self.path.exists() or self._outdated(self.path)
        if outdated and not alone:
            with import_lock(self.path):
                return self._migrated(alone=True)
        make_private(self.path)  # before SQLite makes the files beside it, which get the same mode
        db = connect(self.path, write=True)
        try:
            if outdated:
                migrations.migrations.apply(db)
        except BaseException:
            db.conn.close()
            raise
        return db

    async def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on a reader thread, in one read transaction."""

        def answer() -> T:
            db: Database | None = getattr(self._local, "db", None)
            if self._watch is not None:
                self._watch.check(at_once=db is None)  # what is opened must be the writer's file
            if db is None:
                db = self._local.db = connect(self.path, write=False)
                self._opened.append(db.conn)
            with db.atomic():
                return query(SqliteTransaction(db), *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._readers, answer)

    async def write(self, change: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a change; when this returns, the whole change is on the disk and readers see it.

        Raises LostStoreError if the file is no longer at its path by then.
        The function may run twice if another change of the same commit fails; its effects outside the database repeat.
        """
        if self._writer is None:
            raise StoreError(f"{self.path} was opened for reading only")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((done, lambda db: change(db, *args, **kwargs)))  # type: ignore[arg-type]  # a Future[T] is one of objects
        return await done

    update = write  # one change at a time is made anyway

    async def apply(self, *statements: Statement) -> int:
        """Make a change of statements; waiting ones are committed together as it is."""
        return await self.write(lambda db: db.finish(*statements)[-1].rowcount)

    def _write_until_closed(self, db: Database) -> None:
        while True:
            jobs = [self._jobs.get()]
            with suppress(Empty):
                while jobs[-1] is not None and len(jobs) < CHANGES_PER_COMMIT:
                    jobs.append(self._jobs.get_nowait())
            batch = [job for job in jobs if job is not None and not job[0].cancelled()]
            if batch:
                resolve(self._confirmed(_commit_together(db, batch)))
            if None in jobs:
                db.conn.close()
                return

    def _confirmed(self, outcomes: list[Outcome]) -> list[Outcome]:
        """The outcomes of a commit; faults if it went into a file that is no longer at its path."""
        try:
            if self._watch is not None:
                self._watch.check(at_once=True)
        except LostStoreError as loss:
            return [(done, None, loss) for done, _, _ in outcomes]
        return outcomes

    def close(self) -> None:
        """Finish queued changes, close every connection and release the lock.

        The writer's connection is closed last, so that SQLite moves the whole log into the file, which may be copied.
        """
        self._readers.shutdown(wait=True)
        for conn in self._opened:
            conn.close()
        self._opened.clear()
        if self._writer is not None:
            self._jobs.put(None)
            self._writer.join()
            self._writer = None
        if self._lock is not None:
            self._lock.release()


@contextmanager
def _change(db: Database) -> Iterator[None]:
    """A transaction that waits for another process at its beginning.

    One that reads first would fail at its first change if another process had changed anything since.
    """
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise


def _commit_together(db: Database, batch: list[_Job]) -> list[Outcome]:
    try:
        with _change(db):
            return [(done, change(SqliteTransaction(db)), None) for done, change in batch]
    except Exception:  # noqa: BLE001 - the failing change is found below
        return _commit_one_by_one(db, batch)


def _commit_one_by_one(db: Database, batch: list[_Job]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    try:
        with _change(db):
            for done, change in batch:
                try:
                    with db.atomic():
                        outcomes.append((done, change(SqliteTransaction(db)), None))
                except Exception as error:
                    if not db.conn.in_transaction:  # a full disk undoes the whole transaction, not one savepoint
                        raise
                    outcomes.append((done, None, error))
    except Exception as error:  # noqa: BLE001 - the commit failed: no change is on the disk
        return [(done, None, error) for done, _ in batch]
    return outcomes
