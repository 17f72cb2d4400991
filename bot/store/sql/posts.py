"""Rows of posts that are no digests, with their messages as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from pydantic import TypeAdapter

from bot.model import OPENER, Channel, Message, Post, PostKey, PostRecord, State
from bot.model.post import NEW_TO_CHANNEL
from bot.store.sql.digests import OF_POST
from bot.store.sql.rows import id_list, stamp
from bot.store.sql.shown_once import shown_in
from bot.store.sql.transaction import Transaction

_MESSAGES = TypeAdapter(tuple[Message, ...])


def keep(db: Transaction, posts: Sequence[Post], now: datetime, openers: Mapping[Channel, int]) -> frozenset[PostKey]:
    """Store posts that are no digests; the keys of those that are stored now.

    One whose key is stored already, in whatever state, stays as it is. One that opens is not stored where the channel
    has as many openers on that day as `openers` allows, those of digests not counted.
    """
    return frozenset(post.key for post in posts if _keep(db, post, now, openers))


def _keep(db: Transaction, post: Post, now: datetime, openers: Mapping[Channel, int]) -> bool:
    """Store a post with its papers; False if it is stored already, or may not be."""
    if not (_has_room(db, post, openers) and _is_new(db, post) and _insert(db, post, now)):
        return False
    picks = [(*post.key, position, paper_id, post.key.kind) for position, paper_id in enumerate(post.papers, start=1)]
    db.executemany(
        "INSERT INTO picks (channel, kind, key, position, paper_id, reason, topics, trend)"
        " VALUES (?, ?, ?, ?, ?, ?, '[]', '')",
        picks,
    )
    return True


def _is_new(db: Transaction, post: Post) -> bool:
    """Whether nothing has shown its papers since it was planned, where they are to be new: a digest, or a link."""
    return post.key.kind not in NEW_TO_CHANNEL or not post.papers or not shown_in(db, post.channel, post.papers)


def _has_room(db: Transaction, post: Post, openers: Mapping[Channel, int]) -> bool:
    if not post.opens or post.direct:
        return True
    sql = (
        "SELECT count(*) FROM posts WHERE channel = ? AND day = ? AND messages IS NOT NULL AND under_ref IS NULL"
        " AND state <> 'abandoned'"
    )
    count = db.execute(sql, (post.channel, post.day.isoformat())).fetchone()[0]
    return bool(count < openers[post.channel])


def _insert(db: Transaction, post: Post, now: datetime) -> bool:
    sql = """
        INSERT INTO posts (channel, kind, key, name, day, due_at, chosen_at, state, not_before, messages, under_ref,
            expires_at)
        VALUES (?, ?, ?, '', ?, ?, ?, 'open', ?, ?, ?, ?) ON CONFLICT (channel, kind, key) DO NOTHING
        """
    row = (
        *post.key,
        post.day.isoformat(),
        stamp(post.due_at),
        stamp(now),
        stamp(now),
        _MESSAGES.dump_json(post.messages, exclude_defaults=True).decode(),
        post.under,
        stamp(post.expires_at),
    )
    return db.execute(sql, row).rowcount > 0


def to_post(db: Transaction, row: Mapping[str, Any]) -> Post:
    """Post of a row of `posts` that is no digest."""
    key = PostKey(row["channel"], row["kind"], row["key"])
    papers = db.execute(f"SELECT paper_id FROM picks WHERE {OF_POST} ORDER BY position", key)
    return Post(
        key,
        date.fromisoformat(row["day"]),
        _MESSAGES.validate_json(row["messages"]),
        datetime.fromtimestamp(row["due_at"], UTC),
        datetime.fromtimestamp(row["expires_at"], UTC),
        row["under_ref"],
        tuple(paper_id for (paper_id,) in papers),
    )


def records(db: Transaction, kind: str, channels: Collection[Channel], since: date) -> list[PostRecord]:
    """Posts of a kind that is no digest since a local day, by channel in the order in which they were made."""
    sql = """
        SELECT p.channel, p.key, p.day, p.chosen_at, p.state, p.under_ref, d.ref, p.reason,
            coalesce(d.state, '') AS first_state, picks.paper_id
        FROM json_each(?1) AS wanted JOIN posts AS p ON p.channel = wanted.value AND p.kind = ?2
        LEFT JOIN deliveries AS d ON d.channel = p.channel AND d.kind = p.kind AND d.key = p.key AND d.slot = ?3
        LEFT JOIN picks ON picks.channel = p.channel AND picks.kind = p.kind AND picks.key = p.key
        WHERE p.day >= ?4 ORDER BY p.channel, p.chosen_at, p.key, picks.position
        """
    rows: Iterable[tuple[Any, ...]] = db.execute(sql, (id_list(channels), kind, OPENER, since.isoformat()))
    post_records = []
    for facts, papers in groupby(rows, key=itemgetter(slice(-1))):
        channel, key, day, made_at, state, under, ref, reason, first_state = facts
        ids = tuple(paper_id for *_, paper_id in papers if paper_id is not None)
        made, post = datetime.fromtimestamp(made_at, UTC), PostKey(channel, kind, key)
        lost = first_state == State.LOST.value
        post_records.append(PostRecord(post, date.fromisoformat(day), made, state, under, ref, ids, reason, lost))
    return post_records
