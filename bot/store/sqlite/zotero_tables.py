"""Tables of people's connections to Zotero."""

from __future__ import annotations

ZOTERO = """
CREATE TABLE zotero_accounts (
    user TEXT PRIMARY KEY, name TEXT NOT NULL, library TEXT NOT NULL, place TEXT NOT NULL, collection TEXT NOT NULL,
    connected_at REAL NOT NULL, fault TEXT NOT NULL, stopped INTEGER NOT NULL,
    version INTEGER NOT NULL, read_at REAL, read_after REAL NOT NULL, -- when the library was read, and is to be
    items INTEGER NOT NULL, model TEXT NOT NULL, profile BLOB NOT NULL, -- float32, of so many items
    daily_at TEXT, timezone TEXT NOT NULL, daily_from REAL -- hour of the daily message, and since when
) WITHOUT ROWID;
CREATE TABLE zotero_saves (
    user TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE,
    saved_at REAL NOT NULL, not_before REAL NOT NULL, attempts INTEGER NOT NULL, PRIMARY KEY (user, paper_id)
) WITHOUT ROWID;
CREATE INDEX zotero_saves_due ON zotero_saves (not_before);
"""
