"""The SQLite store: one file, one writer thread, two reader threads, group commit, a writer's lock.

connection.py     threads, transactions                  file.py          opened, locked, private, watched
migrations.py     the tables                             first_tables.py  those of the first version
copying.py        a whole store copied from and to it    later_tables.py  longer changes of the tables

Its queries and changes are those of `bot.store.sql`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bot.errors import StoreError
from bot.store.sql.changes import Changes
from bot.store.sql.store import Store
from bot.store.sqlite.connection import SqliteConnection
from bot.store.sqlite.copying import SqliteCopy
from bot.store.sqlite.file import connect, make_private

__all__ = ["SqliteCopy", "SqliteStore", "backup"]


class SqliteStore(Store):
    """A store in one SQLite file. Open it for writing in one process at a time.

    Raises StoreError when the file is newer, foreign, missing (for reading), unreadable or being written by another.
    """

    def __init__(self, path: Path, *, write: bool, keys: Sequence[str] = (), beside: bool = False) -> None:
        """`keys` encrypt and decrypt the secrets, the newest first; `beside` another process that may write."""
        self.path = path
        self.connection = SqliteConnection(path, write=write, beside=beside)
        super().__init__(self.connection, Changes(self.connection), write=write, shared=False, keys=keys)

    def hurry(self, seconds: float) -> None:
        """Nothing: a file is never waited for."""

    def close(self) -> None:
        self.connection.close()


def backup(path: Path, copy: Path) -> None:
    """Write a consistent copy of a database, also while a Paperboy is writing to it. Raises StoreError."""
    if copy.exists():
        raise StoreError(f"{copy} exists already: name a new file")
    if not path.exists():
        raise StoreError(f"there is no database at {path}")
    source = connect(path, write=False).conn
    unfinished = copy.with_name(f"{copy.name}.part")
    try:
        make_private(unfinished)
        target = sqlite3.connect(unfinished)
        with target:
            source.backup(target)
        target.close()
        unfinished.rename(copy)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"cannot write the copy {copy}: {error}") from error
    finally:
        source.close()
        unfinished.unlink(missing_ok=True)
