"""Papers that were shown and have changed since, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from bot.model import Channel, Ref
from bot.model.delivery import COMPACT, OPENER
from bot.model.post import UPDATE
from bot.model.second_look import PaperUpdate, ShownPaper
from bot.store.sql.connection import Part, reads
from bot.store.sql.rows import id_list, stamp
from bot.store.sql.transaction import Transaction

_IS_SHOWN = "EXISTS (SELECT 1 FROM picks WHERE picks.paper_id = {paper} AND shown = 1)"
_SHOWN = f"""
SELECT p.channel, d.chosen_at, coalesce(d.under_ref, o.ref),
    coalesce((SELECT timezone FROM subscriptions AS s WHERE s.channel = p.channel AND paused_at IS NULL
        ORDER BY s.name LIMIT 1), CASE WHEN d.kind <> 'digest' AND NOT EXISTS
        (SELECT 1 FROM subscriptions AS s WHERE s.channel = p.channel) THEN 'UTC' END)
FROM picks AS p JOIN posts AS d ON d.channel = p.channel AND d.kind = p.kind AND d.key = p.key
LEFT JOIN deliveries AS o ON o.channel = d.channel AND o.kind = d.kind AND o.key = d.key AND o.slot = {OPENER}
    AND o.state = 'posted' AND NOT EXISTS (SELECT 1 FROM deliveries AS c WHERE c.channel = d.channel
    AND c.kind = d.kind AND c.key = d.key AND c.slot = {COMPACT})
WHERE p.paper_id = ? AND p.shown = 1 AND d.chosen_at >= ? ORDER BY d.chosen_at
"""


class SecondLooks(Part):
    """Papers that changed, and where they were shown."""

    @reads
    def revised(self, db: Transaction, since: datetime, field: str = "") -> list[str]:
        """Ids of papers that were shown in a channel and of which a field, or this one, has changed since a moment."""
        is_shown = _IS_SHOWN.format(paper="revisions.paper_id")
        sql = (
            "SELECT DISTINCT paper_id FROM revisions WHERE changed_at > ? AND ? IN ('', field)"
            f" AND {is_shown} ORDER BY paper_id"
        )
        return [row[0] for row in db.execute(sql, (stamp(since), field))]

    @reads
    def counted(self, db: Transaction, since: datetime, least: Mapping[str, float]) -> dict[tuple[str, str], float]:
        """The latest counts, by paper and kind, that were read since a moment and are at least so high.

        Of papers that were shown in a channel. `least` is the lowest count of each kind.
        """
        is_shown = _IS_SHOWN.format(paper="series.paper_id")
        sql = f"SELECT paper_id, kind, value FROM series WHERE seen_at > ? AND kind = ? AND value >= ? AND {is_shown}"
        rows = (row for kind, value in least.items() for row in db.execute(sql, (stamp(since), kind, value)).fetchall())
        return {(paper_id, kind): value for paper_id, kind, value in rows}

    @reads
    def shown(self, db: Transaction, paper_id: str, since: datetime) -> list[ShownPaper]:
        """The channels that were shown a paper since a moment, whose digests run, each with its latest thread.

        Without those whose latest thread was never opened, or may have no replies.
        """
        rows = db.execute(_SHOWN, (paper_id, stamp(since)))
        latest = {row[0]: row for row in rows.fetchall()}  # the last one of a channel stays
        open_rows = [row for row in latest.values() if row[2] is not None and row[3] is not None]
        updates = _updates(db, paper_id, [row[0] for row in open_rows])
        return [
            ShownPaper(channel, datetime.fromtimestamp(at, UTC), Ref(ref), timezone, tuple(updates.get(channel, ())))
            for channel, at, ref, timezone in open_rows
        ]

    @reads
    def shown_between(self, db: Transaction, since: datetime, until: datetime) -> list[str]:
        """arXiv ids, in their order, of papers whose age date is in that span and that a channel was shown."""
        sql = (
            f"SELECT id FROM papers WHERE age_at > ? AND age_at <= ? AND {_IS_SHOWN.format(paper='papers.id')}"
            " AND id NOT LIKE '10.%/%' ORDER BY id"
        )
        return [row[0] for row in db.execute(sql, (stamp(since), stamp(until)))]


def _updates(db: Transaction, paper_id: str, channels: list[Channel]) -> dict[Channel, list[PaperUpdate]]:
    rows = db.execute(
        "SELECT channel, key, day, due_at FROM posts WHERE channel IN (SELECT value FROM json_each(?))"
        " AND kind = ? AND key BETWEEN ? AND ?",
        (id_list(channels), UPDATE, f"{paper_id} ", f"{paper_id} ~"),
    )
    updates: dict[Channel, list[PaperUpdate]] = {}
    for channel, key, day, due_at in rows:
        update = PaperUpdate(key, date.fromisoformat(day), datetime.fromtimestamp(due_at, UTC))
        updates.setdefault(channel, []).append(update)
    return updates
