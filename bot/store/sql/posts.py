"""Rows of posts that are no digests, with their messages as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pydantic import TypeAdapter

from bot.model import Channel, Message, Post, PostKey
from bot.store.sql.digests import OF_POST
from bot.store.sql.rows import stamp
from bot.store.sql.transaction import Transaction

_MESSAGES = TypeAdapter(tuple[Message, ...])


def keep(db: Transaction, posts: Sequence[Post], now: datetime, openers: Mapping[Channel, int]) -> frozenset[PostKey]:
    """Store posts that are not stored yet, within each channel's openers a day. Returns the keys of those stored."""
    kept = frozenset(post.key for post in posts if _has_room(db, post, openers) and _insert(db, post, now))
    picks = [
        (*post.key, position, paper_id, post.key.kind)
        for post in posts
        if post.key in kept
        for position, paper_id in enumerate(post.papers, start=1)
    ]
    db.executemany(
        "INSERT INTO picks (channel, kind, key, position, paper_id, reason, topics, trend)"
        " VALUES (?, ?, ?, ?, ?, ?, '[]', '')",
        picks,
    )
    return kept


def _has_room(db: Transaction, post: Post, openers: Mapping[Channel, int]) -> bool:
    if not post.opens:
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
