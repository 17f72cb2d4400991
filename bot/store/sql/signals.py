"""Signals as time series: appended to, never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isfinite

from bot.model import Signal
from bot.store.sql.rows import id_list
from bot.store.sql.transaction import Transaction

UNCHANGED_FOR = timedelta(hours=6)
"""Time after which an unchanged value is stored again; every half hour would make 48 rows a day."""


def observe(db: Transaction, signal: Signal, paper_id: str) -> bool:
    """Append an observation unless it is unchanged or its paper is not stored. Returns whether it was appended."""
    if not isfinite(signal.value):
        return False
    at = signal.seen_at.timestamp()
    key = (paper_id, signal.source, signal.kind)
    series = db.execute(
        "SELECT id, value, seen_at FROM series WHERE paper_id = ? AND source = ? AND kind = ?", key
    ).fetchone()
    if series is None:
        if not db.execute("SELECT 1 FROM papers WHERE id = ?", (paper_id,)).fetchone():
            return False
        series_id = db.execute(
            "INSERT INTO series (paper_id, source, kind, value, seen_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (*key, signal.value, at),
        ).fetchone()[0]
    else:
        series_id, value, seen_at = series
        if at > seen_at:
            if value == signal.value and at - seen_at < UNCHANGED_FOR.total_seconds():
                return False
            db.execute("UPDATE series SET value = ?, seen_at = ? WHERE id = ?", (signal.value, at, series_id))
    inserted = db.execute(
        "INSERT INTO observations (series_id, seen_at, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (series_id, at, signal.value),
    )
    return inserted.rowcount > 0


def signals_since(db: Transaction, ids: tuple[str, ...], since: datetime) -> dict[str, list[Signal]]:
    """Observations of papers since a time and the last one before it, oldest first."""
    start = since.timestamp()
    rows = db.execute(
        """
        SELECT s.paper_id, s.source, s.kind, o.value, o.seen_at
        FROM json_each(?1) AS wanted JOIN series AS s ON s.paper_id = wanted.value
        JOIN observations AS o ON o.series_id = s.id AND o.seen_at >= coalesce(
            (SELECT max(p.seen_at) FROM observations AS p WHERE p.series_id = s.id AND p.seen_at < ?2), ?2)
        ORDER BY s.paper_id, o.seen_at
        """,
        (id_list(ids), start),
    )
    signals: dict[str, list[Signal]] = {}
    for paper_id, source, kind, value, seen_at in rows:
        signal = Signal(paper_id, source, kind, value, datetime.fromtimestamp(seen_at, UTC))
        signals.setdefault(paper_id, []).append(signal)
    return signals
