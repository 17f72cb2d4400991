"""What a channel wishes for, and what it gets on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal

from bot.model.channel import Channel
from bot.model.paper import Paper, Trend

Style = Literal["thread", "compact"]
Quiet = Literal["say", "skip"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's wish. The default is everything, five a day, at nine."""

    channel: Channel
    topics: tuple[str, ...] = ()
    """Lines of the query language; none follows everything."""
    mutes: tuple[str, ...] = ()
    size: int = 5
    at: time = time(9, 0)
    timezone: str = "UTC"
    days: frozenset[int] = EVERY_DAY
    """Weekdays, Monday is 0. A single one is a weekly digest."""
    style: Style = "thread"
    quiet: Quiet = "say"
    set_by: Channel | None = None
    """The person who set it up, as an address notices can be sent to."""
    set_at: datetime | None = None
    last_at: datetime | None = None
    """When the latest digest was chosen; the next one's window starts there."""
    next_due: datetime | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    """None while paused means until somebody resumes it."""
    pause_reason: str | None = None
    """None for a person's own wish; else why delivery is impossible."""

    @property
    def wish(self) -> tuple[tuple[str, ...], tuple[str, ...], int]:
        """What decides a selection; channels with the same wish share the work."""
        return (self.topics, self.mutes, self.size)


class Reason(StrEnum):
    """Why a paper was chosen, as named in the log and told to the reader."""

    TRENDING = "trending"
    TOPIC = "topic"
    NEW = "new, no signals yet"


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper chosen for a channel, with the topics it matched and the words its profile knows."""

    trend: Trend
    reason: Reason
    topics: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    """Words that the channel liked before, if they raised the paper."""
    close_to: tuple[str, ...] = ()
    """Those of the topics whose words it does not have: it is close to them in meaning."""

    @property
    def paper(self) -> Paper:
        """The paper picked."""
        return self.trend.paper


class Outcome(StrEnum):
    """Why a digest is as it is; every day of a subscription has one."""

    PICKED = "picked"
    NOTHING_NEW = "nothing new"
    NOTHING_MATCHED = "nothing matched"
    SOURCES_DOWN = "sources down"
    LATE = "skipped, too late"


@dataclass(frozen=True, slots=True)
class Digest:
    """One channel, one local day: the picks, kept before the first post."""

    channel: Channel
    day: date
    picks: tuple[Pick, ...]
    outcome: Outcome
    due_at: datetime
    chosen_at: datetime
    since: datetime
    """Start of the window it was chosen from."""
    topics: tuple[str, ...] = ()
    style: Style = "thread"
    quiet: Quiet = "say"
    thinned: int = 0
    """How many near-duplicates of a pick were left out."""
    faults: tuple[str, ...] = ()
    """Sources that were down, each as one short sentence."""
