"""The tables, as numbered migrations that run in a transaction when a writer opens the database.

Times are Unix seconds (UTC), days are ISO dates in the channel's own zone, lists are JSON.
Never change a migration that has been released: add one.
"""

from __future__ import annotations

import json

from sqlite_utils import Database, Migrations

from bot.store.sqlite.club_tables import CLUBS
from bot.store.sqlite.first_tables import CHANNELS, PAPERS, PEOPLE
from bot.store.sqlite.index_tables import SEGMENTS
from bot.store.sqlite.later_tables import (
    CARD_COUNTS,
    INDEX,
    LINKS,
    MENTIONS,
    NEIGHBOUR,
    OTHER_IDS,
    POSTED,
    POSTS,
    PROFILE,
    READING_LIST,
    REVISIONS,
    SECOND_LOOKS,
    SUBSCRIPTIONS,
    SUMMARIES,
    WATCHES,
)
from bot.store.sqlite.older_tables import CONDITIONS, DEPARTED, HANDLES, LEASES, LISTED, MAIL, SKIPPED, WORDS
from bot.store.sqlite.zotero_tables import ZOTERO
from bot.text.analyzer import normalise

migrations = Migrations("paperboy")


def _run(db: Database, script: str) -> None:
    """Statement by statement: `executescript` would commit the migration's transaction half-way."""
    statement = ""
    for line in script.splitlines():
        statement += line.partition(" -- ")[0].partition("-- ")[0] + "\n"
        if statement.rstrip().endswith(";"):
            db.execute(statement)
            statement = ""


@migrations()
def m001_papers_and_signals(db: Database) -> None:
    """Papers, their search index, signals as time series, and the outcome of each source's latest fetch."""
    _run(db, PAPERS)


@migrations()
def m002_channels_digests_and_the_ledger(db: Database) -> None:
    """Subscriptions, digests with their picks, and the state of each message."""
    _run(db, CHANNELS)


@migrations()
def m003_people(db: Database) -> None:
    """Reading lists, reactions, and the profiles learnt from them."""
    _run(db, PEOPLE)


@migrations()
def m004_secrets(db: Database) -> None:
    """Tokens that were obtained by OAuth, encrypted."""
    _run(db, "CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed BLOB NOT NULL);\n")


@migrations()
def m005_notes(db: Database) -> None:
    """Short texts of adapters that are not secret, such as the hash of a platform's command menu."""
    _run(db, "CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);\n")


@migrations()
def m006_departed(db: Database) -> None:
    """Workspaces that left, and when, for their erasure some time later."""
    _run(db, "CREATE TABLE departed (place TEXT PRIMARY KEY, at REAL NOT NULL);\n")


@migrations()
def m007_index(db: Database) -> None:
    """Segments and vectors of an index in memory in place of FTS5; every paper is described again."""
    _run(db, INDEX)


@migrations()
def m008_profile(db: Database) -> None:
    """Saves and shares as feedback, and the words of the profile for which a pick was raised."""
    _run(db, PROFILE)


@migrations()
def m009_mail(db: Database) -> None:
    """Mail addresses, and hashes of recent requests."""
    _run(db, MAIL)


@migrations()
def m010_written_summaries(db: Database) -> None:
    """The model that wrote a paper's summary, and the number of failed attempts."""
    _run(
        db,
        "ALTER TABLE papers ADD COLUMN tldr_by TEXT NOT NULL DEFAULT '';\n"
        "ALTER TABLE papers ADD COLUMN tldr_tries INTEGER NOT NULL DEFAULT 0;\n"
        "UPDATE papers SET described = 0;\n",  # the extractive summaries are chosen by another rule now
    )


@migrations()
def m011_skipped_items(db: Database) -> None:
    """Items of a source's answers that were left out."""
    _run(db, SKIPPED)


@migrations()
def m012_more_authors(db: Database) -> None:
    """The number of a paper's authors beyond those whose names are kept."""
    _run(db, "ALTER TABLE papers ADD COLUMN more_authors INTEGER NOT NULL DEFAULT 0;\n")


@migrations()
def m013_conditions(db: Database) -> None:
    """Indexes for the conditions of a search."""
    _run(db, CONDITIONS)


@migrations()
def m014_listed_on(db: Database) -> None:
    """The later digest that lists the papers of one that did not arrive."""
    _run(db, LISTED)


@migrations()
def m015_turns_of_letters(db: Database) -> None:
    """The order in which letters are sent: those of clients with few requests first."""
    _run(db, "ALTER TABLE mail_subscribers ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;\n")


@migrations()
def m016_departed_by_proof(db: Database) -> None:
    """Of the workspaces that left, those alone that are known to have removed Paperboy."""
    _run(db, DEPARTED)


@migrations()
def m017_used_names(db: Database) -> None:
    """Names that may be used once, such as signatures, until their time is over; in place of OAuth's used states."""
    _run(
        db,
        "CREATE TABLE used_names (name TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;\n"
        "DELETE FROM secrets WHERE name LIKE 'slack/state/%';\n",
    )


@migrations()
def m018_organization_handles(db: Database) -> None:
    """The account of a paper's organisation, beside its full name."""
    _run(db, HANDLES)


@migrations()
def m019_words_of_conditions(db: Database) -> None:
    """Normalised words of organisations and venues, which conditions of a search compare."""
    sql = "SELECT id, organization, organization_handle, comment, journal_ref FROM papers"
    words = [
        (
            _normalised(row["organization"], row["organization_handle"]),
            _normalised(row["comment"], row["journal_ref"]),
            row["id"],
        )
        for row in db.query(sql)
    ]
    _run(db, WORDS)
    db.conn.executemany("UPDATE papers SET organization_words = ?, venue_words = ? WHERE id = ?", words)


def _normalised(*texts: str | None) -> str:
    return normalise("\n".join(text for text in texts if text))


@migrations()
def m020_leases(db: Database) -> None:
    """Leases of processes, and which process has a message in hand."""
    _run(db, LEASES)


@migrations()
def m021_changes(db: Database) -> None:
    """How often the sources were asked, beside the revision of the index."""
    _run(db, "ALTER TABLE index_revision ADD COLUMN collections INTEGER NOT NULL DEFAULT 0;")


@migrations()
def m022_discord_servers(db: Database) -> None:
    """A note for each Discord server instead of one for all: several processes serve some of them each."""
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


@migrations()
def m023_posts(db: Database) -> None:
    """Several subscriptions a channel, topics as rows, and one key for whatever is posted in a channel."""
    _run(db, SUBSCRIPTIONS)
    _run(db, POSTS)


@migrations()
def m024_revisions(db: Database) -> None:
    """Former titles, abstracts and comments of papers."""
    _run(db, REVISIONS)


@migrations()
def m025_early_picks(db: Database) -> None:
    """How many early picks a digest may hold."""
    _run(db, "ALTER TABLE subscriptions ADD COLUMN early INTEGER;\n")


@migrations()
def m026_topic_thresholds(db: Database) -> None:
    """Steps of a topic's threshold by managers, and the topics of papers that were voted on outside a digest."""
    _run(db, "ALTER TABLE topics ADD COLUMN steps TEXT;\nALTER TABLE reactions ADD COLUMN topics TEXT;\n")


@migrations()
def m027_summaries(db: Database) -> None:
    """Whose summaries a channel reads, and the papers that have one which is not of the abstract."""
    _run(db, SUMMARIES)


@migrations()
def m028_posted_messages(db: Database) -> None:
    """Posts that are no digests, with their messages; settings of channels."""
    _run(db, POSTED)


@migrations()
def m030_watches(db: Database) -> None:
    """Topics whose papers are posted when they come."""
    _run(db, WATCHES)


@migrations()
def m031_second_looks(db: Database) -> None:
    """Which papers have changed since a moment."""
    _run(db, SECOND_LOOKS)


@migrations()
def m032_reading_list(db: Database) -> None:
    """Notes, tags and read marks of saved papers."""
    _run(db, READING_LIST)


@migrations()
def m033_clubs(db: Database) -> None:
    """Journal clubs: their meetings, candidates, votes and presenters."""
    _run(db, CLUBS)


@migrations()
def m034_card_counts(db: Database) -> None:
    """The counts that cards show, and which cards are still to be edited."""
    _run(db, CARD_COUNTS)


@migrations()
def m035_links(db: Database) -> None:
    """Papers that people linked to in a channel, and those of them that a digest names."""
    _run(db, LINKS)


@migrations()
def m036_liked_neighbours(db: Database) -> None:
    """The liked paper that a pick is close to."""
    _run(db, NEIGHBOUR)


@migrations()
def m037_mentions(db: Database) -> None:
    """The role or user group that a digest mentions."""
    _run(db, MENTIONS)


@migrations()
def m038_index_segments(db: Database) -> None:
    """Segments that are mapped from files; every paper is indexed anew."""
    _run(db, SEGMENTS)


@migrations()
def m040_zotero(db: Database) -> None:
    """People's connections to Zotero, and the papers on their way there."""
    _run(db, ZOTERO)


@migrations()
def m041_other_ids(db: Database) -> None:
    """DOIs under which works are known besides their own id, such as that of a preprint on bioRxiv."""
    _run(db, OTHER_IDS)
