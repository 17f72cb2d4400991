"""Who gets the digest by mail: addresses, their letters, their bounces. The one place where an address stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.model import Channel, Subscriber, Subscription
from bot.model.mailbox import RequestLimit, mail_channel, subscriber_id
from bot.store.sqlite.rows import moment, stamp
from bot.store.sqlite.subscriptions import to_row

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.store.sqlite.connection import Connection


class Subscribers:
    """Questions about who gets mail."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    async def get(self, subscriber: int) -> Subscriber | None:
        """By number."""
        return await self._db.read(_one, "id = ?", subscriber)

    async def named(self, name: str) -> Subscriber | None:
        """By the address as it is compared."""
        return await self._db.read(_one, "name = ?", name)

    async def ask(self, asking: Sequence[RequestLimit], now: datetime) -> str | None:
        """Count an ask for each of these, unless one of them has reached its bound: that one is returned."""
        return await self._db.write(_ask, asking, now)

    async def write_to(self, address: str, name: str, wish: Mapping[str, str], now: datetime) -> None:
        """Have a letter written to an address, new or known. A confirmed one keeps the wish it has."""
        await self._db.write(_write_to, address, name, wish, now)

    async def letters(self, now: datetime) -> list[Subscriber]:
        """Those whose letter may be sent now, oldest first."""
        return await self._db.read(_many, "letter = 'waiting' AND not_before <= ? ORDER BY not_before", stamp(now))

    async def waiting(self) -> list[Subscriber]:
        """Those whose letter is still to be sent, now or later."""
        return await self._db.read(_many, "letter = 'waiting'")

    async def next_letter(self) -> datetime | None:
        """When the earliest letter may be sent."""
        sql = "SELECT min(not_before) FROM mail_subscribers WHERE letter = 'waiting'"
        return await self._db.read(lambda db: moment(db.execute(sql).fetchone()[0]))

    async def claim_letter(self, subscriber: int) -> bool:
        """Write down that it is about to be sent; False if it is no longer wanted."""
        sql = "UPDATE mail_subscribers SET letter = 'claimed' WHERE id = ? AND letter = 'waiting'"
        return await self._db.write(lambda db: db.execute(sql, (subscriber,)).rowcount > 0)

    async def settle_letter(self, subscriber: int, *, again: datetime | None = None) -> None:
        """Sent, or given up; or to be tried again, which counts an attempt."""
        if again is None:
            sql = "UPDATE mail_subscribers SET letter = NULL, attempts = 0 WHERE id = ? AND letter = 'claimed'"
            await self._db.write(lambda db: db.execute(sql, (subscriber,)))
            return
        later = (
            "UPDATE mail_subscribers SET letter = 'waiting', not_before = ?, attempts = attempts + 1"
            " WHERE id = ? AND letter = 'claimed'"
        )
        await self._db.write(lambda db: db.execute(later, (stamp(again), subscriber)))

    async def confirm(self, wish: Subscription, now: datetime) -> bool:
        """Its owner wants mail: start with this wish. False, and nothing is changed, if that was known."""
        return await self._db.write(_confirm, wish, now)

    async def leave(self, subscriber: int) -> bool:
        """Erase the address and end the subscription. False if there was none."""
        return await self._db.write(_leave, subscriber)

    async def bounces(self) -> dict[Channel, int]:
        """How often each address refused mail in a row; those that did not are left out."""
        return await self._db.read(_bounces)

    async def bounced(self, channel: Channel, times: int) -> bool:
        """Note how often in a row an address has refused mail. False if there is no such address."""
        sql = "UPDATE mail_subscribers SET bounces = ? WHERE id = ?"
        return await self._db.write(lambda db: db.execute(sql, (times, subscriber_id(channel))).rowcount > 0)

    async def tidy(self, unconfirmed_before: datetime, asks_before: datetime) -> int:
        """Erase addresses that nobody confirmed, and asks that count no more. Returns how many addresses went."""
        return await self._db.write(_tidy, unconfirmed_before, asks_before)


def _many(db: Database, where: str, *parameters: object) -> list[Subscriber]:
    sql = f"SELECT id, address, wish, confirmed_at, attempts FROM mail_subscribers WHERE {where}"  # noqa: S608 - the conditions above are ours
    return [
        Subscriber(row[0], row[1], json.loads(row[2]), moment(row[3]), row[4]) for row in db.execute(sql, parameters)
    ]


def _one(db: Database, where: str, *parameters: object) -> Subscriber | None:
    return next(iter(_many(db, where, *parameters)), None)


def _ask(db: Database, asking: Iterable[RequestLimit], now: datetime) -> str | None:
    counted = "SELECT count(*) FROM mail_asks WHERE who = ? AND at > ?"
    for who, most, within in asking:
        if db.execute(counted, (who, stamp(now - within))).fetchone()[0] >= most:
            return who
    everyone = dict.fromkeys(who for who, _, _ in asking)
    db.conn.executemany("INSERT INTO mail_asks (who, at) VALUES (?, ?)", [(who, stamp(now)) for who in everyone])
    return None


def _write_to(db: Database, address: str, name: str, wish: Mapping[str, str], now: datetime) -> None:
    db.execute(
        """
        INSERT INTO mail_subscribers (address, name, wish, asked_at, letter, not_before)
        VALUES (?1, ?2, ?3, ?4, 'waiting', ?4)
        ON CONFLICT (name) DO UPDATE SET letter = 'waiting', not_before = ?4, attempts = 0, asked_at = ?4,
            address = CASE WHEN confirmed_at IS NULL THEN ?1 ELSE address END,
            wish = CASE WHEN confirmed_at IS NULL THEN ?3 ELSE wish END
        """,
        (address, name, json.dumps(dict(wish), ensure_ascii=False), stamp(now)),
    )


def _confirm(db: Database, wish: Subscription, now: datetime) -> bool:
    sql = "UPDATE mail_subscribers SET confirmed_at = ?, wish = '{}' WHERE id = ? AND confirmed_at IS NULL"
    if db.execute(sql, (stamp(now), subscriber_id(wish.channel))).rowcount == 0:
        return False
    db.table("subscriptions").upsert(to_row(wish), pk="channel")
    return True


def _leave(db: Database, subscriber: int) -> bool:
    db.execute("DELETE FROM subscriptions WHERE channel = ?", (mail_channel(subscriber),))
    return bool(db.execute("DELETE FROM mail_subscribers WHERE id = ?", (subscriber,)).rowcount > 0)


def _bounces(db: Database) -> dict[Channel, int]:
    return {
        mail_channel(row[0]): row[1] for row in db.execute("SELECT id, bounces FROM mail_subscribers WHERE bounces > 0")
    }


def _tidy(db: Database, unconfirmed_before: datetime, asks_before: datetime) -> int:
    db.execute("DELETE FROM mail_asks WHERE at <= ?", (stamp(asks_before),))
    sql = "DELETE FROM mail_subscribers WHERE confirmed_at IS NULL AND asked_at < ?"
    return int(db.execute(sql, (stamp(unconfirmed_before),)).rowcount)
