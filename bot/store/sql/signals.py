"""Signals as time series: appended to, never overwritten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite

from bot.model import Signal
from bot.store.sql.rows import id_list
from bot.store.sql.transaction import Transaction

UNCHANGED_FOR = timedelta(hours=6)
"""Time after which an unchanged value is stored again; every half hour would make 48 rows a day."""


_Key = tuple[str, str, str]
"""Paper id, source and kind of a series."""


def observe(db: Transaction, signals: Iterable[tuple[str, Signal]]) -> int:
    """Append observations by paper id, unless unchanged or of a paper that is not stored. Returns how many."""
    finite = [
        ((paper_id, each.source, each.kind), each.value, each.seen_at.timestamp())
        for paper_id, each in signals
        if isfinite(each.value)
    ]
    series = _series(db, {key[0] for key, _, _ in finite})
    first = {key: (value, at) for key, value, at in reversed(finite) if key not in series}
    if first:
        _begin_series(db, first)
        begun = _series(db, {key[0] for key in first})
        series |= {key: begun[key] for key in first if key in begun}
    appended: list[tuple[int, float, float]] = []
    late: list[tuple[int, float, float]] = []
    changed: dict[int, dict[str, object]] = {}
    for key, value, at in finite:
        if key not in series:
            continue  # of a paper that is not stored
        series_id, latest, seen_at = series[key]
        row = (series_id, at, value)
        if key in first:
            del first[key]
            appended.append(row)
        elif at <= seen_at:
            late.append(row)
        elif value != latest or at - seen_at >= UNCHANGED_FOR.total_seconds():
            series[key] = (series_id, value, at)
            changed[series_id] = {"id": series_id, "value": value, "seen_at": at}
            appended.append(row)
    db.update("series", ("id",), list(changed.values()))
    db.executemany("INSERT INTO observations (series_id, seen_at, value) VALUES (?, ?, ?)", appended)
    sql = "INSERT INTO observations (series_id, seen_at, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    return len(appended) + sum(db.execute(sql, row).rowcount for row in late)


def _series(db: Transaction, paper_ids: Iterable[str]) -> dict[_Key, tuple[int, float, float]]:
    """Id, latest value and its time of the series of these papers."""
    sql = (
        "SELECT paper_id, source, kind, id, value, seen_at FROM series"
        " WHERE paper_id IN (SELECT value FROM json_each(?))"
    )
    return {(row[0], row[1], row[2]): (row[3], row[4], row[5]) for row in db.execute(sql, (id_list(paper_ids),))}


def _begin_series(db: Transaction, first: Mapping[_Key, tuple[float, float]]) -> None:
    sql = "SELECT id FROM papers WHERE id IN (SELECT value FROM json_each(?))"
    stored = {paper_id for (paper_id,) in db.execute(sql, (id_list({key[0] for key in first}),))}
    rows = [(*key, *latest) for key, latest in first.items() if key[0] in stored]
    db.executemany("INSERT INTO series (paper_id, source, kind, value, seen_at) VALUES (?, ?, ?, ?, ?)", rows)


def signals_since(db: Transaction, ids: Collection[str], since: datetime) -> dict[str, list[Signal]]:
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
