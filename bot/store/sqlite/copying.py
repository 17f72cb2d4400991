"""A SQLite file that a whole store is copied from or to."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlite_utils import Database

from bot.errors import StoreError
from bot.store.sql import copying
from bot.store.sql.copying import MARKER, CopiedDatabase, Marker, Row, Table
from bot.store.sqlite import migrations
from bot.store.sqlite.connection import SqliteTransaction
from bot.store.sqlite.file import connect, import_lock, lock, make_private


class SqliteCopy(CopiedDatabase):
    """A file, which is locked as by a writer while it is open."""

    _db: Database

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, str(path.absolute())
        self._opened = ExitStack()

    def open_source(self) -> None:
        if not self.path.exists():
            raise StoreError(f"there is no database at {self.path}: name the one to copy with --from")
        self._open()
        if not migrations.is_current(self._db, self.name):
            migrations.migrations.apply(self._db)

    def check_unchanged(self) -> None:
        """Nothing to check: the file is locked."""

    def open_target(self, source: str) -> Marker:
        self._open()
        with self._faults(), self._db.atomic():
            marker = copying.begin_or_go_on(
                SqliteTransaction(self._db),
                self._db.table_names(),
                source,
                lambda: not migrations.migrations.pending(self._db),
                f"{self.name} is not empty, and a copy replaces nothing: name a new file with --to",
            )
        if marker.at_table is None:
            migrations.migrations.apply(self._db)
            with self._faults(), self._db.atomic():
                copying.clear(SqliteTransaction(self._db), self.tables().values())
        self._db.execute("PRAGMA foreign_keys = OFF")  # a copy that is equal refers to what is there
        return marker

    def _open(self) -> None:
        for each in (lock, import_lock):
            self._opened.callback(each(self.path).release)
        make_private(self.path)
        self._db = connect(self.path, write=True)
        self._opened.callback(self._db.conn.close)

    def tables(self) -> dict[str, Table]:
        return {name: self._table(name) for name in self._db.table_names() if copying.is_copied(name)}

    def _table(self, name: str) -> Table:
        columns = sorted(
            self._db.query(f"SELECT * FROM pragma_table_xinfo('{name}')"), key=lambda row: str(row["name"])
        )
        key = sorted((row for row in columns if row["pk"]), key=lambda row: int(row["pk"]))
        return Table(
            name,
            tuple(row["name"] for row in columns),
            tuple(row["name"] for row in columns if not row["hidden"]),
            tuple(row["name"] for row in key),
        )

    def count(self, table: Table) -> int:
        with self._faults():
            return int(self._db.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])

    def rows(self, table: Table, columns: Sequence[str], after: Row | None = None) -> Generator[Row, None, None]:
        with self._faults():
            yield from self._db.execute(copying.select(table, columns, after=after is not None), after or ())

    def append(self, table: Table, rows: Iterable[Row], before: Marker, after: Marker) -> None:
        columns = ", ".join(map(copying.quoted, table.stored))
        sql = f"INSERT INTO {table.name} ({columns}) VALUES ({', '.join('?' * len(table.stored))})"
        with self._faults(), self._db.atomic():
            self._db.conn.executemany(sql, rows)
            copying.move(SqliteTransaction(self._db), before, after)

    def last_numbers(self) -> dict[str, int]:
        with self._faults():
            return dict(self._db.execute("SELECT name, seq FROM sqlite_sequence").fetchall())

    def finish(self, last_numbers: Mapping[str, int]) -> None:
        with self._faults(), self._db.atomic():
            for name in self._never_again():
                self._db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
                self._db.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (name, last_numbers.get(name, 0)))
            self._db.execute(f"DROP TABLE {MARKER}")

    def _never_again(self) -> list[str]:
        """Tables whose numbers are not given again after their row is gone."""
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
        return [name for (name,) in self._db.execute(sql) if copying.is_copied(name)]

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.name}: {error}; then {copying.AGAIN}") from error
