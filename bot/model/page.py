"""What anybody may read: papers on a shelf, and one paper's sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.message import Message
from bot.model.paper import Paper
from bot.model.signal import Signal, Trend

Order = Literal["best", "newest", "trending"]
"""How what was found is put in a row."""


@dataclass(frozen=True, slots=True)
class Found:
    """A paper on a shelf, and why it stands there."""

    trend: Trend
    stems: frozenset[str] = frozenset()
    """Words with these stems are what was looked for."""
    note: str = ""

    @property
    def paper(self) -> Paper:
        """The paper found."""
        return self.trend.paper


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of papers."""

    found: tuple[Found, ...]
    as_of: datetime
    """The moment whose evidence it shows."""
    more: bool = False
    query: str = ""
    """As Paperboy read it."""
    notes: tuple[str, ...] = ()
    """Whatever is unusual, or why there is nothing; sentences."""
    paper_id: str | None = None
    """Set when an id or a link was asked for."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper, all that was ever observed of it, and papers like it."""

    trend: Trend
    signals: tuple[Signal, ...]
    """Oldest first."""
    similar: tuple[Found, ...]
    why: Message
    """Every signal with what it adds, and the rule."""
    as_of: datetime
