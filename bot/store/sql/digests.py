"""Rows of digests and picks, with the evidence as it was when they were chosen."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from bot.model import (
    MAIN,
    OPENER,
    Channel,
    Digest,
    DigestRecord,
    Evidence,
    LikedNeighbour,
    MissedDigest,
    Outage,
    Outcome,
    Pick,
    PostKey,
    Reason,
    Trend,
)
from bot.model.delivery import COMPACT
from bot.model.linked import LinkedPaper
from bot.store.sql.rows import id_list, moment, stamp, to_paper
from bot.store.sql.transaction import Transaction

_NEIGHBOUR = TypeAdapter(LikedNeighbour)
_SECONDS = re.compile(r"\d+(?:\.\d+)?")
OF_POST = "channel = ? AND kind = ? AND key = ?"
"""Condition on a post, its picks and its deliveries: a PostKey."""
POSTS = """
SELECT d.*, (SELECT timezone FROM subscriptions WHERE channel = d.channel AND name = d.name) AS timezone,
    (SELECT summaries FROM subscriptions WHERE channel = d.channel AND name = d.name) AS summaries,
    (SELECT mention FROM subscriptions WHERE channel = d.channel AND name = d.name) AS mention,
    (SELECT settings FROM channel_settings WHERE channel = d.channel) AS settings,
    EXISTS (SELECT 1 FROM posts WHERE channel = d.channel AND name = d.name AND listed_on = d.day) AS lists_missed,
    EXISTS (SELECT 1 FROM subscriptions WHERE channel = d.channel AND name != d.name) AS has_others
FROM posts AS d WHERE
"""
"""Rows for `to_digest`; a condition follows."""
PICKS = f"""
SELECT papers.*, picks.reason AS pick_reason, picks.topics AS pick_topics, picks.trend AS pick_trend,
    picks.liked AS pick_liked, picks.close_to AS pick_close_to, picks.neighbour AS pick_neighbour
FROM picks JOIN papers ON papers.id = picks.paper_id WHERE {OF_POST} ORDER BY position
"""
"""Rows of the picks of a PostKey, for `to_digest`."""
REPLACEABLE = f"""
(outcome = '{Outcome.LATE.value}' OR (state = 'abandoned' AND NOT EXISTS (
    SELECT 1 FROM deliveries AS sent WHERE sent.channel = posts.channel AND sent.kind = posts.kind
    AND sent.key = posts.key AND sent.state != 'refused')))
"""
"""Condition on `posts`: nothing of it can have left."""


def to_row(digest: Digest) -> tuple[object, ...]:
    """Row of a digest, in the order of the columns that `Ledger.keep` names."""
    silent = digest.outcome is Outcome.LATE or (not digest.picks and not digest.missed and digest.quiet == "skip")
    return (
        *digest.post,
        digest.name,
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
        id_list(each.paper.id for each in digest.linked) if digest.linked else None,
    )


def pick_rows(digest: Digest, trends: dict[int, str]) -> Iterator[tuple[object, ...]]:
    """Rows of the picks of a digest. `trends`: JSON by identity; channels share trends, and each is dumped once."""
    post = digest.post
    for position, pick in enumerate(digest.picks, start=1):
        if id(pick.trend) not in trends:
            trends[id(pick.trend)] = _dump_trend(pick.trend)
        trend = trends[id(pick.trend)]
        topics, words, close_to = map(_topics, (pick.topics, pick.liked, pick.close_to))
        neighbour = None if pick.neighbour is None else _dump_neighbour(pick.neighbour)
        yield *post, position, pick.paper.id, pick.reason.value, topics, trend, words, close_to, neighbour


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
    return json.dumps([trend.score, trend.standing, trend.rule, evidence, trend.expected, trend.listed])


def _dump_neighbour(neighbour: LikedNeighbour) -> str:
    """JSON of the liked paper that a pick is close to, without the link, which is made when it is posted."""
    return _NEIGHBOUR.dump_json(replace(neighbour, url=None), exclude_none=True).decode()


def erase_neighbours(db: Transaction, channel: Channel) -> None:
    """Forget which picks of a channel were close to what its people had liked, as all of that is forgotten."""
    db.execute("UPDATE picks SET neighbour = NULL WHERE channel = ? AND neighbour IS NOT NULL", (channel,))


def replaceable(db: Transaction, posts: Collection[PostKey]) -> dict[PostKey, bool]:
    """Whether the record of a digest may be replaced, of all these that there are; one query for ten thousand."""
    channels: dict[str, set[Channel]] = {}
    for post in posts:
        channels.setdefault(post.key, set()).add(post.channel)
    sql = (
        f"SELECT channel, kind, key, {REPLACEABLE} FROM posts WHERE channel IN (SELECT value FROM json_each(?))"
        " AND kind = 'digest' AND key = ?"
    )
    # Key by key, of which there are few: for a list of them PostgreSQL reads every post that the channels ever had.
    rows = (row for key, of_key in channels.items() for row in db.execute(sql, (id_list(of_key), key)))
    return {PostKey(*post): bool(is_replaceable) for *post, is_replaceable in rows}


def makes_room(db: Transaction, post: PostKey, digest: Digest, stored: Mapping[PostKey, bool]) -> bool:
    """Whether a digest may be stored: its day has no record, or one that left nothing, which is deleted."""
    if post not in stored or not stored[post] or digest.outcome is Outcome.LATE:
        return post not in stored
    for table in ("deliveries", "posts"):  # picks go with their post
        db.execute(f"DELETE FROM {table} WHERE {OF_POST}", post)
    return True


def last_days(db: Transaction, channel: Channel, limit: int = 10, name: str | None = MAIN) -> list[DigestRecord]:
    """Outcomes of a subscription's latest digests, newest first; without a name, of all that the channel had."""
    # Of one name by key, which begins with it, as the table is sorted.
    condition, order = ("TRUE", "day DESC, name") if name is None else ("name = ?", "key DESC")
    rows = db.execute(
        f"""
        SELECT day, outcome, state,
            (SELECT count(*) FROM picks WHERE channel = d.channel AND kind = d.kind AND key = d.key),
            (SELECT min(posted_at) FROM deliveries WHERE channel = d.channel AND kind = d.kind AND key = d.key
            AND slot IN (?, ?)), reason, name
        FROM posts AS d WHERE channel = ? AND kind = 'digest' AND {condition} ORDER BY {order} LIMIT ?
        """,
        (OPENER, COMPACT, channel, *([] if name is None else [name]), limit),
    )
    return [
        DigestRecord(date.fromisoformat(day), Outcome(outcome), state, papers, moment(posted_at), *rest)
        for day, outcome, state, papers, posted_at, *rest in rows
    ]


def to_digest(
    row: Mapping[str, Any],
    picks: Iterable[Mapping[str, Any]],
    missed_digests: tuple[MissedDigest, ...] = (),
    linked: tuple[LinkedPaper, ...] = (),
) -> Digest:
    """Digest of a row of `posts`, and of rows of its `picks` joined with `papers`."""
    chosen = tuple(_to_pick(tuple(pick.items())) for pick in picks)
    ids = {pick.paper.id for pick in chosen}
    digest = Digest(
        channel=row["channel"],
        name=row["name"],
        label=row["name"] if row["has_others"] else "",
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
        linked=linked,
        timezone=row["timezone"] or "UTC",
        mention=row["mention"] or "",
    )
    return digest.worded(row["summaries"] or "any")


@lru_cache(maxsize=1_024)
def _to_pick(columns: tuple[tuple[str, Any], ...]) -> Pick:
    """Pick of a row; cached, because most channels get the same papers."""
    row = dict(columns)
    score, standing, rule, evidence, *forecast = json.loads(row["pick_trend"])  # without `listed` before 0.9
    evidence = tuple(
        Evidence(source, kind, value, datetime.fromtimestamp(seen_at, UTC), before, moment(before_at), weight)
        for source, kind, value, seen_at, before, before_at, weight in evidence
    )
    trend = Trend(to_paper(row), score, standing, evidence, rule, *forecast)
    topics, liked, close_to = (tuple(json.loads(row[f"pick_{column}"])) for column in ("topics", "liked", "close_to"))
    neighbour = row["pick_neighbour"] and _NEIGHBOUR.validate_json(row["pick_neighbour"])
    return Pick(trend, Reason(row["pick_reason"]), topics, liked, close_to, neighbour)
