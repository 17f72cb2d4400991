"""Ports of the engine: what command handlers ask of it, and what it looks at regularly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.model import Channel, Digest, Group, LikedNeighbour, Paper, Post, PostKey, Ref, Subscription, Trend

if TYPE_CHECKING:
    from bot.digest.shortlist import Shortlist
    from bot.query.ast import Query
    from bot.ranking.profile import ProfileMatch
    from bot.search import RemoteResults

Clock = Callable[[], datetime]
"""Returns the time, timezone-aware, in UTC. Read once a tick."""


class Routine(Protocol):
    """Something that is looked at after every collection and at every tick, such as watches or a weekly recap."""

    name: str

    async def run(self, now: datetime) -> None:
        """Do what is due now. Doing it again, also after a crash half-way, changes nothing."""


class Memory(Protocol):
    """Papers that a channel liked before, and the addresses of the messages about them."""

    async def neighbour(self, channel: Channel, paper: Paper, shortlist: Shortlist) -> LikedNeighbour | None:
        """The paper that the channel liked and that this one is close to, if the channel wants to be told."""

    async def link(self, channel: Channel, ref: Ref | None, opener: Ref | None) -> str | None:
        """The address of a message in the channel; None where there is none, or the platform does not answer."""


class Engine(Protocol):
    """Everything command handlers and public pages ask of the engine."""

    clock: Clock
    listing_days: frozenset[int]
    """Weekdays on which any of the sources lists papers: the days of a new subscription."""

    @property
    def memory(self) -> Memory:
        """Papers that channels liked before."""

    @property
    def latest(self) -> Sequence[Paper]:
        """The papers of the last shortlist, best first, from memory; none before the first ranking."""

    async def shortlist(self) -> Shortlist:
        """The candidates of 14 days, ranked; the previous ones while new ones are being ranked."""

    async def shortlist_of(self, span: timedelta) -> Shortlist:
        """The shortlist, or where `span` is longer than its 14 days, one of 30 days."""

    async def standings(self) -> dict[str, float]:
        """The standing of each candidate by paper id."""

    async def trends(self, papers: Iterable[Paper], now: datetime) -> dict[str, Trend]:
        """The trend of each paper by id: from the shortlist, else from its signals alone."""

    async def understand(self, shortlist: Shortlist, topics: Iterable[str]) -> None:
        """Add the papers that are close in meaning to these topics to the shortlist."""

    async def profile_match(self, channel: Channel, shortlist: Shortlist) -> ProfileMatch | None:
        """The influence of the channel's profile on these candidates; None without feedback."""

    async def with_votes(self, subscription: Subscription) -> Subscription:
        """The subscription with the thresholds that its channel's votes have moved, as digests are chosen by."""

    async def preview(self, subscription: Subscription) -> Digest:
        """The digest that a subscription would get now."""

    async def fetch_paper(self, paper_id: str) -> Paper | None:
        """A paper from the store, else from a source, which is then stored. Raises SourceError if none answers."""

    async def fetch_papers(self, ids: Sequence[str]) -> None:
        """Look up papers that are not stored, the first 200, and store them. Raises SourceError if none answers."""

    async def search_sources(self, query: Query) -> RemoteResults:
        """Results of the sources' own search, and the sources that did not answer."""

    @property
    def groups(self) -> Callable[[Channel], Awaitable[tuple[Group, ...]]]:
        """Look-up of the roles or user groups of a channel's server or workspace; it raises GroupsError."""

    async def prove(self, channel: Channel) -> None:
        """Prove that a digest can be posted in a channel. Raises DeliveryError with what is missing and the remedy."""

    async def post(self, posts: Sequence[Post]) -> frozenset[PostKey]:
        """Store posts that are no digests and have them delivered; the keys of those that are stored now.

        A post whose key is stored already is left out, and an opener beyond those that its channel allows a day.
        """

    def wake(self) -> None:
        """Look for digests that may have become due or ready to deliver."""
