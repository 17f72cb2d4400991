"""The tables of journal clubs; `migrations.py` runs the statements."""

from __future__ import annotations

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
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    added INTEGER NOT NULL,                        -- 1: after the message with the vote was made
    discuss INTEGER NOT NULL DEFAULT 0, likes INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (meeting, number)
) WITHOUT ROWID;
CREATE INDEX club_candidates_by_paper ON club_candidates (paper_id);
CREATE TABLE club_votes (
    meeting TEXT NOT NULL REFERENCES club_meetings (id) ON DELETE CASCADE, user TEXT NOT NULL,
    number INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (meeting, user)
) WITHOUT ROWID;
CREATE TABLE club_presenters (
    meeting TEXT NOT NULL REFERENCES club_meetings (id) ON DELETE CASCADE, user TEXT NOT NULL,
    name TEXT NOT NULL, at REAL NOT NULL, withdrawn INTEGER NOT NULL, PRIMARY KEY (meeting, user)
) WITHOUT ROWID;
"""
