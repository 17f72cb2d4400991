"""A channel's subscription: topics, mutes and schedule, and changes to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, time
from typing import Literal, NamedTuple

from bot.model.channel import Channel

Style = Literal["thread", "compact"]
Quiet = Literal["say", "skip"]
Early = Literal["auto", "0", "1", "2", "3"]
AUTO: Early = "auto"
"""Early picks of a channel that did not say how many: one with topics, none without."""
Summaries = Literal["any", "authors"]
"""What stands under a title: whatever Paperboy has, a model's summary too, or a sentence of the abstract alone."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
WORKDAYS = frozenset(range(5))

MAIN = "main"
"""Name of a channel's subscription unless said otherwise."""
MOST_DIGESTS = 5
"""Subscriptions of one channel."""


class SubscriptionKey(NamedTuple):
    """Key of a subscription: a channel may have several, by name."""

    channel: Channel
    name: str = MAIN


class TopicThreshold(NamedTuple):
    """Probability from which a paper is of one topic, where it is not the usual one."""

    value: float
    steps: tuple[tuple[datetime, float], ...] = ()
    """When managers moved it and from where, the latest last; `undo` goes back by them."""


class SelectionKey(NamedTuple):
    """The parts of a subscription that a selection depends on."""

    topics: tuple[str, ...]
    thresholds: tuple[float | None, ...]
    mutes: tuple[str, ...]
    size: int
    early_picks: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's topics and schedule. The default: everything that trends, five papers a day, at nine."""

    channel: Channel
    name: str = field(default=MAIN, kw_only=True)
    label: str = field(default="", kw_only=True, compare=False)
    """Its name for people, where the channel has several; empty otherwise, and not stored."""
    topics: tuple[str, ...] = ()
    """Lines of the query language; empty: everything that trends."""
    thresholds: Mapping[str, TopicThreshold] = field(default_factory=dict, kw_only=True, hash=False)
    """Of topics whose threshold was moved; those of lines that are no longer topics are not stored."""
    mutes: tuple[str, ...] = ()
    size: int = 5
    at: time = time(9, 0)
    timezone: str = "UTC"
    days: frozenset[int] = EVERY_DAY
    """Weekdays, Monday is 0. A single one is a weekly digest."""
    style: Style = "thread"
    quiet: Quiet = "say"
    early: int | None = None
    """Early picks of a digest: papers that nobody has noticed yet; None is 1 with topics and 0 without."""
    summaries: Summaries = "any"
    mention: str = field(default="", kw_only=True)
    """The role or user group that a digest mentions, as in `Group.rule`; empty: nobody."""
    set_by: Channel | None = None
    """The person who set it up, as an address that notices can be sent to."""
    set_at: datetime | None = None
    last_at: datetime | None = None
    """When the latest digest was chosen; the next one's window starts there."""
    next_due: datetime | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    """None: paused until resumed."""
    pause_reason: str | None = None
    """Why delivery is impossible; None if a person paused it."""

    @property
    def key(self) -> SubscriptionKey:
        """Its channel and its name, unique among all subscriptions."""
        return SubscriptionKey(self.channel, self.name)

    @property
    def early_picks(self) -> int:
        """Papers without votes which a digest may hold in place of its last ones."""
        return (1 if self.topics else 0) if self.early is None else self.early

    @property
    def selection_key(self) -> SelectionKey:
        """Channels that agree on this share one selection."""
        thresholds = tuple(map(self.threshold, self.topics)) if self.thresholds else ()
        return SelectionKey(self.topics, thresholds, self.mutes, self.size, self.early_picks)

    def threshold(self, topic: str) -> float | None:
        """The probability from which a paper is of a topic; None: the usual one."""
        own = self.thresholds.get(topic)
        return own.value if own else None


def labelled(subscriptions: Sequence[Subscription]) -> tuple[Subscription, ...]:
    """A channel's subscriptions, `main` first, labelled with their names where there are several."""
    ordered, several = sorted(subscriptions, key=lambda each: (each.name != MAIN, each.name)), len(subscriptions) > 1
    return tuple(replace(each, label=each.name if several else "") for each in ordered)


@dataclass(frozen=True, slots=True)
class SubscriptionChanges:
    """Settings to change; None leaves a setting as it is."""

    topics: tuple[str, ...] | None = None
    mutes: tuple[str, ...] | None = None
    size: int | None = None
    at: time | None = None
    timezone: str | None = None
    days: frozenset[int] | None = None
    style: Style | None = None
    quiet: Quiet | None = None
    early: Early | None = None
    summaries: Summaries | None = None
    mention: str | None = None
    name: str | None = None
    """The subscription that they are of; None where the channel has one."""

    def __bool__(self) -> bool:
        return self != SubscriptionChanges(name=self.name)

    def apply(self, subscription: Subscription) -> Subscription:
        """Copy of the subscription with these settings."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "name"}
        values = {name: value for name, value in values.items() if value is not None}
        if self.early is not None:
            values["early"] = None if self.early == AUTO else int(self.early)
        return replace(subscription, **values)
