"""What people in a channel let it be known about a paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.channel import Channel

Gesture = Literal["reaction", "save", "share"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's sign about one paper, in one channel."""

    user: Channel
    paper_id: str
    gesture: Gesture
    value: int
    """+1 or -1; only a reaction can be against."""
    at: datetime
    place: int | None = None
    """Where in the channel's digest the paper stood, from 1; None if it was in none."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """All that a channel's profile is learnt from."""

    feedback: tuple[Feedback, ...] = ()
    """Oldest first."""
    words: frozenset[str] = frozenset()
    """Stems that somebody decided do not count."""
    papers: frozenset[str] = frozenset()
    """Papers that do not."""


def opinion(reactions: Iterable[int]) -> int:
    """Majority of one person's reactions to one message, each +1 or -1: -1, 0 (a tie, or none) or +1."""
    total = sum(reactions)
    return (total > 0) - (total < 0)
