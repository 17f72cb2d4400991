"""A workspace that left, and how everything about it is erased when it does not come back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.model import Channel
from bot.store.sqlite.channel_move import KEYED
from bot.store.sqlite.rows import stamp
from bot.store.sqlite.secrets import forget_notes

if TYPE_CHECKING:
    from sqlite_utils import Database

HERE = "({column} = ?1 OR substr({column}, 1, length(?1) + 1) = ?1 || '/')"
"""Of a workspace or channel, and of all that is in it."""
OWNED = (
    ("saves", "user"),
    ("reactions", "user"),
    ("gestures", "user"),
    ("notices", "recipient"),
    ("notices", "about"),
    ("mail_subscribers", "('mail:' || id)"),
)
"""More columns with addresses, besides the tables that are kept by channel."""


def leave(db: Database, where: Channel, at: datetime) -> None:
    """Note since when it is gone; the first time counts."""
    db.execute("INSERT OR IGNORE INTO departed (place, at) VALUES (?, ?)", (where, stamp(at)))


def come_back(db: Database, where: Channel) -> None:
    """It is here, and so is the workspace it belongs to."""
    db.execute("DELETE FROM departed WHERE place = ?1 OR substr(?1, 1, length(place) + 1) = place || '/'", (where,))


def erase_departed(db: Database, before: datetime) -> list[Channel]:
    """Erase what left before then. Returns which."""
    here = HERE.format(column="channel").replace("?1", "place")
    running = f"SELECT 1 FROM subscriptions WHERE paused_at IS NULL AND {here}"  # noqa: S608 - ours
    db.execute(f"DELETE FROM departed WHERE EXISTS ({running})")  # noqa: S608 - ours; who is posted to is not gone
    gone = [Channel(row[0]) for row in db.execute("SELECT place FROM departed WHERE at < ?", (stamp(before),))]
    for where in gone:
        erase(db, where)
        db.execute("DELETE FROM departed WHERE place = ?", (where,))
    return gone


def erase(db: Database, where: Channel) -> dict[str, int]:
    """Erase everything about a workspace. Returns how many rows of each kind went."""
    erased: dict[str, int] = {}
    db.execute("PRAGMA defer_foreign_keys = ON")  # picks belong to digests
    for table, column in _columns():
        here = HERE.format(column=column)
        gone = db.execute(f"DELETE FROM {table} WHERE {here}", (where,)).rowcount  # noqa: S608 - our own names
        erased[table] = erased.get(table, 0) + gone
    forget_notes(db, where)
    return erased


def _columns() -> Iterable[tuple[str, str]]:
    return (*((table, "channel") for table in KEYED), *OWNED)
