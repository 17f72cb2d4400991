"""The ledger: digests as they were chosen, and the state of each of their messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

from bot.model import (
    MAIN,
    OPENER,
    Channel,
    Delivery,
    Digest,
    MissedDigest,
    OldestOpen,
    OpenPost,
    Outcome,
    Post,
    PostKey,
    Ref,
    State,
    SubscriptionKey,
    digest_key,
)
from bot.model.delivery import COMPACT
from bot.model.schedule import MAX_RETRY_DELAY
from bot.store.sql import digests, links, posts, shown_once
from bot.store.sql.channel_settings import to_settings
from bot.store.sql.connection import Connection, Part, reading, reads, writes, writing
from bot.store.sql.digests import OF_POST
from bot.store.sql.leases import is_free
from bot.store.sql.rows import moment, stamp
from bot.store.sql.subscriptions import reschedule
from bot.store.sql.transaction import Statement, Transaction, query

_IN_HAND_OF_NOBODY = f"""
(deliveries.state = 'unknown' OR (deliveries.state = 'claimed' AND {is_free("deliveries.leased_by")}))
"""
"""Condition on `deliveries`: its outcome is not known, and no other process that lives is posting it (?1: this one)."""

_DELIVERIES = f"SELECT slot, state, ref, attempts, claimed_at FROM deliveries WHERE {OF_POST}"


class Ledger(Part):
    """Posts in channels: digests as they were chosen, and the state of each of their messages.

    A message is claimed before it is posted and settled afterwards. A post is open until every message is settled; the
    papers of an abandoned one count as not shown. What is shown is shown in the channel, whatever showed it.
    """

    keep_posts = writing(posts.keep)
    post_records = reading(posts.records)
    last_days = reading(digests.last_days)
    shown_in = reading(shown_once.shown_in)
    channels_shown = reading(shown_once.channels_shown)
    missed = reading(shown_once.missed)

    def __init__(self, connection: Connection, process: str) -> None:
        """`process` is written down with the messages that it has in hand."""
        super().__init__(connection)
        self._process = process

    @writes
    def keep(self, db: Transaction, new_digests: Sequence[Digest], due: Mapping[SubscriptionKey, datetime]) -> None:
        """Store digests and when their subscriptions are next due, in one change.

        A subscription that already has a digest of that day keeps the old one: a clock set back chooses nothing twice.
        Only what certainly left nothing (the record of a skipped day, a digest given up unsent) makes room.
        Of two digests of one day in one call the later one is kept. What its `missed` list counts as shown.
        Papers that the channel has been shown since they were chosen, by whatever other process, are left out.
        """
        by_key = {digest.post: digest for digest in new_digests}
        stored = digests.replaceable(db, by_key)
        fresh = shown_once.distinct(
            digest for post, digest in by_key.items() if digests.makes_room(db, post, digest, stored)
        )
        trends: dict[int, str] = {}
        # Plain executemany, because ten thousand digests are due at nine o'clock.
        db.executemany(
            "INSERT INTO posts (channel, kind, key, name, day, outcome, due_at, chosen_at, since, topics, style, quiet,"
            " thinned, faults, state, not_before, linked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            map(digests.to_row, fresh),
        )
        db.executemany(
            "INSERT INTO picks (channel, kind, key, position, paper_id, reason, topics, trend, liked, close_to,"
            " neighbour) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            chain.from_iterable(digests.pick_rows(digest, trends) for digest in fresh),
        )
        shown_once.mark_listed(db, fresh)
        shown_once.drop_shown(db, fresh)
        latest = {each.subscription_key: each.chosen_at for each in fresh if each.outcome is not Outcome.LATE}
        reschedule(db, due, latest)

    @reads
    def recorded(self, db: Transaction, since: date, *, final: bool = False) -> set[PostKey]:
        """Digests since a day that have a record; `final`: one that `keep` does not replace."""
        condition = f" AND NOT {digests.REPLACEABLE}" if final else ""
        sql = f"SELECT channel, kind, key FROM posts WHERE day >= ? AND kind = 'digest'{condition}"
        return {PostKey(*row) for row in db.execute(sql, (since.isoformat(),))}

    @writes
    def forget_skipped(self, db: Transaction, after: datetime) -> set[SubscriptionKey]:
        """Delete the records of skipped days that were made after a time. Returns the subscriptions that had any."""
        sql = "DELETE FROM posts WHERE outcome = ? AND chosen_at > ? RETURNING channel, name"
        return {SubscriptionKey(*row) for row in db.execute(sql, (Outcome.LATE.value, stamp(after))).fetchall()}

    @reads
    def open_posts(self, db: Transaction, now: datetime) -> list[OpenPost]:
        """Digests and other posts with messages to post whose waiting time is over, oldest day first.

        A channel that must wait for one post waits for all of them. A waiting time longer than any that is set
        comes from a wrong clock and counts as over.
        """
        rows = db.execute(
            """
            SELECT channel, kind, key, day, attempts, reason, name FROM posts WHERE state = 'open' AND channel NOT IN
                (SELECT channel FROM posts WHERE state = 'open' AND not_before > ?1 AND not_before <= ?2)
            ORDER BY day, channel, due_at, kind, key
            """,
            (stamp(now), stamp(now + MAX_RETRY_DELAY)),
        )
        return [OpenPost(PostKey(*row[:3]), date.fromisoformat(row[3]), *row[4:]) for row in rows]

    @reads
    def next_try(self, db: Transaction) -> datetime | None:
        """Earliest time at which a postponed post may be tried again."""
        return moment(db.execute("SELECT min(not_before) FROM posts WHERE state = 'open'").fetchone()[0])

    @reads
    def digest(self, db: Transaction, channel: Channel, day: date, name: str = MAIN) -> Digest | None:
        """A stored digest, with the evidence as it was."""
        post = digest_key(channel, day, name)
        row = next(query(db, f"{digests.POSTS} {OF_POST}", post), None)
        if row is None:
            return None
        return digests.to_digest(row, query(db, digests.PICKS, post), _missed(db, row), links.of_digest(db, row))

    @reads
    def oldest_open(self, db: Transaction, channel: Channel, now: datetime) -> OldestOpen | None:
        """The first of a channel's `open_posts`, with what is stored of it at one moment; None if it has none."""
        condition = """
            d.state = 'open' AND d.channel = ?3 AND NOT EXISTS
                (SELECT 1 FROM posts AS waiting WHERE channel = ?3 AND state = 'open'
                AND not_before > ?1 AND not_before <= ?2)
            ORDER BY d.day, d.due_at, d.kind, d.key LIMIT 2
            """
        open_posts = list(
            db.ask(digests.POSTS + condition, (stamp(now), stamp(now + MAX_RETRY_DELAY), channel)).named()
        )
        if not open_posts:
            return None
        first = open_posts[0]
        post = PostKey(channel, first["kind"], first["key"])
        item = OpenPost(post, date.fromisoformat(first["day"]), first["attempts"], first["reason"], first["name"])
        content: Digest | Post
        if item.is_digest:
            missed, linked = _missed(db, first), links.of_digest(db, first)
            picks, deliveries = db.finish((digests.PICKS, post), (_DELIVERIES, post))
            content = digests.to_digest(first, picks.named(), missed, linked)
        else:
            content = posts.to_post(db, first)
            (deliveries,) = db.finish((_DELIVERIES, post))
        settings = to_settings(first["settings"])
        return OldestOpen(item, content, _deliveries(post, deliveries.rows), len(open_posts) > 1, settings)

    @reads
    def deliveries(self, db: Transaction, post: PostKey) -> dict[int, Delivery]:
        """State of a post's messages by slot."""
        return _deliveries(post, db.finish((_DELIVERIES, post))[0].rows)

    async def claim(self, post: PostKey, slot: int, paper_id: str | None, now: datetime) -> bool:
        """Record that this process is about to post a message.

        False, and no record, if its post is no longer open, or another process has posted the message or has it in
        hand.
        """
        claim = f"""
            INSERT INTO deliveries (leased_by, channel, kind, key, slot, state, paper_id, attempts, claimed_at)
            SELECT ?1, channel, kind, key, ?5, 'claimed', ?6, 1, ?7 FROM posts
            WHERE channel = ?2 AND kind = ?3 AND key = ?4 AND state = 'open'
            ON CONFLICT (channel, kind, key, slot) DO UPDATE
            SET leased_by = ?1, state = 'claimed', attempts = deliveries.attempts + 1, claimed_at = ?7
            WHERE {_IN_HAND_OF_NOBODY}
            """
        return await self.connection.apply((claim, (self._process, *post, slot, paper_id, stamp(now)))) > 0

    async def take_over(self, post: PostKey, slot: int) -> bool:
        """Record that this process looks whether a claimed message arrived, which makes its state unknown.

        False, and no record, if a process that lives has it in hand, or its outcome is known.
        """
        take = (
            "UPDATE deliveries SET state = 'unknown', leased_by = ?1"
            f" WHERE channel = ?2 AND kind = ?3 AND key = ?4 AND slot = ?5 AND {_IN_HAND_OF_NOBODY}"
        )
        return await self.connection.apply((take, (self._process, *post, slot))) > 0

    async def settle(
        self,
        post: PostKey,
        slot: int,
        state: State,
        now: datetime,
        *,
        ref: Ref | None = None,
        reason: str | None = None,
        closes: bool = False,
    ) -> None:
        """Record the outcome of a claimed message, and with `closes` that all of its post are settled.

        What another process has taken over stays as that process left it.
        """
        posted_at = stamp(now) if state is State.POSTED else None
        changes: list[Statement] = []
        if slot == OPENER and state is State.POSTED:  # also where the digest was abandoned during this post
            # First, and whatever its state: whoever abandons it at the same time begins with this row too.
            done = "CASE state WHEN 'abandoned' THEN 'done' ELSE state END"
            changes += [
                (f"UPDATE posts SET state = {done} WHERE {OF_POST}", post),
                (f"UPDATE picks SET shown = 1 WHERE {OF_POST} AND shown = 0", post),
            ]
        record = (
            "UPDATE deliveries SET state = ?, ref = coalesce(?, ref), posted_at = ?, reason = ?"
            f" WHERE {OF_POST} AND slot = ? AND (leased_by IS NULL OR leased_by = ?)"
        )
        changes.append((record, (state.value, ref, posted_at, reason, *post, slot, self._process)))
        if closes:
            changes.append((f"UPDATE posts SET state = 'done', reason = NULL WHERE {OF_POST}", post))
        await self.connection.apply(*changes)

    async def release(self, post: PostKey, slot: int) -> None:
        """Undo a claim: the message certainly did not leave."""
        sql = f"DELETE FROM deliveries WHERE {OF_POST} AND slot = ? AND state = 'claimed' AND leased_by = ?"
        await self.connection.apply((sql, (*post, slot, self._process)))

    @writes
    def postpone(self, db: Transaction, post: PostKey, until: datetime, reason: str) -> None:
        """Try a post again later; counts an attempt."""
        sql = f"UPDATE posts SET not_before = ?, attempts = attempts + 1, reason = ? WHERE {OF_POST}"
        db.execute(sql, (stamp(until), reason, *post))

    @writes
    def finish(self, db: Transaction, post: PostKey) -> None:
        """Close a post whose messages are all settled."""
        _close(db, post, "done", None)

    @writes
    def abandon(self, db: Transaction, post: PostKey, reason: str) -> None:
        """Close a post undelivered: its papers count as not shown, unless its opener was posted after all."""
        _close(db, post, "abandoned", reason)

    @writes
    def abandon_all(self, db: Transaction, where: Channel, reason: str, name: str | None = None) -> None:
        """Close the open posts of a channel or workspace; those whose opener was posted count as done.

        With a name, only the digests of the subscription of that name.
        """
        named = "" if name is None else " AND kind = 'digest' AND name = ?2"
        rows = db.execute(
            "SELECT channel, kind, key FROM posts WHERE state = 'open'"
            f" AND (channel = ?1 OR substr(channel, 1, length(?1) + 1) = ?1 || '/'){named}",
            (where,) if name is None else (where, name),
        ).fetchall()
        for post in (PostKey(*row) for row in rows):
            _close(db, post, "done" if _is_opened(db, post) else "abandoned", reason)

    @reads
    def paper_of(self, db: Transaction, channel: Channel, ref: Ref) -> str | None:
        """Id of the paper that a posted message is about."""
        # Claimed while the paper got its arXiv id, a message still has the DOI.
        sql = (
            "SELECT coalesce(other_ids.paper_id, d.paper_id) FROM deliveries AS d"
            " LEFT JOIN other_ids ON other_ids.id = d.paper_id WHERE channel = ? AND ref = ?"
        )
        row = db.execute(sql, (channel, ref)).fetchone()
        return None if row is None else row[0]

    @reads
    def papers_under(self, db: Transaction, channel: Channel, opener: Ref) -> tuple[str, ...]:
        """Ids of a post's papers, in its order; none if no post of the channel was opened by that message."""
        rows = db.execute(
            "SELECT picks.paper_id FROM deliveries AS d JOIN picks USING (channel, kind, key)"
            " WHERE channel = ? AND d.ref = ? AND d.slot IN (?, ?) ORDER BY position",
            (channel, opener, OPENER, COMPACT),
        )
        return tuple(paper_id for (paper_id,) in rows)


def _close(db: Transaction, post: PostKey, state: str, reason: str | None) -> None:
    db.execute(f"UPDATE posts SET state = ?, reason = ? WHERE {OF_POST}", (state, reason, *post))
    if state == "abandoned" and not _is_opened(db, post):
        db.execute(f"UPDATE picks SET shown = 0 WHERE {OF_POST}", post)
        shown_once.unmark_listed(db, post)


def _is_opened(db: Transaction, post: PostKey) -> bool:
    sql = f"SELECT 1 FROM deliveries WHERE {OF_POST} AND slot = ? AND state = 'posted'"
    return db.execute(sql, (*post, OPENER)).fetchone() is not None


def _missed(db: Transaction, row: Mapping[str, Any]) -> tuple[MissedDigest, ...]:
    """The missed digests that the digest of a row of `digests.POSTS` lists."""
    key = SubscriptionKey(row["channel"], row["name"])
    return shown_once.listed(db, key, row["day"]) if row["lists_missed"] else ()


def _deliveries(post: PostKey, rows: Iterable[Sequence[Any]]) -> dict[int, Delivery]:
    """State of the messages of a post by slot, from rows of `_DELIVERIES`."""
    return {
        slot: Delivery(post, slot, State(state), ref, attempts, moment(claimed_at))
        for slot, state, ref, attempts, claimed_at in rows
    }
