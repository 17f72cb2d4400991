"""Which channel wants what, when it is due, and whether it is paused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from bot.model import Channel, Subscription
from bot.store.sqlite import erasure
from bot.store.sqlite.channel_move import move
from bot.store.sqlite.rows import moment, stamp

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.sqlite.connection import Connection


_HERE = erasure.HERE.format(column="channel")


class Subscriptions:
    """Questions about channels' wishes."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    async def get(self, channel: Channel) -> Subscription | None:
        """This channel's wish, or None if it has none."""
        found = await self._db.read(_select, "channel = ?", (channel,))
        return found[0] if found else None

    async def all(self, workspace: str = "") -> list[Subscription]:
        """Every wish, or those of one workspace, by channel."""
        return await self._db.read(_select, f"{_HERE} OR ?1 = ''", (workspace,))

    async def unreachable(self, where: Channel) -> list[Subscription]:
        """Those of a channel or a whole workspace that are paused because they could not be reached."""
        return await self._db.read(_select, f"{_HERE} AND pause_reason IS NOT NULL", (where,))

    async def running(self, where: Channel) -> list[Subscription]:
        """Those of a channel or a whole workspace that are not paused."""
        return await self._db.read(_select, f"{_HERE} AND paused_at IS NULL", (where,))

    async def counts(self) -> dict[tuple[str, str], int]:
        """How many channels each platform has that are `active`, `paused` by a wish, or `unreachable`."""
        return await self._db.read(_counts)

    async def due(self, now: datetime) -> list[Subscription]:
        """Those whose time has come and who are not paused."""
        return await self._db.read(_select, "next_due <= ? AND paused_at IS NULL", (stamp(now),))

    async def misplaced(self, after: datetime) -> list[Subscription]:
        """Those due later than any schedule allows: the clock was ahead when that was computed."""
        return await self._db.read(_select, "next_due > ? AND paused_at IS NULL", (stamp(after),))

    async def resuming(self, now: datetime) -> list[Subscription]:
        """Paused ones whose pause has ended."""
        return await self._db.read(_select, "paused_until IS NOT NULL AND paused_until <= ?", (stamp(now),))

    async def next_due(self) -> datetime | None:
        """The earliest coming digest of all."""
        return await self._db.read(_next_due)

    async def topics(self) -> set[str]:
        """Every topic that anybody follows."""
        return await self._db.read(_topics)

    async def put(self, *subscriptions: Subscription) -> None:
        """Save these wishes as they are, new or changed."""
        await self._db.write(_put, subscriptions)

    async def reschedule(self, due: Mapping[Channel, datetime]) -> None:
        """Set when these channels are next due."""
        await self._db.write(reschedule, due)

    async def remove(self, channel: Channel) -> bool:
        """Forget this channel's wish. Returns whether it had one; its ledger stays."""
        return await self._db.write(
            lambda db: db.execute("DELETE FROM subscriptions WHERE channel = ?", (channel,)).rowcount > 0
        )

    async def move(self, old: Channel, new: Channel) -> bool:
        """Give a channel another address, with all that is known of it. Returns whether anything was."""
        return await self._db.write(move, old, new)

    async def pause(
        self, where: Channel, at: datetime, *, until: datetime | None, reason: str | None
    ) -> list[Subscription]:
        """Pause a channel, or all of a workspace. Returns those that were running."""
        return await self._db.write(_pause, where, at, until, reason)

    async def leave(self, workspace: Channel, at: datetime) -> None:
        """Note that a whole workspace is gone."""
        await self._db.write(erasure.leave, workspace, at)

    async def come_back(self, where: Channel) -> None:
        """Note that a channel, and so its workspace, can be reached again."""
        await self._db.write(erasure.come_back, where)

    async def erase_departed(self, before: datetime) -> list[Channel]:
        """Erase everything about the workspaces that left before then. Returns which they were."""
        return await self._db.write(erasure.erase_departed, before)

    async def erase(self, workspace: Channel) -> dict[str, int]:
        """Erase everything about a workspace now. Returns how many rows of each kind went."""
        return await self._db.write(erasure.erase, workspace)

    async def greet(self, channel: Channel, now: datetime) -> bool:
        """Note that a channel was told what Paperboy does. Returns False if it had been."""
        return await self._db.write(
            lambda db: (
                db.execute("INSERT OR IGNORE INTO greeted (channel, at) VALUES (?, ?)", (channel, stamp(now))).rowcount
                > 0
            )
        )


def to_subscription(row: Mapping[str, Any]) -> Subscription:
    """A row of `subscriptions` as a Subscription."""
    return Subscription(
        channel=row["channel"],
        topics=tuple(json.loads(row["topics"])),
        mutes=tuple(json.loads(row["mutes"])),
        size=row["size"],
        at=time.fromisoformat(row["at"]),
        timezone=row["timezone"],
        days=frozenset(json.loads(row["days"])),
        style=row["style"],
        quiet=row["quiet"],
        set_by=row["set_by"],
        set_at=moment(row["set_at"]),
        last_at=moment(row["last_at"]),
        next_due=moment(row["next_due"]),
        paused_at=moment(row["paused_at"]),
        paused_until=moment(row["paused_until"]),
        pause_reason=row["pause_reason"],
    )


def to_row(wish: Subscription) -> dict[str, object]:
    """A Subscription as a row."""
    return {
        "channel": wish.channel,
        "topics": json.dumps(wish.topics, ensure_ascii=False),
        "mutes": json.dumps(wish.mutes, ensure_ascii=False),
        "size": wish.size,
        "at": wish.at.isoformat("minutes"),
        "timezone": wish.timezone,
        "days": json.dumps(sorted(wish.days)),
        "style": wish.style,
        "quiet": wish.quiet,
        "set_by": wish.set_by,
        "set_at": stamp(wish.set_at),
        "last_at": stamp(wish.last_at),
        "next_due": stamp(wish.next_due),
        "paused_at": stamp(wish.paused_at),
        "paused_until": stamp(wish.paused_until),
        "pause_reason": wish.pause_reason,
    }


def _select(db: Database, where: str, parameters: tuple[object, ...]) -> list[Subscription]:
    # The plus: else SQLite goes through all channels in order instead of asking an index which few are meant.
    sql = f"SELECT * FROM subscriptions WHERE {where} ORDER BY +channel"  # noqa: S608 - the conditions above are ours
    return [to_subscription(row) for row in db.query(sql, parameters)]


def _put(db: Database, wishes: Iterable[Subscription]) -> None:
    db.table("subscriptions").upsert_all((to_row(wish) for wish in wishes), pk="channel")


def reschedule(db: Database, due: Mapping[Channel, datetime]) -> None:
    """Set when these channels are next due, inside whatever change is being made."""
    db.conn.executemany(
        "UPDATE subscriptions SET next_due = ? WHERE channel = ?", [(stamp(at), channel) for channel, at in due.items()]
    )


def _pause(
    db: Database, where: Channel, at: datetime, until: datetime | None, reason: str | None
) -> list[Subscription]:
    here = f"{_HERE} AND paused_at IS NULL"
    running = _select(db, here, (where,))
    db.execute(
        f"UPDATE subscriptions SET paused_at = ?2, paused_until = ?3, pause_reason = ?4 WHERE {here}",  # noqa: S608 - ours
        (where, stamp(at), stamp(until), reason),
    )
    return running


def _next_due(db: Database) -> datetime | None:
    return moment(db.execute("SELECT min(next_due) FROM subscriptions WHERE paused_at IS NULL").fetchone()[0])


def _topics(db: Database) -> set[str]:
    return {row[0] for row in db.execute("SELECT DISTINCT value FROM subscriptions, json_each(subscriptions.topics)")}


def _counts(db: Database) -> dict[tuple[str, str], int]:
    rows = db.execute(
        """
        SELECT substr(channel, 1, instr(channel, ':') - 1), CASE WHEN paused_at IS NULL THEN 'active'
            WHEN pause_reason IS NULL THEN 'paused' ELSE 'unreachable' END AS state, count(*)
        FROM subscriptions GROUP BY 1, 2
        """
    )
    return {(platform, state): number for platform, state, number in rows}
