"""A transaction of PostgreSQL: SQLite's parameters, rows in batches, and many rows of a table at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, count, islice
from typing import Any

from psycopg import ClientCursor, Connection, Cursor

from bot.store.sql.transaction import Answer, Parameters, Statement

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
_INSERT = re.compile(r"\s*INSERT INTO (\w+ \([^()]+\)) VALUES (\((?:\?, )*\?\))\s*(ON CONFLICT [^?]*)?")


class PostgresTransaction:
    """`sql.transaction.Transaction` on a connection to PostgreSQL whose cursors send whole statements (`ClientCursor`).

    It begins with its first statement, and commits with those of `finish`: a round trip costs as much as several.
    """

    def __init__(self, conn: Connection[Any], begin: str = "", plans: dict[str, str] | None = None) -> None:
        """`begin`: the statements that begin it, `;` between them, empty where it has begun.

        `plans`: names of the statements that the session has prepared, by text; None if it may prepare none.
        """
        self._conn = conn
        self._begin = begin
        self._plans = plans
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
            return self._send(ClientCursor(self._conn).mogrify(*_bound(sql, parameters)))
        return self._conn.execute(*_bound(sql, parameters))

    def ask(self, sql: str, parameters: Parameters) -> Answer:
        return _answer(self._send(self._text(sql, parameters)))

    def finish(self, *statements: Statement) -> list[Answer]:
        texts = [self._text(*each) for each in statements]
        self.is_ending = True
        cursor, answers = self._send(*texts, "COMMIT"), []
        for _ in statements:
            answers.append(_answer(cursor))
            cursor.nextset()
        return answers

    def _text(self, sql: str, parameters: Parameters) -> str:
        """A statement with its parameters; of a prepared one, which is parsed and planned once a session, its name."""
        cursor = ClientCursor(self._conn)
        if self._plans is None or not parameters:
            return cursor.mogrify(*_bound(sql, parameters))
        if sql not in self._plans:
            name = f"paperboy_{len(self._plans)}"
            self._conn.execute(f"PREPARE {name} AS {_numbered(sql)}".encode())
            self._plans[sql] = name
        marks = ", ".join(["%s"] * len(parameters))
        return cursor.mogrify(f"EXECUTE {self._plans[sql]} ({marks})".encode(), [*map(_storable, parameters)])

    def _start(self) -> None:
        if self._begin:
            self._send()

    def _send(self, *texts: str) -> Cursor[Any]:
        """Run statements in one round trip, after what begins the transaction. The cursor is on the first's rows."""
        begin, self._begin = self._begin, ""
        cursor = ClientCursor(self._conn)
        cursor.execute("\n;".join(filter(None, (begin, *texts))).encode())  # on lines: one may end with a comment
        for _ in range(begin.count(";") + 1 if begin else 0):
            cursor.nextset()
        return cursor

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        self._start()
        # A cursor of the server's: others hold the whole answer, and bytes as text, twice as long.
        with self._conn.cursor(f"stream{next(self._streams)}") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            yield from cursor.execute(*_bound(sql, parameters), binary=True)

    def read_ahead(self) -> None:
        """Do nothing: the disk is the server's."""

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> None:
        self._start()
        remaining = iter(rows)
        insert = _INSERT.fullmatch(sql)
        with ClientCursor(self._conn) as cursor:
            while some := list(islice(remaining, STATEMENTS_AT_ONCE)):
                if insert is None:
                    cursor.execute(";".join(cursor.mogrify(*_bound(sql, row)) for row in some).encode())
                elif insert[3] is None and len(some) == STATEMENTS_AT_ONCE:
                    _copy(cursor, insert[1], chain(some, remaining))
                else:
                    lines = ", ".join(cursor.mogrify(*_bound(insert[2], row)) for row in some)
                    cursor.execute(f"INSERT INTO {insert[1]} VALUES {lines} {insert[3] or ''}".encode())

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


def _answer(cursor: Cursor[Any]) -> Answer:
    columns = [column.name for column in cursor.description or ()]
    return Answer(cursor.rowcount, cursor.fetchall() if columns else (), columns)


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
def _numbered(sql: str) -> str:
    """A statement with the server's own parameters in place of `?` and `?1`."""
    numbers = iter(range(1, sql.count("?") + 1))
    return _PARAMETER.sub(lambda mark: f"${mark[1] or next(numbers)}", sql)


@lru_cache(maxsize=1024)
def _translated(sql: str) -> bytes:
    numbers = iter(range(1, sql.count("?") + 1))
    return _PARAMETER.sub(lambda mark: f"%({mark[1] or next(numbers)})s", sql.replace("%", "%%")).encode()
