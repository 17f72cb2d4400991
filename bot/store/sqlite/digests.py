"""Rows of digests and picks, with the evidence as it was when they were chosen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from bot.model import Channel, Digest, Evidence, Outcome, Pick, Reason, Trend
from bot.store.sqlite.rows import id_list, moment, stamp, to_paper


def to_row(digest: Digest) -> tuple[object, ...]:
    """Row of a digest, in the order of the columns that `SqliteLedger.keep` names."""
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


def pick_rows(digest: Digest, trends: dict[int, str]) -> Iterator[tuple[object, ...]]:
    """Rows of the picks of a digest. `trends`: JSON by identity; channels share trends, and each is dumped once."""
    day = digest.day.isoformat()
    for position, pick in enumerate(digest.picks, start=1):
        if id(pick.trend) not in trends:
            trends[id(pick.trend)] = _dump_trend(pick.trend)
        trend = trends[id(pick.trend)]
        topics, words, close_to = map(_topics, (pick.topics, pick.liked, pick.close_to))
        yield digest.channel, day, position, pick.paper.id, pick.reason.value, topics, trend, words, close_to


@lru_cache(maxsize=4096)
def _topics(lines: tuple[str, ...]) -> str:
    """JSON of topics; cached, because channels share them: dumping took a fifth of the time for writing a tick."""
    return json.dumps(lines, ensure_ascii=False)


def _dump_trend(trend: Trend) -> str:
    evidence = [
        [e.source, e.kind, e.value, stamp(e.seen_at), e.before, stamp(e.before_at), e.weight] for e in trend.evidence
    ]
    return json.dumps([trend.score, trend.standing, trend.rule, evidence, trend.expected])


def shown_in(db: Database, channel: Channel, ids: tuple[str, ...]) -> list[str]:
    """Ids among these of papers that a channel has been shown, or is about to be."""
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


def to_digest(row: Mapping[str, Any], picks: Iterable[Mapping[str, Any]]) -> Digest:
    """Digest of a row of `digests`, and of rows of its `picks` joined with `papers`."""
    return Digest(
        channel=row["channel"],
        day=date.fromisoformat(row["day"]),
        picks=tuple(_to_pick(tuple(pick.items())) for pick in picks),
        outcome=Outcome(row["outcome"]),
        due_at=datetime.fromtimestamp(row["due_at"], UTC),
        chosen_at=datetime.fromtimestamp(row["chosen_at"], UTC),
        since=datetime.fromtimestamp(row["since"], UTC),
        topics=tuple(json.loads(row["topics"])),
        style=row["style"],
        quiet=row["quiet"],
        thinned=row["thinned"],
        faults=tuple(json.loads(row["faults"])),
        timezone=row["timezone"] or "UTC",
    )


@lru_cache(maxsize=1_024)
def _to_pick(columns: tuple[tuple[str, Any], ...]) -> Pick:
    """Pick of a row; cached, because most channels get the same papers."""
    row = dict(columns)
    score, standing, rule, evidence, expected = json.loads(row["pick_trend"])
    evidence = tuple(
        Evidence(source, kind, value, datetime.fromtimestamp(seen_at, UTC), before, moment(before_at), weight)
        for source, kind, value, seen_at, before, before_at, weight in evidence
    )
    trend = Trend(to_paper(row), score, standing, evidence, rule, expected)
    lists = (json.loads(row[column]) for column in ("pick_topics", "pick_liked", "pick_close_to"))
    return Pick(trend, Reason(row["pick_reason"]), *map(tuple, lists))
