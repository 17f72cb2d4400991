"""Hours at which a channel's weekly recap is due. Pure.

A recap belongs to the local day of its hour, which is its key in the ledger: whatever the clock, the settings or a
crash do, no two are less than a week apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.model import PostRecord, Subscription, schedule
from bot.model.recap import RecapPlace

WEEK = timedelta(days=7)
LATE = timedelta(hours=24)
"""How long after its hour a recap is posted at the latest."""
FUTURE = timedelta(days=28)
"""A recap that is later than that comes from a clock that was wrong, and holds up no other."""


def days_of(records: Iterable[PostRecord]) -> list[date]:
    """The days that recaps of one channel belong to."""
    return [date.fromisoformat(record.key.key) for record in records]


def due(place: RecapPlace, now: datetime) -> datetime | None:
    """The hour of the recap that is due in a channel now; None if there is none."""
    if place.settings.recap_day is None or place.paused:
        return None
    latest = schedule.latest_due(_schedule(place), now)
    since = place.settings.recap_from
    is_past = since is not None and latest <= since
    return None if is_past or now - latest >= LATE else latest


def day_of(place: RecapPlace, hour: datetime) -> date:
    """The local day of a recap's hour."""
    return hour.astimezone(ZoneInfo(place.timezone)).date()


def is_free(day: date, others: Iterable[date]) -> bool:
    """Whether a recap of a day is a week after the others of its channel."""
    return not any(day - WEEK < other <= day + FUTURE for other in others)


def next_hour(place: RecapPlace, others: Iterable[date], now: datetime) -> datetime | None:
    """The hour at which the next recap is due; None without one."""
    if place.settings.recap_day is None:
        return None
    taken = list(others)
    hour = schedule.next_due(_schedule(place), now)
    while not is_free(day_of(place, hour), taken):
        hour = schedule.next_due(_schedule(place), hour)
    return hour


def _schedule(place: RecapPlace) -> Subscription:
    """The weekly hour of a recap as a schedule, which knows time zones."""
    day = place.settings.recap_day
    assert day is not None  # noqa: S101 - asked only of channels that have a recap
    weekly = Subscription(place.channel, timezone=place.timezone, days=frozenset({day}))
    return replace(weekly, at=place.settings.recap_at)
