"""Export and import of subscriptions as JSON Lines, to move them to another database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.app import databases, wiring
from bot.errors import UserError
from bot.model import EVERY_DAY, MAIN, WEEKDAYS, Channel, Subscription, TopicThreshold, platform, schedule
from bot.model.database import Database
from bot.query.parser import canonical
from bot.query.strictness import LEVELS, threshold_of
from bot.settings import Settings

SIZE_MAX = 20
EARLY_MAX = 3
"""Papers per digest."""


async def export_lines(db: Database) -> list[str]:
    """Every subscription of a database but those by mail: only that database knows their addresses (`mail:17`)."""
    with databases.open_store(db, write=False) as store:
        subscriptions = [each for each in await store.subscriptions.all() if platform(each.channel) != "mail"]
    return [json.dumps(to_json(each), ensure_ascii=False) for each in subscriptions]


def to_json(subscription: Subscription) -> dict[str, object]:
    """One subscription as a JSON object."""
    return {
        "channel": subscription.channel,
        "name": subscription.name,
        "topics": list(subscription.topics),
        "strictness": {line: value for line in subscription.topics if (value := subscription.threshold(line))},
        "mutes": list(subscription.mutes),
        "size": subscription.size,
        "at": subscription.at.isoformat("minutes"),
        "timezone": subscription.timezone,
        "days": [WEEKDAYS[day] for day in sorted(subscription.days)],
        "style": subscription.style,
        "quiet": subscription.quiet,
        "early": subscription.early,
        "summaries": subscription.summaries,
        "set_by": subscription.set_by,
        "paused": subscription.paused_at is not None,
    }


def from_json(line: str, now: datetime) -> Subscription:
    """The subscription of one line. Raises UserError that names the fault."""
    try:
        row = _object(line)
        zone = str(row.get("timezone", "UTC"))
        ZoneInfo(zone)
        subscription = Subscription(
            channel=Channel(_address(row["channel"])),
            name=str(row.get("name") or MAIN),
            topics=tuple(canonical(topic) for topic in row.get("topics", ())),
            thresholds=_thresholds(row.get("strictness") or {}),
            mutes=tuple(canonical(topic) for topic in row.get("mutes", ())),
            size=_between(int(row.get("size", 5)), 1, SIZE_MAX),
            at=time.fromisoformat(row.get("at", "09:00")),
            timezone=zone,
            days=frozenset(map(_day, row["days"])) if row.get("days") else EVERY_DAY,
            style="compact" if row.get("style") == "compact" else "thread",
            quiet="skip" if row.get("quiet") == "skip" else "say",
            early=None if row.get("early") is None else _between(int(row["early"]), 0, EARLY_MAX),
            summaries="authors" if row.get("summaries") == "authors" else "any",
            set_by=Channel(_address(row["set_by"])) if row.get("set_by") else None,
            set_at=now,
            paused_at=now if row.get("paused") else None,
        )
    except ZoneInfoNotFoundError:
        raise UserError(f"there is no time zone {zone}; write it like Europe/Berlin") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        problem = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise UserError(f"{problem}; write lines as `paperboy subscriptions export` does") from None
    return schedule.with_next_due(subscription, now)


async def import_lines(settings: Settings, lines: Iterable[str]) -> int:
    """Add or replace subscriptions; returns their number. Raises UserError naming the bad line; then none is stored."""
    now = wiring.clock(settings)()
    subscriptions: list[Subscription] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            subscriptions.append(from_json(line, now))
        except UserError as error:
            raise UserError(f"line {number}: {error}") from None
    with databases.open_store(settings.db, write=True) as store:
        before = {each.key: each for each in await store.subscriptions.all()}
        await store.subscriptions.put(*(_with_pending_due(before.get(each.key), each, now) for each in subscriptions))
    return len(subscriptions)


def _with_pending_due(before: Subscription | None, after: Subscription, now: datetime) -> Subscription:
    """An imported subscription; a digest that is due in its channel and not chosen yet still comes."""
    due = None if before is None or after.paused_at is not None else schedule.pending_due(before, after, now)
    return after if due is None else replace(after, next_due=due)


def _object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise TypeError("this is no JSON object")
    return row


def _address(text: object) -> str:
    if not isinstance(text, str) or not text.partition(":")[2]:
        raise ValueError(f"{text!r} is no address")
    return text


def _day(text: object) -> int:
    if text not in WEEKDAYS:
        raise ValueError(f"days are a list of {', '.join(WEEKDAYS)}, and not {text!r}")
    return WEEKDAYS.index(str(text))


def _thresholds(row: object) -> dict[str, TopicThreshold]:
    """Thresholds by topic; a level's name, such as `stricter`, is read too."""
    if not isinstance(row, dict):
        raise TypeError('strictness is an object, as in {"video diffusion": "stricter"}')
    return {canonical(str(topic)): TopicThreshold(_threshold(value)) for topic, value in row.items()}


def _threshold(value: object) -> float:
    if value in LEVELS:
        return threshold_of(str(value))
    least, most = threshold_of(LEVELS[0]), threshold_of(LEVELS[-1])
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"strictness is one of {', '.join(LEVELS)}, or {least} to {most}, and not {value!r}")
    return float(value)


def _between(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise ValueError(f"{value} is not between {least} and {most}")
    return value
