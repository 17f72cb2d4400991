"""Papers, signals, and the outcome of each source's latest fetch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database

from bot.model import Findings, MergeResult, Paper, Signal, SourceReport
from bot.model.segment import IndexEntry
from bot.store.sqlite.connection import Part, reads, writes
from bot.store.sqlite.merging import merge
from bot.store.sqlite.rows import id_list, moment, stamp, to_paper
from bot.store.sqlite.signals import signals_since, thin

LISTED_BEFORE_SEEN = timedelta(days=14)
"""Longest time between a paper's listing and Paperboy's first sight of it: as far back as a digest looks."""


class SqlitePapers(Part):
    """`protocols.Papers` in SQLite."""

    @writes
    def add(self, db: Database, findings: Findings, source: str, now: datetime) -> MergeResult:
        return merge(db, findings, source, now)

    async def get(self, ids: Iterable[str]) -> dict[str, Paper]:
        return await self._get(tuple(ids))

    @reads
    def _get(self, db: Database, ids: tuple[str, ...]) -> dict[str, Paper]:
        rows = db.query("SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(?))", (id_list(ids),))
        return {row["id"]: to_paper(row) for row in rows}

    @reads
    def find(self, db: Database, id_or_doi: str) -> Paper | None:
        sql = "SELECT * FROM papers WHERE id = ?1 OR doi = ?1 ORDER BY id = ?1 DESC LIMIT 1"
        return next((to_paper(row) for row in db.query(sql, (id_or_doi,))), None)

    async def signals(self, ids: Iterable[str], since: datetime) -> dict[str, list[Signal]]:
        return await self.connection.read(signals_since, tuple(ids), since)

    @reads
    def candidates(self, db: Database, since: datetime, until: datetime) -> list[Paper]:
        rows = db.query(
            "SELECT * FROM papers WHERE age_at > ? AND age_at <= ? AND withdrawn = 0 ORDER BY age_at DESC, id",
            (stamp(since), stamp(until)),
        )
        return [to_paper(row) for row in rows]

    @reads
    def undescribed(self, db: Database, limit: int) -> list[Paper]:
        return [to_paper(row) for row in db.query("SELECT * FROM papers WHERE described = 0 LIMIT ?", (limit,))]

    @writes
    def describe(self, db: Database, entries: Sequence[tuple[Paper, str | None, IndexEntry]]) -> None:
        for paper, summary, entry in entries:
            row = db.execute(
                "UPDATE papers SET tldr = ?, tldr_by = '', tldr_tries = 0, described = ?"
                " WHERE id = ? AND title = ? AND abstract = ? AND authors = ? RETURNING n",
                (
                    summary or "",
                    1 if summary is None else 2,
                    paper.id,
                    paper.title,
                    paper.abstract,
                    json.dumps(paper.authors, ensure_ascii=False),
                ),
            ).fetchone()
            if row is not None:
                sql = "INSERT OR REPLACE INTO index_tail (n, title, abstract, authors) VALUES (?, ?, ?, ?)"
                db.execute(sql, (row[0], entry.title, entry.abstract, entry.authors))
                db.execute("INSERT OR REPLACE INTO index_orders (n, stems) VALUES (?, ?)", (row[0], entry.order))
                db.execute("DELETE FROM embeddings WHERE n = ?", (row[0],))  # of the text before
        db.execute("UPDATE index_revision SET value = value + 1")

    @reads
    def unsummarised(self, db: Database, limit: int) -> list[Paper]:
        rows = db.query("SELECT * FROM papers WHERE described = 1 ORDER BY age_at DESC LIMIT ?", (limit,))
        return [to_paper(row) for row in rows]

    @writes
    def summarise(self, db: Database, summaries: Sequence[tuple[Paper, str]]) -> None:
        db.conn.executemany(
            "UPDATE papers SET tldr = iif(tldr_by = '', ?, tldr), described = 2"
            " WHERE id = ? AND title = ? AND abstract = ? AND described = 1",
            [(summary, paper.id, paper.title, paper.abstract) for paper, summary in summaries],
        )

    @reads
    def without_details(self, db: Database, since: datetime, limit: int) -> list[str]:
        rows = db.execute(
            "SELECT id FROM papers WHERE age_at > ?1 AND first_seen > ?2 AND categories = '[]'"
            " AND id NOT LIKE '10.%/%' ORDER BY first_seen DESC LIMIT ?3",
            (stamp(since - LISTED_BEFORE_SEEN), stamp(since), limit),
        )
        return [row[0] for row in rows]

    @reads
    def repositories(self, db: Database, since: datetime) -> dict[str, str]:
        sql = "SELECT code_url, id FROM papers WHERE code_url IS NOT NULL AND age_at > ?"
        return dict(db.execute(sql, (stamp(since),)).fetchall())

    @reads
    def count(self, db: Database) -> tuple[int, int]:
        papers = int(db.execute("SELECT count(*) FROM papers").fetchone()[0])
        return papers, int(db.execute("SELECT count(*) FROM observations").fetchone()[0])

    @writes
    def thin(self, db: Database, now: datetime) -> int:
        return thin(db, now)

    @writes
    def report(self, db: Database, report: SourceReport) -> None:
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

    @reads
    def reports(self, db: Database) -> list[SourceReport]:
        sql = "SELECT source, tried_at, succeeded_at, papers, signals, fault FROM sources ORDER BY source"
        return [
            SourceReport(source, datetime.fromtimestamp(tried_at, UTC), moment(succeeded_at), papers, signals, fault)
            for source, tried_at, succeeded_at, papers, signals, fault in db.execute(sql)
        ]
