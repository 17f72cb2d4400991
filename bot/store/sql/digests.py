"""Rows of digests and picks, with the evidence as it was when they were chosen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from bot.model import Channel, Digest, Evidence, MissedDigest, Outage, Outcome, Pick, Reason, State, Trend
from bot.store.sql.rows import id_list, moment, stamp, to_paper
from bot.store.sql.transaction import Transaction, query

_SECONDS = re.compile(r"\d+(?:\.\d+)?")
LISTED_AT_ONCE = 20
"""Papers of missed digests that one digest lists; more wait for the next one."""


def to_row(digest: Digest) -> tuple[object, ...]:
    """Row of a digest, in the order of the columns that `SqlLedger.keep` names."""
    silent = digest.outcome is Outcome.LATE or (not digest.picks and not digest.missed and digest.quiet == "skip")
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
        _dump_outages(digest.faults),
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


@lru_cache(maxsize=64)
def _dump_outages(outages: tuple[Outage, ...]) -> str:
    """A JSON list of `huggingface 1795420800.0`, or of the source's name alone."""
    return json.dumps([" ".join(map(str, filter(None, (each.source, stamp(each.answered_at))))) for each in outages])


def _to_outage(text: str) -> Outage:
    """The outage of a text; versions before 0.7 wrote a sentence that begins with the source."""
    source, _, rest = text.partition(" ")
    return Outage(source, moment(float(rest)) if _SECONDS.fullmatch(rest) else None)


def _dump_trend(trend: Trend) -> str:
    evidence = [
        [e.source, e.kind, e.value, stamp(e.seen_at), e.before, stamp(e.before_at), e.weight] for e in trend.evidence
    ]
    return json.dumps([trend.score, trend.standing, trend.rule, evidence, trend.expected])


def shown_in(db: Transaction, channel: Channel, ids: tuple[str, ...]) -> list[str]:
    """Ids among these of papers that a channel has been shown, or is about to be."""
    rows = db.execute(
        "SELECT DISTINCT p.paper_id FROM json_each(?) AS wanted"
        " JOIN picks AS p ON p.paper_id = wanted.value AND p.channel = ? AND p.shown = 1",
        (id_list(ids), channel),
    )
    return [row[0] for row in rows]


def channels_shown(db: Transaction, ids: tuple[str, ...]) -> dict[str, list[Channel]]:
    """Channels that have been shown each paper; one row per paper, because a million rows took a second."""
    rows = db.execute(
        "SELECT wanted.value, (SELECT json_group_array(channel) FROM picks WHERE paper_id = wanted.value AND shown = 1)"
        " FROM json_each(?) AS wanted",
        (id_list(ids),),
    )
    return {paper_id: json.loads(channels) for paper_id, channels in rows}


def mark_listed(db: Transaction, kept: Sequence[Digest]) -> None:
    """Note which digests list the papers of earlier ones; those papers count as shown."""
    rows = [(d.day.isoformat(), d.channel, missed.day.isoformat()) for d in kept for missed in d.missed]
    db.executemany("UPDATE digests SET listed_on = ? WHERE channel = ? AND day = ?", rows)
    db.executemany("UPDATE picks SET shown = 1 WHERE channel = ? AND day = ?", [row[1:] for row in rows])


def unmark_listed(db: Transaction, channel: str, day: str) -> None:
    """Let the papers that an abandoned digest listed be listed by the next one."""
    key = (channel, day)
    db.execute(
        "UPDATE picks SET shown = 0 WHERE channel = ?1 AND day IN"
        " (SELECT day FROM digests WHERE channel = ?1 AND listed_on = ?2)",
        key,
    )
    db.execute("UPDATE digests SET listed_on = NULL WHERE channel = ? AND listed_on = ?", key)


def missed(db: Transaction, channels: Iterable[Channel], since: datetime) -> dict[Channel, tuple[MissedDigest, ...]]:
    """Abandoned digests chosen since a time whose papers no later one lists, oldest first, by channel."""
    condition = "state = 'abandoned' AND listed_on IS NULL AND chosen_at >= ?"
    affected = {channel for (channel,) in db.execute(f"SELECT channel FROM digests WHERE {condition}", (stamp(since),))}
    by_channel: dict[Channel, tuple[MissedDigest, ...]] = {}
    for channel in affected.intersection(channels):
        waiting = _missed(db, condition, channel, stamp(since))
        while len(waiting) > 1 and sum(len(each.papers) for each in waiting) > LISTED_AT_ONCE:
            waiting = waiting[:-1]
        if waiting:
            by_channel[channel] = waiting
    return by_channel


def listed(db: Transaction, channel: Channel, day: str) -> tuple[MissedDigest, ...]:
    """Earlier digests whose papers the digest of a day lists."""
    return _missed(db, "listed_on = ?", channel, day)


def _missed(db: Transaction, condition: str, channel: Channel, parameter: object) -> tuple[MissedDigest, ...]:
    rows = query(
        db,
        "SELECT papers.*, d.day AS missed_day, coalesce((SELECT state FROM deliveries WHERE channel = d.channel"
        " AND day = d.day AND slot = 0), '') AS opener FROM digests AS d"
        " JOIN picks USING (channel, day) JOIN papers ON papers.id = paper_id"
        f" WHERE d.channel = ? AND {condition} AND NOT EXISTS (SELECT 1 FROM deliveries WHERE channel = d.channel"
        " AND day = d.day AND slot = 0 AND state = 'posted') ORDER BY d.day || '', position",
        (channel, parameter),
    )
    return tuple(
        MissedDigest(date.fromisoformat(day), tuple(paper for paper, _ in papers), certain=opener != State.LOST)
        for (day, opener), papers in groupby(
            ((to_paper(row), (row["missed_day"], row["opener"])) for row in rows), key=itemgetter(1)
        )
    )


def to_digest(
    row: Mapping[str, Any], picks: Iterable[Mapping[str, Any]], missed_digests: tuple[MissedDigest, ...] = ()
) -> Digest:
    """Digest of a row of `digests`, and of rows of its `picks` joined with `papers`."""
    chosen = tuple(_to_pick(tuple(pick.items())) for pick in picks)
    ids = {pick.paper.id for pick in chosen}
    return Digest(
        channel=row["channel"],
        day=date.fromisoformat(row["day"]),
        picks=chosen,
        missed=tuple(
            replace(each, papers=tuple(paper for paper in each.papers if paper.id not in ids))
            for each in missed_digests
        ),
        outcome=Outcome(row["outcome"]),
        due_at=datetime.fromtimestamp(row["due_at"], UTC),
        chosen_at=datetime.fromtimestamp(row["chosen_at"], UTC),
        since=datetime.fromtimestamp(row["since"], UTC),
        topics=tuple(json.loads(row["topics"])),
        style=row["style"],
        quiet=row["quiet"],
        thinned=row["thinned"],
        faults=tuple(map(_to_outage, json.loads(row["faults"]))),
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
