"""Due times of a subscription: its hour and weekdays in its own time zone.

Due times are instants in UTC computed from local times. At a change to summer time an hour that does not exist falls an
hour later by the wall clock; at the change back an hour that comes twice is taken the first time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.model import Subscription

TOO_LATE = timedelta(hours=6)
"""Delay of an opener after which the digest is skipped, with a notice."""

MAX_RETRY_DELAY = TOO_LATE
"""Longest delay before a post is retried; a later time in the store was set by a wrong clock."""

SCHEDULES_CACHED = 8_192
"""Due times remembered, by hour, time zone, days and instant."""

MAX_DUE_AHEAD = timedelta(days=8)
"""Longest time until a channel is due; a later due time in the store was set by a wrong clock."""


def local_day(subscription: Subscription, at: datetime) -> date:
    """Calendar day of an instant in the channel's time zone."""
    return at.astimezone(ZoneInfo(subscription.timezone)).date()


def _due_on(at: time, timezone: str, day: date) -> datetime:
    return datetime.combine(day, at, ZoneInfo(timezone)).astimezone(UTC)


def next_due(subscription: Subscription, after: datetime) -> datetime:
    """First due time strictly after an instant."""
    return _next_due(subscription.at, subscription.timezone, subscription.days, after)


@lru_cache(maxsize=SCHEDULES_CACHED)
def _next_due(at: time, timezone: str, days: frozenset[int], after: datetime) -> datetime:
    """Cached, because thousands of channels have the same hour."""
    day = after.astimezone(ZoneInfo(timezone)).date() - timedelta(days=1)
    while day.weekday() not in days or _due_on(at, timezone, day) <= after:
        day += timedelta(days=1)
    return _due_on(at, timezone, day)


def next_due_after(subscription: Subscription, day: date, after: datetime) -> datetime:
    """First due time after an instant and on a later local day than `day`, which has a digest."""
    due = next_due(subscription, after)
    while local_day(subscription, due) <= day:
        due = next_due(subscription, due)
    return due


def latest_due(subscription: Subscription, now: datetime) -> datetime:
    """Last due time at or before an instant."""
    return _latest_due(subscription.at, subscription.timezone, subscription.days, now)


@lru_cache(maxsize=SCHEDULES_CACHED)
def _latest_due(at: time, timezone: str, days: frozenset[int], now: datetime) -> datetime:
    day = now.astimezone(ZoneInfo(timezone)).date() + timedelta(days=1)
    while day.weekday() not in days or _due_on(at, timezone, day) > now:
        day -= timedelta(days=1)
    return _due_on(at, timezone, day)


def due_times(subscription: Subscription, first: datetime, end: datetime) -> list[datetime]:
    """Due times from `first`, itself one, up to but without `end`; the latest 31 of them."""
    times: list[datetime] = []
    due = first
    while due < end:
        times.append(due)
        due = next_due(subscription, due)
    return times[-31:]


def digest_expired(due_at: datetime, now: datetime) -> bool:
    """Whether it is too late to open a digest that was due then."""
    return now - due_at > TOO_LATE


def with_next_due(subscription: Subscription, now: datetime) -> Subscription:
    """The subscription with its next due time after `now`."""
    return replace(subscription, next_due=next_due(subscription, now))


def pending_due(before: Subscription, after: Subscription, now: datetime) -> datetime | None:
    """Due time that a changed subscription keeps, because a digest is due and not chosen yet; None if none is.

    With another hour, time zone or weekdays it is that day's new hour, if that is past and not too long ago.
    """
    if before.paused_at is not None or before.next_due is None or before.next_due > now:
        return None
    if (before.at, before.timezone, before.days) == (after.at, after.timezone, after.days):
        return before.next_due
    latest = latest_due(after, now)
    same_day = local_day(after, latest) == local_day(before, before.next_due)
    return latest if same_day and not digest_expired(latest, now) else None
