"""The tables, as numbered migrations that run in a transaction when a writer opens the database.

Times are Unix seconds (UTC), days are ISO dates in the channel's own zone, lists are JSON.
Never change a migration that has been released: add one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from sqlite_utils import Database, Migrations

from bot.errors import StoreError
from bot.store.sql import tables
from bot.store.sql.copying import MARKER, unfinished
from bot.store.sqlite import first_tables, later_tables, older_tables
from bot.text.analyzer import normalise


def _normalise_conditions(db: Database) -> None:
    """Store the normalised words of organisations and venues, which conditions of a search compare."""
    sql = "SELECT id, organization, organization_handle, comment, journal_ref FROM papers"
    words = [
        (
            _normalised(row["organization"], row["organization_handle"]),
            _normalised(row["comment"], row["journal_ref"]),
            row["id"],
        )
        for row in db.query(sql)
    ]
    _run(db, older_tables.WORDS)
    db.conn.executemany("UPDATE papers SET organization_words = ?, venue_words = ? WHERE id = ?", words)


def _normalised(*texts: str | None) -> str:
    return normalise("\n".join(text for text in texts if text))


def _split_discord_note(db: Database) -> None:
    """Store a note for each Discord server instead of one for all: several processes serve some of them each."""
    row = db.execute("SELECT text FROM notes WHERE name = 'discord servers'").fetchone()
    note = json.loads(row[0]) if row else None
    if isinstance(note, dict):  # until 0.5.0 it was a list, which did not say whose servers they are
        waiting = set(note.get("waiting", ()))
        servers = [
            (f"discord server {server}", json.dumps({"bot": note["bot"], "waits": server in waiting}))
            for server in note["servers"]
        ]
        db.conn.executemany("INSERT OR IGNORE INTO notes (name, text) VALUES (?, ?)", servers)
    db.execute("DELETE FROM notes WHERE name = 'discord servers'")


MIGRATIONS: Mapping[str, str | Callable[[Database], None]] = {
    "m001_papers_and_signals": first_tables.PAPERS,
    "m002_channels_digests_and_the_ledger": first_tables.CHANNELS,
    "m003_people": tables.PEOPLE,
    # Tokens that were obtained by OAuth, encrypted.
    "m004_secrets": "CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed BLOB NOT NULL);",
    # Short texts of adapters that are not secret, such as the hash of a platform's command menu.
    "m005_notes": "CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);",
    # Workspaces that left, and when, for their erasure some time later.
    "m006_departed": "CREATE TABLE departed (place TEXT PRIMARY KEY, at REAL NOT NULL);",
    "m007_index": later_tables.INDEX,
    "m008_profile": tables.GESTURES + later_tables.PROFILE,
    "m009_mail": older_tables.MAIL,
    "m010_written_summaries": older_tables.WRITTEN,
    "m011_skipped_items": older_tables.SKIPPED,
    # The number of a paper's authors beyond those whose names are kept.
    "m012_more_authors": "ALTER TABLE papers ADD COLUMN more_authors INTEGER NOT NULL DEFAULT 0;",
    "m013_conditions": older_tables.CONDITIONS,
    "m014_listed_on": older_tables.LISTED,
    # The order in which letters are sent: those of clients with few requests first.
    "m015_turns_of_letters": "ALTER TABLE mail_subscribers ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;",
    "m016_departed_by_proof": older_tables.DEPARTED,
    "m017_used_names": older_tables.USED_NAMES,
    "m018_organization_handles": older_tables.HANDLES,
    "m019_words_of_conditions": _normalise_conditions,
    "m020_leases": older_tables.LEASES,
    # How often the sources were asked, beside the revision of the index.
    "m021_changes": "ALTER TABLE index_revision ADD COLUMN collections INTEGER NOT NULL DEFAULT 0;",
    "m022_discord_servers": _split_discord_note,
    # Several subscriptions a channel, topics as rows, and one key for whatever is posted in a channel.
    "m023_posts": later_tables.SUBSCRIPTIONS + later_tables.POSTS,
    "m024_revisions": tables.REVISIONS,
    "m025_early_picks": tables.EARLY,
    "m026_topic_thresholds": tables.THRESHOLDS,
    "m027_summaries": tables.SUMMARIES,
    "m028_posted_messages": tables.POSTED,
    "m030_watches": tables.WATCHES,
    "m031_second_looks": tables.SECOND_LOOKS,
    "m032_reading_list": tables.READING_LIST,
    "m033_clubs": tables.CLUBS,
    "m034_card_counts": tables.CARD_COUNTS,
    "m035_links": tables.LINKS,
    "m036_liked_neighbours": tables.NEIGHBOUR,
    "m037_mentions": tables.MENTIONS,
    "m038_index_segments": later_tables.SEGMENTS,
    "m040_zotero": tables.ZOTERO,
    "m041_other_ids": tables.OTHER_IDS,
}
"""What each does, by name and in order: statements, or a function."""

migrations = Migrations("paperboy")


def _register(name: str, change: str | Callable[[Database], None]) -> None:
    @migrations(name=name)
    def migrate(db: Database) -> None:
        if callable(change):
            change(db)
        else:
            _run(db, change)


for _name, _change in MIGRATIONS.items():
    _register(_name, _change)


def _run(db: Database, script: str) -> None:
    """Statement by statement: `executescript` would commit the migration's transaction half-way."""
    statement = ""
    for line in script.splitlines():
        statement += line.partition(" -- ")[0].partition("-- ")[0] + "\n"
        if statement.rstrip().endswith(";"):
            db.execute(statement)
            statement = ""


def is_current(db: Database, path: str) -> bool:
    """Whether every migration has been applied. Raises StoreError if the database is newer, or an unfinished copy."""
    if MARKER in db.table_names():
        raise unfinished(db.execute(f"SELECT source FROM {MARKER}").fetchone()[0])
    applied = {migration.name for migration in migrations.applied(db)}
    if unknown := sorted(applied - MIGRATIONS.keys()):
        raise StoreError(
            f"{path} was written by a newer Paperboy (it has {unknown[-1]}): upgrade Paperboy, or restore a backup"
        )
    if not applied and db.table_names():
        raise StoreError(f"{path} is a database of another program: give Paperboy a file of its own with --db")
    return applied == MIGRATIONS.keys()
