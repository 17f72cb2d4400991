"""The ledger: digests as they were chosen, and the state of each of their messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain

from bot.model import OPENER, Channel, Delivery, Digest, DigestRecord, MissedDigest, OpenDigest, Outcome, Ref, State
from bot.model.delivery import COMPACT
from bot.model.schedule import MAX_RETRY_DELAY
from bot.store.sql import digests
from bot.store.sql.connection import Connection, Part, reads, updates, writes
from bot.store.sql.leases import is_free
from bot.store.sql.rows import id_list, moment, stamp
from bot.store.sql.subscriptions import reschedule
from bot.store.sql.transaction import Transaction, query

REPLACEABLE = f"""
(outcome = '{Outcome.LATE.value}' OR (state = 'abandoned' AND NOT EXISTS (
    SELECT 1 FROM deliveries AS sent WHERE sent.channel = digests.channel AND sent.day = digests.day
    AND sent.state != 'refused')))
"""
"""Condition on `digests`: nothing of it can have left."""
_IN_HAND_OF_NOBODY = f"""
(deliveries.state = 'unknown' OR (deliveries.state = 'claimed' AND {is_free("deliveries.leased_by")}))
"""
"""Condition on `deliveries`: its outcome is not known, and no other process that lives is posting it (?1: this one)."""


class SqlLedger(Part):
    """`protocols.Ledger` in SQL. `process` is written down with the messages that it has in hand."""

    def __init__(self, connection: Connection, process: str) -> None:
        super().__init__(connection)
        self._process = process

    @writes
    def keep(self, db: Transaction, new_digests: Sequence[Digest], due: Mapping[Channel, datetime]) -> None:
        days = {(digest.channel, digest.day): digest for digest in new_digests}
        stored = _replaceable(db, new_digests)
        fresh = [digest for digest in days.values() if _makes_room(db, digest, stored)]
        trends: dict[int, str] = {}
        # Plain executemany, because ten thousand digests are due at nine o'clock.
        db.executemany(
            "INSERT INTO digests (channel, day, outcome, due_at, chosen_at, since, topics, style, quiet, thinned,"
            " faults, state, not_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            map(digests.to_row, fresh),
        )
        db.executemany(
            "INSERT INTO picks (channel, day, position, paper_id, reason, topics, trend, liked, close_to)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            chain.from_iterable(digests.pick_rows(digest, trends) for digest in fresh),
        )
        db.executemany(
            "UPDATE subscriptions SET last_at = ? WHERE channel = ?",
            [(stamp(digest.chosen_at), digest.channel) for digest in fresh if digest.outcome is not Outcome.LATE],
        )
        digests.mark_listed(db, fresh)
        reschedule(db, due)

    async def shown_in(self, channel: Channel, ids: Iterable[str]) -> list[str]:
        return await self.connection.read(digests.shown_in, channel, tuple(ids))

    async def channels_shown(self, ids: Iterable[str]) -> dict[str, list[Channel]]:
        return await self.connection.read(digests.channels_shown, tuple(ids))

    @reads
    def recorded_days(self, db: Transaction, since: date, *, final: bool = False) -> set[tuple[Channel, date]]:
        condition = f" AND NOT {REPLACEABLE}" if final else ""
        rows = db.execute(f"SELECT channel, day FROM digests WHERE day >= ?{condition}", (since.isoformat(),))
        return {(channel, date.fromisoformat(day)) for channel, day in rows}

    @writes
    def forget_skipped(self, db: Transaction, after: datetime) -> set[Channel]:
        sql = "DELETE FROM digests WHERE outcome = ? AND chosen_at > ? RETURNING channel"
        return {channel for (channel,) in db.execute(sql, (Outcome.LATE.value, stamp(after))).fetchall()}

    @reads
    def missed(
        self, db: Transaction, channels: Iterable[Channel], since: datetime
    ) -> dict[Channel, tuple[MissedDigest, ...]]:
        return digests.missed(db, channels, since)

    @reads
    def open_digests(self, db: Transaction, now: datetime) -> list[OpenDigest]:
        rows = db.execute(
            """
            SELECT channel, day, attempts, reason FROM digests WHERE state = 'open' AND channel NOT IN
                (SELECT channel FROM digests WHERE state = 'open' AND not_before > ?1 AND not_before <= ?2)
            ORDER BY day, channel
            """,
            (stamp(now), stamp(now + MAX_RETRY_DELAY)),
        )
        return [
            OpenDigest(channel, date.fromisoformat(day), attempts, reason) for channel, day, attempts, reason in rows
        ]

    @reads
    def next_try(self, db: Transaction) -> datetime | None:
        return moment(db.execute("SELECT min(not_before) FROM digests WHERE state = 'open'").fetchone()[0])

    @reads
    def digest(self, db: Transaction, channel: Channel, day: date) -> Digest | None:
        return _digest(db, channel, day)

    @reads
    def progress(self, db: Transaction, channel: Channel, day: date) -> tuple[Digest, dict[int, Delivery]]:
        if (digest := _digest(db, channel, day)) is None:
            raise KeyError((channel, day))
        return digest, _deliveries(db, channel, day)

    @reads
    def last_days(self, db: Transaction, channel: Channel, limit: int = 10) -> list[DigestRecord]:
        rows = db.execute(
            """
            SELECT day, outcome, state, (SELECT count(*) FROM picks WHERE channel = d.channel AND day = d.day),
                (SELECT min(posted_at) FROM deliveries WHERE channel = d.channel AND day = d.day AND slot IN (?, ?)),
                reason
            FROM digests AS d WHERE channel = ? ORDER BY day DESC LIMIT ?
            """,
            (OPENER, COMPACT, channel, limit),
        )
        return [
            DigestRecord(date.fromisoformat(day), Outcome(outcome), state, papers, moment(posted_at), reason)
            for day, outcome, state, papers, posted_at, reason in rows
        ]

    @reads
    def deliveries(self, db: Transaction, channel: Channel, day: date) -> dict[int, Delivery]:
        return _deliveries(db, channel, day)

    @updates
    def claim(
        self, db: Transaction, channel: Channel, day: date, slot: int, paper_id: str | None, now: datetime
    ) -> bool:
        claimed = db.execute(
            f"""
            INSERT INTO deliveries (leased_by, channel, day, slot, state, paper_id, attempts, claimed_at)
            SELECT ?1, channel, day, ?4, 'claimed', ?5, 1, ?6 FROM digests
            WHERE channel = ?2 AND day = ?3 AND state = 'open'
            ON CONFLICT (channel, day, slot) DO UPDATE
            SET leased_by = ?1, state = 'claimed', attempts = deliveries.attempts + 1, claimed_at = ?6
            WHERE {_IN_HAND_OF_NOBODY}
            """,
            (self._process, channel, day.isoformat(), slot, paper_id, stamp(now)),
        )
        return claimed.rowcount > 0

    @updates
    def take_over(self, db: Transaction, channel: Channel, day: date, slot: int) -> bool:
        taken = db.execute(
            "UPDATE deliveries SET state = 'unknown', leased_by = ?1"
            f" WHERE channel = ?2 AND day = ?3 AND slot = ?4 AND {_IN_HAND_OF_NOBODY}",
            (self._process, channel, day.isoformat(), slot),
        )
        return taken.rowcount > 0

    @updates
    def settle(
        self,
        db: Transaction,
        channel: Channel,
        day: date,
        slot: int,
        state: State,
        now: datetime,
        *,
        ref: Ref | None = None,
        reason: str | None = None,
        closes: bool = False,
    ) -> None:
        posted_at = stamp(now) if state is State.POSTED else None
        if slot == OPENER and state is State.POSTED:  # also where the digest was abandoned during this post
            # First, and whatever its state: whoever abandons it at the same time begins with this row too.
            sql = "UPDATE digests SET state = CASE state WHEN 'abandoned' THEN 'done' ELSE state END"
            db.execute(f"{sql} WHERE channel = ? AND day = ?", (channel, day.isoformat()))
            db.execute("UPDATE picks SET shown = 1 WHERE channel = ? AND day = ?", (channel, day.isoformat()))
        db.execute(
            "UPDATE deliveries SET state = ?, ref = coalesce(?, ref), posted_at = ?, reason = ?"
            " WHERE channel = ? AND day = ? AND slot = ? AND (leased_by IS NULL OR leased_by = ?)",
            (state.value, ref, posted_at, reason, channel, day.isoformat(), slot, self._process),
        )
        if closes:
            _close(db, channel, day.isoformat(), "done", None)

    @updates
    def release(self, db: Transaction, channel: Channel, day: date, slot: int) -> None:
        sql = (
            "DELETE FROM deliveries WHERE channel = ? AND day = ? AND slot = ? AND state = 'claimed' AND leased_by = ?"
        )
        db.execute(sql, (channel, day.isoformat(), slot, self._process))

    @writes
    def postpone(self, db: Transaction, channel: Channel, day: date, until: datetime, reason: str) -> None:
        db.execute(
            "UPDATE digests SET not_before = ?, attempts = attempts + 1, reason = ? WHERE channel = ? AND day = ?",
            (stamp(until), reason, channel, day.isoformat()),
        )

    @writes
    def finish(self, db: Transaction, channel: Channel, day: date) -> None:
        _close(db, channel, day.isoformat(), "done", None)

    @writes
    def abandon(self, db: Transaction, channel: Channel, day: date, reason: str) -> None:
        _close(db, channel, day.isoformat(), "abandoned", reason)

    @writes
    def abandon_all(self, db: Transaction, where: Channel, reason: str) -> None:
        rows = db.execute(
            "SELECT channel, day FROM digests WHERE state = 'open'"
            " AND (channel = ?1 OR substr(channel, 1, length(?1) + 1) = ?1 || '/')",
            (where,),
        ).fetchall()
        for channel, day in rows:
            _close(db, channel, day, "done" if _is_opened(db, channel, day) else "abandoned", reason)

    @reads
    def paper_of(self, db: Transaction, channel: Channel, ref: Ref) -> str | None:
        row = db.execute("SELECT paper_id FROM deliveries WHERE channel = ? AND ref = ?", (channel, ref)).fetchone()
        return None if row is None else row[0]

    @reads
    def papers_under(self, db: Transaction, channel: Channel, opener: Ref) -> tuple[str, ...]:
        rows = db.execute(
            "SELECT picks.paper_id FROM deliveries AS d JOIN picks USING (channel, day)"
            " WHERE channel = ? AND d.ref = ? AND d.slot IN (?, ?) ORDER BY position",
            (channel, opener, OPENER, COMPACT),
        )
        return tuple(paper_id for (paper_id,) in rows)


def _replaceable(db: Transaction, new_digests: Sequence[Digest]) -> dict[tuple[Channel, str], bool]:
    """Whether the record of a channel's day may be replaced, of all that there are; one query for ten thousand."""
    rows = db.execute(
        f"SELECT channel, day, {REPLACEABLE} FROM digests WHERE channel IN (SELECT value FROM json_each(?))"
        " AND day IN (SELECT value FROM json_each(?))",
        (id_list({digest.channel for digest in new_digests}), id_list({each.day.isoformat() for each in new_digests})),
    )
    return {(channel, day): bool(is_replaceable) for channel, day, is_replaceable in rows}


def _makes_room(db: Transaction, digest: Digest, stored: Mapping[tuple[Channel, str], bool]) -> bool:
    """Whether a digest may be stored: its day has no record, or one that left nothing, which is deleted."""
    key = (digest.channel, digest.day.isoformat())
    if key not in stored or not stored[key] or digest.outcome is Outcome.LATE:
        return key not in stored
    for table in ("deliveries", "digests"):  # picks go with their digest
        db.execute(f"DELETE FROM {table} WHERE channel = ? AND day = ?", key)
    return True


def _close(db: Transaction, channel: Channel, day: str, state: str, reason: str | None) -> None:
    key = (channel, day)
    db.execute("UPDATE digests SET state = ?, reason = ? WHERE channel = ? AND day = ?", (state, reason, *key))
    if state == "abandoned" and not _is_opened(db, *key):
        db.execute("UPDATE picks SET shown = 0 WHERE channel = ? AND day = ?", key)
        digests.unmark_listed(db, channel, day)


def _is_opened(db: Transaction, channel: Channel, day: str) -> bool:
    sql = "SELECT 1 FROM deliveries WHERE channel = ? AND day = ? AND slot = ? AND state = 'posted'"
    return db.execute(sql, (channel, day, OPENER)).fetchone() is not None


def _digest(db: Transaction, channel: Channel, day: date) -> Digest | None:
    key = (channel, day.isoformat())
    sql = (
        "SELECT d.*, (SELECT timezone FROM subscriptions WHERE channel = d.channel) AS timezone,"
        " EXISTS (SELECT 1 FROM digests WHERE channel = d.channel AND listed_on = d.day) AS lists_missed"
        " FROM digests AS d WHERE channel = ? AND day = ?"
    )
    row = next(query(db, sql, key), None)
    if row is None:
        return None
    picks = query(
        db,
        "SELECT papers.*, picks.reason AS pick_reason, picks.topics AS pick_topics, picks.trend AS pick_trend,"
        " picks.liked AS pick_liked, picks.close_to AS pick_close_to"
        " FROM picks JOIN papers ON papers.id = picks.paper_id WHERE channel = ? AND day = ? ORDER BY position",
        key,
    )
    return digests.to_digest(row, picks, digests.listed(db, channel, key[1]) if row["lists_missed"] else ())


def _deliveries(db: Transaction, channel: Channel, day: date) -> dict[int, Delivery]:
    rows = db.execute(
        "SELECT slot, state, ref, attempts, claimed_at FROM deliveries WHERE channel = ? AND day = ?",
        (channel, day.isoformat()),
    )
    return {
        slot: Delivery(channel, day, slot, State(state), ref, attempts, moment(claimed_at))
        for slot, state, ref, attempts, claimed_at in rows
    }
