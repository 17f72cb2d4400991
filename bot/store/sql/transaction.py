"""One transaction of a database, as the parts of a store see it: SQL in, rows out.

The parts are written in the SQL that SQLite and PostgreSQL share, with `?` and `?1` for parameters; see the README of
the store for what that leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

Parameters: TypeAlias = Sequence[object]
Statement: TypeAlias = tuple[str, Parameters]


class Answer(NamedTuple):
    """Result of a statement: the number of rows that it changed, or those that it read."""

    rowcount: int
    rows: Sequence[Sequence[Any]] = ()
    columns: Sequence[str] = ()

    def named(self) -> Iterator[dict[str, Any]]:
        """Rows by column name."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


class Cursor(Protocol):
    """Rows of a statement, and how many it changed."""

    @property
    def rowcount(self) -> int:
        """Rows that an INSERT, UPDATE or DELETE changed."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """A tuple for each column, its name first."""

    def fetchone(self) -> Any:
        """The next row; None at the end."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Transaction(Protocol):
    """One transaction, valid on the thread and during the call it was passed to."""

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """Run one statement."""

    def ask(self, sql: str, parameters: Parameters) -> Answer:
        """Run one statement, of which a server keeps the plan: one that runs for every message."""

    def finish(self, *statements: Statement) -> Sequence[Answer]:
        """Run the last statements, and commit with them: a server is asked once, and keeps their plans."""

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """Rows of a query too large to be in memory at once."""

    def read_ahead(self) -> None:
        """Have the system read what is stored from the disk, where that is faster than when it is asked for."""

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run one statement for each row of parameters, in their order. Those of an INSERT have different keys."""

    def update(self, table: str, key: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
        """Set columns of the rows with these keys, each of them once; a column that is None stays as it is.

        All rows have the same columns, those of the key among them.
        """

    def lock(self, table: str) -> None:
        """Lock a table against other changes until the end; before any other statement, so that it sees all of it."""

    def count(self, table: str) -> int:
        """Rows of a table; about, where there are so many that counting them takes long."""

    def defer_references(self) -> None:
        """Check references at the end of the transaction instead of after each statement."""


def query(db: Transaction, sql: str, parameters: Parameters = ()) -> Iterator[dict[str, Any]]:
    """Rows by column name."""
    cursor = db.execute(sql, parameters)
    names = [column[0] for column in cursor.description or ()]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def put(db: Transaction, table: str, key: tuple[str, ...], *rows: Mapping[str, object]) -> None:
    """Insert rows of the same columns, or replace the columns of those whose key is stored."""
    if not rows:
        return
    columns, by_key = tuple(rows[0]), {tuple(row[column] for column in key): row for row in rows}
    updates = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column not in key)
    db.executemany(
        f"INSERT INTO {table} ({', '.join(map(_quoted, columns))}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT ({', '.join(map(_quoted, key))}) DO UPDATE SET {updates}",
        [tuple(row[column] for column in columns) for row in by_key.values()],
    )


def _quoted(column: str) -> str:
    return f'"{column}"'  # `user` is a word of PostgreSQL's
