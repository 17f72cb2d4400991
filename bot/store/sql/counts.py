"""Counts on cards in SQL. `mark` is called by whatever changes a count, in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.model import Channel, Post, PostKey, Ref, State
from bot.model.counts import Card, Counts, CountsDue
from bot.store.sql import posts
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.digests import OF_POST
from bot.store.sql.rows import stamp
from bot.store.sql.transaction import Transaction, query

PAUSE = 60.0
"""Seconds between two edits of a card."""
_MARK = f"""
ON CONFLICT (channel, paper_id) DO UPDATE SET marks = card_counts.marks + 1,
    not_before = coalesce(card_counts.not_before, coalesce(card_counts.edited_at, 0) + {PAUSE})
"""
_SIGNS = """
(SELECT channel, paper_id, "user" FROM reactions
 UNION ALL SELECT channel, paper_id, "user" FROM gestures WHERE gesture = 'discuss') AS signs
"""
_OF_CARD = "channel = card_counts.channel AND paper_id = card_counts.paper_id"
_LIKES = f"SELECT count(*) FROM reactions WHERE {_OF_CARD} AND value = 1"
_WISHES = f"SELECT count(*) FROM gestures WHERE {_OF_CARD} AND gesture = 'discuss'"


def mark(db: Transaction, channel: Channel, paper_id: str) -> None:
    """Let the cards of a paper be edited, a pause after their last edit."""
    db.execute(f"INSERT INTO card_counts (channel, paper_id, not_before) VALUES (?, ?, 0) {_MARK}", (channel, paper_id))


def mark_all(db: Transaction, who: Channel) -> None:
    """Let all cards be edited that a person's or a channel's feedback counts on."""
    db.execute(
        f"INSERT INTO card_counts (channel, paper_id, not_before) SELECT DISTINCT channel, paper_id, 0 FROM {_SIGNS}"
        f' WHERE "user" = ?1 OR channel = ?1 {_MARK}',
        (who,),
    )


class CardCounts(Part):
    """Counts of papers in channels, and which cards are still to show them.

    Whatever changes a count (a reaction, a wish to discuss, their undoing and erasure) marks the paper's cards as due
    in the same transaction.
    """

    @reads
    def due(self, db: Transaction, now: datetime, limit: int) -> list[CountsDue]:
        """Papers whose cards may be edited now, those that wait longest first."""
        rows = db.execute(
            f"SELECT channel, paper_id, ({_LIKES}), ({_WISHES}), likes, wishes, marks, attempts FROM card_counts"
            " WHERE not_before <= ? ORDER BY not_before, channel, paper_id LIMIT ?",
            (stamp(now), limit),
        )
        return [
            CountsDue(channel, paper_id, Counts(likes, wishes), Counts(shown_likes, shown_wishes), marks, attempts)
            for channel, paper_id, likes, wishes, shown_likes, shown_wishes, marks, attempts in rows
        ]

    @reads
    def cards(self, db: Transaction, channel: Channel, paper_id: str, since: datetime) -> list[Card]:
        """Messages about a paper that were posted in a channel since then, oldest first."""
        opener = "SELECT ref FROM deliveries WHERE channel = d.channel AND kind = d.kind AND key = d.key AND slot = 0"
        rows = db.execute(
            f"SELECT kind, key, slot, ref, coalesce(under_ref, CASE WHEN slot > 0 THEN ({opener}) END), day, name"
            " FROM deliveries AS d JOIN posts USING (channel, kind, key)"
            " WHERE channel = ? AND paper_id = ? AND d.state = ? AND ref IS NOT NULL AND posted_at >= ?"
            " ORDER BY posted_at",
            (channel, paper_id, State.POSTED.value, stamp(since)),
        )
        return [
            Card(PostKey(channel, kind, key), slot, Ref(ref), under, date.fromisoformat(day), name)
            for kind, key, slot, ref, under, day, name in rows
        ]

    @reads
    def post(self, db: Transaction, key: PostKey) -> Post | None:
        """A stored post that is no digest, with its messages."""
        row = next(query(db, f"SELECT * FROM posts WHERE {OF_POST} AND messages IS NOT NULL", key), None)
        return None if row is None else posts.to_post(db, row)

    @writes
    def shown(self, db: Transaction, due: CountsDue, now: datetime) -> None:
        """Record that the cards show these counts. They are due again after a pause if the counts changed meanwhile."""
        db.execute(
            "UPDATE card_counts SET likes = ?1, wishes = ?2, edited_at = ?3, attempts = 0,"
            " not_before = CASE WHEN marks = ?4 THEN NULL ELSE ?3 + ?5 END WHERE channel = ?6 AND paper_id = ?7",
            (due.counts.likes, due.counts.wishes, stamp(now), due.marks, PAUSE, due.channel, due.paper_id),
        )

    @writes
    def postpone(self, db: Transaction, due: Sequence[CountsDue], until: datetime) -> None:
        """Edit these papers' cards not before then. Counts an attempt of the first."""
        sql = "UPDATE card_counts SET not_before = ?, attempts = attempts + ? WHERE channel = ? AND paper_id = ?"
        db.executemany(sql, [(stamp(until), int(n == 0), *each[:2]) for n, each in enumerate(due)])

    @writes
    def drop(self, db: Transaction, due: CountsDue) -> None:
        """Forget that a paper's cards are due, unless the counts changed meanwhile: there is none to edit."""
        sql = "DELETE FROM card_counts WHERE channel = ? AND paper_id = ? AND marks = ?"
        db.execute(sql, (due.channel, due.paper_id, due.marks))
