"""Tables and columns that both databases have alike, in SQLite's SQL; `bot.store.postgres.tables` translates them.

What is written `text` is never compared nor sorted: PostgreSQL gives it no collation. Never change what a released
migration does: add one.
"""

from __future__ import annotations

PEOPLE = """
CREATE TABLE saves (
    "user" TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE, saved_at REAL NOT NULL,
    PRIMARY KEY ("user", paper_id)
) WITHOUT ROWID;
CREATE TABLE reactions (
    channel TEXT NOT NULL, "user" TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    value INTEGER NOT NULL, reacted_at REAL NOT NULL, PRIMARY KEY (channel, "user", paper_id)
) WITHOUT ROWID;
CREATE TABLE profiles (channel TEXT PRIMARY KEY, profile TEXT NOT NULL, changed_at REAL NOT NULL);
"""

GESTURES = """
-- Saves and shares of papers in a channel.
CREATE TABLE gestures (
    channel TEXT NOT NULL, "user" TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    gesture TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (channel, "user", paper_id, gesture)
) WITHOUT ROWID;
"""

REVISIONS = """
CREATE TABLE revisions (
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE, field TEXT NOT NULL,
    changed_at REAL NOT NULL, before text NOT NULL, source text NOT NULL,
    source_before text,                            -- of the text before, where it is known
    PRIMARY KEY (paper_id, field, changed_at)
) WITHOUT ROWID;
"""

EARLY = "ALTER TABLE subscriptions ADD COLUMN early INTEGER;"  # how many early picks a digest may hold

THRESHOLDS = """
-- Steps of a topic's threshold by managers, and the topics of papers that were voted on outside a digest.
ALTER TABLE topics ADD COLUMN steps text;
ALTER TABLE reactions ADD COLUMN topics text;
"""

SUMMARIES = """
ALTER TABLE subscriptions ADD COLUMN summaries TEXT NOT NULL DEFAULT 'any'; -- or 'authors'
CREATE INDEX papers_written ON papers (tldr_by) WHERE tldr_by <> '';
"""

POSTED = """
ALTER TABLE posts ADD COLUMN messages TEXT;         -- JSON; of a digest NULL, it is worded when it is posted
ALTER TABLE posts ADD COLUMN under_ref TEXT;        -- the message that these are replies to
ALTER TABLE posts ADD COLUMN expires_at REAL;
CREATE TABLE channel_settings (channel TEXT PRIMARY KEY, settings TEXT NOT NULL); -- JSON
"""

WATCHES = """
CREATE TABLE watches (
    channel TEXT NOT NULL, line TEXT NOT NULL, most INTEGER NOT NULL, quiet_from TEXT, quiet_until TEXT,
    direct INTEGER NOT NULL, timezone TEXT NOT NULL, set_by TEXT, set_at REAL NOT NULL,
    stopped_at REAL, stop_reason TEXT NOT NULL, PRIMARY KEY (channel, line)
) WITHOUT ROWID;
"""

SECOND_LOOKS = """
CREATE INDEX revisions_by_time ON revisions (changed_at);
CREATE INDEX series_by_time ON series (seen_at);
"""

READING_LIST = """
ALTER TABLE saves ADD COLUMN read_at REAL;
ALTER TABLE saves ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE saves ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
"""

CLUBS = """
CREATE TABLE clubs (
    channel TEXT PRIMARY KEY, weekday INTEGER NOT NULL, at TEXT NOT NULL, timezone TEXT NOT NULL,
    weeks INTEGER NOT NULL, set_by TEXT
);
CREATE TABLE club_meetings (
    id TEXT PRIMARY KEY, channel TEXT NOT NULL, day TEXT NOT NULL, timezone TEXT NOT NULL, starts_at REAL NOT NULL,
    opens_at REAL NOT NULL, closes_at REAL NOT NULL, state TEXT NOT NULL, winner INTEGER,
    votes INTEGER NOT NULL DEFAULT 0, tied INTEGER NOT NULL DEFAULT 1, ballots INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0, presenting INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
    look_at REAL                                   -- when its routine is to look again; NULL: never
);
CREATE INDEX club_meetings_by_channel ON club_meetings (channel, starts_at);
CREATE INDEX club_meetings_due ON club_meetings (look_at) WHERE look_at IS NOT NULL;
CREATE TABLE club_candidates (
    meeting TEXT NOT NULL REFERENCES club_meetings (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE DEFERRABLE,
    added INTEGER NOT NULL,                        -- 1: after the message with the vote was made
    discuss INTEGER NOT NULL DEFAULT 0, likes INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (meeting, number)
) WITHOUT ROWID;
CREATE INDEX club_candidates_by_paper ON club_candidates (paper_id);
CREATE TABLE club_votes (
    meeting TEXT NOT NULL REFERENCES club_meetings (id) ON DELETE CASCADE, "user" TEXT NOT NULL,
    number INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (meeting, "user")
) WITHOUT ROWID;
CREATE TABLE club_presenters (
    meeting TEXT NOT NULL REFERENCES club_meetings (id) ON DELETE CASCADE, "user" TEXT NOT NULL,
    name TEXT NOT NULL, at REAL NOT NULL, withdrawn INTEGER NOT NULL, PRIMARY KEY (meeting, "user")
) WITHOUT ROWID;
"""

CARD_COUNTS = """
CREATE TABLE card_counts (
    channel TEXT NOT NULL, paper_id TEXT NOT NULL,
    not_before REAL,                               -- when its cards may be edited; NULL: they show the counts
    likes INTEGER NOT NULL DEFAULT 0, wishes INTEGER NOT NULL DEFAULT 0, -- as the cards show them
    edited_at REAL, marks INTEGER NOT NULL DEFAULT 1, attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, paper_id)
) WITHOUT ROWID;
CREATE INDEX card_counts_due ON card_counts (not_before) WHERE not_before IS NOT NULL;
"""

LINKS = """
CREATE TABLE links (
    channel TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE,
    day TEXT NOT NULL, "user" TEXT NOT NULL, name text NOT NULL, at REAL NOT NULL, PRIMARY KEY (channel, paper_id, day)
) WITHOUT ROWID;
CREATE INDEX links_by_time ON links (channel, at);
ALTER TABLE posts ADD COLUMN linked text;           -- JSON: ids of papers that a digest names as linked to
"""

NEIGHBOUR = """
ALTER TABLE picks ADD COLUMN neighbour TEXT; -- JSON: a paper that the channel liked and that the pick is close to
"""

MENTIONS = """
ALTER TABLE subscriptions ADD COLUMN mention TEXT NOT NULL DEFAULT ''; -- id and name of a role or user group
"""

ZOTERO = """
CREATE TABLE zotero_accounts (
    "user" TEXT PRIMARY KEY, name TEXT NOT NULL, library TEXT NOT NULL, place TEXT NOT NULL, collection TEXT NOT NULL,
    connected_at REAL NOT NULL, fault TEXT NOT NULL, stopped INTEGER NOT NULL,
    version BIGINT NOT NULL, read_at REAL, read_after REAL NOT NULL, -- when the library was read, and is to be
    items INTEGER NOT NULL, model TEXT NOT NULL, profile BLOB NOT NULL, -- float32, of so many items
    daily_at TEXT, timezone TEXT NOT NULL, daily_from REAL -- hour of the daily message, and since when
) WITHOUT ROWID;
CREATE TABLE zotero_saves (
    "user" TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE,
    saved_at REAL NOT NULL, not_before REAL NOT NULL, attempts INTEGER NOT NULL, PRIMARY KEY ("user", paper_id)
) WITHOUT ROWID;
CREATE INDEX zotero_saves_due ON zotero_saves (not_before);
"""

OTHER_IDS = """
CREATE TABLE other_ids (
    id TEXT PRIMARY KEY,                           -- a DOI by which a paper is known besides its own id
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX other_ids_by_paper ON other_ids (paper_id);
"""
