"""What the answers share: who asks, what the engine offers, the channel's wish, evidence for any paper."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.commands import Command, zones
from bot.errors import SourceError, UserError
from bot.model import Caller, Channel, Form, Message, Paper, Subscription, schedule
from bot.query.parser import like_ids, parse

if TYPE_CHECKING:
    from bot.digest.selection import Shortlist
    from bot.model import Order
    from bot.ports import Engine
    from bot.search import Results, Search
    from bot.store import Store

WISHES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One command, validated, from one person at one moment."""

    command: Command
    caller: Caller
    options: Mapping[str, object]
    raw: Mapping[str, str]
    """As typed, for buttons that ask again."""
    now: datetime

    @property
    def channel(self) -> Channel:
        """Where it was asked."""
        return self.caller.channel

    def has(self, name: str) -> bool:
        """Whether an option was given or has a default."""
        return name in self.options

    def text(self, name: str) -> str:
        """An option that is text, a choice, a paper's id or a topic."""
        return str(self.options[name])

    def number(self, name: str) -> int:
        """An option that is a whole number."""
        value = self.options[name]
        assert isinstance(value, int)  # noqa: S101 - its kind in the table is int
        return value

    def day(self, name: str) -> date:
        """An option that is a date."""
        value = self.options[name]
        assert isinstance(value, date)  # noqa: S101 - its kind in the table is date or until
        return value

    def span(self, name: str) -> timedelta:
        """An option that is a duration."""
        value = self.options[name]
        assert isinstance(value, timedelta)  # noqa: S101 - its kind in the table is duration
        return value

    @property
    def confirmed(self) -> bool:
        """Whether it is to be done, not asked about."""
        return self.options.get("confirm") == "yes"

    @property
    def again(self) -> dict[str, str]:
        """The options as typed, without page and share: what a paging or sharing button asks again."""
        return {name: text for name, text in self.raw.items() if name not in {"page", "share"}}


Handler = Callable[[Asked], Awaitable[Message | Form]]


@dataclass(slots=True)
class Room:
    """The store, the index and the engine, with the questions that several answers ask."""

    store: Store
    search: Search
    engine: Engine
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from reading a wish to saving it, so that two people's changes do not undo each other."""
    wishes: dict[Channel, Subscription | None] = field(default_factory=dict)
    """What was last seen of each channel's wish: completion must answer from memory."""

    async def wish(self, channel: Channel) -> Subscription | None:
        """The channel's wish."""
        wish = await self.store.subscriptions.get(channel)
        self._remember(channel, wish)
        return wish

    async def wish_or_default(self, caller: Caller, now: datetime) -> Subscription:
        """The channel's wish, or the one that subscribing now would make."""
        known = await self.wish(caller.channel)
        return known or Subscription(caller.channel, timezone=zone(caller), set_by=caller.user, set_at=now)

    async def put(self, wish: Subscription) -> None:
        """Save a wish, and let the engine look."""
        await self.store.subscriptions.put(wish)
        self._remember(wish.channel, wish)
        self.engine.wake()

    async def due(self, wish: Subscription, now: datetime) -> datetime:
        """When its next digest comes: no channel gets two on one local day, whatever the hour is changed to."""
        due = schedule.next_due(wish, now)
        while await self.store.ledger.digest(wish.channel, schedule.local_day(wish, due)) is not None:
            due = schedule.next_due(wish, due)
        return due

    async def timezone(self, caller: Caller) -> str:
        """The channel's time zone, else the caller's, else UTC."""
        wish = await self.wish(caller.channel)
        return wish.timezone if wish else zone(caller)

    async def paper(self, paper_id: str) -> Paper:
        """The paper, looked up if need be. Raises UserError when nobody knows it or nobody answers."""
        try:
            found = await self.engine.fetch_paper(paper_id)
        except SourceError as error:
            raise UserError(
                f"{paper_id} is not stored yet, and {error.source} did not answer: {error.reason}. Try again later."
            ) from error
        if found is None:
            raise UserError(f"No source knows a paper {paper_id}. Check the id, or search for its title.")
        return found

    async def find(self, text: str, *, order: Order, limit: int, offset: int, now: datetime) -> Results:
        """A page of all papers that match, in an order; `trending` goes by the shortlist. Raises QueryError."""
        standing = await self.engine.standings() if order == "trending" else {}
        return await self.search.search(text, limit=limit, offset=offset, order=order, now=now, standing=standing)

    async def matching(self, shortlist: Shortlist, topic: str) -> tuple[int, int]:
        """The candidates a topic matches, and those of them with its words; also of a paper that is no candidate."""
        query = parse(topic)
        await self.engine.understand(shortlist, (topic,))
        unknown = [known for known in like_ids(query) if shortlist.documents.position(known) is None]
        papers = {paper_id: await self.paper(paper_id) for paper_id in unknown}
        documents = await asyncio.to_thread(shortlist.documents_knowing, papers)
        return await asyncio.to_thread(lambda: (documents.matching(query, shortlist.meant), documents.matching(query)))

    def _remember(self, channel: Channel, wish: Subscription | None) -> None:
        if len(self.wishes) >= WISHES_KEPT:
            self.wishes.clear()
        self.wishes[channel] = wish


def zone(caller: Caller) -> str:
    """The caller's own time zone if it is one we know, else UTC."""
    return zones().get((caller.timezone or "").lower(), "UTC")


def page_of(asked: Asked, size: int) -> tuple[int, int]:
    """Where the asked page starts, and where it ends."""
    start = (asked.number("page") - 1) * size
    return start, start + size
