"""What a channel's profile is learnt from: reactions, saves and shares there, and what was decided not to count."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.model import Channel, Feedback, Gesture, Lessons
from bot.store.sqlite.rows import id_list, stamp

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.sqlite.connection import Connection

_PLACE = """
    (SELECT min(position) FROM picks
     WHERE picks.paper_id = signs.paper_id AND picks.channel = signs.channel AND shown = 1)
"""
_FEEDBACK = f"""
SELECT channel, user, paper_id, 'reaction', value, reacted_at AS at, {_PLACE} FROM reactions AS signs
WHERE channel IN (SELECT value FROM json_each(?1))
UNION ALL SELECT channel, user, paper_id, gesture, 1, at, {_PLACE} FROM gestures AS signs
WHERE channel IN (SELECT value FROM json_each(?1)) ORDER BY at
"""  # noqa: S608 - put together from our own words


class LessonBook:
    """Questions about what a channel has taught."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    async def of(self, channels: Iterable[Channel]) -> dict[Channel, Lessons]:
        """What each of these channels has taught; those that taught nothing are left out."""
        return await self._db.read(_of, tuple(channels))

    async def note(self, channel: Channel, user: Channel, paper_id: str, gesture: Gesture, now: datetime) -> None:
        """Somebody saved or shared a paper here. A paper that is not stored is passed over."""
        sql = "INSERT OR REPLACE INTO gestures SELECT ?, ?, id, ?, ? FROM papers WHERE id = ?"
        row = (channel, user, gesture, stamp(now), paper_id)
        await self._db.write(lambda db: db.execute(sql, row))

    async def take_back(self, user: Channel, paper_id: str, gesture: Gesture) -> None:
        """It no longer holds, in whatever channel it was."""
        sql = "DELETE FROM gestures WHERE user = ? AND paper_id = ? AND gesture = ?"
        await self._db.write(lambda db: db.execute(sql, (user, paper_id, gesture)))

    async def undo(self, channel: Channel) -> Feedback | None:
        """Take back the latest sign; returns it, None if there is none."""
        return await self._db.write(_undo, channel)

    async def reset(self, channel: Channel) -> int:
        """Forget all of it, and every decision about it. Returns how many signs went."""
        return await self._db.write(_reset, channel)

    async def leave_out(self, channel: Channel, stems: Iterable[str], papers: Iterable[str], now: datetime) -> None:
        """These no longer count."""
        await self._db.write(_decide, channel, (set(stems), set(papers)), (set(), set()), now)

    async def count_again(self, channel: Channel, stems: Iterable[str], papers: Iterable[str], now: datetime) -> None:
        """These count again."""
        await self._db.write(_decide, channel, (set(), set()), (set(stems), set(papers)), now)


def _of(db: Database, channels: tuple[Channel, ...]) -> dict[Channel, Lessons]:
    feedback: dict[Channel, list[Feedback]] = defaultdict(list)
    for channel, user, paper_id, gesture, value, at, place in db.execute(_FEEDBACK, (id_list(channels),)):
        when = datetime.fromtimestamp(at, UTC)
        feedback[channel].append(Feedback(user, paper_id, gesture, value, when, place))
    return {channel: Lessons(tuple(signs), *_left_out(db, channel)) for channel, signs in feedback.items()}


def _left_out(db: Database, channel: Channel) -> tuple[frozenset[str], frozenset[str]]:
    row = db.execute("SELECT profile FROM profiles WHERE channel = ?", (channel,)).fetchone()
    kept = json.loads(row[0]) if row else {}
    return frozenset(kept.get("words", ())), frozenset(kept.get("papers", ()))


def _undo(db: Database, channel: Channel) -> Feedback | None:
    known = _of(db, (channel,)).get(channel)
    if known is None:
        return None
    last = known.feedback[-1]
    key = (channel, last.user, last.paper_id)
    if last.gesture == "reaction":
        db.execute("DELETE FROM reactions WHERE channel = ? AND user = ? AND paper_id = ?", key)
    else:
        sql = "DELETE FROM gestures WHERE channel = ? AND user = ? AND paper_id = ? AND gesture = ?"
        db.execute(sql, (*key, last.gesture))
    return last


def _reset(db: Database, channel: Channel) -> int:
    gone = [db.execute(f"DELETE FROM {table} WHERE channel = ?", (channel,)) for table in ("reactions", "gestures")]  # noqa: S608 - our own names
    db.execute("DELETE FROM profiles WHERE channel = ?", (channel,))
    return sum(cursor.rowcount for cursor in gone)


def _decide(
    db: Database,
    channel: Channel,
    out: tuple[set[str], set[str]],
    back: tuple[set[str], set[str]],
    now: datetime,
) -> None:
    words, papers = ((known | more) - less for known, more, less in zip(_left_out(db, channel), out, back, strict=True))
    profile = json.dumps({"words": sorted(words), "papers": sorted(papers)}, ensure_ascii=False)
    sql = "INSERT OR REPLACE INTO profiles (channel, profile, changed_at) VALUES (?, ?, ?)"
    db.execute(sql, (channel, profile, stamp(now)))
