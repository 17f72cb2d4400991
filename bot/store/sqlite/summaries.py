"""Summaries that a language model wrote: columns `tldr`, `tldr_by` and `tldr_tries` of the papers."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from bot.model import Paper
from bot.store.sqlite.connection import Part, reads, writes
from bot.store.sqlite.rows import stamp, to_paper

ATTEMPTS = 2
"""Most attempts at one text."""


class SqliteSummaries(Part):
    """`protocols.Summaries` in SQLite."""

    @reads
    def unwritten(self, db: Database, since: datetime, limit: int) -> list[Paper]:
        rows = db.query(
            "SELECT * FROM papers WHERE age_at > ? AND described > 0 AND abstract <> '' AND withdrawn = 0"
            " AND tldr_by = '' AND tldr_tries < ? ORDER BY age_at DESC, id LIMIT ?",
            (stamp(since), ATTEMPTS, limit),
        )
        return [to_paper(row) for row in rows]

    @writes
    def write(self, db: Database, paper: Paper, summary: str, model: str) -> bool:
        updated = db.execute(
            "UPDATE papers SET tldr = ?, tldr_by = ? WHERE id = ? AND title = ? AND abstract = ? AND described > 0",
            (summary, model, paper.id, paper.title, paper.abstract),
        )
        return updated.rowcount > 0

    @writes
    def record_failure(self, db: Database, paper: Paper) -> None:
        db.execute("UPDATE papers SET tldr_tries = tldr_tries + 1 WHERE id = ?", (paper.id,))
