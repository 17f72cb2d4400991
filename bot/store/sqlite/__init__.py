"""The SQLite store: one file, one writer thread, two reader threads, group commit, a writer's lock.

connection.py     threads, transactions                  file.py          opened, locked, private, watched
migrations.py     the tables                             first_tables.py  those of the first version
rows.py           rows as domain values                  merging.py       one row per work, whatever the source
signals.py        time series of signals                 digests.py       digests and their picks
move_and_erase.py everything about an address, moved or erased

One file for each protocol of `bot.store.protocols`: papers (and summaries), subscriptions, ledger, people, feedback,
subscribers, secrets, segments.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bot.errors import StoreError
from bot.store import Store
from bot.store.sqlite.connection import Connection
from bot.store.sqlite.feedback import SqliteFeedback
from bot.store.sqlite.file import connect, make_private
from bot.store.sqlite.ledger import SqliteLedger
from bot.store.sqlite.papers import SqlitePapers, SqliteSummaries
from bot.store.sqlite.people import SqlitePeople
from bot.store.sqlite.secrets import SqliteSecrets
from bot.store.sqlite.segments import SqliteSegments
from bot.store.sqlite.subscribers import SqliteSubscribers
from bot.store.sqlite.subscriptions import SqliteSubscriptions

__all__ = ["SqliteStore", "backup"]


class SqliteStore(Store):
    """A store in one SQLite file. Open it for writing in one process at a time.

    Raises StoreError when the file is newer, foreign, missing (for reading), unreadable or being written by another.
    """

    def __init__(self, path: Path, *, write: bool, keys: Sequence[str] = ()) -> None:
        """`keys` encrypt and decrypt the secrets, the newest first."""
        self.path = path
        self.writable = write
        self.connection = Connection(path, write=write)
        self.papers = SqlitePapers(self.connection)
        self.subscriptions = SqliteSubscriptions(self.connection)
        self.ledger = SqliteLedger(self.connection)
        self.people = SqlitePeople(self.connection)
        self.summaries = SqliteSummaries(self.connection)
        self.feedback = SqliteFeedback(self.connection)
        self.subscribers = SqliteSubscribers(self.connection)
        self.secrets = SqliteSecrets(self.connection, keys)
        self.segments = SqliteSegments(self.connection)

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
