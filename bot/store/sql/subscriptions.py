"""Subscriptions: topics, due times, pauses; and workspaces that left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any

from bot.model import MAIN, Channel, Style, Subscription, SubscriptionKey, TopicThreshold
from bot.store.sql import move_and_erase
from bot.store.sql.connection import Part, reads, writes, writing
from bot.store.sql.rows import id_list, moment, stamp
from bot.store.sql.transaction import Transaction, put, query

_TIMES = ("set_at", "last_at", "next_due", "paused_at", "paused_until")
_ELSEWHERE = frozenset({"topics", "thresholds", "mutes", "label"})
"""Fields that are no columns of `subscriptions`: lines of their own, and what people see."""
_COLUMNS = tuple(field.name for field in fields(Subscription) if field.name not in _ELSEWHERE)
"""Columns of `subscriptions`, each with the name of its field."""
_Lines = Mapping[int, Mapping[str, TopicThreshold | None]]
"""Mutes (0) and topics (1) in their order, with their thresholds."""
_NO_LINES: _Lines = {0: {}, 1: {}}
_NEVER: Mapping[SubscriptionKey, datetime] = {}
_WITHIN = move_and_erase.WITHIN.format(column="channel")


class Subscriptions(Part):
    """Subscriptions of channels: topics, due times, pauses; and workspaces that left."""

    move = writing(move_and_erase.move)
    erase = writing(move_and_erase.erase)

    @reads
    def get(self, db: Transaction, channel: Channel, name: str = MAIN) -> Subscription | None:
        """A channel's subscription of a name."""
        return next(iter(_select(db, "channel = ? AND name = ?", channel, name)), None)

    @reads
    def of(self, db: Transaction, channel: Channel) -> list[Subscription]:
        """All subscriptions of a channel, by name."""
        return _select(db, "channel = ?", channel)

    @reads
    def all(self, db: Transaction, workspace: str = "") -> list[Subscription]:
        """Every subscription, or those of one workspace, by channel and name."""
        return _select(db, f"{_WITHIN} OR ?1 = ''", workspace)

    @reads
    def unreachable(self, db: Transaction, where: Channel) -> list[Subscription]:
        """Subscriptions of a channel or workspace that are paused because it could not be reached."""
        return _select(db, f"{_WITHIN} AND pause_reason IS NOT NULL", where)

    @reads
    def running(self, db: Transaction, where: Channel) -> list[Subscription]:
        """Subscriptions of a channel or workspace that are not paused."""
        return _select(db, f"{_WITHIN} AND paused_at IS NULL", where)

    @reads
    def due(self, db: Transaction, now: datetime) -> list[Subscription]:
        """Subscriptions whose digest is due and that are not paused."""
        return _select(db, "next_due <= ? AND paused_at IS NULL", stamp(now))

    @reads
    def misplaced(self, db: Transaction, after: datetime) -> list[Subscription]:
        """Subscriptions due later than any schedule allows: a wrong clock computed that."""
        return _select(db, "next_due > ? AND paused_at IS NULL", stamp(after))

    @reads
    def resuming(self, db: Transaction, now: datetime) -> list[Subscription]:
        """Subscriptions whose pause has ended."""
        return _select(db, "paused_until IS NOT NULL AND paused_until <= ?", stamp(now))

    @reads
    def popular_topics(self, db: Transaction, least: int, limit: int) -> list[str]:
        """Topics that at least so many channels follow, most channels first."""
        sql = (
            "SELECT line FROM topics WHERE wanted = 1 GROUP BY line HAVING count(DISTINCT channel) >= ?"
            " ORDER BY count(DISTINCT channel) DESC, line LIMIT ?"
        )
        return [line for (line,) in db.execute(sql, (least, limit))]

    @reads
    def topics(self, db: Transaction) -> set[str]:
        """Topics of all subscriptions."""
        return {line for (line,) in db.execute("SELECT DISTINCT line FROM topics WHERE wanted = 1")}

    @writes
    def put(self, db: Transaction, *subscriptions: Subscription) -> None:
        """Store subscriptions, new or changed."""
        put_subscriptions(db, subscriptions)

    @writes
    def change(self, db: Transaction, before: Subscription | None, after: Subscription) -> bool:
        """Store a subscription in place of the one that was read, None for a new one.

        False, and nothing changes, if it is no longer as it was read: whoever changed it would lose that.
        """
        is_unchanged = next(iter(_select(db, "channel = ? AND name = ?", *after.key)), None) == before
        if is_unchanged:
            put_subscriptions(db, (after,))
        return is_unchanged

    @writes
    def change_all(self, db: Transaction, changes: Sequence[tuple[Subscription, Subscription]]) -> bool:
        """`change` for each, all in one. False if some were no longer as they were read, and stay as they are."""
        channels = id_list(after.channel for _, after in changes)
        current = {each.key: each for each in _select(db, "channel IN (SELECT value FROM json_each(?))", channels)}
        unchanged = [after for before, after in changes if current.get(after.key) == before]
        put_subscriptions(db, unchanged)
        return len(unchanged) == len(changes)

    @writes
    def reschedule(self, db: Transaction, due: Mapping[SubscriptionKey, datetime]) -> None:
        """Set when subscriptions are next due."""
        reschedule(db, due)

    @writes
    def set_style(self, db: Transaction, channel: Channel, style: Style) -> None:
        """Change the style of a channel's subscriptions, and nothing else of them."""
        db.execute("UPDATE subscriptions SET style = ? WHERE channel = ?", (style, channel))

    @writes
    def remove(self, db: Transaction, channel: Channel, name: str = MAIN) -> bool:
        """Delete a subscription; its ledger stays. False if there was none."""
        sql = "DELETE FROM subscriptions WHERE channel = ? AND name = ?"  # its topics go with it
        return db.execute(sql, (channel, name)).rowcount > 0

    @writes
    def pause(
        self, db: Transaction, where: Channel, at: datetime, *, until: datetime | None, reason: str | None
    ) -> list[Subscription]:
        """Pause a channel or workspace. Returns the subscriptions that were running."""
        running = _select(db, f"{_WITHIN} AND paused_at IS NULL", where)
        db.execute(
            "UPDATE subscriptions SET paused_at = ?2, paused_until = ?3, pause_reason = ?4"
            f" WHERE {_WITHIN} AND paused_at IS NULL",
            (where, stamp(at), stamp(until), reason),
        )
        return running

    @writes
    def mark_departed(self, db: Transaction, workspace: Channel, at: datetime) -> None:
        """Record since when a workspace is gone; the first time counts."""
        db.execute("INSERT INTO departed (place, at) VALUES (?, ?) ON CONFLICT DO NOTHING", (workspace, stamp(at)))

    @writes
    def mark_returned(self, db: Transaction, where: Channel) -> None:
        """Record that a channel, and so its workspace, can be reached again."""
        sql = "DELETE FROM departed WHERE place = ?1 OR substr(?1, 1, length(place) + 1) = place || '/'"
        db.execute(sql, (where,))

    @writes
    def erase_departed(self, db: Transaction, before: datetime) -> list[Channel]:
        """Erase everything about the workspaces that left before a time. Returns them."""
        db.lock("deliveries")  # as `erase`, which comes after other statements here
        running = f"SELECT 1 FROM subscriptions WHERE paused_at IS NULL AND {_WITHIN.replace('?1', 'place')}"
        db.execute(f"DELETE FROM departed WHERE EXISTS ({running})")  # a workspace that is posted to has not left
        departed = [Channel(row[0]) for row in db.execute("SELECT place FROM departed WHERE at < ?", (stamp(before),))]
        for workspace in departed:
            move_and_erase.erase(db, workspace)
            db.execute("DELETE FROM departed WHERE place = ?", (workspace,))
        return departed

    @writes
    def mark_greeted(self, db: Transaction, channel: Channel, now: datetime) -> bool:
        """Record that a channel was greeted. False if it had been before."""
        sql = "INSERT INTO greeted (channel, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
        return db.execute(sql, (channel, stamp(now))).rowcount > 0


def put_subscriptions(db: Transaction, subscriptions: Sequence[Subscription]) -> None:
    """Store subscriptions, new or changed, as part of a change."""
    put(db, "subscriptions", ("channel", "name"), *map(_to_row, subscriptions))
    lists = [
        (each.key, is_topic, lines) for each in subscriptions for is_topic, lines in ((1, each.topics), (0, each.mutes))
    ]
    thresholds = {(each.key, line): threshold for each in subscriptions for line, threshold in each.thresholds.items()}
    positions = {
        (key, is_topic, line): position for key, is_topic, lines in lists for position, line in enumerate(lines)
    }
    rows = [
        (*key, is_topic, line, position, *_threshold_row(thresholds.get((key, line)) if is_topic else None))
        for (key, is_topic, line), position in positions.items()
    ]
    db.executemany(
        "DELETE FROM topics WHERE channel = ? AND name = ? AND wanted = ?"
        " AND line NOT IN (SELECT value FROM json_each(?))",
        [(*key, is_topic, json.dumps(lines)) for key, is_topic, lines in lists],
    )
    db.executemany(  # what else a row holds stays with its line
        "INSERT INTO topics (channel, name, wanted, line, position, threshold, steps) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (channel, name, wanted, line) DO UPDATE SET position = excluded.position,"
        " threshold = excluded.threshold, steps = excluded.steps",
        rows,
    )


def _to_row(subscription: Subscription) -> dict[str, object]:
    row: dict[str, object] = {column: getattr(subscription, column) for column in _COLUMNS}
    return row | {
        "at": subscription.at.isoformat("minutes"),
        "days": json.dumps(sorted(subscription.days)),
        **{column: stamp(getattr(subscription, column)) for column in _TIMES},
    }


def _threshold_row(threshold: TopicThreshold | None) -> tuple[float | None, str | None]:
    if threshold is None:
        return None, None
    steps = [(stamp(at), before) for at, before in threshold.steps]
    return threshold.value, json.dumps(steps) if steps else None


def _to_threshold(value: float, steps: str | None) -> TopicThreshold:
    moved = json.loads(steps) if steps else ()
    return TopicThreshold(value, tuple((datetime.fromtimestamp(at, UTC), before) for at, before in moved))


def _to_subscription(row: dict[str, Any], lines: _Lines) -> Subscription:
    converted = {
        "topics": tuple(lines[1]),
        "thresholds": {line: each for line, each in lines[1].items() if each is not None},
        "mutes": tuple(lines[0]),
        "at": time.fromisoformat(row["at"]),
        "days": _days(row["days"]),
        **{column: moment(row[column]) for column in _TIMES},
    }
    return Subscription(**row | converted)


@lru_cache(maxsize=128)
def _days(text: str) -> frozenset[int]:
    return frozenset(json.loads(text))


def _select(db: Transaction, where: str, *parameters: object) -> list[Subscription]:
    lines: dict[tuple[str, str], dict[int, dict[str, TopicThreshold | None]]] = {}
    columns = "channel, name, wanted, line, threshold, steps"
    topics = f"SELECT {columns} FROM topics JOIN subscriptions USING (channel, name) WHERE {where} ORDER BY position"
    for channel, name, is_topic, line, value, steps in db.execute(topics, parameters):
        threshold = None if value is None else _to_threshold(value, steps)
        lines.setdefault((channel, name), {0: {}, 1: {}})[is_topic][line] = threshold
    # The expression keeps SQLite from walking all channels in order instead of using the index of the condition.
    sql = f"SELECT {', '.join(_COLUMNS)} FROM subscriptions WHERE {where} ORDER BY channel || '', name"
    return [
        _to_subscription(row, lines.get((row["channel"], row["name"]), _NO_LINES)) for row in query(db, sql, parameters)
    ]


def reschedule(
    db: Transaction, due: Mapping[SubscriptionKey, datetime], latest: Mapping[SubscriptionKey, datetime] = _NEVER
) -> None:
    """Set when subscriptions are next due, and when their latest digest was chosen, as part of a change."""
    rows = [
        {"channel": key.channel, "name": key.name, "last_at": stamp(latest.get(key)), "next_due": stamp(due.get(key))}
        for key in {**due, **latest}
    ]
    db.update("subscriptions", ("channel", "name"), rows)
