"""Mail addresses, their letters and their bounces. No other table holds an address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from bot.model import Channel, Subscriber, Subscription
from bot.model.mailbox import RequestLimit, mail_channel, subscriber_id
from bot.store.sqlite.connection import Part, reads, writes
from bot.store.sqlite.rows import moment, stamp
from bot.store.sqlite.subscriptions import to_row


class SqliteSubscribers(Part):
    """`protocols.Subscribers` in SQLite."""

    @reads
    def get(self, db: Database, subscriber: int) -> Subscriber | None:
        return next(iter(_select(db, "id = ?", subscriber)), None)

    @reads
    def by_name(self, db: Database, name: str) -> Subscriber | None:
        return next(iter(_select(db, "name = ?", name)), None)

    @writes
    def count_request(self, db: Database, limits: Sequence[RequestLimit], now: datetime) -> str | None:
        for limit in limits:
            key = (limit.requester, stamp(now - limit.within))
            if db.execute("SELECT count(*) FROM mail_asks WHERE who = ? AND at > ?", key).fetchone()[0] >= limit.most:
                return limit.requester
        requesters = dict.fromkeys(limit.requester for limit in limits)
        rows = [(requester, stamp(now)) for requester in requesters]
        db.conn.executemany("INSERT INTO mail_asks (who, at) VALUES (?, ?)", rows)
        return None

    @reads
    def requests(self, db: Database, requester: str, since: datetime) -> int:
        key = (requester, stamp(since))
        return int(db.execute("SELECT count(*) FROM mail_asks WHERE who = ? AND at > ?", key).fetchone()[0])

    @writes
    def request_letter(
        self,
        db: Database,
        address: str,
        name: str,
        answers: Mapping[str, str],
        now: datetime,
        *,
        turn: int = 0,
        most_waiting: int = 0,
    ) -> bool:
        if most_waiting and not _make_room(db, turn, most_waiting):
            return False
        db.execute(
            """
            INSERT INTO mail_subscribers (address, name, wish, asked_at, letter, not_before, turn)
            VALUES (?1, ?2, ?3, ?4, 'waiting', ?4, ?5)
            ON CONFLICT (name) DO UPDATE SET letter = 'waiting', not_before = ?4, attempts = 0, asked_at = ?4,
                turn = min(turn, ?5),
                address = CASE WHEN confirmed_at IS NULL THEN ?1 ELSE address END,
                wish = CASE WHEN confirmed_at IS NULL THEN ?3 ELSE wish END
            """,
            (address, name, json.dumps(dict(answers), ensure_ascii=False), stamp(now), turn),
        )
        return True

    @reads
    def due_letters(self, db: Database, now: datetime) -> list[Subscriber]:
        return _select(db, "letter = 'waiting' AND not_before <= ? ORDER BY turn, not_before", stamp(now))

    @reads
    def waiting_letters(self, db: Database) -> list[Subscriber]:
        return _select(db, "letter = 'waiting'")

    @reads
    def next_letter(self, db: Database) -> datetime | None:
        sql = "SELECT min(not_before) FROM mail_subscribers WHERE letter = 'waiting'"
        return moment(db.execute(sql).fetchone()[0])

    @writes
    def claim_letter(self, db: Database, subscriber: int) -> bool:
        sql = "UPDATE mail_subscribers SET letter = 'claimed' WHERE id = ? AND letter = 'waiting'"
        return db.execute(sql, (subscriber,)).rowcount > 0

    @writes
    def settle_letter(
        self, db: Database, subscriber: int, *, again: datetime | None = None, claimed: bool = True
    ) -> None:
        change = "letter = NULL, attempts = 0"
        if again is not None:
            change = "letter = 'waiting', not_before = :again, attempts = attempts + 1"
        sql = f"UPDATE mail_subscribers SET {change} WHERE id = :id AND letter = :state"
        db.execute(sql, {"id": subscriber, "again": stamp(again), "state": "claimed" if claimed else "waiting"})

    @writes
    def confirm(self, db: Database, subscription: Subscription, now: datetime) -> bool:
        sql = "UPDATE mail_subscribers SET confirmed_at = ?, wish = '{}' WHERE id = ? AND confirmed_at IS NULL"
        if db.execute(sql, (stamp(now), subscriber_id(subscription.channel))).rowcount == 0:
            return False
        db.table("subscriptions").upsert(to_row(subscription), pk="channel")
        return True

    @writes
    def remove(self, db: Database, subscriber: int) -> bool:
        db.execute("DELETE FROM subscriptions WHERE channel = ?", (mail_channel(subscriber),))
        return db.execute("DELETE FROM mail_subscribers WHERE id = ?", (subscriber,)).rowcount > 0

    @reads
    def bounces(self, db: Database) -> dict[Channel, int]:
        rows = db.execute("SELECT id, bounces FROM mail_subscribers WHERE bounces > 0")
        return {mail_channel(number): count for number, count in rows}

    @writes
    def set_bounces(self, db: Database, channel: Channel, count: int) -> bool:
        sql = "UPDATE mail_subscribers SET bounces = ? WHERE id = ?"
        return db.execute(sql, (count, subscriber_id(channel))).rowcount > 0

    @writes
    def purge(self, db: Database, unconfirmed_before: datetime, requests_before: datetime) -> int:
        db.execute("DELETE FROM mail_asks WHERE at <= ?", (stamp(requests_before),))
        sql = "DELETE FROM mail_subscribers WHERE confirmed_at IS NULL AND asked_at < ?"
        return db.execute(sql, (stamp(unconfirmed_before),)).rowcount


def _make_room(db: Database, turn: int, most_waiting: int) -> bool:
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


def _select(db: Database, where: str, *parameters: object) -> list[Subscriber]:
    sql = f"SELECT id, address, wish, confirmed_at, attempts FROM mail_subscribers WHERE {where}"
    return [
        Subscriber(number, address, json.loads(answers), moment(confirmed_at), attempts)
        for number, address, answers, confirmed_at, attempts in db.execute(sql, parameters)
    ]
