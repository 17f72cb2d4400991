"""Queries and changes of the counts on cards: who openly likes a paper or wants to discuss it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from bot.model import Channel, Post, PostKey
from bot.model.counts import Card, Counts, CountsDue


class CardCounts(Protocol):
    """Counts of papers in channels, and which cards are still to show them.

    Whatever changes a count (a reaction, a wish to discuss, their undoing and erasure) marks the paper's cards as due
    in the same transaction.
    """

    async def of(self, channel: Channel, ids: Iterable[str]) -> dict[str, Counts]:
        """Counts of papers in a channel; papers without any are left out."""

    async def due(self, now: datetime, limit: int) -> list[CountsDue]:
        """Papers whose cards may be edited now, those that wait longest first."""

    async def cards(self, channel: Channel, paper_id: str, since: datetime) -> list[Card]:
        """Messages about a paper that were posted in a channel since then, oldest first."""

    async def post(self, key: PostKey) -> Post | None:
        """A stored post that is no digest, with its messages."""

    async def shown(self, due: CountsDue, now: datetime) -> None:
        """Record that the cards show these counts. They are due again after a pause if the counts changed meanwhile."""

    async def postpone(self, due: Sequence[CountsDue], until: datetime) -> None:
        """Edit these papers' cards not before then. Counts an attempt of the first."""

    async def drop(self, due: CountsDue) -> None:
        """Forget that a paper's cards are due, unless the counts changed meanwhile: there is none to edit."""
