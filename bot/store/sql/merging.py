"""Merge of papers: one row per paper for all sources and versions, with the best value of each field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.model import Findings, MergeResult, Paper
from bot.model.source import authority
from bot.store.sql.renaming import rename
from bot.store.sql.revisions import record_revisions
from bot.store.sql.rows import searched_words, stamp
from bot.store.sql.signals import observe
from bot.store.sql.transaction import Transaction, query

_KEYED_BY_PAPER = {
    "series": ("source", "kind"),
    "revisions": ("field", "changed_at"),
    "picks": None,
    "saves": ("user",),
    "reactions": ("channel", "user"),
    "gestures": ("channel", "user", "gesture"),
}
"""Tables with a column `paper_id`, and the other columns of their keys."""
OPTIONAL = ("organization", "organization_handle", "code_url", "project_url", "comment", "journal_ref", "doi")


def merge(db: Transaction, findings: Findings, source: str, now: datetime) -> MergeResult:
    """Merge papers and append signals, as part of a change."""
    new: list[str] = []
    changed: list[str] = []
    aliases: dict[str, str] = {}
    for paper in findings.papers:
        paper_id = _one_id(db, paper)
        aliases[paper.id] = paper_id
        stored = next(query(db, "SELECT * FROM papers WHERE id = ?", (paper_id,)), None)
        if stored is None:
            _insert(db, paper, source, now)
            new.append(paper_id)
        elif _merge(db, stored, paper, source, now):
            changed.append(paper_id)
    for unlisted in {signal.paper_id for signal in findings.signals} - aliases.keys():
        aliases[unlisted] = _known_as(db, unlisted)
    signals = sum(observe(db, signal, aliases[signal.paper_id]) for signal in findings.signals)
    return MergeResult(tuple(new), tuple(changed), signals)


def _one_id(db: Transaction, paper: Paper) -> str:
    """Id under which the work is stored; a DOI's row is renamed once its arXiv id is known."""
    if not paper.is_arxiv:
        return _known_as(db, paper.id)
    if paper.doi:
        if db.execute("SELECT 1 FROM papers WHERE id = ?", (paper.id,)).fetchone():
            _absorb(db, paper.doi, paper.id)
        else:
            db.execute("UPDATE papers SET doi = id, id = ?1 WHERE id = ?2", (paper.id, paper.doi))
    return paper.id


def _known_as(db: Transaction, paper_id: str) -> str:
    """arXiv id of a DOI's paper if it is known, else the id itself."""
    row = db.execute("SELECT id FROM papers WHERE doi = ? AND id <> doi LIMIT 1", (paper_id,)).fetchone()
    return paper_id if row is None else str(row[0])


def _absorb(db: Transaction, doi: str, paper_id: str) -> None:
    """Merge the row of a DOI into the row of an arXiv id: references follow, then the DOI's row is deleted."""
    if db.execute("SELECT 1 FROM papers WHERE id = ?", (doi,)).fetchone() is None:
        return
    for table, rest_of_key in _KEYED_BY_PAPER.items():
        rename(db, table, "paper_id", rest_of_key, doi, paper_id)
    db.execute("DELETE FROM papers WHERE id = ?", (doi,))


def _insert(db: Transaction, paper: Paper, source: str, now: datetime) -> None:
    row = {name: getattr(paper, name) for name in ("id", "title", "abstract", "version", *OPTIONAL)}
    row |= {
        "authors": json.dumps(paper.authors, ensure_ascii=False),
        "more_authors": paper.more_authors,
        "categories": json.dumps(paper.categories),
        "published_at": stamp(paper.published_at),
        "listed_at": stamp(paper.listed_at),
        "first_seen": stamp(paper.first_seen or now),
        "withdrawn": int(paper.withdrawn),
        "text_from": source,
    }
    row |= searched_words(row)
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    db.execute(f"INSERT INTO papers ({columns}) VALUES ({marks})", tuple(row.values()))


def _merge(db: Transaction, stored: Mapping[str, Any], paper: Paper, source: str, now: datetime) -> bool:
    """Update a row: empty fields never overwrite, text only from as good a source or a later version.

    Returns whether title, abstract or authors changed.
    """
    row: dict[str, Any] = {name: getattr(paper, name) for name in OPTIONAL if getattr(paper, name)}
    if paper.organization and paper.organization in (paper.organization_handle, stored["organization_handle"]):
        row["organization"] = stored["organization"] or paper.organization  # a full name is better than an account's
    if paper.categories:
        row["categories"] = json.dumps(paper.categories)
    row |= searched_words({**stored, **row})
    row["published_at"] = _earlier(stored["published_at"], stamp(paper.published_at))
    row["listed_at"] = _earlier(stored["listed_at"], stamp(paper.listed_at))
    row["withdrawn"] = max(stored["withdrawn"], int(paper.withdrawn))
    row["version"] = max(stored["version"] or 0, paper.version or 0) or None
    if _better_text(stored, paper, source):
        row |= {"title": paper.title or stored["title"], "abstract": paper.abstract or stored["abstract"]}
        row["text_from"] = source
    authors = json.dumps(paper.authors, ensure_ascii=False)
    if paper.authors and ("text_from" in row or stored["authors"] in {"[]", authors}):
        row |= {"authors": authors, "more_authors": paper.more_authors}
    different = {name: value for name, value in row.items() if value != stored[name]}
    text_changed = bool(different.keys() & {"title", "abstract", "authors"})
    if text_changed:
        different["described"] = 0
    if different:
        record_revisions(db, stored, different, source, now)
        assignments = ", ".join(f"{name} = ?" for name in different)
        db.execute(f"UPDATE papers SET {assignments} WHERE id = ?", (*different.values(), stored["id"]))
    return text_changed


def _better_text(stored: Mapping[str, Any], paper: Paper, source: str) -> bool:
    if (paper.version or 0) < (stored["version"] or 0) and paper.version is not None:
        return False
    if not stored["abstract"] and paper.abstract:
        return True
    return authority(source) >= authority(stored["text_from"]) and bool(paper.title)


def _earlier(a: float | None, b: float | None) -> float | None:
    return min((moment for moment in (a, b) if moment is not None), default=None)
