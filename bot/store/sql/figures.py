"""Counts for monitoring, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.model import SourceReport
from bot.store.sql.connection import Part, reads
from bot.store.sql.papers import source_reports
from bot.store.sql.rows import moment
from bot.store.sql.transaction import Transaction


class StoreFigures(NamedTuple):
    """Counts of one moment."""

    reports: Sequence[SourceReport]
    """The latest fetch of each source."""
    channels: Mapping[tuple[str, str], int]
    """Subscriptions by platform and state: `active`, `paused` by request, `unreachable`."""
    papers: int
    observations: int
    """Both about, where there are millions."""
    queued: int
    """Digests with messages to post."""
    oldest_due: datetime | None
    """When the oldest of them was due."""


class Figures(Part):
    """Reads the counts."""

    @reads
    def read(self, db: Transaction) -> StoreFigures:
        """All of them in one query."""
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
