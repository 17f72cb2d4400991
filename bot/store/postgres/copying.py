"""A PostgreSQL database that a whole store is copied from or to."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import ClientCursor, Connection

from bot.errors import StoreError
from bot.model.database import DatabaseUrl
from bot.store.postgres import migrations, server
from bot.store.postgres.faults import fault
from bot.store.postgres.transaction import PostgresTransaction
from bot.store.sql import copying
from bot.store.sql.copying import MARKER, CopiedDatabase, Marker, Row, Table
from bot.store.sql.leases import NOW, PROCESS

_COLUMNS: LiteralString = (
    "SELECT table_name, column_name, udt_name, is_generated = 'ALWAYS' FROM information_schema.columns"
    " JOIN information_schema.tables USING (table_schema, table_name)"
    " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
    ' ORDER BY table_name COLLATE "C", column_name COLLATE "C"'
)
_KEYS: LiteralString = (
    "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
    " CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k (attnum, position)"
    " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum"
    " WHERE c.contype = 'p' AND c.connamespace = current_schema()::regnamespace ORDER BY 1, k.position"
)
_REFERENCES: LiteralString = (
    "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
)
_NUMBERED: LiteralString = (
    "SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)"
    " FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES' ORDER BY 1"
)
_IN_USE = f"SELECT holder FROM leases WHERE substr(name, 1, {len(PROCESS)}) = '{PROCESS}' AND until > {NOW} ORDER BY 1"


class PostgresCopy(CopiedDatabase):
    """A database on a server."""

    _conn: Connection[Any]

    def __init__(self, url: DatabaseUrl) -> None:
        self._url, self.name = url, str(url)
        self._opened = ExitStack()
        self._types: dict[tuple[str, str], str] = {}
        """Types of columns by table and column."""

    def open_source(self) -> None:
        self._open()
        with self._faults():
            if not migrations.is_current(self._conn):
                migrations.apply(self._conn)
        self.check_unchanged()

    def check_unchanged(self) -> None:
        with self._faults():
            if processes := [holder for (holder,) in self._conn.execute(_IN_USE.encode())]:
                raise StoreError(
                    f"{self.name} is in use by {', '.join(processes)}: stop every `paperboy run` (one that was killed"
                    f" counts for some seconds more), then {copying.AGAIN}"
                )

    def open_target(self, source: str) -> Marker:
        self._open()
        with self._faults():
            with self._conn.transaction():
                marker = copying.begin_or_go_on(
                    PostgresTransaction(self._conn),
                    {name for name, *_ in self._conn.execute(_COLUMNS)},
                    source,
                    lambda: migrations.is_current(self._conn),
                    f"{self.name} is not empty, and a copy replaces nothing: name a database without tables, such as"
                    " `createdb` makes",
                )
            if marker.at_table is None:
                migrations.apply(self._conn)
                with self._conn.transaction():
                    self._put_references_off()
                    copying.clear(PostgresTransaction(self._conn), self.tables().values())
        return marker

    def _put_references_off(self) -> None:
        """Move the references from the tables into the marker's: checked at the end, they cost a third as much."""
        self._conn.execute(
            f"ALTER TABLE {MARKER} ADD COLUMN IF NOT EXISTS statements TEXT NOT NULL DEFAULT ''".encode()
        )
        for table, name, definition in self._conn.execute(_REFERENCES).fetchall():
            self._conn.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
            statement = f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition};"
            self._conn.execute(f"UPDATE {MARKER} SET statements = statements || %s".encode(), (statement,))

    def _open(self) -> None:
        with self._faults():
            self._conn = server.connect(self._url)
            self._opened.callback(self._conn.close)
            server.check(self._conn)

    def tables(self) -> dict[str, Table]:
        with self._faults():
            columns = [row for row in self._conn.execute(_COLUMNS) if copying.is_copied(row[0])]
            keys = self._conn.execute(_KEYS).fetchall()
        self._types = {(table, column): type_ for table, column, type_, _ in columns}
        return {
            name: Table(
                name,
                tuple(sorted(column for table, column, _, _ in columns if table == name)),
                tuple(
                    sorted(column for table, column, _, is_generated in columns if table == name and not is_generated)
                ),
                tuple(column for table, column in keys if table == name),
            )
            for name in dict.fromkeys(table for table, *_ in columns)
        }

    def count(self, table: Table) -> int:
        with self._faults():
            row = self._conn.execute(f"SELECT count(*) FROM {table.name}".encode()).fetchone()
            return int(row[0]) if row else 0

    def rows(self, table: Table, columns: Sequence[str], after: Row | None = None) -> Generator[Row, None, None]:
        sql = copying.select(table, columns, after=after is not None, mark="%s")
        with self._faults(), ClientCursor(self._conn) as cursor:
            query = cursor.mogrify(sql.encode(), after)
            with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)".encode()) as copy:
                copy.set_types([self._types[table.name, column] for column in columns])
                yield from copy.rows()

    def append(self, table: Table, rows: Iterable[Row], before: Marker, after: Marker) -> None:
        columns = ", ".join(map(copying.quoted, table.stored))
        with self._faults(), self._conn.transaction():
            with (
                self._conn.cursor() as cursor,
                cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)".encode()) as copy,
            ):
                copy.set_types([self._types[table.name, column] for column in table.stored])
                for row in rows:
                    copy.write_row(row)
            copying.move(PostgresTransaction(self._conn), before, after)

    def last_numbers(self) -> dict[str, int]:
        with self._faults():
            sql = f"SELECT name, pg_sequence_last_value(sequence::regclass) FROM ({_NUMBERED}) AS s (name, _, sequence)"
            return {table: last for table, last in self._conn.execute(sql.encode()) if last is not None}

    def finish(self, last_numbers: Mapping[str, int]) -> None:
        with self._faults(), self._conn.transaction():
            for table, column, sequence in self._conn.execute(_NUMBERED).fetchall():
                last = f"(SELECT greatest(max({column}), %s) FROM {table})"
                sql = f"SELECT setval(%s, last) FROM {last} AS numbers (last) WHERE last > 0"
                self._conn.execute(sql.encode(), (sequence, last_numbers.get(table, 0)))
            for (statements,) in self._conn.execute(f"SELECT statements FROM {MARKER}".encode()).fetchall():
                self._conn.execute(statements.encode())
            self._conn.execute(f"DROP TABLE {MARKER}".encode())
            self._conn.execute("ANALYZE")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except psycopg.DataError as error:
            line = " ".join(str(error).split())
            remedy = "change that value in the source (PostgreSQL has no NUL characters)"
            raise StoreError(f"{self.name} cannot hold a value: {line}; {remedy}, then {copying.AGAIN}") from error
        except psycopg.Error as error:
            raise StoreError(f"{fault(error, self._url)}; then {copying.AGAIN}") from None  # it may have the password
