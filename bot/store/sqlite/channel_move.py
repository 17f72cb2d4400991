"""Move of a channel that the platform gave another address, with everything stored about it."""

from __future__ import annotations

from sqlite_utils import Database

from bot.model import Channel

KEYED_BY_CHANNEL = (
    "subscriptions", "greeted", "digests", "picks", "deliveries", "reactions", "gestures", "profiles"
)  # fmt: skip
"""Tables with a column `channel`."""


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
