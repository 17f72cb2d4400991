"""Feedback on papers: reactions, saves, shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.channel import Channel

Gesture = Literal["reaction", "save", "share"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """One gesture of one person about one paper, in one channel."""

    user: Channel
    paper_id: str
    gesture: Gesture
    value: int
    """+1 or -1; only reactions can be negative."""
    at: datetime
    place: int | None = None
    """Position of the paper in the channel's digest, from 1; None if it was in none."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Everything that a channel's profile is computed from."""

    feedback: tuple[Feedback, ...] = ()
    """Oldest first."""
    words: frozenset[str] = frozenset()
    """Stems that a manager excluded."""
    papers: frozenset[str] = frozenset()
    """Ids of papers that a manager excluded."""


def opinion(reactions: Iterable[int]) -> int:
    """Majority of one person's reactions to one message, each +1 or -1: -1, 0 (a tie, or none) or +1."""
    total = sum(reactions)
    return (total > 0) - (total < 0)
