"""Watches: a row each, with the clock of their channel's subscription."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

from bot.model import Channel, QuietHours, Watch
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.move_and_erase import WITHIN
from bot.store.sql.rows import id_list, moment, stamp
from bot.store.sql.transaction import Transaction, put, query

_OF_CHANNEL = "(SELECT {column} FROM subscriptions WHERE channel = w.channel ORDER BY name <> 'main', name LIMIT 1)"
_WATCHES = f"""
SELECT w.*, {_OF_CHANNEL.format(column="timezone")} AS channel_timezone,
    {_OF_CHANNEL.format(column="summaries")} AS summaries
FROM watches AS w WHERE
"""
_PAUSED = (
    "EXISTS (SELECT 1 FROM subscriptions WHERE channel = w.channel) AND NOT EXISTS"
    " (SELECT 1 FROM subscriptions WHERE channel = w.channel AND paused_at IS NULL)"
)


class Watches(Part):
    """Topics whose papers are posted when they come."""

    @reads
    def of(self, db: Transaction, channels: Collection[Channel]) -> list[Watch]:
        """Watches of these channels, by channel and the time when they were set."""
        return _select(db, "w.channel IN (SELECT value FROM json_each(?))", id_list(channels))

    @reads
    def running(self, db: Transaction) -> list[Watch]:
        """Watches that are not stopped, of all channels but those whose every digest is paused."""
        return _select(db, f"w.stopped_at IS NULL AND NOT ({_PAUSED})")

    @reads
    def lines(self, db: Transaction) -> set[str]:
        """Lines of the watches that are not stopped."""
        return {line for (line,) in db.execute("SELECT DISTINCT line FROM watches WHERE stopped_at IS NULL")}

    @writes
    def put(self, db: Transaction, watch: Watch, most: int) -> bool:
        """Store a watch, new or changed. False, and nothing changes, if its channel has `most` others."""
        others = "SELECT count(*) FROM watches WHERE channel = ? AND line <> ?"
        if db.execute(others, (watch.channel, watch.line)).fetchone()[0] >= most:
            return False
        put(db, "watches", ("channel", "line"), _row(watch))
        return True

    @writes
    def remove(self, db: Transaction, channel: Channel, line: str) -> bool:
        """Delete a watch. False if there was none."""
        return db.execute("DELETE FROM watches WHERE channel = ? AND line = ?", (channel, line)).rowcount > 0

    @writes
    def stop(self, db: Transaction, channel: Channel, at: datetime, reason: str) -> list[Watch]:
        """Stop a channel's watches. Returns those that were running."""
        stopped = _select(db, "w.channel = ? AND w.stopped_at IS NULL", channel)
        sql = "UPDATE watches SET stopped_at = ?, stop_reason = ? WHERE channel = ? AND stopped_at IS NULL"
        db.execute(sql, (stamp(at), reason, channel))
        return stopped

    @writes
    def restart(self, db: Transaction, where: Channel, at: datetime, reasons: Collection[str]) -> None:
        """Let stopped watches of a channel, or of all of a workspace, bring what comes from now on.

        With `reasons`, those alone whose reason begins with one of them.
        """
        condition = f"{WITHIN.format(column='channel')} AND stopped_at IS NOT NULL"
        rows = db.execute(f"SELECT channel, line, stop_reason FROM watches WHERE {condition}", (where,)).fetchall()
        stopped = [(stamp(at), *key) for *key, reason in rows if not reasons or reason.startswith(tuple(reasons))]
        sql = "UPDATE watches SET stopped_at = NULL, stop_reason = '', set_at = ? WHERE channel = ? AND line = ?"
        db.executemany(sql, stopped)


def _select(db: Transaction, condition: str, *values: object) -> list[Watch]:
    sql = f"{_WATCHES} {condition} ORDER BY w.channel, w.set_at, w.line"
    return [_watch(row) for row in query(db, sql, values)]


def _watch(row: Mapping[str, Any]) -> Watch:
    start, end = row["quiet_from"], row["quiet_until"]
    return Watch(
        row["channel"],
        row["line"],
        row["most"],
        QuietHours(time.fromisoformat(start), time.fromisoformat(end)) if start is not None else None,
        direct=bool(row["direct"]),
        timezone=row["channel_timezone"] or row["timezone"],
        summaries=row["summaries"] or "any",
        set_by=row["set_by"],
        set_at=moment(row["set_at"]),
        stop_reason=row["stop_reason"] if row["stopped_at"] is not None else "",
    )


def _row(watch: Watch) -> dict[str, object]:
    """Columns of a watch that runs."""
    start, end = (each.isoformat("minutes") for each in watch.quiet) if watch.quiet else (None, None)
    return {
        "channel": watch.channel,
        "line": watch.line,
        "most": watch.most,
        "quiet_from": start,
        "quiet_until": end,
        "direct": int(watch.direct),
        "timezone": watch.timezone,
        "set_by": watch.set_by,
        "set_at": stamp(watch.set_at),
        "stopped_at": None,
        "stop_reason": "",
    }
