"""The database's file: opened, locked for one writer, private, and watched for being deleted or replaced."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlite_utils import Database

from bot.errors import LostStoreError, StoreError

log = logging.getLogger("paperboy.store")

BUSY_MS = 10_000
"""Time that SQLite waits for another connection's lock."""
IMPORT_LOCK = "import.lock"
CHECK_SECONDS = 1.0
"""Time for which reads believe that the file is still at its path: looking costs 5 µs, 2 % of a small read."""

READ_AT_ONCE = 4 * 2**20
"""Bytes that are asked for together, at whose first page is seen whether they are part of a long value."""
_PAGE_BYTES = 4_096
"""Bytes of a page, SQLite's own choice."""


def connect(path: Path, *, write: bool) -> Database:
    """Connection for one thread at a time, opened and closed by any. Raises StoreError on failure."""
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
    try:
        conn = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            conn.execute("PRAGMA foreign_keys = ON")
            if write:
                conn.execute("PRAGMA journal_mode = WAL")
                conn.execute("PRAGMA synchronous = FULL")
            conn.execute("SELECT count(*) FROM sqlite_master").fetchone()  # fails if the file is no database
        except sqlite3.Error:
            conn.close()
            raise
    except sqlite3.Error as error:
        raise StoreError(_opening_fault(path, error)) from error
    return Database(
        conn, execute_plugins=False
    )  # looking for plugins in all that is installed takes longer than opening


def _opening_fault(path: Path, error: sqlite3.Error) -> str:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return (
            f"the database {path} is damaged, or not a database ({error}): put a file of `paperboy backup` in its"
            f" place, or save what can be read with `sqlite3 {path} .recover | sqlite3 recovered.db`"
        )
    return f"cannot open the database {path}: {error}; check the path and its permissions"


def make_private(path: Path) -> None:
    """Restrict a database and the files beside it to their owner (0600); makes an empty one if there is none."""
    # Never opens one that is there: closing it would end the locks of all connections of this process to it
    # (https://www.sqlite.org/howtocorrupt.html, 2.2), and the next writer elsewhere would delete the log they read.
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for each in (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", ".lock", f".{IMPORT_LOCK}"))):
        with suppress(OSError):  # missing, or another user's
            if each.stat().st_mode & 0o077:
                each.chmod(0o600)


def read_ahead(path: Path) -> None:
    """Read an open database into the system's cache if it fills no more than half of the memory; long values first.

    SQLite stores a long value on pages in descending order where others were deleted, and reading these one by one
    from a disk takes longer than reading the whole file. The segments of a million papers are 1.3 of its 3.6 GB.
    Nothing is opened: closing a file ends all of SQLite's locks on it.
    """
    identity, opened = _identity(path), Path("/proc/self/fd")
    with suppress(OSError, AttributeError, ValueError, StopIteration):  # a system without these functions
        descriptor = next(int(each.name) for each in opened.iterdir() if _identity(each) == identity)
        size = os.fstat(descriptor).st_size
        if size <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2:
            rest = set(range(0, size, READ_AT_ONCE))
            for start in sorted(rest):
                if _is_of_long_value(descriptor, start):
                    long = {start - READ_AT_ONCE, start} & rest
                    _ask_for(descriptor, long)
                    rest -= long
            _ask_for(descriptor, rest)


def _ask_for(descriptor: int, starts: set[int]) -> None:
    """Tell the system that some stretches of a file will be read."""
    for start in sorted(starts):
        os.posix_fadvise(descriptor, start, READ_AT_ONCE, os.POSIX_FADV_WILLNEED)


def _is_of_long_value(descriptor: int, start: int) -> bool:
    """Whether the page there continues a long value: such a page begins with the number of the next one."""
    return abs(int.from_bytes(os.pread(descriptor, 4, start), "big") - (start // _PAGE_BYTES + 1)) == 1


def lock(path: Path) -> FileLock:
    """The writer's lock, held until released or the process ends. Raises StoreError when another process has it."""
    fault = f"another Paperboy is writing to {path}: stop it first, or give this one a database of its own with --db"
    return _locked(path, "lock", fault)


def import_lock(path: Path) -> FileLock:
    """The lock of an import, which writes beside the writer. Raises StoreError when another process has it.

    Held by whoever needs the file for itself too: to change its tables, or to copy all of it.
    """
    return _locked(path, IMPORT_LOCK, f"`paperboy import` is writing to {path}: wait for its end, or stop it first")


def _locked(path: Path, ending: str, fault: str) -> FileLock:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer_lock = FileLock(f"{path}.{ending}", blocking=False, thread_local=False)
    try:
        writer_lock.acquire()
    except Timeout:
        raise StoreError(fault) from None
    except OSError as error:
        raise StoreError(f"cannot write beside {path}: {error.strerror}; choose a writable place with --db") from error
    return writer_lock


class FileWatch:
    """Watch over the file that is open for writing. `clock` is in seconds."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._identity = _identity(path)
        self._is_lost, self._checked_at = False, clock()

    def check(self, *, at_once: bool = False) -> None:
        """Raise LostStoreError if another file or none is at the path; looks every CHECK_SECONDS, or `at_once`."""
        now, fault = self._clock(), f"the database {self._path} was deleted or replaced under the running Paperboy"
        if at_once or self._is_lost or now - self._checked_at >= CHECK_SECONDS:
            was_lost = self._is_lost
            self._checked_at, self._is_lost = now, _identity(self._path) != self._identity
            if self._is_lost and not was_lost:
                log.error("%s: restart it", fault)
        if self._is_lost:
            raise LostStoreError(f"{fault}: restart it")


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
