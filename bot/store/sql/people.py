"""Reading lists, reactions and notices to persons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from bot.model import Channel, Notice, Paper
from bot.model.schedule import MAX_RETRY_DELAY
from bot.store.sql import clubs, counts, zotero
from bot.store.sql.connection import Connection, Part, reads, writes
from bot.store.sql.digests import erase_neighbours
from bot.store.sql.leases import is_free
from bot.store.sql.rows import stamp, to_paper
from bot.store.sql.secrets import erase_notes
from bot.store.sql.transaction import Transaction, put, query

_NOTICE = "id, recipient, about, kind, day, text, state = 'claimed', attempts, claimed_at"
"""Columns of a Notice, in its order."""


class People(Part):
    """Reading lists, reactions, and notices to persons."""

    def __init__(self, connection: Connection, process: str) -> None:
        """`process` is written down with the notices that it has in hand."""
        super().__init__(connection)
        self._process = process

    @writes
    def save(self, db: Transaction, user: Channel, paper_id: str, now: datetime) -> bool:
        """Put a paper on a reading list, and on its way to the person's Zotero. False if it was there."""
        sql = 'INSERT INTO saves ("user", paper_id, saved_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
        is_new = db.execute(sql, (user, paper_id, stamp(now))).rowcount > 0
        if is_new:
            zotero.queue_save(db, user, paper_id, now)
        return is_new

    @writes
    def unsave(self, db: Transaction, user: Channel, paper_id: str) -> bool:
        """Take a paper off a reading list. False if it was not there."""
        zotero.drop_save(db, user, paper_id)
        return db.execute('DELETE FROM saves WHERE "user" = ? AND paper_id = ?', (user, paper_id)).rowcount > 0

    @reads
    def reading_list(self, db: Transaction, user: Channel) -> list[Paper]:
        """Saved papers of a person, latest first."""
        sql = 'SELECT papers.* FROM saves JOIN papers ON papers.id = paper_id WHERE "user" = ? ORDER BY saved_at DESC'
        return [to_paper(row) for row in query(db, sql, (user,))]

    @writes
    def react(
        self,
        db: Transaction,
        channel: Channel,
        user: Channel,
        paper_id: str,
        value: int,
        now: datetime,
        topics: Sequence[str] = (),
    ) -> None:
        """Store a reaction, +1 or -1; 0 deletes it. `topics`: the channel's that the paper is of now."""
        if value:
            reaction = {
                "channel": channel,
                "user": user,
                "paper_id": paper_id,
                "value": value,
                "reacted_at": stamp(now),
                "topics": json.dumps(topics, ensure_ascii=False) if topics else None,
            }
            put(db, "reactions", ("channel", "user", "paper_id"), reaction)
        else:
            sql = 'DELETE FROM reactions WHERE channel = ? AND "user" = ? AND paper_id = ?'
            db.execute(sql, (channel, user, paper_id))
        counts.mark(db, channel, paper_id)

    @writes
    def forget(self, db: Transaction, who: Channel) -> dict[str, int]:
        """Erase saves, reactions, gestures, profile and watches of a person or channel, notices to a person, their
        connection to Zotero and their name on subscriptions and watches. Returns the number of each, by its name in
        the singular.
        """
        gestures = 'FROM gestures WHERE ("user" = ?1 OR channel = ?1)'
        # Saves are counted by the reading list already.
        shares, wishes = (
            int(db.execute(f"SELECT count(*) {gestures} AND gesture = ?2", (who, gesture)).fetchone()[0])
            for gesture in ("share", "discuss")
        )
        counts.mark_all(db, who)
        db.execute(f"DELETE {gestures}", (who,))
        erase_notes(db, who)
        erase_neighbours(db, who)
        return {
            "saved paper": db.execute('DELETE FROM saves WHERE "user" = ?', (who,)).rowcount,
            "reaction": db.execute('DELETE FROM reactions WHERE "user" = ?1 OR channel = ?1', (who,)).rowcount,
            "share": shares,
            "discussion request": wishes,
            **clubs.forget(db, who),
            "profile": db.execute("DELETE FROM profiles WHERE channel = ?", (who,)).rowcount,
            "notice": db.execute("DELETE FROM notices WHERE recipient = ?", (who,)).rowcount,
            "linked paper": _forget_links(db, who),
            "watch": db.execute("DELETE FROM watches WHERE channel = ? AND direct = 1", (who,)).rowcount,
            "Zotero connection": zotero.forget(db, who),
            "mention": _erase_setter(db, who),
        }

    @writes
    def queue_notice(
        self, db: Transaction, recipient: Channel | None, about: Channel, kind: str, day: date, text: str, now: datetime
    ) -> None:
        """Queue a notice, unless there is one of this kind about this channel and day; without a recipient, untold."""
        db.execute(
            "INSERT INTO notices (recipient, about, kind, day, text, state, not_before)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (recipient or "", about, kind, day.isoformat(), text, "open" if recipient else "dropped", stamp(now)),
        )

    @reads
    def due_notices(self, db: Transaction, now: datetime, recipient: Channel | None = None) -> list[Notice]:
        """Notices that may be delivered now, of everybody or one recipient.

        A recipient who must wait for one notice waits for all of them.
        """
        rows = db.execute(
            f"""
            SELECT {_NOTICE} FROM notices
            WHERE state IN ('open', 'claimed') AND recipient = coalesce(?3, recipient) AND recipient NOT IN (
                SELECT recipient FROM notices
                WHERE state IN ('open', 'claimed') AND not_before > ?1 AND not_before <= ?2)
            ORDER BY id
            """,
            (stamp(now), stamp(now + MAX_RETRY_DELAY), recipient),
        )
        return list(map(_notice, rows))

    @reads
    def untold_notices(self, db: Transaction, about: Channel) -> list[Notice]:
        """Notices about a channel that could not be delivered to a person, oldest first, each text once."""
        first = "SELECT min(id) FROM notices WHERE about = ? AND state = 'dropped' GROUP BY kind, day, text"
        rows = db.execute(f"SELECT {_NOTICE} FROM notices WHERE id IN ({first}) ORDER BY id", (about,))
        return list(map(_notice, rows))

    @writes
    def claim_notice(self, db: Transaction, notice_id: int, now: datetime) -> bool:
        """Record that this process is about to post a notice. False if another one posted it or has it in hand."""
        claimed = db.execute(
            "UPDATE notices SET state = 'claimed', claimed_at = ?2, leased_by = ?1 WHERE id = ?3"
            f" AND (state = 'open' OR (state = 'claimed' AND {is_free('leased_by')}))",
            (self._process, stamp(now), notice_id),
        )
        return claimed.rowcount > 0

    @writes
    def settle_notice(self, db: Transaction, notice_id: int, state: str) -> None:
        """Record the outcome of a notice: `told` or `dropped`."""
        db.execute("UPDATE notices SET state = ? WHERE id = ?", (state, notice_id))

    @writes
    def settle_untold(self, db: Transaction, about: Channel) -> None:
        """Record that all untold notices about a channel were shown there."""
        db.execute("UPDATE notices SET state = 'told' WHERE about = ? AND state = 'dropped'", (about,))

    @writes
    def postpone_notice(self, db: Transaction, notice_id: int, until: datetime, *, unknown: bool) -> None:
        """Try a notice again later; `unknown`: it may have arrived. Counts an attempt."""
        sql = "UPDATE notices SET state = ?, not_before = ?, attempts = attempts + 1 WHERE id = ?"
        db.execute(sql, ("claimed" if unknown else "open", stamp(until), notice_id))


def _forget_links(db: Transaction, who: Channel) -> int:
    """Erase who linked to papers; that they were linked to stays, so that no digest repeats them."""
    sql = """UPDATE links SET "user" = '', name = '' WHERE ("user" = ?1 OR channel = ?1) AND "user" <> ''"""
    return db.execute(sql, (who,)).rowcount


def _erase_setter(db: Transaction, who: Channel) -> int:
    """Erase a person's name on what they set up. Returns on how many subscriptions and watches."""
    sql = "UPDATE {table} SET set_by = NULL WHERE set_by = ?"
    return sum(db.execute(sql.format(table=table), (who,)).rowcount for table in ("subscriptions", "watches"))


def _notice(row: Any) -> Notice:
    number, recipient, about, kind, day, text, claimed, attempts, claimed_at = row
    return Notice(number, recipient, about, kind, date.fromisoformat(day), text, bool(claimed), attempts, claimed_at)
