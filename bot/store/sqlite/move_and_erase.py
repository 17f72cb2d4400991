"""Everything stored about an address: moved to the channel's new address, or erased with its workspace."""

from __future__ import annotations

from sqlite_utils import Database

from bot.model import Channel
from bot.store.sqlite.secrets import erase_notes

KEYED_BY_CHANNEL = (
    "subscriptions", "greeted", "digests", "picks", "deliveries", "reactions", "gestures", "profiles"
)  # fmt: skip
"""Tables with a column `channel`."""
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


def move(db: Database, old: Channel, new: Channel) -> bool:
    """Rename a channel. False, and nothing changes, if the new name is in use or the old one is not."""
    if _is_known(db, new) or not _is_known(db, old):
        return False
    db.execute("PRAGMA defer_foreign_keys = ON")  # picks refer to their digest by the channel too
    for table in KEYED_BY_CHANNEL:
        db.execute(f"UPDATE OR REPLACE {table} SET channel = ? WHERE channel = ?", (new, old))
    db.execute("UPDATE OR IGNORE notices SET about = ? WHERE about = ?", (new, old))
    return True


def _is_known(db: Database, channel: Channel) -> bool:
    sql = "SELECT 1 FROM subscriptions WHERE channel = ?1 UNION ALL SELECT 1 FROM digests WHERE channel = ?1 LIMIT 1"
    return db.execute(sql, (channel,)).fetchone() is not None


def erase(db: Database, where: Channel) -> dict[str, int]:
    """Erase everything about a workspace. Returns the number of deleted rows by table."""
    erased: dict[str, int] = {}
    db.execute("PRAGMA defer_foreign_keys = ON")  # picks belong to digests
    for table, column in ADDRESS_COLUMNS:
        within = WITHIN.format(column=column)
        erased[table] = erased.get(table, 0) + db.execute(f"DELETE FROM {table} WHERE {within}", (where,)).rowcount
    erase_notes(db, where)
    return erased
