"""Former values of papers' fields, so that a change can be shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model import Revision
from bot.store.sql.rows import id_list, stamp
from bot.store.sql.transaction import Transaction

KEPT = 10
"""Revisions of one field of a paper; older ones go."""
FIELDS = frozenset({"title", "abstract", "comment", "journal_ref", "code_url", "version", "withdrawn"})
"""Columns of a paper whose former values are kept."""
_OF_PAPER = {"title", "abstract"}
"""Fields whose source is known (`papers.text_from`)."""


def record_revisions(
    db: Transaction, stored: Mapping[str, Any], changes: Mapping[str, Any], source: str, now: datetime
) -> None:
    """Record what the fields of a row were that are about to change, as part of a change."""
    paper_id = stored["id"]
    for field in FIELDS & changes.keys():
        if not (_is_revision(stored[field], changes[field]) or _is_first(field, stored, source)):
            continue
        before = str(stored[field] or "")
        source_before = stored["text_from"] if field in _OF_PAPER else None
        db.execute(
            "INSERT INTO revisions (paper_id, field, changed_at, before, source, source_before)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (paper_id, field, stamp(now), before, source, source_before),
        )
        db.execute(
            "DELETE FROM revisions WHERE paper_id = ?1 AND field = ?2 AND changed_at NOT IN (SELECT changed_at"
            " FROM revisions WHERE paper_id = ?1 AND field = ?2 ORDER BY changed_at DESC LIMIT ?3)",
            (paper_id, field, KEPT),
        )


def _is_revision(before: object, after: object) -> bool:
    if isinstance(before, str) and isinstance(after, str):
        return bool(before) and before.split() != after.split()
    return before is not None  # of `version` and `withdrawn`; of a comment, that it was taken back


def _is_first(field: str, stored: Mapping[str, Any], source: str) -> bool:
    """Whether a value is the first that a paper has, though its source had read the paper before."""
    if stored[field]:
        return False
    if field == "code_url":
        return stored["listed_at"] is not None  # lists name the code
    # arXiv's feed, which has no dates, has no comments either
    return field in {"comment", "journal_ref"} and stored["published_at"] is not None and stored["text_from"] == source


def revisions_since(db: Transaction, ids: Collection[str], since: datetime) -> dict[str, list[Revision]]:
    """Former titles, abstracts and comments of these papers, replaced since a time, oldest first, by paper id.

    The latest ten of each; a text that differs in its white space alone, or that was not known, is none.
    """
    rows = db.execute(
        "SELECT paper_id, field, before, changed_at, source, source_before FROM revisions"
        " WHERE paper_id IN (SELECT value FROM json_each(?)) AND changed_at >= ? ORDER BY changed_at, field",
        (id_list(ids), stamp(since)),
    )
    revisions: dict[str, list[Revision]] = {}
    for paper_id, field, before, changed_at, source, source_before in rows:
        at = datetime.fromtimestamp(changed_at, UTC)
        revisions.setdefault(paper_id, []).append(Revision(paper_id, field, before, at, source, source_before))
    return revisions
