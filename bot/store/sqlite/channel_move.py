"""A channel that the platform gave another address: everything about it goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import Channel

if TYPE_CHECKING:
    from sqlite_utils import Database

KEYED = ("subscriptions", "greeted", "digests", "picks", "deliveries", "reactions", "gestures", "profiles")
"""Tables with a column `channel`."""


def move(db: Database, old: Channel, new: Channel) -> bool:
    """Rename a channel; False, and nothing is done, if there is one of the new name or none of the old."""
    if _is_known(db, new) or not _is_known(db, old):
        return False
    db.execute("PRAGMA defer_foreign_keys = ON")  # picks name their digest by the channel too
    for table in KEYED:
        db.execute(f"UPDATE OR REPLACE {table} SET channel = ? WHERE channel = ?", (new, old))  # noqa: S608 - our own names
    db.execute("UPDATE OR IGNORE notices SET about = ? WHERE about = ?", (new, old))
    return True


def _is_known(db: Database, channel: Channel) -> bool:
    asked = "SELECT 1 FROM subscriptions WHERE channel = ?1 UNION ALL SELECT 1 FROM digests WHERE channel = ?1 LIMIT 1"
    return db.execute(asked, (channel,)).fetchone() is not None
