"""What people keep and say: reading lists, reactions, and the notices they are owed."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.model import Channel, Notice, Paper
from bot.model.schedule import LONGEST_WAIT
from bot.store.sqlite.rows import stamp, to_paper
from bot.store.sqlite.secrets import forget_notes

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.sqlite.connection import Connection


class People:
    """Questions about persons, and what is to be said to them."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    async def save(self, user: Channel, paper_id: str, now: datetime) -> bool:
        """Put a paper on a person's reading list. Returns False if it was there."""
        sql = "INSERT OR IGNORE INTO saves (user, paper_id, saved_at) VALUES (?, ?, ?)"
        return await self._db.write(lambda db: db.execute(sql, (user, paper_id, stamp(now))).rowcount > 0)

    async def unsave(self, user: Channel, paper_id: str) -> bool:
        """Take it off. Returns False if it was not there."""
        sql = "DELETE FROM saves WHERE user = ? AND paper_id = ?"
        return await self._db.write(lambda db: db.execute(sql, (user, paper_id)).rowcount > 0)

    async def saved(self, user: Channel) -> list[Paper]:
        """A person's reading list, latest first."""
        return await self._db.read(_saved, user)

    async def react(self, channel: Channel, user: Channel, paper_id: str, value: int, now: datetime) -> None:
        """Note a reaction: +1 or -1; 0 takes it back."""
        await self._db.write(_react, channel, user, paper_id, value, now)

    async def reactions(self, channel: Channel) -> list[tuple[str, int]]:
        """Every reaction in a channel as (paper id, value), oldest first."""
        sql = "SELECT paper_id, value FROM reactions WHERE channel = ? ORDER BY reacted_at"
        return await self._db.read(lambda db: [(row[0], row[1]) for row in db.execute(sql, (channel,))])

    async def forget(self, who: Channel) -> dict[str, int]:
        """Erase a person's or a channel's saves, reactions, gestures and profile. Returns how many of each went."""
        return await self._db.write(_forget, who)

    async def tell(  # noqa: PLR0913, PLR0917 - a notice is exactly these facts
        self, recipient: Channel, about: Channel, kind: str, day: date, text: str, now: datetime
    ) -> None:
        """Queue a notice; the same kind about the same channel and day is told once."""
        sql = (
            "INSERT OR IGNORE INTO notices (recipient, about, kind, day, text, state, not_before)"
            " VALUES (?, ?, ?, ?, ?, 'open', ?)"
        )
        row = (recipient, about, kind, day.isoformat(), text, stamp(now))
        await self._db.write(lambda db: db.execute(sql, row))

    async def notices(self, now: datetime) -> list[Notice]:
        """Notices that may be delivered now. Who must wait for one notice waits for all of them."""
        return await self._db.read(_notices, now)

    async def claim_notice(self, notice_id: int, now: datetime) -> None:
        """Write down that a notice is about to be posted."""
        sql = "UPDATE notices SET state = 'claimed', claimed_at = ? WHERE id = ?"
        await self._db.write(lambda db: db.execute(sql, (stamp(now), notice_id)))

    async def settle_notice(self, notice_id: int, state: str) -> None:
        """Write down how a notice ended: told, or dropped."""
        await self._db.write(lambda db: db.execute("UPDATE notices SET state = ? WHERE id = ?", (state, notice_id)))

    async def postpone_notice(self, notice_id: int, until: datetime, *, unknown: bool) -> None:
        """Try a notice again later: it did not arrive, or nobody knows. Counts an attempt."""
        sql = "UPDATE notices SET state = ?, not_before = ?, attempts = attempts + 1 WHERE id = ?"
        row = ("claimed" if unknown else "open", stamp(until), notice_id)
        await self._db.write(lambda db: db.execute(sql, row))


def _saved(db: Database, user: Channel) -> list[Paper]:
    sql = "SELECT papers.* FROM saves JOIN papers ON papers.id = paper_id WHERE user = ? ORDER BY saved_at DESC"
    return [to_paper(row) for row in db.query(sql, (user,))]


def _react(db: Database, channel: Channel, user: Channel, paper_id: str, value: int, now: datetime) -> None:  # noqa: PLR0913, PLR0917 - one row
    if value:
        db.execute(
            "INSERT OR REPLACE INTO reactions (channel, user, paper_id, value, reacted_at) VALUES (?, ?, ?, ?, ?)",
            (channel, user, paper_id, value, stamp(now)),
        )
    else:
        db.execute("DELETE FROM reactions WHERE channel = ? AND user = ? AND paper_id = ?", (channel, user, paper_id))


def _forget(db: Database, who: Channel) -> dict[str, int]:
    forget_notes(db, who)
    return {
        "saved papers": db.execute("DELETE FROM saves WHERE user = ?", (who,)).rowcount,
        "reactions": db.execute("DELETE FROM reactions WHERE user = ?1 OR channel = ?1", (who,)).rowcount,
        "shares": _forget_gestures(db, who),
        "profiles": db.execute("DELETE FROM profiles WHERE channel = ?", (who,)).rowcount,
    }


def _forget_gestures(db: Database, who: Channel) -> int:
    """All of them; returns the shares alone, for saves are counted where they are kept."""
    theirs = "FROM gestures WHERE (user = ?1 OR channel = ?1)"
    shares = db.execute(f"SELECT count(*) {theirs} AND gesture = 'share'", (who,)).fetchone()[0]
    db.execute(f"DELETE {theirs}", (who,))
    return int(shares)


def _notices(db: Database, now: datetime) -> list[Notice]:
    rows = db.execute(
        """
        SELECT id, recipient, about, kind, day, text, state = 'claimed', attempts, claimed_at FROM notices
        WHERE state IN ('open', 'claimed') AND recipient NOT IN
            (SELECT recipient FROM notices WHERE state IN ('open', 'claimed') AND not_before > ?1 AND not_before <= ?2)
        ORDER BY id
        """,
        (stamp(now), stamp(now + LONGEST_WAIT)),
    )
    return [
        Notice(row[0], row[1], row[2], row[3], date.fromisoformat(row[4]), row[5], bool(row[6]), row[7], row[8])
        for row in rows
    ]
