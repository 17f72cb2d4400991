"""Papers, signals, the outcome of each source's latest fetch, and summaries by a language model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.model import Paper, SourceReport
from bot.model.paper import HUGGING_FACE
from bot.store.sql.connection import Part, reading, reads, writes, writing
from bot.store.sql.merging import merge
from bot.store.sql.revisions import revisions_since
from bot.store.sql.rows import LONGEST_VECTOR, id_list, moment, papers_by_id, stamp, to_paper
from bot.store.sql.signals import signals_since
from bot.store.sql.transaction import Transaction, query

LISTED_BEFORE_SEEN = timedelta(days=14)
"""Longest time between a paper's listing and Paperboy's first sight of it: as far back as a digest looks."""
KEEP_EVERY_OBSERVATION = timedelta(days=90)
"""Age from which one observation per day and series is kept."""
_NEVER = datetime.min.replace(tzinfo=UTC)
ATTEMPTS = 2
"""Most attempts of a language model at one summary."""

_UNADOPT = """
UPDATE papers SET tldr = '', tldr_by = '', described = CASE described WHEN 2 THEN 1 ELSE described END
    WHERE tldr_by = ? AND tldr_by <> ''
"""  # `<> ''` is the condition of the index


class Papers(Part):
    """Papers, signals, and the outcome of each source's latest fetch."""

    add = writing(merge)
    get = reading(papers_by_id)
    signals = reading(signals_since)
    revisions = reading(revisions_since)

    @reads
    def find(self, db: Transaction, id_or_doi: str) -> Paper | None:
        """Paper of an id or, failing that, of a DOI or another id of the same work."""
        sql = (
            "SELECT * FROM papers WHERE id = ?1 OR doi = ?1 OR id = (SELECT paper_id FROM other_ids WHERE id = ?1)"
            " ORDER BY id = ?1 DESC LIMIT 1"
        )
        return next((to_paper(row) for row in query(db, sql, (id_or_doi,))), None)

    @reads
    def candidates(self, db: Transaction, since: datetime, until: datetime) -> list[Paper]:
        """Papers whose age date is in that span, newest first, without withdrawn ones."""
        rows = query(
            db,
            "SELECT * FROM papers WHERE age_at > ? AND age_at <= ? AND withdrawn = 0 ORDER BY age_at DESC, id",
            (stamp(since), stamp(until)),
        )
        return [to_paper(row) for row in rows]

    @reads
    def listed(self, db: Transaction, since: datetime, until: datetime, limit: int) -> list[tuple[str, datetime]]:
        """Ids of the latest papers that a curated list took up in that span, and when, newest first; not withdrawn."""
        rows = db.execute(
            "SELECT id, age_at FROM papers WHERE age_at >= ? AND age_at < ? AND withdrawn = 0 AND listed_at IS NOT NULL"
            " ORDER BY age_at DESC, id LIMIT ?",
            (stamp(since), stamp(until), limit),
        )
        return [(paper_id, datetime.fromtimestamp(at, UTC)) for paper_id, at in rows]

    @reads
    def unsummarised(self, db: Transaction, limit: int, *, deferred: bool = False) -> list[Paper]:
        """Papers without a summary of their text, newest first; with `deferred` also those that may wait."""
        # Two queries, as each has an index of its own.
        papers: list[Paper] = []
        for described in (0, 1) if deferred else (0,):
            sql = f"SELECT * FROM papers WHERE described = {described} ORDER BY age_at DESC LIMIT ?"
            papers += [to_paper(row) for row in query(db, sql, (limit,))]
        return (
            papers if not deferred else sorted(papers, key=lambda paper: paper.age_at or _NEVER, reverse=True)[:limit]
        )

    @writes
    def summarise(self, db: Transaction, summaries: Sequence[tuple[Paper, str]]) -> None:
        """Store summaries of such papers; one that a model wrote, or of a text that changed meanwhile, stays."""
        # At 0 a model's summary is of the text before; at 1 it was written while this one was to follow.
        db.executemany(
            "UPDATE papers SET tldr = CASE WHEN described = 0 OR tldr_by = '' THEN ? ELSE tldr END,"
            " tldr_by = CASE described WHEN 0 THEN '' ELSE tldr_by END,"
            " tldr_tries = CASE described WHEN 0 THEN 0 ELSE tldr_tries END, described = 2"
            " WHERE id = ? AND title = ? AND abstract = ? AND described < 2",
            [(summary, paper.id, paper.title, paper.abstract) for paper, summary in summaries],
        )

    @reads
    def without_details(self, db: Transaction, since: datetime, limit: int) -> list[str]:
        """arXiv ids first seen since a time that no source gave categories of arXiv for, newest first."""
        rows = db.execute(
            "SELECT id FROM papers WHERE age_at > ?1 AND first_seen > ?2"
            " AND (categories = '[]' OR categories LIKE '[\"biorxiv.%' OR categories LIKE '[\"medrxiv.%')"
            " AND id NOT LIKE '10.%/%' ORDER BY first_seen DESC LIMIT ?3",
            (stamp(since - LISTED_BEFORE_SEEN), stamp(since), limit),
        )
        return [row[0] for row in rows]

    @reads
    def repositories(self, db: Transaction, since: datetime) -> dict[str, str]:
        """Paper ids by repository URL, of papers first seen since a time."""
        sql = "SELECT code_url, id FROM papers WHERE code_url IS NOT NULL AND age_at > ?"
        return dict(db.execute(sql, (stamp(since),)).fetchall())

    @reads
    def uncounted(
        self, db: Transaction, source: str, kind: str, since: datetime, before: datetime, limit: int
    ) -> list[str]:
        """Ids of papers since a time without a value of this series since another one, newest first."""
        rows = db.execute(
            "SELECT id FROM papers WHERE age_at > ? AND NOT EXISTS (SELECT 1 FROM series"
            " WHERE paper_id = papers.id AND source = ? AND kind = ? AND seen_at > ?) ORDER BY age_at DESC, id LIMIT ?",
            (stamp(since), source, kind, stamp(before), limit),
        )
        return [row[0] for row in rows]

    @reads
    def count(self, db: Transaction) -> tuple[int, int]:
        """Number of papers and of observations; about, where there are millions."""
        return db.count("papers"), db.count("observations")

    @writes
    def thin(self, db: Transaction, now: datetime) -> int:
        """Keep one observation per day and series once they are 90 days old. Returns how many were deleted."""
        before = (now - KEEP_EVERY_OBSERVATION).timestamp()
        deleted = db.execute(
            """
            DELETE FROM observations WHERE seen_at < ?1 AND EXISTS (
                SELECT 1 FROM observations AS later WHERE later.series_id = observations.series_id
                AND later.seen_at > observations.seen_at AND later.seen_at < ?1
                AND CAST(later.seen_at AS BIGINT) / 86400 = CAST(observations.seen_at AS BIGINT) / 86400)
            """,
            (before,),
        )
        return deleted.rowcount

    @writes
    def report(self, db: Transaction, report: SourceReport) -> None:
        """Store the outcome of a source's fetch; a fault leaves the last success standing."""
        counts = (report.papers, report.signals, report.skipped)
        items = json.dumps(report.skipped_items, ensure_ascii=False)
        db.execute(
            """
            INSERT INTO sources (source, tried_at, succeeded_at, papers, signals, skipped, skipped_items, fault)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source) DO UPDATE SET tried_at = excluded.tried_at, fault = excluded.fault,
                succeeded_at = coalesce(excluded.succeeded_at, sources.succeeded_at),
                papers = excluded.papers, signals = excluded.signals, skipped = excluded.skipped,
                skipped_items = excluded.skipped_items
            """,
            (report.source, *map(stamp, (report.tried_at, report.succeeded_at)), *counts, items, report.fault),
        )

    @reads
    def reports(self, db: Transaction) -> list[SourceReport]:
        """Outcome of every source's latest fetch, by name."""
        return source_reports(db)

    @reads
    def unsearchable(self, db: Transaction, limit: int) -> list[str]:
        """Ids of papers that are indexed but found by no word, or by no meaning."""
        rows = db.execute(
            "SELECT id FROM papers JOIN index_orders USING (n) WHERE length(stems) = 0"
            " UNION SELECT id FROM papers JOIN embeddings USING (n)"
            " WHERE length(vector) > 0 AND vector = substr(?, 1, length(vector))"  # empty: in a segment
            " ORDER BY id LIMIT ?",
            (bytes(LONGEST_VECTOR), limit),
        )
        return [row[0] for row in rows]


def source_reports(db: Transaction) -> list[SourceReport]:
    """The latest fetch of each source, by name."""
    columns = "source, tried_at, succeeded_at, papers, signals, skipped, fault, skipped_items"
    return [
        SourceReport(
            source,
            datetime.fromtimestamp(tried_at, UTC),
            moment(succeeded_at),
            papers,
            signals,
            fault,
            skipped,
            tuple(json.loads(items)),
        )
        for source, tried_at, succeeded_at, papers, signals, skipped, fault, items in db.execute(
            f"SELECT {columns} FROM sources ORDER BY source"
        )
    ]


class Summaries(Part):
    """Papers that a language model summarises, the summaries it wrote, and those that came with Hugging Face's list."""

    @reads
    def unwritten(self, db: Transaction, since: datetime, limit: int) -> list[Paper]:
        """Papers since a time, with an abstract, that the language model has not written about, newest first."""
        rows = query(
            db,
            "SELECT * FROM papers WHERE age_at > ? AND described > 0 AND abstract <> '' AND withdrawn = 0"
            " AND tldr_by IN ('', ?) AND tldr_tries < ? ORDER BY age_at DESC, id LIMIT ?",
            (stamp(since), HUGGING_FACE, ATTEMPTS, limit),
        )
        return [to_paper(row) for row in rows]

    @writes
    def write(self, db: Transaction, paper: Paper, summary: str, model: str) -> bool:
        """Store a model's summary; False if the paper's text changed meanwhile."""
        updated = db.execute(
            "UPDATE papers SET tldr = ?, tldr_by = ? WHERE id = ? AND title = ? AND abstract = ? AND described > 0",
            (summary, model, paper.id, paper.title, paper.abstract),
        )
        return updated.rowcount > 0

    @writes
    def adopt(self, db: Transaction, summaries: Sequence[tuple[Paper, str]]) -> None:
        """Store Hugging Face's summaries of papers, or none where the text is empty.

        A language model's stay, and so does that of a paper whose text changed meanwhile.
        """
        db.executemany(
            "UPDATE papers SET tldr = ?1, tldr_by = ?2 WHERE id = ?3 AND title = ?4 AND abstract = ?5"
            " AND described > 0 AND tldr_by IN ('', ?2)",
            [(text, HUGGING_FACE, paper.id, paper.title, paper.abstract) for paper, text in summaries if text],
        )
        refused = id_list(paper.id for paper, text in summaries if not text)
        db.execute(f"{_UNADOPT} AND id IN (SELECT value FROM json_each(?))", (HUGGING_FACE, refused))

    @writes
    def forget_adopted(self, db: Transaction) -> int:
        """Delete all summaries by Hugging Face, for sentences of the abstracts to follow. Returns how many."""
        return db.execute(_UNADOPT, (HUGGING_FACE,)).rowcount

    @reads
    def adopted(self, db: Transaction) -> int:
        """Number of papers whose summary is Hugging Face's."""
        sql = "SELECT count(*) FROM papers WHERE tldr_by = ? AND tldr_by <> ''"
        return int(db.execute(sql, (HUGGING_FACE,)).fetchone()[0])

    @writes
    def record_failure(self, db: Transaction, paper: Paper) -> None:
        """Count a failed attempt; a paper is attempted twice."""
        db.execute("UPDATE papers SET tldr_tries = tldr_tries + 1 WHERE id = ?", (paper.id,))
