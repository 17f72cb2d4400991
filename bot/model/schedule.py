"""When a channel is due: its hour and weekdays in its own zone. Pure.

Due times are instants computed from local ones, so a change to or from summer time needs no special case: an hour that
is skipped falls an hour later by the wall clock, one that comes twice is taken the first time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.model import Subscription

TOO_LATE = timedelta(hours=6)
"""A digest that could not be chosen or opened for this long is skipped, and that is said."""

LONGEST_WAIT = TOO_LATE
"""No post waits longer for its next try, whatever a platform asks; a later time in the store is a wrong clock's."""

LONGEST_GAP = timedelta(days=8)
"""Nobody is due later than a week and a day from now; a later due time was computed by a wrong clock."""


def local_day(wish: Subscription, at: datetime) -> date:
    """The calendar day of an instant where the channel is."""
    return at.astimezone(ZoneInfo(wish.timezone)).date()


def due_on(wish: Subscription, day: date) -> datetime:
    """The instant at which the channel is due on a local day."""
    return datetime.combine(day, wish.at, ZoneInfo(wish.timezone)).astimezone(UTC)


def next_due(wish: Subscription, after: datetime) -> datetime:
    """The first due time strictly after an instant."""
    day = local_day(wish, after) - timedelta(days=1)
    while True:
        if day.weekday() in wish.days and (due := due_on(wish, day)) > after:
            return due
        day += timedelta(days=1)


def latest_due(wish: Subscription, now: datetime) -> datetime:
    """The last due time that is not after an instant."""
    day = local_day(wish, now) + timedelta(days=1)
    while True:
        if day.weekday() in wish.days and (due := due_on(wish, day)) <= now:
            return due
        day -= timedelta(days=1)


def between(wish: Subscription, first: datetime, end: datetime) -> list[datetime]:
    """The due times from `first` (one itself) up to but without `end`; the latest month of them."""
    missed: list[datetime] = []
    due = first
    while due < end:
        missed.append(due)
        due = next_due(wish, due)
    return missed[-31:]


def digest_expired(due_at: datetime, now: datetime) -> bool:
    """Whether a digest due then is not worth posting any more."""
    return now - due_at > TOO_LATE


def scheduled(wish: Subscription, now: datetime) -> Subscription:
    """The same wish with its next due time worked out."""
    return replace(wish, next_due=next_due(wish, now))
