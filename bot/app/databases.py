"""The databases that settings name: opened, checked, backed up, and moved from one to another."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from bot.app import platforms
from bot.app.progress import progress_bar
from bot.app.wiring import clock
from bot.errors import StoreError, pip_install
from bot.model import Check
from bot.model.database import Database
from bot.settings import Settings
from bot.store import Store, copying, sqlite
from bot.store.copying import TableCopy
from bot.store.sql.copying import CopiedDatabase
from bot.store.sqlite import SqliteCopy, SqliteStore


def open_store(database: Database, *, write: bool, keys: Sequence[str] = (), beside: bool = False) -> Store:
    """The store of a database; `keys` decrypt its secrets. Raises StoreError when it cannot be used.

    `beside`: another process may write to an SQLite file meanwhile.
    """
    if isinstance(database, Path):
        return SqliteStore(database, write=write, keys=keys, beside=beside)
    store: Store = _postgres().PostgresStore(database, write=write, keys=keys)
    return store


def _postgres() -> ModuleType:
    """The package of PostgreSQL's store, imported only where it is used. Raises StoreError without its extra."""
    try:
        from bot.store import postgres  # noqa: PLC0415 - SQLite alone starts faster, and needs no psycopg
    except ImportError as error:
        remedy = f"{pip_install('postgres')}, or set PAPERBOY_DB to an SQLite file"
        raise StoreError(f"the client for PostgreSQL is missing ({error}): {remedy}") from None
    return postgres


def is_made(database: Database) -> bool:
    """Whether there is a database to open: a file may be still to be made, a server's database never."""
    return not isinstance(database, Path) or database.exists()


def examine_server(settings: Settings) -> list[Check]:
    """The checks of a database server; none for a file, or if there is no connection, as opening the store says."""
    if isinstance(settings.db, Path):
        return []
    try:
        postgres = _postgres()
        from bot.queue.procrastinate import connections  # noqa: PLC0415 - needs the extra [postgres], as the store does

        checks: list[Check] = postgres.examine(settings.db, clock(settings)(), connections(len(platforms.POSTED_TO)))
    except StoreError:
        return []
    return checks


def backup(settings: Settings, copy: Path) -> None:
    """Write a consistent copy of the database, also while it is written to. Raises StoreError."""
    if not isinstance(settings.db, Path):
        line = f"pg_dump --format=custom --file={shlex.quote(str(copy))} {shlex.quote(str(settings.db))}"
        raise StoreError(f"a PostgreSQL database is copied by its own program: {line}")
    sqlite.backup(settings.db, copy)


def migrate(source: Database, target: Database) -> list[TableCopy]:
    """Copy a whole store into an empty database, or go on with that. Raises StoreError."""
    return copying.copy(_copied(source), _copied(target), progress_bar)


def _copied(database: Database) -> CopiedDatabase:
    if isinstance(database, Path):
        return SqliteCopy(database)
    copied: CopiedDatabase = _postgres().PostgresCopy(database)
    return copied
