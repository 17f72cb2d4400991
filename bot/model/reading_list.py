"""Reading lists, and what a channel liked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.paper import Paper


@dataclass(frozen=True, slots=True)
class SavedPaper:
    """A paper on a person's reading list, with what the person wrote about it."""

    paper: Paper
    saved_at: datetime | None = None
    """None: not known, as in a file."""
    read_at: datetime | None = None
    """When it was marked as read; None: unread."""
    note: str = ""
    """One paragraph."""
    tags: tuple[str, ...] = ()
    """In lower case, without spaces, in the order in which they were added."""


@dataclass(frozen=True, slots=True)
class Favourite:
    """A paper that people of a channel liked or shared there, with their numbers."""

    paper: Paper
    likes: int
    shares: int
