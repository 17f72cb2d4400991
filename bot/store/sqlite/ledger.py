"""Digests as they were chosen, and what became of each of their messages.

The ledger is written before a post (claimed) and after it (posted, with the platform's handle). A digest is open until
every message has an end; an abandoned one's papers count as not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.model import (
    OPENER,
    Channel,
    Delivery,
    Digest,
    OpenDigest,
    Outcome,
    Ref,
    State,
)
from bot.model.schedule import LONGEST_WAIT
from bot.store.sqlite import digests
from bot.store.sqlite.rows import moment, stamp

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.sqlite.connection import Connection


class Ledger:
    """Questions about digests and deliveries."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    async def keep(self, chosen: Sequence[Digest], due: Mapping[Channel, datetime]) -> None:
        """Keep what was chosen and when those channels are next due, in one change.

        A channel that already has a digest of that day keeps the old one: a clock set back chooses nothing twice.
        Of two digests of one day in one call the later one is kept.
        """
        await self._db.write(digests.keep, chosen, due)

    async def shown_in(self, channel: Channel, ids: Iterable[str]) -> list[str]:
        """Which of these papers one channel has been shown, or is about to be."""
        return await self._db.read(digests.shown_in, channel, tuple(ids))

    async def channels_shown(self, ids: Iterable[str]) -> dict[str, list[Channel]]:
        """The channels that each of these papers has been shown in, or is about to be."""
        return await self._db.read(digests.channels_shown, tuple(ids))

    async def open(self, now: datetime) -> list[OpenDigest]:
        """Digests with something left to post whose waiting time is over, oldest day first.

        A channel that must wait for one digest waits for all of them. A waiting time that is longer than any
        was written by a wrong clock and is over.
        """
        return await self._db.read(_open, now)

    async def next_try(self) -> datetime | None:
        """When the earliest postponed digest may be tried again."""
        return await self._db.read(
            lambda db: moment(db.execute("SELECT min(not_before) FROM digests WHERE state = 'open'").fetchone()[0])
        )

    async def digest(self, channel: Channel, day: date) -> Digest | None:
        """A kept digest, with the evidence as it was."""
        return await self._db.read(digests.digest, channel, day)

    async def last_days(self, channel: Channel, limit: int = 10) -> list[tuple[date, Outcome, str]]:
        """A channel's latest digests: day, outcome and the state of delivery."""
        return await self._db.read(digests.last_days, channel, limit)

    async def deliveries(self, channel: Channel, day: date) -> dict[int, Delivery]:
        """The ledger of one digest by slot."""
        return await self._db.read(_deliveries, channel, day)

    async def claim(self, channel: Channel, day: date, slot: int, paper_id: str | None, now: datetime) -> None:
        """Write down that this message is about to be posted."""
        await self._db.write(_claim, channel, day, slot, paper_id, now)

    async def settle(  # noqa: PLR0913 - a ledger row is its key, its state and its facts
        self,
        channel: Channel,
        day: date,
        slot: int,
        state: State,
        now: datetime,
        *,
        ref: Ref | None = None,
        reason: str | None = None,
    ) -> None:
        """Write down how a claimed message ended, or that nobody knows."""
        await self._db.write(_settle, channel, day, slot, state, now, ref, reason)

    async def release(self, channel: Channel, day: date, slot: int) -> None:
        """Take a claim back: the message certainly did not leave."""
        await self._db.write(_release, channel, day, slot)

    async def postpone(self, channel: Channel, day: date, until: datetime, reason: str) -> None:
        """Try this digest again later; counts an attempt."""
        await self._db.write(_postpone, channel, day, until, reason)

    async def finish(self, channel: Channel, day: date) -> None:
        """Every message of this digest has an end."""
        await self._db.write(_close, channel, day, "done", None)

    async def abandon(self, channel: Channel, day: date, reason: str) -> None:
        """Give this digest up: its papers count as not shown and may return, unless its opener was posted after all."""
        await self._db.write(_close, channel, day, "abandoned", reason)

    async def abandon_all(self, where: Channel, reason: str) -> None:
        """Give up what is open for a channel or a whole workspace."""
        await self._db.write(_abandon_all, where, reason)

    async def paper_of(self, channel: Channel, ref: Ref) -> str | None:
        """The paper a posted message is about."""
        return await self._db.read(_paper_of, channel, ref)


def _open(db: Database, now: datetime) -> list[OpenDigest]:
    rows = db.execute(
        """
        SELECT channel, day, attempts, reason FROM digests WHERE state = 'open' AND channel NOT IN
            (SELECT channel FROM digests WHERE state = 'open' AND not_before > ?1 AND not_before <= ?2)
        ORDER BY day, channel
        """,
        (stamp(now), stamp(now + LONGEST_WAIT)),
    )
    return [OpenDigest(channel, date.fromisoformat(day), attempts, reason) for channel, day, attempts, reason in rows]


def _deliveries(db: Database, channel: Channel, day: date) -> dict[int, Delivery]:
    rows = db.query("SELECT * FROM deliveries WHERE channel = ? AND day = ?", (channel, day.isoformat()))
    return {
        row["slot"]: Delivery(
            channel, day, row["slot"], State(row["state"]), row["ref"], row["attempts"], moment(row["claimed_at"])
        )
        for row in rows
    }


def _claim(  # noqa: PLR0913, PLR0917 - see Ledger.claim
    db: Database, channel: Channel, day: date, slot: int, paper_id: str | None, now: datetime
) -> None:
    db.execute(
        """
        INSERT INTO deliveries (channel, day, slot, state, paper_id, attempts, claimed_at)
        VALUES (?1, ?2, ?3, 'claimed', ?4, 1, ?5)
        ON CONFLICT DO UPDATE SET state = 'claimed', attempts = attempts + 1, claimed_at = ?5
        """,
        (channel, day.isoformat(), slot, paper_id, stamp(now)),
    )


def _settle(  # noqa: PLR0913, PLR0917 - see Ledger.settle
    db: Database,
    channel: Channel,
    day: date,
    slot: int,
    state: State,
    now: datetime,
    ref: Ref | None,
    reason: str | None,
) -> None:
    posted_at = stamp(now) if state is State.POSTED else None
    db.execute(
        "UPDATE deliveries SET state = ?, ref = coalesce(?, ref), posted_at = ?, reason = ?"
        " WHERE channel = ? AND day = ? AND slot = ?",
        (state.value, ref, posted_at, reason, channel, day.isoformat(), slot),
    )
    if slot == OPENER and state is State.POSTED:  # also where the digest was given up while this post was under way
        db.execute("UPDATE picks SET shown = 1 WHERE channel = ? AND day = ?", (channel, day.isoformat()))


def _release(db: Database, channel: Channel, day: date, slot: int) -> None:
    key = (channel, day.isoformat(), slot)
    db.execute("DELETE FROM deliveries WHERE channel = ? AND day = ? AND slot = ? AND state = 'claimed'", key)


def _postpone(db: Database, channel: Channel, day: date, until: datetime, reason: str) -> None:
    db.execute(
        "UPDATE digests SET not_before = ?, attempts = attempts + 1, reason = ? WHERE channel = ? AND day = ?",
        (stamp(until), reason, channel, day.isoformat()),
    )


def _close(db: Database, channel: Channel, day: date, state: str, reason: str | None) -> None:
    key = (channel, day.isoformat())
    db.execute("UPDATE digests SET state = ?, reason = ? WHERE channel = ? AND day = ?", (state, reason, *key))
    if state == "abandoned" and not _opened(db, *key):
        db.execute("UPDATE picks SET shown = 0 WHERE channel = ? AND day = ?", key)


def _opened(db: Database, channel: Channel, day: str) -> bool:
    sql = "SELECT 1 FROM deliveries WHERE channel = ? AND day = ? AND slot = ? AND state = 'posted'"
    return db.execute(sql, (channel, day, OPENER)).fetchone() is not None


def _abandon_all(db: Database, where: Channel, reason: str) -> None:
    rows = db.execute(
        "SELECT channel, day FROM digests WHERE state = 'open'"
        " AND (channel = ?1 OR substr(channel, 1, length(?1) + 1) = ?1 || '/')",
        (where,),
    ).fetchall()
    for channel, day in rows:
        _close(db, channel, date.fromisoformat(day), "done" if _opened(db, channel, day) else "abandoned", reason)


def _paper_of(db: Database, channel: Channel, ref: Ref) -> str | None:
    row = db.execute("SELECT paper_id FROM deliveries WHERE channel = ? AND ref = ?", (channel, ref)).fetchone()
    return None if row is None else row[0]
