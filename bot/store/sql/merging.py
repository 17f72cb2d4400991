"""Merge of papers: one row per paper for all sources and versions, with the best value of each field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import Any

from bot.model import Findings, MergeResult, Paper
from bot.model.category import PREPRINT_SERVERS
from bot.model.paper import is_doi
from bot.model.source import authority
from bot.store.sql.reading_list import merge_saves
from bot.store.sql.renaming import rename
from bot.store.sql.revisions import record_revisions
from bot.store.sql.rows import id_list, stamp
from bot.store.sql.signals import observe
from bot.store.sql.transaction import Transaction, query

_KEYED_BY_PAPER = {
    "series": ("source", "kind"),
    "revisions": ("field", "changed_at"),
    "picks": None,
    "saves": ("user",),
    "zotero_saves": ("user",),
    "reactions": ("channel", "user"),
    "gestures": ("channel", "user", "gesture"),
    "links": ("channel", "day"),
    "card_counts": ("channel",),
    "club_candidates": None,
    "other_ids": None,
}
"""Tables with a column `paper_id`, and the other columns of their keys."""
OPTIONAL = ("organization", "organization_handle", "code_url", "project_url", "comment", "journal_ref", "doi")
_MESSAGES = """
UPDATE deliveries SET paper_id = ?1 WHERE paper_id = ?2
    AND (channel, kind, key) IN (SELECT channel, kind, key FROM picks WHERE paper_id = ?2 AND shown = 1)
"""
"""Renames the paper of messages, which is no key of theirs; by the picks, whose index has it."""
_AS_IT_IS = ("id", "title", "abstract", "version", "more_authors", *OPTIONAL)
_TIMES = ("published_at", "listed_at", "first_seen")
_as_it_is = attrgetter(*_AS_IT_IS)
_NEW = (*_AS_IT_IS, "authors", "categories", *_TIMES, "withdrawn", "text_from", "described")
"""Columns of a new paper's row."""


def merge(db: Transaction, findings: Findings, source: str, now: datetime, *, deferred: bool = False) -> MergeResult:
    """Merge what a source found, all of it or nothing. The summaries of new papers may wait if `deferred`."""
    new: list[str] = []
    changed: list[str] = []
    stored = _StoredPapers(db, findings)
    for fetched in findings.papers:
        paper, paper_id = fetched, stored.one_id(fetched)
        if paper_id != paper.id:
            # Of the same work on another server: it completes what is known, in no other text or version.
            paper = replace(paper, id=paper_id, title="", version=None, withdrawn=False)
        row = stored.row(paper_id)
        if row is None and not paper.title:
            continue  # details of a paper that is gone
        if row is None:
            stored.insert(_new_row(paper, source, now, deferred=deferred))
            new.append(paper_id)
        elif _merge(db, row, paper, source, now):
            changed.append(paper_id)
    stored.write()
    stored.join(findings.same)
    signals = observe(db, [(stored.known_as(signal.paper_id), signal) for signal in findings.signals])
    return MergeResult(tuple(new), tuple(changed), signals)


class _StoredPapers:
    """Rows of the papers that are merged, read at once and inserted at once: a round trip a paper took most time.

    Inserted ones are read only if they are merged again.
    """

    def __init__(self, db: Transaction, findings: Findings) -> None:
        self._db = db
        self._waiting: dict[str, tuple[object, ...]] = {}
        self._inserted: set[str] = set()
        self._others: dict[str, list[str]] = {}
        for one, other in findings.same:
            self._others.setdefault(one, []).append(other)
        ids = {paper.id for paper in findings.papers} | {signal.paper_id for signal in findings.signals}
        ids |= {paper.doi for paper in findings.papers if paper.doi} | set(chain.from_iterable(findings.same))
        sql = (
            "SELECT doi, id FROM papers WHERE doi IN (SELECT value FROM json_each(?1)) AND id <> doi"
            " UNION ALL SELECT id, paper_id FROM other_ids WHERE id IN (SELECT value FROM json_each(?1))"
        )
        self._one_ids: dict[str, str] = dict(db.execute(sql, (id_list(ids),)).fetchall())
        self._rows: dict[str, dict[str, Any]] = {}
        self._read(ids | set(self._one_ids.values()))
        self._one_ids |= {other: one for one, other in findings.same if one in self._rows}

    def known_as(self, paper_id: str) -> str:
        """arXiv id of a DOI's paper if it is known, else the id itself."""
        return self._one_ids.get(paper_id, paper_id)

    def one_id(self, paper: Paper) -> str:
        """Id under which the work is stored; a DOI's row is renamed once its arXiv id is known."""
        if not paper.is_arxiv:
            return self.known_as(paper.id)
        for doi in filter(None, (paper.doi, *self._others.get(paper.id, ()))):
            if (holder := self.known_as(doi)) != paper.id and is_doi(holder) and self.row(holder) is not None:
                self._join(holder, paper.id)
            self._one_ids.setdefault(doi, paper.id)
        return paper.id

    def join(self, same: Iterable[tuple[str, str]]) -> None:
        """Merge the rows of each pair of ids, and store the other id, if the one to keep is stored."""
        for one, other in same:
            if self.row(one) is not None:
                self._join(other, one)

    def _join(self, other: str, one: str) -> None:
        """Let a DOI be another id of a paper, whose row takes up the DOI's if there is one."""
        if self.row(other) is not None:
            self._db.execute(_MESSAGES, (one, other))
            if self.row(one) is not None:
                _absorb(self._db, other, one)
            else:
                sql = "UPDATE papers SET doi = coalesce(doi, id), id = ?1, version = NULL WHERE id = ?2"
                self._db.execute(sql, (one, other))
            del self._rows[other]
            self._read([one])
        sql = (
            "INSERT INTO other_ids (id, paper_id) VALUES (?, ?) ON CONFLICT (id) DO UPDATE"
            " SET paper_id = excluded.paper_id WHERE other_ids.paper_id <> excluded.paper_id"
        )
        self._db.execute(sql, (other, one))
        self._one_ids[other] = one

    def row(self, paper_id: str) -> dict[str, Any] | None:
        """The row of a paper, which is changed with the database."""
        if paper_id in self._waiting:
            self.write()
        if paper_id in self._inserted:
            self._inserted.remove(paper_id)
            self._read([paper_id])
        return self._rows.get(paper_id)

    def _read(self, ids: Iterable[str]) -> None:
        sql = "SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(?))"
        self._rows |= {row["id"]: row for row in query(self._db, sql, (id_list(ids),))}

    def insert(self, row: tuple[object, ...]) -> None:
        """Insert a row of `_NEW`, with the next ones."""
        self._waiting[str(row[0])] = row

    def write(self) -> None:
        """Insert the rows that wait."""
        if not self._waiting:
            return
        self._db.executemany(
            f"INSERT INTO papers ({', '.join(_NEW)}) VALUES ({', '.join('?' * len(_NEW))})", self._waiting.values()
        )
        self._inserted |= self._waiting.keys()
        self._waiting.clear()


def _absorb(db: Transaction, doi: str, paper_id: str) -> None:
    """Merge the row of a DOI into the row of an arXiv id: references follow, then the DOI's row is deleted."""
    merge_saves(db, doi, paper_id)
    for table, rest_of_key in _KEYED_BY_PAPER.items():
        rename(db, table, "paper_id", rest_of_key, doi, paper_id)
    db.execute("DELETE FROM papers WHERE id = ?", (doi,))


def _new_row(paper: Paper, source: str, now: datetime, *, deferred: bool) -> tuple[object, ...]:
    """Values of the columns `_NEW`."""
    return (
        *_as_it_is(paper),
        json.dumps(paper.authors, ensure_ascii=False),
        json.dumps(paper.categories),
        stamp(paper.published_at),
        stamp(paper.listed_at),
        stamp(paper.first_seen or now),
        int(paper.withdrawn),
        source,
        int(deferred),
    )


def _merge(db: Transaction, stored: dict[str, Any], paper: Paper, source: str, now: datetime) -> bool:
    """Update a row: empty fields never overwrite, text only from as good a source or a later version.

    Returns whether title, abstract or authors changed.
    """
    # What comes without a title only completes: another service's venue never takes the place of arXiv's.
    row: dict[str, Any] = {
        name: getattr(paper, name) for name in OPTIONAL if getattr(paper, name) and (paper.title or not stored[name])
    }
    if paper.organization and paper.organization in (paper.organization_handle, stored["organization_handle"]):
        row["organization"] = stored["organization"] or paper.organization  # a full name is better than an account's
    if paper.categories and json.dumps(paper.categories) != stored["categories"]:
        row["categories"] = json.dumps(_categories(paper.categories, json.loads(stored["categories"])))
    row["published_at"] = _earlier(stored["published_at"], stamp(paper.published_at))
    row["listed_at"] = _earlier(stored["listed_at"], stamp(paper.listed_at))
    row["withdrawn"] = max(stored["withdrawn"], int(paper.withdrawn))
    if _is_back(stored, paper, source):
        row |= {"withdrawn": 0, "comment": paper.comment}
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
        stored.update(different)
    return text_changed


def _categories(new: Sequence[str], stored: Sequence[str]) -> list[str]:
    """The new categories with the stored ones of other servers, those of arXiv first."""

    def server(category: str) -> str:
        archive = category.partition(".")[0]
        return archive if archive in PREPRINT_SERVERS else ""

    servers = {server(category) for category in new}
    kept = (each for each in stored if server(each) not in servers)
    return sorted((*new, *kept), key=lambda each: server(each) != "")


def _better_text(stored: Mapping[str, Any], paper: Paper, source: str) -> bool:
    if (paper.version or 0) < (stored["version"] or 0) and paper.version is not None:
        return False
    if not stored["abstract"] and paper.abstract:
        return True
    return authority(source) >= authority(stored["text_from"]) and bool(paper.title)


def _is_back(stored: Mapping[str, Any], paper: Paper, source: str) -> bool:
    """True if a paper is no longer withdrawn: a full text of as late a version says nothing of it."""
    texts = (paper.comment, paper.abstract) != (stored["comment"], stored["abstract"])
    is_full = paper.published_at is not None and source == stored["text_from"]
    is_latest = paper.version is not None and paper.version >= (stored["version"] or 0)
    return bool(stored["withdrawn"]) and not paper.withdrawn and is_full and is_latest and texts


def _earlier(a: float | None, b: float | None) -> float | None:
    return min((moment for moment in (a, b) if moment is not None), default=None)
