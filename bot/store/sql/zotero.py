"""People's connections to Zotero, and the papers on their way there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, time
from typing import Any

from bot.model import Channel
from bot.model.zotero import ZoteroAccount, ZoteroPlace, ZoteroSave
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.rows import moment, stamp
from bot.store.sql.transaction import Transaction, put, query

KEY = "zotero "
"""What the names of secrets with API keys begin with; the person's address follows."""
_COLUMNS = tuple(field.name for field in fields(ZoteroAccount))
"""Columns of `zotero_accounts`, each with the name of its field; the place has two more."""
_TIMES = ("connected_at", "read_at", "daily_from")
_DUE = """
    SELECT saves.* FROM zotero_saves AS saves JOIN zotero_accounts AS accounts ON accounts."user" = saves."user"
    WHERE not_before <= ? AND stopped = 0 ORDER BY saved_at, paper_id LIMIT ?
    """
_UNREAD = "UPDATE zotero_accounts SET version = 0, read_at = NULL, items = 0, profile = ?, read_after = 0"


class Zotero(Part):
    """Connections to Zotero and the papers on their way there, which `People.save` adds and `unsave` takes back."""

    @writes
    def connect(self, db: Transaction, account: ZoteroAccount) -> None:
        """Store a connection in place of an older one, whose daily message stays.

        Papers that wait are tried again at once.
        """
        before = next(iter(query(db, 'SELECT * FROM zotero_accounts WHERE "user" = ?', (account.user,))), None)
        if before is not None:
            daily = _account(before)
            account = replace(account, daily_at=daily.daily_at, timezone=daily.timezone, daily_from=daily.daily_from)
        put(db, "zotero_accounts", ("user",), _row(account) | {"read_after": stamp(account.connected_at)})
        _try_again(db, account.user)

    @reads
    def account(self, db: Transaction, user: Channel) -> ZoteroAccount | None:
        """A person's connection."""
        rows = query(db, 'SELECT * FROM zotero_accounts WHERE "user" = ?', (user,))
        return next(map(_account, rows), None)

    @writes
    def choose(self, db: Transaction, user: Channel, place: ZoteroPlace) -> None:
        """Change where papers go; those that wait are tried again at once, and another library is read anew."""
        db.execute(f'{_UNREAD} WHERE "user" = ? AND library <> ?', (b"", user, place.library))
        db.execute(
            "UPDATE zotero_accounts SET library = ?, place = ?, collection = ?, fault = '', stopped = 0"
            ' WHERE "user" = ?',
            (place.library, place.name, place.collection, user),
        )
        _try_again(db, user)

    @writes
    def set_daily(self, db: Transaction, user: Channel, at: time | None, timezone: str, now: datetime) -> None:
        """Set the hour of a person's daily message; None for no more."""
        sql = 'UPDATE zotero_accounts SET daily_at = ?, timezone = ?, daily_from = ? WHERE "user" = ?'
        db.execute(sql, (at.isoformat("minutes") if at else None, timezone, stamp(now), user))

    @reads
    def dailies(self, db: Transaction) -> list[ZoteroAccount]:
        """Connections with a daily message whose library has been read."""
        sql = 'SELECT * FROM zotero_accounts WHERE daily_at IS NOT NULL AND items > 0 ORDER BY "user"'
        return list(map(_account, query(db, sql, ())))

    @writes
    def disconnect(self, db: Transaction, user: Channel) -> bool:
        """Erase a person's connection, key and papers that wait. False if there was none."""
        return forget(db, user) > 0

    @reads
    def waiting(self, db: Transaction, user: Channel) -> int:
        """How many of a person's papers are on their way."""
        return int(db.execute('SELECT count(*) FROM zotero_saves WHERE "user" = ?', (user,)).fetchone()[0])

    @reads
    def due_saves(self, db: Transaction, now: datetime, limit: int) -> list[ZoteroSave]:
        """Papers to be put into Zotero now, the oldest first; none of a connection that is stopped."""
        return [
            ZoteroSave(row["user"], row["paper_id"], datetime.fromtimestamp(row["saved_at"], UTC), row["attempts"])
            for row in query(db, _DUE, (stamp(now), limit))
        ]

    @writes
    def settle_save(self, db: Transaction, user: Channel, paper_id: str) -> None:
        """Record that a paper is in Zotero, or that it is given up."""
        drop_save(db, user, paper_id)

    @writes
    def postpone_save(self, db: Transaction, user: Channel, paper_id: str, until: datetime) -> None:
        """Try a paper again later. Counts an attempt."""
        sql = 'UPDATE zotero_saves SET not_before = ?, attempts = attempts + 1 WHERE "user" = ? AND paper_id = ?'
        db.execute(sql, (stamp(until), user, paper_id))

    @reads
    def due_readings(self, db: Transaction, now: datetime, limit: int) -> list[ZoteroAccount]:
        """Connections whose library is to be read now."""
        sql = "SELECT * FROM zotero_accounts WHERE read_after <= ? AND stopped = 0 ORDER BY read_after LIMIT ?"
        return list(map(_account, query(db, sql, (stamp(now), limit))))

    @writes
    def record_reading(self, db: Transaction, account: ZoteroAccount, following: datetime) -> None:
        """Store version, profile and time of a reading, and when the next one is due.

        Passed over if the person disconnected or chose another library meanwhile.
        """
        db.execute(
            "UPDATE zotero_accounts SET version = ?, read_at = ?, items = ?, model = ?, profile = ?, read_after = ?"
            ' WHERE "user" = ? AND library = ?',
            (
                *(account.version, stamp(account.read_at), account.items, account.model, account.profile),
                *(stamp(following), account.user, account.place.library),
            ),
        )

    @writes
    def forget_other_models(self, db: Transaction, model: str) -> None:
        """Erase the profiles that another embedding model made; their libraries are read anew."""
        db.execute(f"{_UNREAD} WHERE items > 0 AND model <> ?", (b"", model))

    @writes
    def postpone_reading(self, db: Transaction, user: Channel, until: datetime) -> None:
        """Read a library later."""
        db.execute('UPDATE zotero_accounts SET read_after = ? WHERE "user" = ?', (stamp(until), user))

    @writes
    def record_fault(self, db: Transaction, user: Channel, fault: str, *, stopped: bool = False) -> bool:
        """Store what keeps papers from arriving, empty for nothing. True if that is news to the person."""
        row = db.execute('SELECT fault FROM zotero_accounts WHERE "user" = ?', (user,)).fetchone()
        sql = 'UPDATE zotero_accounts SET fault = ?, stopped = ? WHERE "user" = ?'
        db.execute(sql, (fault, int(stopped), user))
        return row is not None and bool(fault) and fault != row[0]


def _try_again(db: Transaction, user: Channel) -> None:
    db.execute('UPDATE zotero_saves SET not_before = 0, attempts = 0 WHERE "user" = ?', (user,))


def queue_save(db: Transaction, user: Channel, paper_id: str, now: datetime) -> None:
    """Have a saved paper put into Zotero, if the person is connected."""
    db.execute(
        'INSERT INTO zotero_saves ("user", paper_id, saved_at, not_before, attempts)'
        ' SELECT ?1, ?2, ?3, ?3, 0 FROM zotero_accounts WHERE "user" = ?1 ON CONFLICT DO NOTHING',
        (user, paper_id, stamp(now)),
    )


def drop_save(db: Transaction, user: Channel, paper_id: str) -> None:
    """Take a paper off the way to Zotero."""
    db.execute('DELETE FROM zotero_saves WHERE "user" = ? AND paper_id = ?', (user, paper_id))


def forget(db: Transaction, user: Channel) -> int:
    """Erase a person's connection with its key. Returns how many there were: 0 or 1."""
    db.execute("DELETE FROM secrets WHERE name = ?", (f"{KEY}{user}",))
    db.execute('DELETE FROM zotero_saves WHERE "user" = ?', (user,))
    return db.execute('DELETE FROM zotero_accounts WHERE "user" = ?', (user,)).rowcount


def erase_keys(db: Transaction, where: Channel) -> None:
    """Erase the API keys of a workspace's people."""
    db.execute("DELETE FROM secrets WHERE substr(name, 1, length(?1) + 1) = ?1 || '/'", (f"{KEY}{where}",))


def _row(account: ZoteroAccount) -> dict[str, Any]:
    place, daily_at = account.place, account.daily_at
    return {column: getattr(account, column) for column in _COLUMNS} | {
        "library": place.library,
        "place": place.name,
        "collection": place.collection,
        "stopped": int(account.stopped),
        "daily_at": daily_at.isoformat("minutes") if daily_at else None,
        **{column: stamp(getattr(account, column)) for column in _TIMES},
    }


def _account(row: Mapping[str, Any]) -> ZoteroAccount:
    converted = {
        "place": ZoteroPlace(row["library"], row["place"], row["collection"]),
        "stopped": bool(row["stopped"]),
        "daily_at": time.fromisoformat(row["daily_at"]) if row["daily_at"] else None,
        "profile": bytes(row["profile"]),
        **{column: moment(row[column]) for column in _TIMES},
    }
    return ZoteroAccount(**{column: row[column] for column in _COLUMNS} | converted)
