"""Which migrations a SQLite file has: all, some, or some of a newer version."""

from __future__ import annotations

from functools import cache

from sqlite_utils import Database

from bot.errors import StoreError
from bot.store.sql.copying import MARKER, unfinished
from bot.store.sqlite.migrations import migrations


@cache
def names() -> frozenset[str]:
    """Names of all migrations: those that an empty database lacks."""
    empty = Database(memory=True, execute_plugins=False)
    pending = frozenset(migration.name for migration in migrations.pending(empty))
    empty.conn.close()
    return pending


def is_current(db: Database, path: str) -> bool:
    """Whether every migration has been applied. Raises StoreError if the database is newer, or an unfinished copy."""
    if MARKER in db.table_names():
        raise unfinished(db.execute(f"SELECT source FROM {MARKER}").fetchone()[0])
    applied = {migration.name for migration in migrations.applied(db)}
    if unknown := sorted(applied - names()):
        raise StoreError(
            f"{path} was written by a newer Paperboy (it has {unknown[-1]}): upgrade Paperboy, or restore a backup"
        )
    if not applied and db.table_names():
        raise StoreError(f"{path} is a database of another program: give Paperboy a file of its own with --db")
    return applied == names()
