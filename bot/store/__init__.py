"""The one place with SQL, beside `schema` and `search`: everything Paperboy remembers, in one SQLite file.

Store.papers          papers, signals, how the sources do
Store.subscriptions   which channel wants what, when
Store.ledger          digests and what became of each message
Store.summaries       which papers a language model may write about
Store.people          reading lists, reactions, notices
Store.lessons         what a channel's profile is learnt from
Store.subscribers     who gets mail: the addresses
Store.segments        the search index
Store.connection      the threads below: one writer, two readers, group commit, the writer's lock

Below the papers: merging (one row a work), series (signals over time), rows (rows as values).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.errors import StoreError
from bot.store.connection import Connection, connect
from bot.store.feedback import LessonBook
from bot.store.ledger import Ledger
from bot.store.merging import Added
from bot.store.papers import Papers
from bot.store.people import Notice, People
from bot.store.protocols import Segments
from bot.store.secrets import Safe
from bot.store.segments import SqliteSegments
from bot.store.subscribers import Subscriber, Subscribers
from bot.store.subscriptions import Subscriptions
from bot.store.summaries import Summaries

__all__ = [
    "Added",
    "Ledger",
    "LessonBook",
    "Notice",
    "Papers",
    "People",
    "Safe",
    "Store",
    "Subscriber",
    "Subscribers",
    "Subscriptions",
    "Summaries",
    "backup",
]


class Store:
    """Everything Paperboy remembers. Open it for writing in one process at a time.

    Raises StoreError when the file is newer, foreign, missing (for reading), unreadable or being written by another.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        self.writable = write
        self.connection = Connection(path, write=write)
        self.papers = Papers(self.connection)
        self.subscriptions = Subscriptions(self.connection)
        self.ledger = Ledger(self.connection)
        self.people = People(self.connection)
        self.summaries = Summaries(self.connection)
        self.lessons = LessonBook(self.connection)
        self.subscribers = Subscribers(self.connection)
        self.segments: Segments = SqliteSegments(self.connection)

    def close(self) -> None:
        """Finish what is queued and give the lock back."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def backup(path: Path, copy: Path) -> None:
    """Write a consistent copy of a database, also while a Paperboy is writing to it. Raises StoreError."""
    if copy.exists():
        raise StoreError(f"{copy} exists already: name a new file")
    if not path.exists():
        raise StoreError(f"there is no database at {path}")
    source = connect(path, write=False).conn
    unfinished = copy.with_name(f"{copy.name}.part")
    try:
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
