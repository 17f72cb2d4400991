"""Questions about papers, about who noticed them, and about how the sources do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.model import Findings, MergeResult, Paper, Signal, SourceReport
from bot.model.segment import IndexEntry
from bot.store.sqlite.merging import add
from bot.store.sqlite.rows import id_list, moment, query, stamp, to_paper
from bot.store.sqlite.signals import signals_since, thin

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.sqlite.connection import Connection

LISTED_BEFORE_SEEN = timedelta(days=14)
"""A paper may have been listed for as long as a digest looks back before Paperboy first saw it."""


class Papers:
    """Questions about papers and signals."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    async def add(self, findings: Findings, source: str, now: datetime) -> MergeResult:
        """Merge what a source found, all of it or nothing."""
        return await self._db.write(add, findings, source, now)

    async def get(self, ids: Iterable[str]) -> dict[str, Paper]:
        """The papers of these ids that are known."""
        return await self._db.read(_get, tuple(ids))

    async def find(self, id_or_doi: str) -> Paper | None:
        """The paper of an id or, failing that, of a DOI."""
        return await self._db.read(_find, id_or_doi)

    async def signals(self, ids: Iterable[str], since: datetime) -> dict[str, list[Signal]]:
        """Every observation of these papers from then on, and the last one before, oldest first."""
        return await self._db.read(signals_since, tuple(ids), since)

    async def candidates(self, since: datetime, until: datetime) -> list[Paper]:
        """Papers whose age is counted from that span, newest first. Withdrawn ones are left out."""
        return await self._db.read(_candidates, since, until)

    async def undescribed(self, limit: int) -> list[Paper]:
        """Papers whose sentence and index entry do not follow their text yet."""
        return await self._db.read(_undescribed, limit)

    async def describe(self, entries: Sequence[tuple[Paper, str | None, IndexEntry]]) -> None:
        """Store each paper's sentence and, for the index, its analysed title, abstract, authors and stems in order.

        A sentence of None is to follow. Skips a paper whose text changed meanwhile: it stays undescribed.
        """
        await self._db.write(_describe, entries)

    async def unsummarised(self, limit: int) -> list[Paper]:
        """Papers in the index whose sentence is still to follow, the newest first."""
        return await self._db.read(_unsummarised, limit)

    async def summarise(self, sentences: Sequence[tuple[Paper, str]]) -> None:
        """Store the sentences that were to follow; what was written or changed meanwhile stays."""
        await self._db.write(_summarise, sentences)

    async def without_details(self, since: datetime, limit: int) -> list[str]:
        """arXiv ids first seen since then whose categories nobody told us yet, newest first."""
        return await self._db.read(_without_details, since, limit)

    async def repositories(self, since: datetime) -> dict[str, str]:
        """Known repositories of papers first seen since then: URL to paper id."""
        return await self._db.read(_repositories, since)

    async def count(self) -> tuple[int, int]:
        """How many papers and how many observations are stored."""
        return await self._db.read(
            lambda db: (
                db.execute("SELECT count(*) FROM papers").fetchone()[0],
                db.execute("SELECT count(*) FROM observations").fetchone()[0],
            )
        )

    async def thin(self, now: datetime) -> int:
        """Keep one observation a day and series once they are 90 days old. Returns how many went."""
        return await self._db.write(thin, now)

    async def report(self, report: SourceReport) -> None:
        """Note how a source's look went; a fault leaves the last success standing."""
        await self._db.write(_report, report)

    async def reports(self) -> list[SourceReport]:
        """How every source did when last asked, by name."""
        return await self._db.read(_reports)


def _get(db: Database, ids: tuple[str, ...]) -> dict[str, Paper]:
    rows = query(db, "SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(?))", id_list(ids))
    return {row["id"]: to_paper(row) for row in rows}


def _find(db: Database, id_or_doi: str) -> Paper | None:
    rows = query(db, "SELECT * FROM papers WHERE id = ?1 OR doi = ?1 ORDER BY id = ?1 DESC LIMIT 1", id_or_doi)
    return to_paper(rows[0]) if rows else None


def _candidates(db: Database, since: datetime, until: datetime) -> list[Paper]:
    rows = query(
        db,
        "SELECT * FROM papers WHERE age_at > ? AND age_at <= ? AND withdrawn = 0 ORDER BY age_at DESC, id",
        stamp(since),
        stamp(until),
    )
    return [to_paper(row) for row in rows]


# --- describing, sources ---------------------------------------------------------------------------------------


def _undescribed(db: Database, limit: int) -> list[Paper]:
    return [to_paper(row) for row in query(db, "SELECT * FROM papers WHERE described = 0 LIMIT ?", limit)]


def _unsummarised(db: Database, limit: int) -> list[Paper]:
    rows = query(db, "SELECT * FROM papers WHERE described = 1 ORDER BY age_at DESC LIMIT ?", limit)
    return [to_paper(row) for row in rows]


def _summarise(db: Database, sentences: Sequence[tuple[Paper, str]]) -> None:
    db.conn.executemany(
        "UPDATE papers SET tldr = iif(tldr_by = '', ?, tldr), described = 2"
        " WHERE id = ? AND title = ? AND abstract = ? AND described = 1",
        [(sentence, paper.id, paper.title, paper.abstract) for paper, sentence in sentences],
    )


def _describe(db: Database, entries: Sequence[tuple[Paper, str | None, IndexEntry]]) -> None:
    for paper, tldr, (title, abstract, authors, order) in entries:
        row = db.execute(
            "UPDATE papers SET tldr = ?, tldr_by = '', tldr_tries = 0, described = ?"
            " WHERE id = ? AND title = ? AND abstract = ? AND authors = ? RETURNING n",
            (
                tldr or "",
                1 if tldr is None else 2,
                paper.id,
                paper.title,
                paper.abstract,
                json.dumps(paper.authors, ensure_ascii=False),
            ),
        ).fetchone()
        if row is not None:
            db.execute(
                "INSERT OR REPLACE INTO index_tail (n, title, abstract, authors) VALUES (?, ?, ?, ?)",
                (row[0], title, abstract, authors),
            )
            db.execute("INSERT OR REPLACE INTO index_orders (n, stems) VALUES (?, ?)", (row[0], order))
            db.execute("DELETE FROM embeddings WHERE n = ?", (row[0],))  # of the text before
    db.execute("UPDATE index_revision SET value = value + 1")


def _without_details(db: Database, since: datetime, limit: int) -> list[str]:
    rows = db.execute(
        "SELECT id FROM papers WHERE age_at > ?1 AND first_seen > ?2 AND categories = '[]' AND id NOT LIKE '10.%/%'"
        " ORDER BY first_seen DESC LIMIT ?3",
        (stamp(since - LISTED_BEFORE_SEEN), stamp(since), limit),
    )
    return [row[0] for row in rows]


def _repositories(db: Database, since: datetime) -> dict[str, str]:
    rows = db.execute("SELECT code_url, id FROM papers WHERE code_url IS NOT NULL AND age_at > ?", (stamp(since),))
    return {row[0]: row[1] for row in rows}


def _report(db: Database, report: SourceReport) -> None:
    db.execute(
        """
        INSERT INTO sources (source, tried_at, succeeded_at, papers, signals, fault) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (source) DO UPDATE SET tried_at = excluded.tried_at, fault = excluded.fault,
            succeeded_at = coalesce(excluded.succeeded_at, succeeded_at),
            papers = excluded.papers, signals = excluded.signals
        """,
        (
            report.source,
            stamp(report.tried_at),
            stamp(report.succeeded_at),
            report.papers,
            report.signals,
            report.fault,
        ),
    )


def _reports(db: Database) -> list[SourceReport]:
    return [
        SourceReport(
            source=row["source"],
            tried_at=datetime.fromtimestamp(row["tried_at"], UTC),
            succeeded_at=moment(row["succeeded_at"]),
            papers=row["papers"],
            signals=row["signals"],
            fault=row["fault"],
        )
        for row in query(db, "SELECT * FROM sources ORDER BY source")
    ]
