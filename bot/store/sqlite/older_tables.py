"""The longer statements of the migrations of versions 0.2 to 0.7, in their order; `migrations.py` runs them."""

from __future__ import annotations

MAIL = """
-- Subscribers by mail, channels `mail:<id>`. No other table has an address; an id is never used again.
CREATE TABLE mail_subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,                     -- comparable form of the address
    wish TEXT NOT NULL,                            -- answers of the form, until they are confirmed
    asked_at REAL NOT NULL, confirmed_at REAL, bounces INTEGER NOT NULL DEFAULT 0,
    letter TEXT,                                   -- waiting or claimed: the letter with the link
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX mail_letters ON mail_subscribers (not_before) WHERE letter = 'waiting';
-- Recent requests for letters by keyed hash of the requester: no address or client can be read from it.
CREATE TABLE mail_asks (who TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX mail_asks_by_who ON mail_asks (who, at);
"""

WRITTEN = """
-- The model that wrote a paper's summary, and the number of failed attempts.
ALTER TABLE papers ADD COLUMN tldr_by TEXT NOT NULL DEFAULT '';
ALTER TABLE papers ADD COLUMN tldr_tries INTEGER NOT NULL DEFAULT 0;
UPDATE papers SET described = 0;                   -- the extractive summaries are chosen by another rule now
"""

SKIPPED = """
-- Items of the last answers that could not be read: how many, and the first of them as JSON.
ALTER TABLE sources ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN skipped_items TEXT NOT NULL DEFAULT '[]';
"""

CONDITIONS = """
DROP INDEX papers_by_age;
-- Covers the conditions of a search, so that a scan reads no abstracts.
CREATE INDEX papers_by_condition ON papers
    (age_at, id, categories, organization, code_url, project_url, comment, journal_ref);
CREATE INDEX series_by_upvotes ON series (value, paper_id) WHERE kind = 'upvotes';
"""

LISTED = """
ALTER TABLE digests ADD COLUMN listed_on TEXT;     -- day of the digest that lists the papers of this abandoned one
CREATE INDEX digests_missed ON digests (channel, day) WHERE state = 'abandoned' AND listed_on IS NULL;
CREATE INDEX digests_listed ON digests (channel, listed_on) WHERE listed_on IS NOT NULL;
"""

DEPARTED = """
-- Until 0.5.0 a missing permission or a wrong token of ours counted as a workspace that left, to be erased.
DELETE FROM departed
WHERE EXISTS (SELECT 1 FROM subscriptions WHERE pause_reason IS NOT NULL
    AND (channel = place OR substr(channel, 1, length(place) + 1) = place || '/'))
AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE substr(channel, 1, length(place) + 1) = place || '/'
    AND (pause_reason LIKE 'Paperboy was uninstalled from the workspace%'
        OR pause_reason LIKE 'Paperboy was removed from the server%'));
"""

USED_NAMES = """
-- Names that may be used once, such as signatures, until their time is over; in place of OAuth's used states.
CREATE TABLE used_names (name TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
DELETE FROM secrets WHERE name LIKE 'slack/state/%';
"""

HANDLES = """
ALTER TABLE papers ADD COLUMN organization_handle TEXT; -- account on Hugging Face
DROP INDEX papers_by_condition;
-- Covers the conditions of a search, as before, and the new column.
CREATE INDEX papers_by_condition ON papers
    (age_at, id, categories, organization, organization_handle, code_url, project_url, comment, journal_ref);
"""

WORDS = """
ALTER TABLE papers ADD COLUMN organization_words TEXT NOT NULL DEFAULT '';
ALTER TABLE papers ADD COLUMN venue_words TEXT NOT NULL DEFAULT '';
DROP INDEX papers_by_condition;
-- Covers the conditions of a search, as before, with the words instead of the texts.
CREATE INDEX papers_by_condition ON papers
    (age_at, id, categories, organization_words, venue_words, code_url, project_url);
"""

LEASES = """
-- What one of several processes holds, until when by the clock of the database.
CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL);
CREATE INDEX leases_by_holder ON leases (holder);
ALTER TABLE deliveries ADD COLUMN leased_by TEXT;  -- the process that posts this message, or looks for it
ALTER TABLE notices ADD COLUMN leased_by TEXT;
"""
