"""A digest: what one channel gets on one local day, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.model.channel import Channel, Ref
from bot.model.delivery import PostKey, digest_key
from bot.model.linked import LinkedPaper
from bot.model.paper import Paper
from bot.model.signal import Outage, Trend
from bot.model.subscription import MAIN, Quiet, Style, SubscriptionKey, Summaries


class Reason(StrEnum):
    """Why a paper was chosen, as the log and the reader see it."""

    TRENDING = "trending"
    TOPIC = "topic"
    NEW = "new, no signals yet"


@dataclass(frozen=True, slots=True)
class LikedNeighbour:
    """A paper that people of the channel liked before, and that a pick is close to."""

    paper_id: str
    title: str
    people: int
    how: str
    """`liked`, `shared`, `wanted to discuss`, or several of them."""
    first_at: datetime
    last_at: datetime
    """When the first and the last of them did."""
    ref: Ref | None = None
    """The latest message about it in the channel."""
    opener: Ref | None = None
    """The message that opened the thread of that one."""
    url: str | None = None
    """Link to that message; made when the pick is posted, not stored."""


class ShownPaper(NamedTuple):
    """The latest message that showed a channel a paper."""

    day: date
    """The channel's local day."""
    ref: Ref | None
    """The message about it, or the one that lists it; None where none was recorded."""
    opener: Ref | None
    """The message that opened the thread of that one; the same message where it is no reply."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper chosen for a channel, with the topics it matched and the words that its profile prefers."""

    trend: Trend
    reason: Reason
    topics: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    """Words that the channel liked before and that raised the paper."""
    close_to: tuple[str, ...] = ()
    """Topics among `topics` that match by meaning only: the paper has none of their words."""
    neighbour: LikedNeighbour | None = None
    """A paper that the channel liked before and that this one is close to."""

    @property
    def paper(self) -> Paper:
        """The paper picked."""
        return self.trend.paper

    @property
    def in_authors_words(self) -> Pick:
        """The pick without a summary that somebody else wrote."""
        return replace(self, trend=replace(self.trend, paper=self.paper.in_authors_words))


class Outcome(StrEnum):
    """Result of choosing a digest; every day of a subscription has one."""

    PICKED = "picked"
    NOTHING_NEW = "nothing new"
    NOTHING_MATCHED = "nothing matched"
    SOURCES_DOWN = "sources down"
    LATE = "skipped, too late"


@dataclass(frozen=True, slots=True)
class MissedDigest:
    """A digest that did not arrive, or may not have, and the papers it had; a later one lists them."""

    day: date
    papers: tuple[Paper, ...]
    certain: bool
    """Whether it certainly did not arrive."""


class DigestRecord(NamedTuple):
    """Outcome of one digest."""

    day: date
    outcome: Outcome
    state: str
    """`open`, `done` or `abandoned`."""
    papers: int = 0
    posted_at: datetime | None = None
    """When its first message was posted."""
    reason: str | None = None
    """Why it was abandoned, or postponed."""
    name: str = MAIN
    """The name of its subscription."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One subscription's digest of one local day: the picks, stored before the first post."""

    channel: Channel
    name: str = field(default=MAIN, kw_only=True)
    """The name of the subscription."""
    day: date
    picks: tuple[Pick, ...]
    outcome: Outcome
    due_at: datetime
    chosen_at: datetime
    since: datetime
    """Start of the time window the papers were chosen from."""
    topics: tuple[str, ...] = ()
    style: Style = "thread"
    quiet: Quiet = "say"
    thinned: int = 0
    """Number of near-duplicates of picks that were left out."""
    faults: tuple[Outage, ...] = ()
    """Sources that did not answer in their latest fetch."""
    missed: tuple[MissedDigest, ...] = ()
    """Earlier digests whose papers this one lists, without those that it picked again."""
    linked: tuple[LinkedPaper, ...] = ()
    """Papers that it would have if nobody had linked to them in the channel since the last one."""
    label: str = field(default="", kw_only=True, compare=False)
    """Its name for people, where the channel has other digests; not stored."""
    mention: str = field(default="", compare=False)
    """The group that its first message mentions, as in `Group.rule`; taken from the subscription, not stored."""
    timezone: str = field(default="UTC", compare=False)
    """The channel's time zone, by whose clock the evidence is dated; taken from the subscription, not stored."""

    def worded(self, summaries: Summaries) -> Digest:
        """The digest with the summaries that its channel chose."""
        return self if summaries == "any" else replace(self, picks=tuple(pick.in_authors_words for pick in self.picks))

    @property
    def post(self) -> PostKey:
        """The digest's key in the ledger."""
        return digest_key(self.channel, self.day, self.name)

    @property
    def subscription_key(self) -> SubscriptionKey:
        """The key of the subscription."""
        return SubscriptionKey(self.channel, self.name)

    @property
    def read_at(self) -> datetime:
        """The moment of choosing by the channel's clock."""
        return self.chosen_at.astimezone(ZoneInfo(self.timezone))
