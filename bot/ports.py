"""The promises between the engine and everything outside it.

A source brings findings; an outlet posts; a front hears; the desk is all that a front can ask of the engine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from bot.model import (
    Caller,
    Channel,
    Digest,
    Findings,
    Form,
    Mailbox,
    Message,
    Order,
    Paper,
    PaperDetails,
    PaperList,
    Ref,
    Subscription,
    SubscriptionChanges,
    Trend,
)

if TYPE_CHECKING:
    from bot.digest.selection import Shortlist
    from bot.query.ast import Query
    from bot.ranking.profile import Leaning
    from bot.search import Elsewhere

Asgi = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]
Clock = Callable[[], datetime]
"""Tells the time, aware, in UTC. Read once a tick."""


@runtime_checkable
class Source(Protocol):
    """Somebody who knows which papers are noticed."""

    name: str

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """What is new or changed since then. Raises SourceError; never returns half a batch."""
        ...


@runtime_checkable
class Lookup(Protocol):
    """The optional half of a source: answers about papers nobody listed. Shares the source's limiter."""

    name: str

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> tuple[Paper, ...]:
        """The papers of these ids that the source knows, in any order. Raises SourceError.

        `people=False` for what runs on schedule: somebody who waits for an answer goes first.
        """
        ...

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        """At most `limit` papers for free words, best first. Raises SourceError."""
        ...


class Outlet(Protocol):
    """Posts messages; stores nothing, decides nothing, never repeats a post by itself unless a repeat is harmless."""

    name: str
    threads: bool
    """False (mail): a digest is handed over as one message."""
    pace: float
    """Seconds to leave between two messages to one channel."""

    async def post(self, channel: Channel, message: Message, *, under: Ref | None, key: str) -> Ref:
        """Post one message, as a reply where `under` names an opener. Raises DeliveryError."""
        ...

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """The message posted under `key`, or None if it never arrived. Raises CannotTell or DeliveryError(later)."""
        ...

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message of ours (the proof that `test` posts). Raises DeliveryError."""
        ...


class Front(Protocol):
    """Hears people and carries the engine's answers back."""

    name: str
    asgi: tuple[str, Asgi] | None
    """A path prefix and the ASGI app under it, for fronts that are called over HTTP."""

    async def serve(self, desk: Desk) -> None:
        """Listen until cancelled. An exception is a crash: the engine restarts it with back-off."""
        ...


class Library(Protocol):
    """What anybody may read: papers and who noticed them, never what a channel wishes, gets or says."""

    async def today(self, topic: str = "", *, offset: int = 0, limit: int) -> PaperList:
        """What trends: of everything over three days, of a topic over fourteen. Raises QueryError."""
        ...

    async def search(self, query: str, *, order: Order = "best", offset: int = 0, limit: int) -> PaperList:
        """A page of all papers that match. Raises QueryError."""
        ...

    async def day(self, day: date, *, limit: int) -> PaperList:
        """What trended at the end of a day (UTC), with the evidence as it was then; of today, now."""
        ...

    async def paper(self, paper_id: str, *, similar: int) -> PaperDetails | None:
        """A paper with all that was observed of it and so many like it; None if it is not stored."""
        ...


class Monitor(Protocol):
    """What whoever watches over Paperboy may know; no name of a channel or a person is in it."""

    def served(self, page: str, status: int, seconds: float) -> None:
        """A page was answered; `page` is its route."""
        ...

    async def unready(self) -> str | None:
        """Why nobody should be sent here yet; None if all is well."""
        ...

    async def numbers(self) -> tuple[bytes, str]:
        """All numbers as Prometheus reads them, and the media type."""
        ...


class Desk(Protocol):
    """All that a front can ask of, or tell, the engine."""

    library: Library | None
    """For pages that anybody may read; None where there are none."""
    mailing: Mailing | None
    """For pages where one subscribes by mail; None without a mail server."""
    monitor: Monitor | None

    async def run(self, command: str, caller: Caller, options: dict[str, str]) -> Message | Form:
        """Carry out a command. What the user did wrong comes back as a message, not as an exception."""
        ...

    async def say(self, line: str, caller: Caller) -> Message | Form:
        """The same for a typed line: `search video diffusion count:5`."""
        ...

    async def complete(self, command: str, option: str, prefix: str, caller: Caller) -> tuple[str, ...]:
        """At most 25 ways to go on, from memory."""
        ...

    async def apply(self, changes: SubscriptionChanges, caller: Caller) -> Message:
        """Save what a settings form was read into (`bot.commands.read_form`), and say what comes of it."""
        ...

    async def react(self, channel: Channel, ref: Ref, user: Channel, value: int) -> None:
        """A reaction to a posted paper: +1, -1, or 0 when it is taken back."""
        ...

    async def gone(self, where: Channel, reason: str) -> None:
        """A channel, or every channel of a workspace, can no longer be reached."""
        ...

    async def back(self, where: Channel) -> None:
        """A channel, or every channel of a workspace, can be reached again."""
        ...

    async def moved(self, old: Channel, new: Channel) -> None:
        """The platform gave a channel another address."""
        ...

    async def joined(self, channel: Channel, user: Channel | None) -> Message | None:
        """Paperboy was added to a channel: what to say there; None if that was said before."""
        ...


class Engine(Protocol):
    """What command handlers and pages ask of the engine."""

    clock: Clock

    @property
    def latest(self) -> Sequence[Paper]:
        """The papers of the last shortlist, best first, from memory; none before the first ranking."""
        ...

    async def shortlist(self) -> Shortlist:
        """The candidates of the last 14 days, ranked; the previous ones while new ones are being ranked."""
        ...

    async def standings(self) -> dict[str, float]:
        """The standing of each candidate by paper id."""
        ...

    async def trends(self, papers: Iterable[Paper], now: datetime) -> dict[str, Trend]:
        """The trend of each paper by id: from the shortlist, else from its signals alone."""
        ...

    async def understand(self, shortlist: Shortlist, topics: Iterable[str]) -> None:
        """Add the papers that are close in meaning to these topics to the shortlist."""
        ...

    async def leaning(self, channel: Channel, shortlist: Shortlist) -> Leaning | None:
        """The influence of the channel's profile on these candidates; None without feedback."""
        ...

    async def preview(self, wish: Subscription) -> Digest:
        """The digest that a subscription would get now."""
        ...

    async def fetch_paper(self, paper_id: str) -> Paper | None:
        """A paper from the store, else from a source, which is then stored. Raises SourceError if none answers."""
        ...

    async def search_sources(self, query: Query) -> Elsewhere:
        """Results of the sources' own search, and the sources that did not answer."""
        ...

    async def prove(self, channel: Channel) -> str | None:
        """Post a marked message and delete it; None if that worked, else the reason."""
        ...

    def wake(self) -> None:
        """Look for digests that may have become due or ready to deliver."""
        ...


class Mailboxes(Protocol):
    """What an outlet that sends mail asks the engine."""

    async def mailbox(self, channel: Channel) -> Mailbox | None:
        """The address behind a channel; None unless its owner confirmed it and still wants mail."""
        ...


class Postman(Protocol):
    """Carries the one letter that an unconfirmed address may get."""

    async def letter(self, address: str, message: Message, *, key: str) -> None:
        """Send it. Raises DeliveryError."""
        ...


class Mailing(Protocol):
    """All that a page or the command line may ask about mail.

    A link's token that is forged, for something else or out of date raises UserError, one line with the remedy.
    """

    def form(self, answers: Mapping[str, str] | None = None) -> Form:
        """The questions of a subscription, the address among them."""
        ...

    async def request(self, answers: Mapping[str, str], client: str | None) -> Message | Form:
        """Ask for a digest by mail: the address gets a letter with a link, and nothing else before it is opened.

        `client` is whoever asks, as far as that is known (None: the operator). The answer is the same whether or not
        the address is known; what is wrong with it or the wish comes back in the form. Raises UserError for too many.
        """
        ...

    async def proposal(self, token: str) -> Message:
        """What confirming would do; nothing is done."""
        ...

    async def confirm(self, token: str) -> Message:
        """Start the digests; a second time changes nothing."""
        ...

    async def preferences(self, token: str) -> Form:
        """The wish as it is."""
        ...

    async def change(self, token: str, answers: Mapping[str, str]) -> Message | Form:
        """Save the wish; what is wrong with it comes back in the form."""
        ...

    def unsubscribe_url(self, token: str) -> str:
        """URL of the unsubscribe page, for the holder of a preferences token."""
        ...

    async def unsubscribe_question(self, token: str) -> Message:
        """What unsubscribing would do; nothing is done."""
        ...

    async def unsubscribe(self, token: str) -> Message:
        """End it and erase the address; a second time changes nothing."""
        ...
