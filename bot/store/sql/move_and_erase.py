"""Everything stored about an address: moved to the channel's new address, or erased with its workspace."""

from __future__ import annotations

from bot.model import Channel
from bot.store.sql.renaming import rename
from bot.store.sql.secrets import erase_notes
from bot.store.sql.transaction import Transaction
from bot.store.sql.zotero import erase_keys

KEYED_BY_CHANNEL: dict[str, tuple[str, ...]] = {
    "subscriptions": ("name",),
    "topics": ("name", "wanted", "line"),
    "channel_settings": (),
    "links": ("paper_id", "day"),
    "watches": ("line",),
    "greeted": (),
    "posts": ("kind", "key"),
    "picks": ("kind", "key", "position"),
    "deliveries": ("kind", "key", "slot"),
    "reactions": ("user", "paper_id"),
    "gestures": ("user", "paper_id", "gesture"),
    "card_counts": ("paper_id",),
    "profiles": (),
    "clubs": (),
    "club_meetings": ("id",),
}
"""Tables with a column `channel`, and the other columns of their keys."""
WITHIN = "({column} = ?1 OR substr({column}, 1, length(?1) + 1) = ?1 || '/')"
"""Condition on a column: the workspace or channel ?1, or anything in it."""
ADDRESS_COLUMNS = (
    *((table, "channel") for table in KEYED_BY_CHANNEL),
    ("saves", '"user"'),
    ("zotero_accounts", '"user"'),
    ("zotero_saves", '"user"'),
    ("reactions", '"user"'),
    ("gestures", '"user"'),
    ("links", '"user"'),
    ("club_votes", '"user"'),
    ("club_presenters", '"user"'),
    ("notices", "recipient"),
    ("notices", "about"),
    ("mail_subscribers", "('mail:' || id)"),
)
"""Every table and column that holds an address."""


def move(db: Transaction, old: Channel, new: Channel) -> bool:
    """Give a channel another address. False, and nothing changes, if the new one is in use or the old one is not."""
    db.lock("deliveries")  # a message that is claimed meanwhile would keep the old name
    if _is_known(db, new) or not _is_known(db, old):
        return False
    db.defer_references()  # picks refer to their post by the channel too
    for table, rest_of_key in KEYED_BY_CHANNEL.items():
        rename(db, table, "channel", rest_of_key, old, new)
    rename(db, "notices", "about", ("recipient", "kind", "day"), old, new)
    return True


def _is_known(db: Transaction, channel: Channel) -> bool:
    tables = ("subscriptions", "posts", "watches", "clubs")
    sql = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE channel = ?1" for table in tables)
    return db.execute(sql, (channel,)).fetchone() is not None


def erase(db: Transaction, where: Channel) -> dict[str, int]:
    """Erase everything about a workspace. Returns the number of deleted rows by table."""
    erased: dict[str, int] = {}
    db.lock("deliveries")  # a message that is claimed meanwhile would stay
    db.defer_references()  # picks belong to posts
    for table, column in ADDRESS_COLUMNS:
        within = WITHIN.format(column=column)
        erased[table] = erased.get(table, 0) + db.execute(f"DELETE FROM {table} WHERE {within}", (where,)).rowcount
    erase_notes(db, where)
    erase_keys(db, where)
    return erased
