"""Rows in every table of a store, whatever the tables are, and everything that a database holds."""

from __future__ import annotations

from pathlib import Path

from bot.store.sql.copying import CopiedDatabase
from bot.store.sqlite import SqliteCopy, SqliteStore
from bot.store.sqlite.file import connect

ROWS = 25
"""Of each table that has a key."""
_ODD = ("naïve “quotes”", "論文", "a\ttab, a\nline and \\N", "", "'")


def fill_every_table(path: Path) -> None:
    """Make a SQLite file with rows of every table and column, which refer to each other."""
    SqliteStore(path, write=True).close()
    with SqliteCopy(path) as opened:
        opened.open_source()
        tables = opened.tables().values()
    db = connect(path, write=True).conn
    db.execute("PRAGMA foreign_keys = OFF")
    for table in tables:
        types = dict(db.execute("SELECT name, type FROM pragma_table_xinfo(?)", (table.name,)).fetchall())
        columns, marks = (", ".join(each) for each in (map(repr, table.stored), "?" * len(table.stored)))
        for n in range(1, ROWS + 1):
            values = {"INTEGER": n, "REAL": n / 7, "BLOB": bytes([n, 0, 255]) * n, "TEXT": f"{n} {_ODD[n % len(_ODD)]}"}
            values["BIGINT"] = n
            row = [values[types[column].upper()] for column in table.stored]
            db.execute(f"INSERT OR REPLACE INTO {table.name} ({columns}) VALUES ({marks})", row)
    db.close()


def contents(database: CopiedDatabase) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, with their columns in alphabetical order."""
    with database:
        database.open_source()
        tables = database.tables().items()
        return {name: list(database.rows(table, table.columns)) for name, table in tables}
