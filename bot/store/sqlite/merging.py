"""One row a work, whatever the source or version: what is best known of each field wins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.model import Findings, MergeResult, Paper
from bot.model.source import authority
from bot.store.sqlite.rows import stamp
from bot.store.sqlite.signals import observe

if TYPE_CHECKING:
    from sqlite_utils import Database

OPTIONAL = ("organization", "code_url", "project_url", "comment", "journal_ref", "doi")


def merge(db: Database, findings: Findings, source: str, now: datetime) -> MergeResult:
    """Merge papers and append signals, as part of a change."""
    new: list[str] = []
    changed: list[str] = []
    aliases: dict[str, str] = {}
    for found in findings.papers:
        paper_id = _one_id(db, found)
        aliases[found.id] = paper_id
        row = db.execute("SELECT * FROM papers WHERE id = ?", (paper_id,))
        known = row.fetchone()
        if known is None:
            _insert(db, found, source, now)
            new.append(paper_id)
        elif _merge(db, dict(zip([c[0] for c in row.description], known, strict=True)), found, source):
            changed.append(paper_id)
    for unlisted in {signal.paper_id for signal in findings.signals} - aliases.keys():
        aliases[unlisted] = _known_as(db, unlisted)
    signals = sum(observe(db, signal, aliases[signal.paper_id]) for signal in findings.signals)
    return MergeResult(tuple(new), tuple(changed), signals)


def _one_id(db: Database, found: Paper) -> str:
    """The id the work is already known under; a DOI's row is renamed once its arXiv id turns up."""
    if not found.is_arxiv:
        return _known_as(db, found.id)
    if found.doi:
        if db.execute("SELECT 1 FROM papers WHERE id = ?", (found.id,)).fetchone():
            _absorb(db, found.doi, found.id)
        else:
            db.execute("UPDATE papers SET doi = id, id = ?1 WHERE id = ?2", (found.id, found.doi))
    return found.id


def _known_as(db: Database, paper_id: str) -> str:
    """The arXiv id of a DOI's paper where that is known, else the id itself."""
    row = db.execute("SELECT id FROM papers WHERE doi = ? AND id <> doi LIMIT 1", (paper_id,)).fetchone()
    return paper_id if row is None else str(row[0])


def _absorb(db: Database, doi: str, paper_id: str) -> None:
    """Two rows turn out to be one work: whatever points at the DOI's row follows, then that row goes."""
    if db.execute("SELECT 1 FROM papers WHERE id = ?", (doi,)).fetchone() is None:
        return
    for table in ("series", "picks", "saves", "reactions", "gestures"):
        db.execute(f"UPDATE OR IGNORE {table} SET paper_id = ? WHERE paper_id = ?", (paper_id, doi))
        db.execute(f"DELETE FROM {table} WHERE paper_id = ?", (doi,))
    db.execute("DELETE FROM papers WHERE id = ?", (doi,))


def _insert(db: Database, found: Paper, source: str, now: datetime) -> None:
    row = {name: getattr(found, name) for name in ("id", "title", "abstract", "version", *OPTIONAL)}
    row |= {
        "authors": json.dumps(found.authors, ensure_ascii=False),
        "categories": json.dumps(found.categories),
        "published_at": stamp(found.published_at),
        "listed_at": stamp(found.listed_at),
        "first_seen": stamp(found.first_seen or now),
        "withdrawn": int(found.withdrawn),
        "text_from": source,
    }
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    db.execute(f"INSERT INTO papers ({columns}) VALUES ({marks})", tuple(row.values()))


def _merge(db: Database, known: Mapping[str, Any], found: Paper, source: str) -> bool:
    """Best known wins: unknown never overwrites, text only from as good a source or a later version.

    Returns whether what the index and the sentence are made of changed.
    """
    row: dict[str, Any] = {name: getattr(found, name) for name in OPTIONAL if getattr(found, name)}
    if found.categories:
        row["categories"] = json.dumps(found.categories)
    row["published_at"] = _earlier(known["published_at"], stamp(found.published_at))
    row["listed_at"] = _earlier(known["listed_at"], stamp(found.listed_at))
    row["withdrawn"] = max(known["withdrawn"], int(found.withdrawn))
    row["version"] = max(known["version"] or 0, found.version or 0) or None
    if _better_text(known, found, source):
        row |= {"title": found.title or known["title"], "abstract": found.abstract or known["abstract"]}
        row["text_from"] = source
    if found.authors and ("text_from" in row or known["authors"] == "[]"):
        row["authors"] = json.dumps(found.authors, ensure_ascii=False)
    different = {name: value for name, value in row.items() if value != known[name]}
    text_changed = bool(different.keys() & {"title", "abstract", "authors"})
    if text_changed:
        different["described"] = 0
    if different:
        assignments = ", ".join(f"{name} = ?" for name in different)
        db.execute(f"UPDATE papers SET {assignments} WHERE id = ?", (*different.values(), known["id"]))
    return text_changed


def _better_text(known: Mapping[str, Any], found: Paper, source: str) -> bool:
    if (found.version or 0) < (known["version"] or 0) and found.version is not None:
        return False
    if not known["abstract"] and found.abstract:
        return True
    return authority(source) >= authority(known["text_from"]) and bool(found.title)


def _earlier(a: float | None, b: float | None) -> float | None:
    return min((moment for moment in (a, b) if moment is not None), default=None)
