"""Counts for monitoring, in one transaction."""

from __future__ import annotations

from bot.store.protocols.figures import StoreFigures
from bot.store.sql.connection import Part, reads
from bot.store.sql.papers import source_reports
from bot.store.sql.rows import moment
from bot.store.sql.transaction import Transaction


class SqlFigures(Part):
    """`protocols.Figures` in SQL."""

    @reads
    def read(self, db: Transaction) -> StoreFigures:
        channels = db.execute(
            """
            SELECT substr(channel, 1, instr(channel, ':') - 1), CASE WHEN paused_at IS NULL THEN 'active'
                WHEN pause_reason IS NULL THEN 'paused' ELSE 'unreachable' END AS state, count(*)
            FROM subscriptions GROUP BY 1, 2
            """
        )
        by_state = {(platform, state): count for platform, state, count in channels}
        queued, due_at = db.execute("SELECT count(*), min(due_at) FROM posts WHERE state = 'open'").fetchone()
        stored = db.count("papers"), db.count("observations")
        return StoreFigures(source_reports(db), by_state, *stored, queued, moment(due_at))
