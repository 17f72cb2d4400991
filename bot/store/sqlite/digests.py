"""Rows of digests and picks, with the evidence as it was when they were chosen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from bot.model import Channel, Digest, Evidence, Outcome, Paper, Pick, Reason, Trend
from bot.store.sqlite.rows import id_list, moment, stamp, to_paper
from bot.store.sqlite.subscriptions import reschedule


def insert(db: Database, digests: Sequence[Digest], due: Mapping[Channel, datetime]) -> None:
    """Insert digests, with plain executemany because ten thousand are due at nine o'clock."""
    days = {(digest.channel, digest.day): digest for digest in digests}
    fresh = [digest for digest in days.values() if not _has(db, digest)]
    trends: dict[int, str] = {}
    db.conn.executemany(
        "INSERT INTO digests (channel, day, outcome, due_at, chosen_at, since, topics, style, quiet, thinned, faults,"
        " state, not_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_digest_row(digest) for digest in fresh],
    )
    db.conn.executemany(
        "INSERT INTO picks (channel, day, position, paper_id, reason, topics, trend, liked, close_to)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [row for digest in fresh for row in _pick_rows(digest, trends)],
    )
    db.conn.executemany(
        "UPDATE subscriptions SET last_at = ? WHERE channel = ?",
        [(stamp(d.chosen_at), d.channel) for d in fresh if d.outcome is not Outcome.LATE],
    )
    reschedule(db, due)


def _has(db: Database, digest: Digest) -> bool:
    key = (digest.channel, digest.day.isoformat())
    return db.execute("SELECT 1 FROM digests WHERE channel = ? AND day = ?", key).fetchone() is not None


def _digest_row(digest: Digest) -> tuple[object, ...]:
    silent = digest.outcome is Outcome.LATE or (not digest.picks and digest.quiet == "skip")
    return (
        digest.channel,
        digest.day.isoformat(),
        digest.outcome.value,
        stamp(digest.due_at),
        stamp(digest.chosen_at),
        stamp(digest.since),
        _topics(digest.topics),
        digest.style,
        digest.quiet,
        digest.thinned,
        json.dumps(digest.faults, ensure_ascii=False),
        "done" if silent else "open",
        stamp(digest.chosen_at),
    )


def _pick_rows(digest: Digest, trends: dict[int, str]) -> Iterable[tuple[object, ...]]:
    day = digest.day.isoformat()
    for position, pick in enumerate(digest.picks, start=1):
        if id(pick.trend) not in trends:  # channels share trends: each is written out once
            trends[id(pick.trend)] = _dump_trend(pick.trend)
        trend = trends[id(pick.trend)]
        lines = (_topics(each) for each in (pick.topics, pick.liked, pick.close_to))
        topics, words, close_to = lines
        yield digest.channel, day, position, pick.paper.id, pick.reason.value, topics, trend, words, close_to


@lru_cache(maxsize=4096)
def _topics(lines: tuple[str, ...]) -> str:
    """JSON of topics. Cached: channels share them, and dumping them anew took a fifth of a tick's time for writing."""
    return json.dumps(lines, ensure_ascii=False)


def _dump_trend(trend: Trend) -> str:
    evidence = [
        [e.source, e.kind, e.value, stamp(e.seen_at), e.before, stamp(e.before_at), e.weight] for e in trend.evidence
    ]
    return json.dumps([trend.score, trend.standing, trend.rule, evidence, trend.expected])


def _load_trend(text: str, paper: Paper) -> Trend:
    score, standing, rule, evidence, expected = json.loads(text)
    return Trend(
        paper=paper,
        score=score,
        standing=standing,
        rule=rule,
        expected=expected,
        evidence=tuple(
            Evidence(source, kind, value, _moment(seen_at), before, moment(before_at), weight)
            for source, kind, value, seen_at, before, before_at, weight in evidence
        ),
    )


def _moment(stored: float) -> datetime:
    at = moment(stored)
    assert at is not None  # noqa: S101 - the column is NOT NULL; this tells the type checker
    return at


def shown_in(db: Database, channel: Channel, ids: tuple[str, ...]) -> list[str]:
    """Those of these papers that a channel has been shown, or is about to be."""
    rows = db.execute(
        "SELECT DISTINCT p.paper_id FROM json_each(?) AS wanted"
        " JOIN picks AS p ON p.paper_id = wanted.value AND p.channel = ? AND p.shown = 1",
        (id_list(ids), channel),
    )
    return [row[0] for row in rows]


def channels_shown(db: Database, ids: tuple[str, ...]) -> dict[str, list[Channel]]:
    """Channels that have been shown each paper; one row per paper, because a million rows took a second."""
    rows = db.execute(
        "SELECT wanted.value, (SELECT json_group_array(channel) FROM picks WHERE paper_id = wanted.value AND shown = 1)"
        " FROM json_each(?) AS wanted",
        (id_list(ids),),
    )
    return {paper_id: json.loads(channels) for paper_id, channels in rows}


def load(db: Database, channel: Channel, day: date) -> Digest | None:
    """A stored digest, with the evidence as it was."""
    key = (channel, day.isoformat())
    rows = list(db.query("SELECT * FROM digests WHERE channel = ? AND day = ?", key))
    if not rows:
        return None
    row = rows[0]
    picks = db.query(
        "SELECT papers.*, picks.reason AS pick_reason, picks.topics AS pick_topics, picks.trend AS pick_trend,"
        " picks.liked AS pick_liked, picks.close_to AS pick_close_to"
        " FROM picks JOIN papers ON papers.id = picks.paper_id WHERE channel = ? AND day = ? ORDER BY position",
        key,
    )
    return Digest(
        channel=channel,
        day=day,
        picks=tuple(_to_pick(pick) for pick in picks),
        outcome=Outcome(row["outcome"]),
        due_at=_moment(row["due_at"]),
        chosen_at=_moment(row["chosen_at"]),
        since=_moment(row["since"]),
        topics=tuple(json.loads(row["topics"])),
        style=row["style"],
        quiet=row["quiet"],
        thinned=row["thinned"],
        faults=tuple(json.loads(row["faults"])),
    )


def _to_pick(row: Mapping[str, Any]) -> Pick:
    trend = _load_trend(row["pick_trend"], to_paper(row))
    columns = ("pick_topics", "pick_liked", "pick_close_to")
    topics, words, close_to = (tuple(json.loads(row[column])) for column in columns)
    return Pick(trend, Reason(row["pick_reason"]), topics, words, close_to)
