"""Threads of the database: one writer that owns the write connection, and readers with one each.

Waiting changes are committed together (group commit): with synchronous=FULL a commit costs a sync of the disk,
so sixteen messages under way share one instead of paying sixteen. If a change fails, all changes of the commit are
made again, each with a savepoint of its own. No call returns before the commit.

A thread that releases the GIL, as at every statement and every call to the loop, may wait for a busy loop to get it
back. So there are no savepoints while nothing fails, and the loop is called once for a whole batch.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial, wraps
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from filelock import FileLock, Timeout
from sqlite_utils import Database

from bot.errors import StoreError
from bot.store.sqlite import migrations
from bot.text.analyzer import normalise

log = logging.getLogger("paperboy.store")

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
    """Connection for the calling thread; one for reading may be closed by another. Raises StoreError on failure."""
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
    try:
        conn = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=write)
        try:
            conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            conn.execute("PRAGMA foreign_keys = ON")
            conn.create_function("normalised", 1, lambda text: text and normalise(text), deterministic=True)
            if write:
                conn.execute("PRAGMA journal_mode = WAL")
                conn.execute("PRAGMA synchronous = FULL")
            conn.execute("SELECT count(*) FROM sqlite_master").fetchone()  # fails if the file is no database
        except sqlite3.Error:
            conn.close()
            raise
    except sqlite3.Error as error:
        raise StoreError(_opening_fault(path, error)) from error
    return Database(conn)


def _opening_fault(path: Path, error: sqlite3.Error) -> str:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return (
            f"the database {path} is damaged, or not a database ({error}): put a file of `paperboy backup` in its"
            f" place, or save what can be read with `sqlite3 {path} .recover | sqlite3 recovered.db`"
        )
    return f"cannot open the database {path}: {error}; check the path and its permissions"


def make_private(path: Path) -> None:
    """Let nobody but the owner read a database and the files beside it; makes an empty one that is so."""
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for each in (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", ".lock"))):
        with suppress(OSError):  # missing, or another user's
            if each.stat().st_mode & 0o077:
                each.chmod(0o600)


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
    """Threads that run functions of a `Database`: queries on a reader, changes on the writer.

    A writer migrates the database and holds the lock; without `write` every change is refused.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        self._file: tuple[int, int] | None = None
        """Device and inode of a writer's file."""
        self._lost = False
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

    def _check_file(self) -> None:
        """Raise StoreError if the file that was opened for writing is no longer at its path; logged once."""
        if self._file is None or _identity(self.path) == self._file:
            return
        fault = f"the database {self.path} was deleted or replaced under the running Paperboy: restart it"
        if not self._lost:
            self._lost = True
            log.error("%s", fault)
        raise StoreError(fault)

    @staticmethod
    def _outdated(path: Path) -> bool:
        if not path.exists():
            raise StoreError(f"there is no database at {path} yet: `paperboy collect --db {path}` makes one")
        db = connect(path, write=False)
        with closing(db.conn):
            return not migrations.is_current(db, str(path))

    def _migrate(self) -> None:
        """Migrate after a check of the file: that of another program must not even be switched to WAL."""
        outdated = not self.path.exists() or self._outdated(self.path)
        make_private(self.path)  # before SQLite makes the files beside it, which get the same mode
        db = connect(self.path, write=True)
        with closing(db.conn):
            if outdated:
                migrations.migrations.apply(db)
        self._file = _identity(self.path)

    async def read(self, query: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on a reader thread, in one read transaction."""

        def answer() -> T:
            self._check_file()
            db: Database | None = getattr(self._local, "db", None)
            if db is None:
                db = self._local.db = connect(self.path, write=False)
                self._opened.append(db.conn)
            with db.atomic():
                return query(db, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._readers, answer)

    async def write(self, change: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a change; when this returns, the whole change is on the disk and readers see it.

        The function may run twice if another change of the same commit fails; its effects outside the database repeat.
        """
        if self._writer is None:
            raise StoreError(f"{self.path} was opened for reading only")
        self._check_file()
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((done, lambda db: change(db, *args, **kwargs)))  # type: ignore[arg-type]  # a Future[T] is one of objects
        return await done

    def _write_until_closed(self) -> None:
        db = connect(self.path, write=True)
        while True:
            jobs = [self._jobs.get()]
            with suppress(Empty):
                while jobs[-1] is not None and len(jobs) < CHANGES_PER_COMMIT:
                    jobs.append(self._jobs.get_nowait())
            batch = [job for job in jobs if job is not None and not job[0].cancelled()]
            if batch:
                _resolve(_commit_together(db, batch))
            if None in jobs:
                db.conn.close()
                return

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


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class Part:
    """One part of the store: its methods run SQL on the connection's threads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


_Part = TypeVar("_Part", bound=Part)


def reads(query: Callable[Concatenate[_Part, Database, P], T]) -> Callable[Concatenate[_Part, P], _Answer[T]]:
    """Make an async method of a query, which runs in a read transaction on a reader thread."""

    @wraps(query)
    async def ask(part: _Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.read(partial(query, part), *args, **kwargs)

    return ask


def writes(change: Callable[Concatenate[_Part, Database, P], T]) -> Callable[Concatenate[_Part, P], _Answer[T]]:
    """Make an async method of a change, which the writer thread makes and commits (see `Connection.write`)."""

    @wraps(change)
    async def make(part: _Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.write(partial(change, part), *args, **kwargs)

    return make
