"""Mail addresses, their letters and their bounces. No other table holds an address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.model import Channel, Subscriber, Subscription
from bot.model.mailbox import RequestLimit, mail_channel, subscriber_id
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.rows import moment, stamp
from bot.store.sql.subscriptions import put_subscriptions
from bot.store.sql.transaction import Transaction


class Subscribers(Part):
    """Mail addresses, their confirmation letters and bounces. No other part stores an address."""

    @reads
    def get(self, db: Transaction, subscriber: int) -> Subscriber | None:
        """Subscriber of a number."""
        return next(iter(_select(db, "id = ?", subscriber)), None)

    @reads
    def by_name(self, db: Transaction, name: str) -> Subscriber | None:
        """Subscriber of an address in its comparable form."""
        return next(iter(_select(db, "name = ?", name)), None)

    @writes
    def count_request(self, db: Transaction, limits: Sequence[RequestLimit], now: datetime) -> str | None:
        """Count a request for each requester, unless one has reached a limit: that requester is returned."""
        for limit in limits:
            key = (limit.requester, stamp(now - limit.within))
            if db.execute("SELECT count(*) FROM mail_asks WHERE who = ? AND at > ?", key).fetchone()[0] >= limit.most:
                return limit.requester
        requesters = dict.fromkeys(limit.requester for limit in limits)
        rows = [(requester, stamp(now)) for requester in requesters]
        db.executemany("INSERT INTO mail_asks (who, at) VALUES (?, ?)", rows)
        return None

    @reads
    def requests(self, db: Transaction, requester: str, since: datetime) -> int:
        """Number of a requester's counted requests since a time."""
        key = (requester, stamp(since))
        return int(db.execute("SELECT count(*) FROM mail_asks WHERE who = ? AND at > ?", key).fetchone()[0])

    @writes
    def request_letter(
        self,
        db: Transaction,
        address: str,
        name: str,
        answers: Mapping[str, str],
        now: datetime,
        *,
        turn: int = 0,
        most_waiting: int = 0,
    ) -> bool:
        """Queue a letter to an address, new or known; a confirmed one keeps its subscription instead of `answers`.

        Lower turns are sent first. False if `most_waiting` letters (0: any number) of no higher turn wait already;
        otherwise one of the highest turn makes room.
        """
        if most_waiting and not _make_room(db, turn, most_waiting):
            return False
        db.execute(
            """
            INSERT INTO mail_subscribers (address, name, wish, asked_at, letter, not_before, turn)
            VALUES (?1, ?2, ?3, ?4, 'waiting', ?4, ?5)
            ON CONFLICT (name) DO UPDATE SET letter = 'waiting', not_before = ?4, attempts = 0, asked_at = ?4,
                turn = CASE WHEN mail_subscribers.turn < ?5 THEN mail_subscribers.turn ELSE ?5 END,
                address = CASE WHEN mail_subscribers.confirmed_at IS NULL THEN ?1 ELSE mail_subscribers.address END,
                wish = CASE WHEN mail_subscribers.confirmed_at IS NULL THEN ?3 ELSE mail_subscribers.wish END
            """,
            (address, name, json.dumps(dict(answers), ensure_ascii=False), stamp(now), turn),
        )
        return True

    @reads
    def due_letters(self, db: Transaction, now: datetime) -> list[Subscriber]:
        """Subscribers whose letter may be sent now, by turn, then oldest first."""
        return _select(db, "letter = 'waiting' AND not_before <= ? ORDER BY turn, not_before", stamp(now))

    @reads
    def waiting_letters(self, db: Transaction) -> list[Subscriber]:
        """Subscribers whose letter is still to be sent, now or later."""
        return _select(db, "letter = 'waiting'")

    @reads
    def next_letter(self, db: Transaction) -> datetime | None:
        """Earliest time at which a letter may be sent."""
        sql = "SELECT min(not_before) FROM mail_subscribers WHERE letter = 'waiting'"
        return moment(db.execute(sql).fetchone()[0])

    @writes
    def claim_letter(self, db: Transaction, subscriber: int) -> bool:
        """Record that a letter is about to be sent; False if it is no longer wanted."""
        sql = "UPDATE mail_subscribers SET letter = 'claimed' WHERE id = ? AND letter = 'waiting'"
        return db.execute(sql, (subscriber,)).rowcount > 0

    @writes
    def settle_letter(
        self, db: Transaction, subscriber: int, *, again: datetime | None = None, claimed: bool = True
    ) -> None:
        """Record that a letter was sent or given up; or, with `again`, queue it anew, which counts an attempt.

        `claimed`: whether it was claimed; a letter that was asked for anew meanwhile stays as it is.
        """
        change = "letter = NULL, attempts = 0, not_before = coalesce(?, not_before)"
        if again is not None:
            change = "letter = 'waiting', not_before = ?, attempts = attempts + 1"
        sql = f"UPDATE mail_subscribers SET {change} WHERE id = ? AND letter = ?"
        db.execute(sql, (stamp(again), subscriber, "claimed" if claimed else "waiting"))

    @writes
    def confirm(self, db: Transaction, subscription: Subscription, now: datetime) -> bool:
        """Confirm an address and store its subscription. False, and nothing changes, if it was confirmed."""
        sql = "UPDATE mail_subscribers SET confirmed_at = ?, wish = '{}' WHERE id = ? AND confirmed_at IS NULL"
        if db.execute(sql, (stamp(now), subscriber_id(subscription.channel))).rowcount == 0:
            return False
        put_subscriptions(db, (subscription,))
        return True

    @writes
    def remove(self, db: Transaction, subscriber: int) -> bool:
        """Erase an address and its subscription. False if there was none."""
        for table in ("subscriptions", "channel_settings"):
            db.execute(f"DELETE FROM {table} WHERE channel = ?", (mail_channel(subscriber),))
        return db.execute("DELETE FROM mail_subscribers WHERE id = ?", (subscriber,)).rowcount > 0

    @writes
    def count_bounce(self, db: Transaction, channel: Channel) -> int:
        """Count a bounce; returns how many there were in a row, 0 if there is no such address."""
        sql = "UPDATE mail_subscribers SET bounces = bounces + 1 WHERE id = ? RETURNING bounces"
        row = db.execute(sql, (subscriber_id(channel),)).fetchone()
        return row[0] if row else 0

    @writes
    def reset_bounces(self, db: Transaction, channel: Channel) -> None:
        """Count an address's bounces from 0 again."""
        db.execute("UPDATE mail_subscribers SET bounces = 0 WHERE id = ? AND bounces > 0", (subscriber_id(channel),))

    @writes
    def purge(self, db: Transaction, unconfirmed_before: datetime, requests_before: datetime) -> int:
        """Erase addresses that stayed unconfirmed, and old requests. Returns the number of addresses erased."""
        db.execute("DELETE FROM mail_asks WHERE at <= ?", (stamp(requests_before),))
        sql = "DELETE FROM mail_subscribers WHERE confirmed_at IS NULL AND asked_at < ?"
        return db.execute(sql, (stamp(unconfirmed_before),)).rowcount


def _make_room(db: Transaction, turn: int, most_waiting: int) -> bool:
    """Whether one more letter may wait; where too many do, the latest of a higher turn is dropped."""
    waiting = db.execute("SELECT count(*) FROM mail_subscribers WHERE letter = 'waiting'").fetchone()[0]
    if waiting < most_waiting:
        return True
    higher = "FROM mail_subscribers WHERE letter = 'waiting' AND turn > ?"
    row = db.execute(f"SELECT id {higher} ORDER BY turn DESC, asked_at DESC LIMIT 1", (turn,)).fetchone()
    if row is None:
        return False
    db.execute("DELETE FROM mail_subscribers WHERE id = ? AND confirmed_at IS NULL", row)
    db.execute("UPDATE mail_subscribers SET letter = NULL WHERE id = ?", row)
    return True


def _select(db: Transaction, where: str, *parameters: object) -> list[Subscriber]:
    sql = f"SELECT id, address, wish, confirmed_at, attempts FROM mail_subscribers WHERE {where}"
    return [
        Subscriber(number, address, json.loads(answers), moment(confirmed_at), attempts)
        for number, address, answers, confirmed_at, attempts in db.execute(sql, parameters)
    ]
