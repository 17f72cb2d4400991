"""Protocols between the engine and everything outside it.

A source returns findings, an outlet posts messages, a front carries people's commands to the desk, and the desk is all
that a front can ask of the engine. `Library`, `Monitor`, `Mailing` and `Downloads` are parts of the desk;
`Engine` is what command handlers ask.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

from bot.model import (
    Caller,
    Channel,
    File,
    FilledForm,
    Findings,
    Form,
    LinkedRepository,
    Message,
    Order,
    Paper,
    PaperDetails,
    PaperList,
    Ref,
    SavedPaper,
    Subscription,
    SubscriptionChanges,
    WeekOfTopics,
)
from bot.ports.engine import Clock, Engine, Memory, Routine
from bot.ports.mailing import Mailing
from bot.ports.outlet import Claim, Linking, Mailboxes, Outlet, Postman, no_claim

__all__ = [
    "Asgi",
    "Claim",
    "Clock",
    "Desk",
    "Downloads",
    "Engine",
    "Front",
    "Library",
    "Linking",
    "Lookup",
    "Mailboxes",
    "Mailing",
    "Memory",
    "Monitor",
    "Outlet",
    "PersonalAccess",
    "Pictures",
    "Postman",
    "Repositories",
    "Routine",
    "Searchable",
    "Source",
    "no_claim",
]

Asgi = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]


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


@runtime_checkable
class Searchable(Lookup, Protocol):
    """A source that also searches."""

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        """At most `limit` papers for free words, best first. Raises SourceError."""


@runtime_checkable
class Repositories(Protocol):
    """A source that knows which models, datasets and demos name a paper."""

    async def repositories(self, paper_id: str) -> tuple[LinkedRepository, ...]:
        """The most liked of each kind. Raises SourceError."""


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

    async def edition(self) -> object:
        """A different object after each ranking, to be compared by identity: what was made before it may be old."""

    async def today(  # noqa: PLR0913 - what is asked of a list
        self,
        topic: str = "",
        *,
        strictness: str = "usual",
        early: bool = False,
        category: str = "",
        offset: int = 0,
        limit: int,
    ) -> PaperList:
        """Trending papers: of everything over three days, of a topic over fourteen. Raises QueryError.

        `strictness`: a level of `bot.query.strictness` at which the topic matches. `early`: those of these days that
        nobody has noticed yet, the likeliest to be first. `category`: those of the list of everything that are in it.
        """

    async def search(self, query: str, *, order: Order = "best", offset: int = 0, limit: int) -> PaperList:
        """A page of all stored papers that match. Raises QueryError."""

    async def day(self, day: date, *, category: str = "", limit: int) -> PaperList:
        """Papers trending at the end of a day (UTC), with their evidence at that time; of today, now."""

    async def week(self, subscription: Subscription, *, limit: int) -> WeekOfTopics:
        """The papers of the last week that match topics and pass mutes, and what else the topics may mean."""

    async def period(self, first: date, last: date, *, category: str = "", limit: int) -> PaperList:
        """Papers listed from a day to another, with their evidence at its end, or now if it goes on; best first."""

    async def listed(self, first: date, last: date, *, limit: int) -> Sequence[tuple[str, date]]:
        """Ids of papers that a curated list took up from a day to another, and the day; the latest ones first."""

    async def popular_topics(self) -> Sequence[str]:
        """Topics that so many channels follow that none of them can be told by it, most popular first."""

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

    async def feed(self, token: str) -> tuple[SavedPaper, ...]:
        """The latest entries of a reading list, behind the link of its feed. Raises UserError, GoneError."""

    async def calendar(self, token: str) -> File:
        """The date of a journal club's meeting as a file; raises as `file` does."""


class Pictures(Protocol):
    """Pictures of papers, from our own machine."""

    async def picture(self, paper_id: str) -> bytes | None:
        """The picture of a paper as WebP, 480 × 259 pixels; None where there is none, or none for now."""

    def category(self, paper_id: str) -> str:
        """The first category of a paper without a picture, from memory; empty if it is not known."""


class PersonalAccess(Protocol):
    """Access of a program to what a person may read, by a token that the person was given in a channel.

    Every method raises UserError for a token that opens nothing, or no longer: one line with the remedy.
    """

    async def holder(self, token: str) -> Caller:
        """The person and the channel of a token, without the rights of a manager."""

    async def digests(self, token: str) -> tuple[Subscription, ...]:
        """The subscriptions of the token's channel, `main` first."""

    async def reading_list(self, token: str) -> tuple[SavedPaper, ...]:
        """The reading list of the token's person, latest first."""


class Desk(Protocol):
    """Everything a front can ask of, or report to, the engine."""

    library: Library | None
    """For public pages; None where there are none."""
    mailing: Mailing | None
    """For subscriptions by mail; None without a mail server."""
    monitor: Monitor | None
    downloads: Downloads | None
    """For files behind signed links; None without pages or without a key that signs."""
    pictures: Pictures | None
    """For pages; None where they are switched off."""
    personal: PersonalAccess
    """For programs that act for a person."""

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

    async def suggest(self, caller: Caller) -> tuple[tuple[str, str], ...]:
        """Labels and lines to begin with, four at most: the channel's topics, and what trends; none after a fault."""

    async def linked(self, caller: Caller, ids: Sequence[str]) -> dict[str, Message]:
        """Report that a person linked to papers; the cards to show for them, by the ids as linked.

        None where the channel wants no cards, and for a paper that got one there on the same day.
        """

    async def react(
        self, channel: Channel, ref: Ref, user: Channel, value: int, who: Callable[[], Awaitable[Caller]] | None = None
    ) -> None:
        """Store a reaction to a posted paper: +1, -1, or 0 when it is taken back.

        `who` looks the person's rights up, for channels that count the reactions of some people alone.
        """

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
