"""Interface of a database to `bot.store.copying`: its tables, their rows by key, and a marker.

The marker is a table that stands in a copy until it is whole. It says how far the copying is, in the same transaction
as the rows, so that it can be killed at any moment; no store is opened on a database that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeAlias

from bot.errors import StoreError
from bot.store.sql.transaction import Transaction

Row: TypeAlias = tuple[Any, ...]

MARKER = "paperboy_copying"
"""Name of the marker's table."""
AGAIN = "start `paperboy migrate` with the same --from and --to again, and it goes on"
NOT_COPIED = (
    "_sqlite_migrations",
    "paperboy_migrations",
    "procrastinate_",
    "sqlite_",
    "index_tail",
    "index_packs",
    MARKER,
)
"""Beginnings of names of tables that belong to one database, or to versions before 0.11 that share it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns have the same names in both kinds of database, and stand in the order of these."""

    name: str
    columns: tuple[str, ...]
    stored: tuple[str, ...]
    """Columns that are written; the others are generated."""
    key: tuple[str, ...]
    """Columns of the primary key; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Marker:
    """How far a copy is: up to a key, in JSON, of a table; no table before the first row."""

    source: str
    at_table: str | None = None
    after: str | None = None
    copied: int = 0
    """Rows of all tables."""


class CopiedDatabase(Protocol):
    """A database that is copied from or to; a context manager. Raises StoreError."""

    name: str
    """What people know it by, without a password."""
    _opened: ExitStack
    """What is closed at the end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._opened.close()

    def open_source(self) -> None:
        """Bring its tables up to date. Refuses while something else may write to it."""

    def check_unchanged(self) -> None:
        """Refuse the source if something else may have written to it since it was opened."""

    def open_target(self, source: str) -> Marker:
        """Make empty tables with a marker, or go on after the marker. Refuses whatever else is there."""

    def tables(self) -> Mapping[str, Table]:
        """All tables that are copied, by name."""

    def count(self, table: Table) -> int:
        """Number of rows."""

    def rows(self, table: Table, columns: Sequence[str], after: Row | None = None) -> Generator[Row, None, None]:
        """Rows by key, those after a key; read as they are taken. To be closed before the database is."""

    def append(self, table: Table, rows: Iterable[Row], before: Marker, after: Marker) -> None:
        """Add rows and move the marker, in one transaction."""

    def last_numbers(self) -> dict[str, int]:
        """The last number that a row got, by table, where numbers are never given again."""

    def finish(self, last_numbers: Mapping[str, int]) -> None:
        """Number further rows after these, and take the marker away."""


def is_copied(table: str) -> bool:
    """Whether a table is part of a copy, by its name."""
    return not table.startswith(NOT_COPIED)


def select(table: Table, columns: Sequence[str], *, after: bool, mark: str = "?") -> str:
    """Query for columns of a table by key; with `after` it takes a key as parameters, written as `mark`."""
    keys = ", ".join(map(quoted, table.key or columns))
    condition = f" WHERE ({keys}) > ({', '.join([mark] * len(table.key))})" if after else ""
    return f"SELECT {', '.join(map(quoted, columns))} FROM {table.name}{condition} ORDER BY {keys}"


def quoted(column: str) -> str:
    """A column in SQL."""
    return f'"{column}"'


def begin_or_go_on(
    db: Transaction, tables: Collection[str], source: str, is_current: Callable[[], bool], not_empty: str
) -> Marker:
    """The marker of a copy: put into a database without tables, or that of a copy that can go on.

    Raises StoreError, with `not_empty` if there are other tables, or if another source or version began the copy.
    """
    if not tables:
        db.execute(f"CREATE TABLE {MARKER} (source TEXT NOT NULL, at_table TEXT, after TEXT, copied BIGINT NOT NULL)")
        db.execute(f"INSERT INTO {MARKER} VALUES (?, NULL, NULL, 0)", (source,))
    elif MARKER not in tables:
        raise StoreError(not_empty)
    marker = Marker(*db.execute(f"SELECT source, at_table, after, copied FROM {MARKER}").fetchone())
    if marker.source != source:
        raise StoreError(f"the target is an unfinished copy of {marker.source}: go on with that, or name an empty one")
    if marker.at_table is not None and not is_current():
        raise StoreError("another version of Paperboy began this copy: begin again, with an empty target")
    return marker


def clear(db: Transaction, tables: Iterable[Table]) -> None:
    """Delete the rows that migrations make: those of the source take their place. Nothing refers to them."""
    for table in tables:
        db.execute(f"DELETE FROM {table.name}")


def move(db: Transaction, before: Marker, after: Marker) -> None:
    """Move the marker. Raises StoreError if another process has moved it."""
    sql = f"UPDATE {MARKER} SET at_table = ?, after = ?, copied = ? WHERE copied = ?"
    if db.execute(sql, (after.at_table, after.after, after.copied, before.copied)).rowcount != 1:
        raise StoreError("another `paperboy migrate` is copying into this database: leave it to that")


def unfinished(source: str) -> StoreError:
    """The fault of a store in a copy that is not whole."""
    return StoreError(f"the database is an unfinished copy of {source}: {AGAIN}")
