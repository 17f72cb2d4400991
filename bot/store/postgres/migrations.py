"""Numbered migrations of a PostgreSQL database, each in a transaction, one process at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

from procrastinate.schema import SchemaManager
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from bot.errors import OutdatedError, StoreError
from bot.store.postgres.tables import ALL, JOBS_BY_LOCK, JOBS_IN_ORDER, JOBS_UNSYNCED, SEGMENTS, translated
from bot.store.sql import tables
from bot.store.sql.copying import MARKER, unfinished

MIGRATIONS: Mapping[str, str] = {
    "m023_posts": ALL,
    "m024_revisions": translated(tables.REVISIONS),
    "m025_procrastinate": SchemaManager.get_schema(),  # of the version that pyproject.toml pins
    "m026_jobs_unsynced": JOBS_UNSYNCED,
    "m027_jobs_in_order": JOBS_IN_ORDER,
    "m027_jobs_by_lock": JOBS_BY_LOCK,
    "m028_early_picks": translated(tables.EARLY),
    "m029_topic_thresholds": translated(tables.THRESHOLDS),
    "m030_summaries": translated(tables.SUMMARIES),
    "m031_posted_messages": translated(tables.POSTED),
    "m033_watches": translated(tables.WATCHES),
    "m034_second_looks": translated(tables.SECOND_LOOKS),
    "m035_reading_list": translated(tables.READING_LIST),
    "m036_clubs": translated(tables.CLUBS),
    "m037_card_counts": translated(tables.CARD_COUNTS),
    "m038_links": translated(tables.LINKS),
    "m039_liked_neighbours": translated(tables.NEIGHBOUR),
    "m040_mentions": translated(tables.MENTIONS),
    "m041_index_segments": SEGMENTS,
    "m043_zotero": translated(tables.ZOTERO) + "CREATE INDEX zotero_saves_by_paper ON zotero_saves (paper_id);",
    "m044_other_ids": translated(tables.OTHER_IDS),
}
"""Statements by name, in order; the first makes all that SQLite's migrations up to that one made."""
BREAKING = frozenset({"m023_posts"})
"""Those that change what is there: a process of a version before cannot go on. The others only add, and it can."""

_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('paperboy migrations'))"
_TABLE: LiteralString = (
    "CREATE TABLE IF NOT EXISTS paperboy_migrations"
    " (name TEXT PRIMARY KEY, breaking BOOLEAN NOT NULL, applied_at TIMESTAMPTZ DEFAULT now())"
)
_IS_MADE: LiteralString = "SELECT to_regclass('paperboy_migrations') IS NOT NULL"


def check_whole(conn: Connection) -> None:
    """Raises StoreError if the database is a copy that is not whole."""
    row = conn.execute("SELECT to_regclass(%s) IS NOT NULL", (MARKER,)).fetchone()
    if row is not None and row[0]:
        sources = conn.execute(f"SELECT source FROM {MARKER}".encode())
        raise unfinished(", ".join(source for (source,) in sources))


def is_current(conn: Connection) -> bool:
    """Whether every migration has been applied. Raises OutdatedError if the database is too new for this program."""
    names = applied(conn)
    if names:
        refuse_newer(conn)
    return names >= MIGRATIONS.keys()


def refuse_newer(conn: Connection) -> None:
    """Raise OutdatedError if a newer version has changed the tables that this one uses."""
    breaking = {name for (name,) in conn.execute("SELECT name FROM paperboy_migrations WHERE breaking")}
    if unknown := sorted(breaking - MIGRATIONS.keys()):
        raise OutdatedError(
            f"the database was written by a newer Paperboy (it has {unknown[-1]}):"
            " upgrade this one, or restore a backup"
        )


def applied(conn: Connection) -> set[str]:
    """Names of the migrations that have been applied."""
    row = conn.execute(_IS_MADE).fetchone()
    if row is None or not row[0]:
        return set()
    return {name for (name,) in conn.execute("SELECT name FROM paperboy_migrations")}


def apply(conn: Connection) -> None:
    """Apply what is missing. A second process waits for the first. Raises StoreError without the right to."""
    try:
        with conn.transaction():
            conn.execute(_LOCK)
            if is_current(conn):
                return
            conn.execute(_TABLE)
            names = applied(conn)
            for name in MIGRATIONS:
                if name in names:
                    continue
                conn.execute(MIGRATIONS[name].encode())
                insert = "INSERT INTO paperboy_migrations (name, breaking) VALUES (%s, %s)"
                conn.execute(insert, (name, name in BREAKING))
    except InsufficientPrivilege as error:
        line = str(error).strip().partition("\n")[0]
        raise StoreError(
            f"Paperboy may not make its tables ({line}): give its role CREATE on the schema,"
            " GRANT CREATE ON SCHEMA public TO …"
        ) from error
