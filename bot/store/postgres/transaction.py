"""A transaction of PostgreSQL: SQLite's parameters, rows in batches, and many rows of a table at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, count, islice
from typing import Any

from psycopg import ClientCursor, Connection, Cursor

from bot.store.sql.transaction import Parameters

STATEMENTS_AT_ONCE = 200
"""Statements of `executemany` sent together: a round trip costs as much as several statements."""
ROWS_AT_ONCE = 2_000
"""Rows of `stream` in memory, and of `update` in a statement."""
ESTIMATED_FROM = 1_000_000
"""Rows of a table from which the planner's number is taken in place of a count."""

# What goes before a lone one: an escaped backslash or a whole pair, which stay as they are.
_UNSTORABLE_ESCAPE = re.compile(
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u0000)|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_PARAMETER = re.compile(r"\?(\d*)")
_PLAIN_INSERT = re.compile(r"\s*INSERT INTO (\w+ \([^()]+\)) VALUES \((?:\?, )*\?\)\s*")


class PostgresTransaction:
    """`sql.transaction.Transaction` on a connection to PostgreSQL whose cursors send whole statements (`ClientCursor`).

    It begins with its first statement, and commits with those of `finish`: a round trip costs as much as several.
    """

    def __init__(self, conn: Connection[Any], begin: str = "") -> None:
        """`begin`: the statements that begin it, `;` between them, empty where it has begun."""
        self._conn = conn
        self._begin = begin
        self._streams = count()
        self.is_ending = False
        """COMMIT may have been sent: if the connection is lost now, nobody knows what the server kept."""

    def commit(self) -> None:
        """Commit what `finish` has not."""
        self.is_ending = True
        self._conn.commit()

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor[Any]:
        if self.is_ending:
            raise RuntimeError("a statement after the last one")
        if self._begin:
            return self._send((sql, parameters))
        return self._conn.execute(*_bound(sql, parameters))

    def finish(self, *statements: tuple[str, Parameters]) -> Cursor[Any]:
        self.is_ending = True
        return self._send(*statements, end="COMMIT")

    def _start(self) -> None:
        if self._begin:
            self._send()

    def _send(self, *statements: tuple[str, Parameters], end: str = "") -> Cursor[Any]:
        """Run statements in one round trip, after what begins the transaction. The cursor is on the last one's rows."""
        begin, self._begin = self._begin, ""
        cursor = ClientCursor(self._conn)
        texts = [begin, *(cursor.mogrify(*_bound(*each)) for each in statements), end]
        cursor.execute("\n;".join(filter(None, texts)).encode())  # on lines of their own: one may end with a comment
        for _ in range(len(statements) - 1 + (begin.count(";") + 1 if begin else 0)):
            cursor.nextset()
        return cursor

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        self._start()
        # A cursor of the server's: others hold the whole answer, and bytes as text, twice as long.
        with self._conn.cursor(f"stream{next(self._streams)}") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            yield from cursor.execute(*_bound(sql, parameters), binary=True)

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> None:
        self._start()
        remaining = iter(rows)
        insert = _PLAIN_INSERT.fullmatch(sql)
        with ClientCursor(self._conn) as cursor:
            while some := list(islice(remaining, STATEMENTS_AT_ONCE)):
                if insert is not None and len(some) == STATEMENTS_AT_ONCE:
                    _copy(cursor, insert[1], chain(some, remaining))
                else:
                    statements = (cursor.mogrify(*_bound(sql, row)) for row in some)
                    cursor.execute(";".join(statements).encode())

    def update(self, table: str, key: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
        # One statement for all takes a sixth of the server's time. Its first line, whose key is null, has the types.
        self._start()
        columns = list(rows[0]) if rows else []
        changed = (column for column in columns if column not in key)
        values = ", ".join(f"{column} = coalesce(new.{column}, {table}.{column})" for column in changed)
        condition = " AND ".join(f"{table}.{column} = new.{column}" for column in key)
        types = ", ".join(f"(SELECT {column} FROM {table} LIMIT 0)" for column in columns)
        marks, names, remaining = f"({', '.join(['%s'] * len(columns))})".encode(), ", ".join(columns), iter(rows)
        with ClientCursor(self._conn) as cursor:
            while some := list(islice(remaining, ROWS_AT_ONCE)):
                lines = (cursor.mogrify(marks, [_storable(row[column]) for column in columns]) for row in some)
                new = f"(VALUES ({types}), {', '.join(lines)}) AS new ({names})"
                cursor.execute(f"UPDATE {table} SET {values} FROM {new} WHERE {condition}".encode())

    def lock(self, table: str) -> None:
        self.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")

    def count(self, table: str) -> int:
        # Counting reads the whole table. The planner's number is -1 until the server has analysed it once.
        counted = f"CASE WHEN reltuples < {ESTIMATED_FROM} THEN (SELECT count(*) FROM {table}) ELSE reltuples END"
        ((rows,),) = self.execute(f"SELECT {counted} FROM pg_class WHERE oid = '{table}'::regclass")
        return int(rows)

    def defer_references(self) -> None:
        self.execute("SET CONSTRAINTS ALL DEFERRED")


def _copy(cursor: Cursor[Any], columns: str, rows: Iterable[Parameters]) -> None:
    """Insert rows by COPY, a tenth of the time of as many statements. `columns`: the table and its columns."""
    with cursor.copy(f"COPY {columns} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row([_storable(value) for value in row])


def _bound(sql: str, parameters: Parameters) -> tuple[bytes, dict[str, object] | None]:
    """A statement with psycopg's parameters in place of `?` and `?1`, and their values by name."""
    if not parameters:
        return sql.encode(), None
    return _translated(sql), {str(number): _storable(value) for number, value in enumerate(parameters, start=1)}


def _storable(value: object) -> object:
    """A value without what only PostgreSQL cannot hold: NUL, and in JSON escaped NUL and halves of surrogate pairs."""
    if not isinstance(value, str):
        return value
    if value[:1] in "[{" and "\\u" in value:
        value = _UNSTORABLE_ESCAPE.sub(lambda escape: escape[1] or ("" if escape[2] else r"\ufffd"), value)
    return value.replace("\x00", "")


@lru_cache(maxsize=1024)
def _translated(sql: str) -> bytes:
    numbers = iter(range(1, sql.count("?") + 1))
    return _PARAMETER.sub(lambda mark: f"%({mark[1] or next(numbers)})s", sql.replace("%", "%%")).encode()
