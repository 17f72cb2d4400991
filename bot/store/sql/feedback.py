"""Feedback that channels' profiles are learnt from: reactions and gestures, and what was excluded."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from functools import lru_cache

from bot.model import Channel, Feedback, Gesture, Lessons
from bot.store.sql import counts
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.digests import erase_neighbours
from bot.store.sql.rows import id_list, stamp
from bot.store.sql.transaction import Transaction, put

_PLACE = """
    (SELECT min(position) FROM picks
     WHERE picks.paper_id = signs.paper_id AND picks.channel = signs.channel AND shown = 1)
"""
_TOPICS = """
    (SELECT picks.topics FROM picks WHERE picks.paper_id = signs.paper_id AND picks.channel = signs.channel
     AND shown = 1 ORDER BY position LIMIT 1)
"""
_FEEDBACK = f"""
SELECT channel, "user", paper_id, 'reaction', value, reacted_at AS at, {_PLACE}, coalesce({_TOPICS}, topics)
FROM reactions AS signs WHERE channel IN (SELECT value FROM json_each(?1))
UNION ALL SELECT channel, "user", paper_id, gesture, 1, at, {_PLACE}, NULL FROM gestures AS signs
WHERE channel IN (SELECT value FROM json_each(?1)) ORDER BY at
"""
_INSERT = """
INSERT INTO gestures (channel, "user", paper_id, gesture, at) SELECT ?, ?, id, ?, ? FROM papers WHERE id = ?
"""
_GESTURE = 'channel = ? AND "user" = ? AND paper_id = ? AND gesture = ?'

_Excluded = tuple[frozenset[str], frozenset[str]]
"""Stems and paper ids."""
_SetOperator = Callable[[frozenset[str], frozenset[str]], frozenset[str]]


class FeedbackLog(Part):
    """Feedback that channels' profiles are learnt from, and what of it was excluded."""

    @reads
    def lessons(self, db: Transaction, channels: Collection[Channel]) -> dict[Channel, Lessons]:
        """Feedback and exclusions of each channel; channels without feedback are left out."""
        return {
            channel: Lessons(tuple(feedback), *_excluded(db, channel))
            for channel, feedback in _feedback(db, channels).items()
        }

    @writes
    def record(
        self, db: Transaction, channel: Channel, user: Channel, paper_id: str, gesture: Gesture, now: datetime
    ) -> None:
        """Record that a person saved, shared or wants to discuss a paper; a paper that is not stored is passed over."""
        db.execute(
            f'{_INSERT} ON CONFLICT (channel, "user", paper_id, gesture) DO UPDATE SET at = excluded.at',
            (channel, user, gesture, stamp(now), paper_id),
        )

    @writes
    def toggle(
        self, db: Transaction, channel: Channel, user: Channel, paper_id: str, gesture: Gesture, now: datetime
    ) -> bool:
        """Record a gesture, or delete it where it is recorded. Returns whether it is recorded now."""
        counts.mark(db, channel, paper_id)
        deleted = db.execute(f"DELETE FROM gestures WHERE {_GESTURE}", (channel, user, paper_id, gesture))
        if deleted.rowcount:
            return False
        row = (channel, user, gesture, stamp(now), paper_id)
        return db.execute(f"{_INSERT} ON CONFLICT DO NOTHING", row).rowcount > 0

    @writes
    def withdraw(self, db: Transaction, user: Channel, paper_id: str, gesture: Gesture) -> None:
        """Delete a person's gesture in every channel."""
        sql = 'DELETE FROM gestures WHERE "user" = ? AND paper_id = ? AND gesture = ?'
        db.execute(sql, (user, paper_id, gesture))

    @writes
    def undo_latest(self, db: Transaction, channel: Channel) -> Feedback | None:
        """Delete the latest feedback of a channel and return it; None if there is none."""
        feedback = _feedback(db, (channel,)).get(channel)
        if feedback is None:
            return None
        latest = feedback[-1]
        key = (channel, latest.user, latest.paper_id)
        if latest.gesture == "reaction":
            db.execute('DELETE FROM reactions WHERE channel = ? AND "user" = ? AND paper_id = ?', key)
        else:
            db.execute(f"DELETE FROM gestures WHERE {_GESTURE}", (*key, latest.gesture))
        counts.mark(db, channel, latest.paper_id)
        return latest

    @writes
    def reset(self, db: Transaction, channel: Channel) -> int:
        """Delete feedback and exclusions of a channel. Returns the number of reactions and gestures deleted."""
        counts.mark_all(db, channel)
        db.execute("DELETE FROM profiles WHERE channel = ?", (channel,))
        erase_neighbours(db, channel)
        reactions = db.execute("DELETE FROM reactions WHERE channel = ?", (channel,)).rowcount
        return reactions + db.execute("DELETE FROM gestures WHERE channel = ?", (channel,)).rowcount

    async def exclude(self, channel: Channel, stems: Iterable[str], papers: Iterable[str], now: datetime) -> None:
        """Leave stems and papers out of a channel's profile."""
        await self._change_excluded(channel, frozenset.union, (frozenset(stems), frozenset(papers)), now)

    async def include(self, channel: Channel, stems: Iterable[str], papers: Iterable[str], now: datetime) -> None:
        """Let stems and papers count again."""
        await self._change_excluded(channel, frozenset.difference, (frozenset(stems), frozenset(papers)), now)

    @writes
    def _change_excluded(
        self, db: Transaction, channel: Channel, operator: _SetOperator, operands: _Excluded, now: datetime
    ) -> None:
        stems, papers = map(operator, _excluded(db, channel), operands)
        profile = json.dumps({"words": sorted(stems), "papers": sorted(papers)}, ensure_ascii=False)
        put(db, "profiles", ("channel",), {"channel": channel, "profile": profile, "changed_at": stamp(now)})


def _feedback(db: Transaction, channels: Iterable[Channel]) -> dict[Channel, list[Feedback]]:
    feedback: dict[Channel, list[Feedback]] = defaultdict(list)
    rows = db.execute(_FEEDBACK, (id_list(channels),))
    for channel, user, paper_id, gesture, value, at, place, topics in rows:
        moment = datetime.fromtimestamp(at, UTC)
        feedback[channel].append(Feedback(user, paper_id, gesture, value, moment, place, _lines(topics)))
    return feedback


@lru_cache(maxsize=1_024)
def _lines(topics: str | None) -> tuple[str, ...]:
    return tuple(json.loads(topics)) if topics else ()


def _excluded(db: Transaction, channel: Channel) -> _Excluded:
    row = db.execute("SELECT profile FROM profiles WHERE channel = ?", (channel,)).fetchone()
    profile = json.loads(row[0]) if row else {}
    return frozenset(profile.get("words", ())), frozenset(profile.get("papers", ()))
