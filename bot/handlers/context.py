"""Invocation, context and registry of the command handlers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from cachetools import TTLCache

from bot.commands import COMMANDS, Command, typed, zones
from bot.errors import SourceError, UserError
from bot.handlers.downloads import SignedDownloads
from bot.model import Caller, Channel, Form, Lessons, Message, Outage, Paper, Subscription, schedule
from bot.model.subscription import labelled
from bot.query.parser import like_ids, parse
from bot.wording.changes import change_line
from bot.wording.results import unanswered

if TYPE_CHECKING:
    from bot.digest.shortlist import Shortlist
    from bot.handlers.personal_tokens import PersonalTokens
    from bot.ports import Engine
    from bot.query.ast import Query
    from bot.query.matcher import Documents, Probabilities
    from bot.query.paper_set import PaperSet
    from bot.search import Search
    from bot.store import Store
    from bot.zotero import ZoteroSync

log = logging.getLogger("paperboy.desk")

SUBSCRIPTIONS_CACHED = 10_000
SUBSCRIPTIONS_KEPT = 30.0
"""Seconds after which completion reads a channel's subscription again, which another process may have changed."""
T = TypeVar("T")


class ChangedMeanwhile(Exception):  # noqa: N818 - no error: the command is carried out on what is stored now
    """Raised where somebody else changed the subscription after it was read and before it was saved."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command with validated options, from one person at one moment."""

    command: Command
    caller: Caller
    options: Mapping[str, object]
    raw: Mapping[str, str]
    """Options as typed."""
    now: datetime

    @property
    def channel(self) -> Channel:
        """The caller's channel."""
        return self.caller.channel

    def has(self, name: str) -> bool:
        """True for an option that was typed or has a default."""
        return name in self.options

    def text(self, name: str) -> str:
        """An option that is text, a choice, a paper's id or a topic."""
        return str(self.options[name])

    def value(self, name: str, kind: type[T]) -> T:
        """An option of another type: a date, or a duration."""
        value = self.options[name]
        assert isinstance(value, kind)  # noqa: S101 - its kind in the table has values of this type
        return value

    def number(self, name: str) -> int:
        """An option that is a whole number."""
        return self.value(name, int)

    def page(self, size: int) -> tuple[int, int]:
        """Start and end of the requested page in a list with `size` entries a page; `start` counts from 1."""
        start = self.number("start") - 1 if self.has("start") else (self.number("page") - 1) * size
        return start, start + size

    @property
    def confirmed(self) -> bool:
        """True if the command acts without a question first."""
        return self.options.get("confirm") == "yes"

    @property
    def again(self) -> dict[str, str]:
        """The options as typed, without page, start and share, for buttons that turn pages or share."""
        return {name: text for name, text in self.raw.items() if name not in {"page", "start", "share"}}


@dataclass(frozen=True, slots=True)
class TopicMatches:
    """The candidates that match one topic."""

    documents: Documents
    query: Query
    probabilities: Probabilities

    def at(self, threshold: float) -> PaperSet:
        """The candidates that match with this probability at least."""
        return self.documents.matching(self.query, self.probabilities, threshold)

    @property
    def by_words(self) -> PaperSet:
        """The candidates that have all of the words."""
        return self.documents.matching(self.query)


@dataclass(slots=True)
class Context:
    """The store, the search and the engine, with the questions that several handlers ask."""

    store: Store
    search: Search
    engine: Engine
    personal: PersonalTokens
    version: str = ""
    downloads: SignedDownloads | None = None
    """Links to files; None where no pages are served."""
    mcp_url: str | None = None
    """Where programs come with a person's token; None where nothing listens for them."""
    zotero: ZoteroSync | None = None
    """Connections to Zotero; None where no key is set that encrypts people's."""
    subscriptions: TTLCache[Channel, tuple[Subscription, ...]] = field(
        default_factory=lambda: TTLCache(SUBSCRIPTIONS_CACHED, SUBSCRIPTIONS_KEPT)
    )
    """The subscriptions read last, by channel, for completion from memory."""
    outages_shown: dict[Channel, tuple[Outage, ...]] = field(default_factory=dict)
    """The outages that each person has read about, by address."""

    async def digests(self, channel: Channel) -> tuple[Subscription, ...]:
        """The channel's subscriptions, `main` first, the others by name; labelled where there are several."""
        self.subscriptions[channel] = labelled(await self.store.subscriptions.of(channel))
        return self.subscriptions[channel]

    async def subscription(self, channel: Channel) -> Subscription | None:
        """The channel's subscription: its only one, `main`, or else the first by name."""
        return next(iter(await self.digests(channel)), None)

    def default_subscription(self, caller: Caller, now: datetime) -> Subscription:
        """The subscription that `subscribe` would make now in a channel without one."""
        return Subscription(
            caller.channel,
            timezone=_own_timezone(caller),
            days=self.engine.listing_days,
            style="compact" if caller.direct or not caller.threads else "thread",
            set_by=caller.user,
            set_at=now,
        )

    def another(self, digests: Sequence[Subscription], caller: Caller, now: datetime, name: str) -> Subscription:
        """The subscription that `subscribe` would make beside those of the channel, at the hour where they are."""
        subscription = replace(self.default_subscription(caller, now), name=name, label=name if digests else "")
        if not digests:
            return subscription
        first = digests[0]
        return replace(
            subscription, timezone=first.timezone, style=first.style, quiet=first.quiet, summaries=first.summaries
        )

    async def save(self, before: Subscription | None, subscription: Subscription) -> None:
        """Save a subscription in place of the one that was read, and have the engine look for due digests.

        Raises ChangedMeanwhile if somebody else changed it; save before anything else is changed.
        """
        if not await self.store.subscriptions.change(before, subscription):
            raise ChangedMeanwhile
        others = [each for each in self.subscriptions.get(subscription.channel, ()) if each.key != subscription.key]
        self.subscriptions[subscription.channel] = labelled([*others, subscription])
        self.engine.wake()

    async def next_due(self, subscription: Subscription, now: datetime) -> datetime:
        """The next due time on a local day without a digest, so that a changed hour brings no second one."""
        due = schedule.next_due(subscription, now)
        channel, name = subscription.key
        while await self.store.ledger.digest(channel, schedule.local_day(subscription, due), name) is not None:
            due = schedule.next_due(subscription, due)
        return due

    async def timezone(self, caller: Caller) -> str:
        """The channel's time zone, else the caller's, else UTC."""
        subscription = await self.subscription(caller.channel)
        return subscription.timezone if subscription else _own_timezone(caller)

    async def local_now(self, invocation: Invocation) -> datetime:
        """The moment of the command by the clock of `timezone`."""
        return invocation.now.astimezone(ZoneInfo(await self.timezone(invocation.caller)))

    async def paper(self, paper_id: str) -> Paper:
        """The paper, fetched from a source if it is not stored. Raises UserError if no source has it or answers."""
        try:
            paper = await self.engine.fetch_paper(paper_id)
        except SourceError as error:
            log.warning("a paper was not looked up paper=%s source=%s reason=%r", paper_id, error.source, error.reason)
            silent = unanswered([error.source])
            raise UserError(f"{paper_id} is not stored yet, and {silent}. Try again in a few minutes.") from error
        if paper is None:
            remedy = f"Check the id, or look for words of the title: {typed('search video diffusion')}"
            raise UserError(f"No source knows a paper {paper_id}. {remedy}.")
        return paper

    async def worded(self, channel: Channel, *papers: Paper) -> tuple[Paper, ...]:
        """The papers with the summaries that the channel chose."""
        subscription = await self.subscription(channel)
        if subscription is None or subscription.summaries == "any":
            return papers
        return tuple(paper.in_authors_words for paper in papers)

    async def matches(self, shortlist: Shortlist, topic: str) -> TopicMatches:
        """The candidates that match a topic, at any threshold. `like:` may name any paper."""
        query = parse(topic)
        await self.engine.understand(shortlist, (topic,))
        others = [paper_id for paper_id in like_ids(query) if shortlist.documents.position(paper_id) is None]
        papers = {paper_id: await self.paper(paper_id) for paper_id in others}
        documents = await asyncio.to_thread(shortlist.documents_knowing, papers)
        probabilities = await asyncio.to_thread(shortlist.probabilities_of, query)
        matches = TopicMatches(documents, query, probabilities)
        await asyncio.to_thread(lambda: matches.by_words)  # what is exact, which is slow, is remembered
        return matches

    async def lessons(self, channel: Channel) -> Lessons:
        """The channel's feedback and what its managers excluded; empty without any."""
        return (await self.store.feedback.lessons((channel,))).get(channel, Lessons())

    def new_outages(self, user: Channel, outages: Sequence[Outage]) -> tuple[Outage, ...]:
        """The outages that this person was not told of in an earlier answer; told from now on."""
        news = tuple(each for each in outages if each not in self.outages_shown.get(user, ()))
        if len(self.outages_shown) >= SUBSCRIPTIONS_CACHED:
            self.outages_shown.clear()
        self.outages_shown[user] = tuple(outages)
        return news


def announced(answer: Message, caller: Caller, change: str) -> Message:
    """The answer to a change, with a line for the channel where others read it."""
    return answer if caller.alone else replace(answer, announcement=change_line(caller.name, change))


def _own_timezone(caller: Caller) -> str:
    """The caller's own time zone if it is an IANA name, else UTC."""
    return zones().get((caller.timezone or "").lower(), "UTC")


Handler = Callable[[Context, Invocation], Awaitable[Message | Form]]
HANDLERS: dict[str, Handler] = {}
"""By command name; filled by `handles` when the modules of this folder are imported."""


def handles(*commands: str) -> Callable[[Handler], Handler]:
    """Decorator: register the handler of declared commands. Raises LookupError if the table lacks one of them."""
    for command in commands:
        if command not in COMMANDS:
            raise LookupError(f"{command!r} is not declared in bot/commands/table.py")

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(commands, handler))
        return handler

    return register
