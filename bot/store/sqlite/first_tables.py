"""The tables that the first version began with; `migrations.py` makes them, and what came later."""

from __future__ import annotations

PAPERS = """
CREATE TABLE papers (
    n INTEGER PRIMARY KEY,                         -- the index's rowid: an implicit one would not survive VACUUM
    id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, abstract TEXT NOT NULL DEFAULT '', authors TEXT NOT NULL DEFAULT '[]',
    published_at REAL, listed_at REAL, first_seen REAL NOT NULL, categories TEXT NOT NULL DEFAULT '[]',
    organization TEXT, code_url TEXT, project_url TEXT, comment TEXT, journal_ref TEXT, doi TEXT,
    version INTEGER, withdrawn INTEGER NOT NULL DEFAULT 0, tldr TEXT NOT NULL DEFAULT '',
    text_from TEXT NOT NULL,                       -- the source of title and abstract
    described INTEGER NOT NULL DEFAULT 0,          -- whether tldr and the search index follow the text
    age_at REAL GENERATED ALWAYS AS (coalesce(listed_at, first_seen)) STORED
);
CREATE INDEX papers_by_age ON papers (age_at);
CREATE INDEX papers_by_doi ON papers (doi) WHERE doi IS NOT NULL;
CREATE INDEX papers_undescribed ON papers (described) WHERE described = 0;
CREATE VIRTUAL TABLE papers_index USING fts5 (title, abstract, authors, tokenize = "unicode61 remove_diacritics 0");

-- A series: the counts of one source for one paper, with the latest value, so that comparing a new one reads one row.
CREATE TABLE series (
    id INTEGER PRIMARY KEY, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE,
    source TEXT NOT NULL, kind TEXT NOT NULL, value REAL NOT NULL, seen_at REAL NOT NULL,
    UNIQUE (paper_id, source, kind)
);
CREATE TABLE observations (
    series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE, seen_at REAL NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (series_id, seen_at)
) WITHOUT ROWID;

CREATE TABLE sources (
    source TEXT PRIMARY KEY, tried_at REAL NOT NULL, succeeded_at REAL, papers INTEGER NOT NULL DEFAULT 0,
    signals INTEGER NOT NULL DEFAULT 0, fault TEXT
);
"""

CHANNELS = """
CREATE TABLE subscriptions (
    channel TEXT PRIMARY KEY, topics TEXT NOT NULL, mutes TEXT NOT NULL, size INTEGER NOT NULL, at TEXT NOT NULL,
    timezone TEXT NOT NULL, days TEXT NOT NULL, style TEXT NOT NULL, quiet TEXT NOT NULL, set_by TEXT, set_at REAL,
    last_at REAL, next_due REAL, paused_at REAL, paused_until REAL, pause_reason TEXT
);
CREATE INDEX subscriptions_due ON subscriptions (next_due) WHERE paused_at IS NULL;
CREATE INDEX subscriptions_resuming ON subscriptions (paused_until) WHERE paused_until IS NOT NULL;
CREATE TABLE greeted (channel TEXT PRIMARY KEY, at REAL NOT NULL);

CREATE TABLE digests (
    channel TEXT NOT NULL, day TEXT NOT NULL, outcome TEXT NOT NULL,
    due_at REAL NOT NULL,
    chosen_at REAL NOT NULL, since REAL NOT NULL,
    topics TEXT NOT NULL, style TEXT NOT NULL, quiet TEXT NOT NULL, thinned INTEGER NOT NULL, faults TEXT NOT NULL,
    state TEXT NOT NULL,                           -- open, done, or abandoned
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, reason TEXT,
    PRIMARY KEY (channel, day)
);
CREATE INDEX digests_open ON digests (not_before) WHERE state = 'open';
CREATE TABLE picks (
    channel TEXT NOT NULL, day TEXT NOT NULL, position INTEGER NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE, reason TEXT NOT NULL, topics TEXT NOT NULL,
    trend TEXT NOT NULL,                           -- score, standing, rule and evidence as they were
    shown INTEGER NOT NULL DEFAULT 1,              -- 0 once the digest was abandoned: the paper may return
    PRIMARY KEY (day, channel, position),          -- the day first: a tick's picks lie side by side
    FOREIGN KEY (channel, day) REFERENCES digests (channel, day) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX picks_by_paper ON picks (paper_id, channel, shown) WHERE shown = 1; -- covers its queries

CREATE TABLE deliveries (
    channel TEXT NOT NULL, day TEXT NOT NULL, slot INTEGER NOT NULL, state TEXT NOT NULL, ref TEXT, paper_id TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, claimed_at REAL, posted_at REAL, reason TEXT,
    PRIMARY KEY (channel, day, slot)
) WITHOUT ROWID;
CREATE INDEX deliveries_by_ref ON deliveries (channel, ref) WHERE ref IS NOT NULL;

-- Messages to a person rather than to a channel, about pauses, skips and faults; each is posted once.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, about TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL,
    text TEXT NOT NULL, state TEXT NOT NULL, not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    claimed_at REAL, UNIQUE (recipient, about, kind, day)
);
CREATE INDEX notices_open ON notices (not_before) WHERE state IN ('open', 'claimed');
"""
