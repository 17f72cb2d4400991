"""Protocols between the engine and everything outside it.

A source returns findings, an outlet posts messages, a front carries people's commands to the desk, and the desk is all
that a front can ask of the engine. `Library`, `Monitor`, `Mailing` and `Downloads` are parts of the desk;
`Engine` is what command handlers ask.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from bot.model import (
    Caller,
    Channel,
    Digest,
    File,
    FilledForm,
    Findings,
    Form,
    LikedNeighbour,
    Mailbox,
    Message,
    Order,
    Paper,
    PaperDetails,
    PaperList,
    Post,
    PostKey,
    Ref,
    Subscription,
    SubscriptionChanges,
    Trend,
    WeekOfTopics,
)
from bot.ports.mailing import Mailing

if TYPE_CHECKING:
    from bot.digest.shortlist import Shortlist
    from bot.query.ast import Query
    from bot.ranking.profile import ProfileMatch
    from bot.search import RemoteResults

Asgi = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]
Claim = Callable[[], Awaitable[None]]
"""Records in the ledger that a message is about to leave. Raises where it cannot: then nothing may be sent."""
Clock = Callable[[], datetime]
"""Returns the time, timezone-aware, in UTC. Read once a tick."""


async def no_claim() -> None:
    """`Claim` of a message that no ledger records."""


@runtime_checkable
class Source(Protocol):
    """A place where papers are listed or noticed."""

    name: str

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """Papers and signals that are new or changed since then. Raises SourceError; never returns half a batch."""


@runtime_checkable
class Lookup(Protocol):
    """A source that also answers about single papers, listed or not, through the same rate limiter."""

    name: str

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> Findings:
        """The papers of these ids that the source knows, in any order, and what it refused or sent broken.

        Raises SourceError if it does not answer at all.

        `people=False` for scheduled requests: they wait behind those of a person.
        """

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        """At most `limit` papers for free words, best first. Raises SourceError."""


class Outlet(Protocol):
    """Posts messages to a platform. Stores nothing, decides nothing, retries only what a repeat cannot double."""

    name: str
    threads: bool
    """False (mail): a digest is posted as one message instead of an opener and replies."""
    pace: float
    """Seconds between two messages to one channel."""

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post one message, as a reply where `under` names an opener. Raises DeliveryError.

        `claim` is awaited once, after every wait for a connection, a lock or a rate limit and directly before the
        message may leave: a post that ends before has sent nothing.
        """

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """The handle of the message posted under `key`, None if it did not arrive. Raises CannotTell, DeliveryError."""

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message of ours. Raises DeliveryError."""

    async def prove(self, channel: Channel) -> None:
        """Prove that a digest can be posted, and leave nothing behind.

        Raises DeliveryError with what is missing and the remedy, CannotTell where nothing can be proved without a
        message that stays.
        """


@runtime_checkable
class Linking(Protocol):
    """An outlet whose messages have addresses that people of the channel can open."""

    async def link(self, channel: Channel, ref: Ref, *, opener: Ref | None) -> str | None:
        """The address of a posted message; None where it has none. Raises DeliveryError.

        `opener`: the message that opened the thread of a reply; the same message, or None, for one that is no reply.
        """


class Front(Protocol):
    """Receives commands and events from a platform and shows the answers."""

    name: str
    asgi: tuple[str, Asgi] | None
    """A path prefix and the ASGI app under it, for fronts that are called over HTTP."""

    async def serve(self, desk: Desk) -> None:
        """Listen until cancelled. After an exception it is started again, with back-off."""


class Library(Protocol):
    """Papers and their evidence for public pages; nothing of channels, digests or people."""

    async def ranked_at(self) -> datetime:
        """The moment of the list that goes on."""

    async def today(
        self, topic: str = "", *, strictness: str = "usual", early: bool = False, offset: int = 0, limit: int
    ) -> PaperList:
        """Trending papers: of everything over three days, of a topic over fourteen. Raises QueryError.

        `strictness`: a level of `bot.query.strictness` at which the topic matches. `early`: those of these days that
        nobody has noticed yet, the likeliest to be first.
        """

    async def search(self, query: str, *, order: Order = "best", offset: int = 0, limit: int) -> PaperList:
        """A page of all stored papers that match. Raises QueryError."""

    async def day(self, day: date, *, limit: int) -> PaperList:
        """Papers trending at the end of a day (UTC), with their evidence at that time; of today, now."""

    async def week(self, subscription: Subscription, *, limit: int) -> WeekOfTopics:
        """The papers of the last week that match topics and pass mutes, and what else the topics may mean."""

    async def period(self, first: date, last: date, *, limit: int) -> PaperList:
        """Papers listed from a day to another, with their evidence at its end, or now if it goes on; best first."""

    async def paper(self, paper_id: str, *, similar: int) -> PaperDetails | None:
        """A paper with all its signals and `similar` papers like it; None if it is not stored."""


class Monitor(Protocol):
    """Numbers for monitoring and whether the process is ready; no channel or person is named."""

    def served(self, page: str, status: int, seconds: float) -> None:
        """Count an answered page; `page` is its route."""

    async def unready(self) -> str | None:
        """The reason why requests should go elsewhere; None if the process is ready."""

    async def numbers(self) -> tuple[bytes, str]:
        """All numbers in Prometheus' text format, and its media type."""


class Downloads(Protocol):
    """Files behind signed links."""

    async def file(self, token: str) -> File:
        """The file of a link. Raises UserError for a broken link, GoneError for an expired or empty one."""


class Desk(Protocol):
    """Everything a front can ask of, or report to, the engine."""

    library: Library | None
    """For public pages; None where there are none."""
    mailing: Mailing | None
    """For subscriptions by mail; None without a mail server."""
    monitor: Monitor | None
    downloads: Downloads | None
    """For files behind signed links; None without pages or without a key that signs."""

    async def run(self, command: str, caller: Caller, options: dict[str, str]) -> Message | Form:
        """Carry out a command. A mistake of the user is answered with a message, not raised."""

    async def say(self, line: str, caller: Caller) -> Message | Form:
        """Carry out a typed line: `search video diffusion count:5`."""

    async def hear(self, text: str, caller: Caller) -> Message | Form | None:
        """Answer a mention or a direct message, in a channel for everybody where it may be; None for thanks."""

    async def complete(self, command: str, option: str, prefix: str, caller: Caller) -> tuple[str, ...]:
        """At most 25 completions of what is typed so far, from memory."""

    async def read(self, form: Form, channel: Channel) -> SubscriptionChanges | FilledForm | Form:
        """The changes of a channel's filled-in settings form, the options of another one, or the form with errors.

        A line that is stored already is right; a new one is also checked for what no paper can have.
        """

    async def apply(self, filled: SubscriptionChanges | FilledForm, caller: Caller) -> Message:
        """Carry out a form as read by `read`; the answer says what changed."""

    async def linked(self, caller: Caller, ids: Sequence[str]) -> dict[str, Message]:
        """Report that a person linked to papers; the cards to show for them, by the ids as linked.

        None where the channel wants no cards, and for a paper that got one there on the same day.
        """

    async def react(self, channel: Channel, ref: Ref, user: Channel, value: int) -> None:
        """Store a reaction to a posted paper: +1, -1, or 0 when it is taken back."""

    async def gone(self, where: Channel, reason: str) -> None:
        """Report that a channel, or every channel of a workspace, can no longer be reached."""

    async def back(self, where: Channel, reasons: Collection[str] = ()) -> None:
        """Report that a channel, or all of a workspace, can be reached again; with `reasons`, only those whose pause
        begins with one of them: a token that works again opens no archived channel.
        """

    async def moved(self, old: Channel, new: Channel) -> None:
        """Report that the platform gave a channel another address."""

    async def joined(self, channel: Channel, user: Channel | None) -> Message | None:
        """Report that Paperboy was added to a channel; the greeting to post there, None if it was greeted before."""


class Routine(Protocol):
    """Something that is looked at after every collection and at every tick, such as watches or a weekly recap."""

    name: str

    async def run(self, now: datetime) -> None:
        """Do what is due now. Doing it again, also after a crash half-way, changes nothing."""


class Memory(Protocol):
    """What a channel liked before, and the addresses of the messages about it."""

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
        """What channels liked before."""

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

    async def search_sources(self, query: Query) -> RemoteResults:
        """Results of the sources' own search, and the sources that did not answer."""

    async def prove(self, channel: Channel) -> None:
        """Prove that a digest can be posted in a channel. Raises DeliveryError with what is missing and the remedy."""

    async def post(self, posts: Sequence[Post]) -> frozenset[PostKey]:
        """Store posts that are no digests and have them delivered; the keys of those that are stored now.

        A post whose key is stored already is left out, and an opener beyond those that its channel allows a day.
        """

    def wake(self) -> None:
        """Look for digests that may have become due or ready to deliver."""


class Mailboxes(Protocol):
    """Addresses for the outlet that sends mail."""

    async def mailbox(self, channel: Channel) -> Mailbox | None:
        """The address behind a channel; None unless its owner confirmed it and still wants mail."""


class Postman(Protocol):
    """Sends the one letter that an unconfirmed address may get."""

    async def letter(self, address: str, message: Message, *, key: str, claim: Claim = no_claim) -> None:
        """Send a letter; `claim` as in `Outlet.post`. Raises DeliveryError."""

    async def takes_unicode(self) -> bool:
        """Whether addresses with letters outside ASCII before the @ can be written to. Raises DeliveryError."""
