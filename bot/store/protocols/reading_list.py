"""Queries and changes of reading lists beyond saving, and of what a channel liked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from bot.model import Channel, Favourite, SavedPaper


class ReadingLists(Protocol):
    """Notes, tags and read marks of saved papers; private to the person but for `favourites`, which has no saves."""

    async def entries(self, user: Channel) -> list[SavedPaper]:
        """A person's saved papers, latest first."""

    async def entry(self, user: Channel, paper_id: str) -> SavedPaper | None:
        """One saved paper; None if the person has not saved it."""

    async def mark(self, user: Channel, paper_id: str, read_at: datetime | None) -> bool:
        """Mark a saved paper as read, or as unread. False if it was; a paper that is not saved is passed over."""

    async def annotate(self, user: Channel, paper_id: str, note: str) -> None:
        """Replace the note on a saved paper."""

    async def tag(self, user: Channel, paper_id: str, add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
        """Add and remove tags of a saved paper. Returns those that it has now; none if it is not saved."""

    async def merge(self, user: Channel, entries: Sequence[SavedPaper]) -> int:
        """Add entries; of papers that are saved already, what is new: tags, a mark, a note that is not there yet.

        Papers that are not stored are passed over. Returns the number of those that were not saved before.
        """

    async def resolve(self, ids: Iterable[str], titles: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Ids of the stored papers that have these ids or DOIs, and of those with these titles, whatever their case."""

    async def favourites(self, channel: Channel) -> list[Favourite]:
        """Papers that people liked or shared in a channel, by the number of people, then the latest first."""
