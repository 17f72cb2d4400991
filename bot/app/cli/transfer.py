"""Subscriptions as lines of JSON, to carry them from one database to another."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.app import wiring
from bot.errors import UserError
from bot.model import EVERY_DAY, WEEKDAYS, Channel, Subscription, platform, schedule
from bot.query.parser import canonical

if TYPE_CHECKING:
    from bot.settings import Settings

LARGEST = 20
"""Papers a digest at most."""


async def export(db: Path) -> list[str]:
    """Every subscription of a database as a line, but for those by mail: without its address `mail:17` is nobody."""
    with wiring.open_store(db, write=False) as store:
        wishes = [wish for wish in await store.subscriptions.all() if platform(wish.channel) != "mail"]
    return [json.dumps(to_json(wish), ensure_ascii=False) for wish in wishes]


def to_json(wish: Subscription) -> dict[str, object]:
    """One subscription, in words rather than columns."""
    return {
        "channel": wish.channel,
        "topics": list(wish.topics),
        "mutes": list(wish.mutes),
        "size": wish.size,
        "at": wish.at.isoformat("minutes"),
        "timezone": wish.timezone,
        "days": [WEEKDAYS[day] for day in sorted(wish.days)],
        "style": wish.style,
        "quiet": wish.quiet,
        "set_by": wish.set_by,
        "paused": wish.paused_at is not None,
    }


def from_json(line: str, now: datetime) -> Subscription:
    """One line back. Raises UserError saying what is wrong with it."""
    try:
        row = json.loads(line)
        zone = str(row.get("timezone", "UTC"))
        ZoneInfo(zone)
        wish = Subscription(
            channel=Channel(_address(row["channel"])),
            topics=tuple(canonical(topic) for topic in row.get("topics", ())),
            mutes=tuple(canonical(topic) for topic in row.get("mutes", ())),
            size=_between(int(row.get("size", 5)), 1, LARGEST),
            at=time.fromisoformat(row.get("at", "09:00")),
            timezone=zone,
            days=frozenset(WEEKDAYS.index(day) for day in row["days"]) if row.get("days") else EVERY_DAY,
            style="compact" if row.get("style") == "compact" else "thread",
            quiet="skip" if row.get("quiet") == "skip" else "say",
            set_by=Channel(_address(row["set_by"])) if row.get("set_by") else None,
            set_at=now,
            paused_at=now if row.get("paused") else None,
        )
    except ZoneInfoNotFoundError:
        raise UserError(f"there is no time zone {zone}; write it like Europe/Berlin") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"{type(error).__name__}: {error}; write lines as `paperboy subscriptions export` does"
        ) from None
    return schedule.with_next_due(wish, now)


async def import_lines(settings: Settings, lines: Iterable[str]) -> int:
    """Add or replace these subscriptions, all or none. Raises UserError naming the bad line."""
    now = wiring.clock(settings)()
    wishes: list[Subscription] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            wishes.append(from_json(line, now))
        except UserError as error:
            raise UserError(f"line {number}: {error}") from None
    with wiring.open_store(settings.db, write=True) as store:
        await store.subscriptions.put(*wishes)
    return len(wishes)


def _address(text: object) -> str:
    if not isinstance(text, str) or not text.partition(":")[2]:
        raise ValueError(f"{text!r} is no address")
    return text


def _between(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise ValueError(f"{value} is not between {least} and {most}")
    return value
