"""The tables of the search index of version 0.11, whose segments are mapped; `migrations.py` makes them."""

from __future__ import annotations

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
