"""Erasure of a workspace, at once or some time after it left."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from bot.model import Channel
from bot.store.sqlite.channel_move import KEYED_BY_CHANNEL
from bot.store.sqlite.rows import stamp
from bot.store.sqlite.secrets import erase_notes

WITHIN = "({column} = ?1 OR substr({column}, 1, length(?1) + 1) = ?1 || '/')"
"""Condition on a column: the workspace or channel ?1, or anything in it."""
ADDRESS_COLUMNS = (
    *((table, "channel") for table in KEYED_BY_CHANNEL),
    ("saves", "user"),
    ("reactions", "user"),
    ("gestures", "user"),
    ("notices", "recipient"),
    ("notices", "about"),
    ("mail_subscribers", "('mail:' || id)"),
)
"""Every table and column that holds an address."""


def erase_departed(db: Database, before: datetime) -> list[Channel]:
    """Erase the workspaces that left before a time. Returns them."""
    within = WITHIN.format(column="channel").replace("?1", "place")
    running = f"SELECT 1 FROM subscriptions WHERE paused_at IS NULL AND {within}"
    db.execute(f"DELETE FROM departed WHERE EXISTS ({running})")  # a workspace that is posted to has not left
    departed = [Channel(row[0]) for row in db.execute("SELECT place FROM departed WHERE at < ?", (stamp(before),))]
    for where in departed:
        erase(db, where)
        db.execute("DELETE FROM departed WHERE place = ?", (where,))
    return departed


def erase(db: Database, where: Channel) -> dict[str, int]:
    """Erase everything about a workspace. Returns the number of deleted rows by table."""
    erased: dict[str, int] = {}
    db.execute("PRAGMA defer_foreign_keys = ON")  # picks belong to digests
    for table, column in ADDRESS_COLUMNS:
        within = WITHIN.format(column=column)
        erased[table] = erased.get(table, 0) + db.execute(f"DELETE FROM {table} WHERE {within}", (where,)).rowcount
    erase_notes(db, where)
    return erased
