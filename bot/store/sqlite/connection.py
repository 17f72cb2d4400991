"""Threads of the database: one writer that owns the write connection, and readers with one each.

Waiting changes are committed together (group commit): with synchronous=FULL a commit costs a sync of the disk,
so sixteen messages under way share one instead of paying sixteen. A change that fails takes nothing else with it:
all of them are then made again, each with a savepoint of its own. No call returns before the commit.

A thread that releases the GIL, as at every statement and every call to the loop, may wait for a busy loop to get it
back. So there are no savepoints while nothing fails, and the loop is called once for a whole batch.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial, wraps
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from filelock import FileLock, Timeout
from sqlite_utils import Database

from bot.errors import StoreError
from bot.store.sqlite import migrations

P = ParamSpec("P")
T = TypeVar("T")

_Answer: TypeAlias = Coroutine[Any, Any, T]

READERS = 2
CHANGES_PER_COMMIT = 256
BUSY_MS = 10_000
"""Time that SQLite waits for another connection's lock."""

_Job = tuple["asyncio.Future[object]", Callable[[Database], object]]
"""A future and its change, which can be made again if its transaction was undone."""
_Outcome = tuple["asyncio.Future[object]", object, BaseException | None]


def connect(path: Path, *, write: bool) -> Database:
    """Connection for the calling thread. Raises StoreError when the file cannot be used."""
    mode = "rwc" if write else "ro"
    try:
        conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
        try:
            _set_up(conn, write=write)
        except sqlite3.Error:
            conn.close()
            raise
    except sqlite3.Error as error:
        raise StoreError(f"cannot open the database {path}: {error}; check the path and its permissions") from error
    return Database(conn)


def _set_up(conn: sqlite3.Connection, *, write: bool) -> None:
    conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    conn.execute("PRAGMA foreign_keys = ON")
    if write:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
    conn.execute("SELECT count(*) FROM sqlite_master").fetchone()


def lock(path: Path) -> FileLock:
    """The writer's lock, held until released or the process ends. Raises StoreError when another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer_lock = FileLock(f"{path}.lock", blocking=False, thread_local=False)
    try:
        writer_lock.acquire()
    except Timeout:
        raise StoreError(
            f"another Paperboy is writing to {path}: stop it first, or give this one a database of its own with --db"
        ) from None
    except OSError as error:
        raise StoreError(f"cannot write beside {path}: {error.strerror}; choose a writable place with --db") from error
    return writer_lock


class Connection:
    """Threads that run functions of a `Database`: questions on a reader, changes on the writer.

    A writer migrates the database and holds the lock; without `write` every change is refused.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        self._lock = lock(path) if write or self._outdated(path) else None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        try:
            if self._lock is not None:
                self._migrate()
            if write:
                self._writer = threading.Thread(target=self._write_until_closed, name="store-writer", daemon=True)
                self._writer.start()
            elif self._lock is not None:
                self._lock.release()
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    @staticmethod
    def _outdated(path: Path) -> bool:
        if not path.exists():
            raise StoreError(f"there is no database at {path} yet: `paperboy collect --db {path}` makes one")
        db = connect(path, write=False)
        try:
            return not migrations.is_current(db, str(path))
        finally:
            db.conn.close()

    def _migrate(self) -> None:
        """Migrate, after a look at the file: another program's must not even be switched to WAL."""
        outdated = not self.path.exists() or self._outdated(self.path)
        db = connect(self.path, write=True)
        try:
            if outdated:
                migrations.migrations.apply(db)
        finally:
            db.conn.close()

    async def read(self, ask: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a question on a reader thread, in one read transaction."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, lambda: self._reading(lambda db: ask(db, *args, **kwargs))
        )

    def _reading(self, ask: Callable[[Database], T]) -> T:
        db: Database | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = connect_reader(self.path)
            self._opened.append(db.conn)
        with db.atomic():
            return ask(db)

    async def write(self, change: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a change; when this returns it is on the disk, whole, and readers see it.

        It may be made twice if another one fails beside it: what it does outside the database, it does again.
        """
        if self._writer is None:
            raise StoreError(f"{self.path} was opened for reading only")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((done, lambda db: change(db, *args, **kwargs)))  # type: ignore[arg-type]  # a Future[T] is one of objects
        return await done

    def _write_until_closed(self) -> None:
        db = connect(self.path, write=True)
        while True:
            jobs = self._waiting()
            batch = [job for job in jobs if job is not None and not job[0].cancelled()]
            if batch:
                _resolve(_commit_together(db, batch))
            if None in jobs:
                db.conn.close()
                return

    def _waiting(self) -> list[_Job | None]:
        jobs = [self._jobs.get()]
        try:
            while jobs[-1] is not None and len(jobs) < CHANGES_PER_COMMIT:
                jobs.append(self._jobs.get_nowait())
        except Empty:
            pass
        return jobs

    def close(self) -> None:
        """Finish what is queued, close every connection and give the lock back.

        The writer's is the last: only then does SQLite put all of the log into the file, which may be copied alone.
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


def connect_reader(path: Path) -> Database:
    """Read connection that another thread may close."""
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return Database(conn)


def _commit_together(db: Database, batch: list[_Job]) -> list[_Outcome]:
    try:
        with db.atomic():
            return [(done, change(db), None) for done, change in batch]
    except Exception:  # noqa: BLE001 - the failing change is found below
        return _commit_one_by_one(db, batch)


def _commit_one_by_one(db: Database, batch: list[_Job]) -> list[_Outcome]:
    outcomes: list[_Outcome] = []
    try:
        with db.atomic():
            for done, change in batch:
                try:
                    with db.atomic():
                        outcomes.append((done, change(db), None))
                except Exception as error:
                    if not db.conn.in_transaction:  # a full disk undoes the whole transaction, not one savepoint
                        raise
                    outcomes.append((done, None, error))
    except Exception as error:  # noqa: BLE001 - the commit failed: no change is on the disk
        return [(done, None, error) for done, _ in batch]
    return outcomes


def _resolve(outcomes: list[_Outcome]) -> None:
    """Resolve the futures of a batch, with one call to each loop; a loop that has ended is passed over."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome[0].get_loop(), []).append(outcome)
    for loop, loop_outcomes in by_loop.items():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_set_results, loop_outcomes)


def _set_results(outcomes: list[_Outcome]) -> None:
    for done, answer, fault in outcomes:
        if done.done():
            continue
        if fault is None:
            done.set_result(answer)
        else:
            done.set_exception(fault)


class Part:
    """One part of the store: its methods run SQL on the connection's threads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


_Part = TypeVar("_Part", bound=Part)


def reads(question: Callable[Concatenate[_Part, Database, P], T]) -> Callable[Concatenate[_Part, P], _Answer[T]]:
    """Make an async method of a question to the database, which runs in a read transaction on a reader thread."""

    @wraps(question)
    async def ask(part: _Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.read(partial(question, part), *args, **kwargs)

    return ask


def writes(change: Callable[Concatenate[_Part, Database, P], T]) -> Callable[Concatenate[_Part, P], _Answer[T]]:
    """Make an async method of a change, which the writer thread makes and commits (see `Connection.write`)."""

    @wraps(change)
    async def make(part: _Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.write(partial(change, part), *args, **kwargs)

    return make
