"""The longer statements of later migrations, in their order; `migrations.py` runs them."""

from __future__ import annotations

INDEX = """
DROP TABLE papers_index;
-- Analysed texts of papers that are in no segment yet.
CREATE TABLE index_tail (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE,
    title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL
);
-- Postings of many papers, as the bytes of `bot.search.postings.Segment`; of a paper in several the last counts.
CREATE TABLE index_packs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, keys BLOB NOT NULL, starts BLOB NOT NULL,
    papers BLOB NOT NULL, counts BLOB NOT NULL, numbers BLOB NOT NULL, lengths BLOB NOT NULL, vocabulary TEXT NOT NULL
);
-- The stems of a paper in their order, four bytes each, for proximity.
CREATE TABLE index_orders (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE, stems BLOB NOT NULL
);
-- `described` is now 0: neither, 1: in the index, without its summary, 2: both.
CREATE INDEX papers_unsummarised ON papers (age_at) WHERE described = 1;
CREATE TABLE embeddings (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE, model TEXT NOT NULL, revision INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX embeddings_by_model ON embeddings (model, revision);
-- Grows with every change of the index, so that readers know when their copy in memory is old.
CREATE TABLE index_revision (value INTEGER NOT NULL);
INSERT INTO index_revision VALUES (1);
UPDATE papers SET described = 0;
"""

PROFILE = """
ALTER TABLE picks ADD COLUMN liked TEXT NOT NULL DEFAULT '[]'; -- the words for which its profile raised a paper
ALTER TABLE picks ADD COLUMN close_to TEXT NOT NULL DEFAULT '[]'; -- the topics it is only close to in meaning
DELETE FROM profiles;                              -- nothing was ever kept there
"""

# Tables whose keys changed with version 0.8 are made anew and filled from the ones before.
SUBSCRIPTIONS = """
DROP INDEX subscriptions_due;
DROP INDEX subscriptions_resuming;
ALTER TABLE subscriptions RENAME TO subscriptions_before;
CREATE TABLE subscriptions (
    channel TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, at TEXT NOT NULL, timezone TEXT NOT NULL,
    days TEXT NOT NULL, style TEXT NOT NULL, quiet TEXT NOT NULL, set_by TEXT, set_at REAL, last_at REAL, next_due REAL,
    paused_at REAL, paused_until REAL, pause_reason TEXT, PRIMARY KEY (channel, name)
);
INSERT INTO subscriptions SELECT channel, 'main', size, at, timezone, days, style, quiet, set_by, set_at, last_at,
    next_due, paused_at, paused_until, pause_reason FROM subscriptions_before;
CREATE INDEX subscriptions_due ON subscriptions (next_due) WHERE paused_at IS NULL;
CREATE INDEX subscriptions_resuming ON subscriptions (paused_until) WHERE paused_until IS NOT NULL;
CREATE TABLE topics (
    channel TEXT NOT NULL, name TEXT NOT NULL, wanted INTEGER NOT NULL, -- 0: muted
    line TEXT NOT NULL, position INTEGER NOT NULL, threshold REAL, PRIMARY KEY (channel, name, wanted, line),
    FOREIGN KEY (channel, name) REFERENCES subscriptions (channel, name) ON UPDATE CASCADE ON DELETE CASCADE
) WITHOUT ROWID;
INSERT OR IGNORE INTO topics SELECT channel, 'main', 1, value, key, NULL
    FROM subscriptions_before, json_each(subscriptions_before.topics);
INSERT OR IGNORE INTO topics SELECT channel, 'main', 0, value, key, NULL
    FROM subscriptions_before, json_each(subscriptions_before.mutes);
DROP TABLE subscriptions_before;
"""

POSTS = """
CREATE TABLE posts (
    channel TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, -- of a digest: 'digest', 'main 2026-11-27'
    name TEXT NOT NULL, day TEXT NOT NULL,         -- the subscription it is posted for, the channel's local day
    outcome TEXT, due_at REAL NOT NULL, chosen_at REAL NOT NULL, since REAL, topics TEXT NOT NULL DEFAULT '[]',
    style TEXT, quiet TEXT, thinned INTEGER NOT NULL DEFAULT 0, faults TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL,                           -- open, done, or abandoned
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, reason TEXT,
    listed_on TEXT,                                -- day of the digest that lists the papers of this abandoned one
    PRIMARY KEY (channel, kind, key)
);
INSERT INTO posts SELECT channel, 'digest', 'main ' || day, 'main', day, outcome, due_at, chosen_at, since, topics,
    style, quiet, thinned, faults, state, not_before, attempts, reason, listed_on FROM digests;
CREATE INDEX posts_open ON posts (not_before) WHERE state = 'open';
CREATE INDEX posts_missed ON posts (channel, day) WHERE state = 'abandoned' AND listed_on IS NULL;
CREATE INDEX posts_listed ON posts (channel, listed_on) WHERE listed_on IS NOT NULL;

DROP INDEX picks_by_paper;
ALTER TABLE picks RENAME TO picks_before;
CREATE TABLE picks (
    channel TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE, reason TEXT NOT NULL, topics TEXT NOT NULL,
    trend TEXT NOT NULL,                           -- score, standing, rule and evidence as they were
    shown INTEGER NOT NULL DEFAULT 1,              -- 0 once the post was abandoned: the paper may return
    liked TEXT NOT NULL DEFAULT '[]', close_to TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (kind, key, channel, position),    -- the channel late: a tick's picks lie side by side
    FOREIGN KEY (channel, kind, key) REFERENCES posts (channel, kind, key) ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO picks SELECT channel, 'digest', 'main ' || day, position, paper_id, reason, topics, trend, shown, liked,
    close_to FROM picks_before;
CREATE INDEX picks_by_paper ON picks (paper_id, channel, shown) WHERE shown = 1; -- covers its queries
DROP TABLE picks_before;
DROP TABLE digests;

DROP INDEX deliveries_by_ref;
ALTER TABLE deliveries RENAME TO deliveries_before;
CREATE TABLE deliveries (
    channel TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, slot INTEGER NOT NULL, state TEXT NOT NULL, ref TEXT,
    paper_id TEXT, attempts INTEGER NOT NULL DEFAULT 0, claimed_at REAL, posted_at REAL, reason TEXT,
    leased_by TEXT,                                -- the process that posts this message, or looks for it
    PRIMARY KEY (channel, kind, key, slot)
) WITHOUT ROWID;
INSERT INTO deliveries SELECT channel, 'digest', 'main ' || day, slot, state, ref, paper_id, attempts, claimed_at,
    posted_at, reason, leased_by FROM deliveries_before;
CREATE INDEX deliveries_by_ref ON deliveries (channel, ref) WHERE ref IS NOT NULL;
DROP TABLE deliveries_before;
"""

# The search index of version 0.11, whose segments are mapped.
SEGMENTS = """
DROP TABLE index_tail;
DROP TABLE index_packs;
-- Entries that are in no segment yet: the arguments of `PostingsEntry`.
CREATE TABLE index_entries (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE,
    title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL, fields TEXT NOT NULL, age_at REAL NOT NULL,
    revision INTEGER NOT NULL                      -- of the index, when this entry was stored
);
CREATE TABLE index_segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, model TEXT NOT NULL,
    position INTEGER NOT NULL,                     -- among all; until all parts are there, minus the second it began
    papers INTEGER NOT NULL, checksum TEXT NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE index_parts (
    segment_id INTEGER NOT NULL REFERENCES index_segments (id) ON DELETE CASCADE, part INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (segment_id, part)
);

-- Changes of what is indexed, and the one that the entry is of.
ALTER TABLE papers ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE papers ADD COLUMN indexed INTEGER NOT NULL DEFAULT -1;
CREATE INDEX papers_unindexed ON papers (n) WHERE indexed <> changes;
CREATE TRIGGER papers_changed AFTER UPDATE OF title, abstract, authors, categories, organization, organization_handle,
    code_url, project_url, comment, journal_ref, listed_at ON papers
    WHEN old.title <> new.title OR old.abstract <> new.abstract OR old.authors <> new.authors
        OR old.categories <> new.categories OR old.organization IS NOT new.organization
        OR old.organization_handle IS NOT new.organization_handle OR old.code_url IS NOT new.code_url
        OR old.project_url IS NOT new.project_url OR old.comment IS NOT new.comment
        OR old.journal_ref IS NOT new.journal_ref OR old.listed_at IS NOT new.listed_at
    BEGIN UPDATE papers SET changes = changes + 1 WHERE n = new.n; END;
-- Of the text before.
CREATE TRIGGER papers_rewritten AFTER UPDATE OF title, abstract ON papers
    WHEN old.title <> new.title OR old.abstract <> new.abstract
    BEGIN DELETE FROM embeddings WHERE n = new.n; END;

-- A vector in a segment is empty here, and a zero vector one byte.
CREATE INDEX embeddings_in_tail ON embeddings (model, revision) WHERE length(vector) > 1;

-- Searches read no conditions from here any more.
DROP INDEX papers_by_condition;
CREATE INDEX papers_by_age ON papers (age_at, id);
-- `described` is now 0: no summary yet, 1: none yet, and it may wait, 2: done.
DROP INDEX papers_undescribed;
CREATE INDEX papers_undescribed ON papers (age_at) WHERE described = 0;
"""
