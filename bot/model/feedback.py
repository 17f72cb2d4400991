"""Feedback on papers: reactions, saves, shares, wishes to discuss."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from bot.model.channel import Channel

Gesture = Literal["reaction", "save", "share", "discuss"]
STEPS_A_PAPER = 0.2
"""Steps that one paper more of the liked ones makes its topic wider, or one of the disliked ones stricter."""
STEPS_MOST = 1.0
"""Steps that votes can move a topic at most: as far as one by a manager."""


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
    topics: tuple[str, ...] = ()
    """The topics that brought it to the channel, of a reaction; if none did, those it was of at that moment."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Everything that a channel's profile is computed from."""

    feedback: tuple[Feedback, ...] = ()
    """Oldest first."""
    words: frozenset[str] = frozenset()
    """Stems that a manager excluded."""
    papers: frozenset[str] = frozenset()
    """Ids of papers that a manager excluded."""


class PublicLikes(NamedTuple):
    """How many people of a channel liked a paper, shared it or wanted to discuss it, and when: others can see that."""

    people: int
    how: str
    """`liked`, or `liked or shared` of several kinds."""
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class TopicVotes:
    """Papers of one topic that a channel liked and disliked."""

    liked: int = 0
    disliked: int = 0

    @property
    def steps(self) -> float:
        """Steps by which they make the topic stricter; negative: wider."""
        steps = round((self.disliked - self.liked) * STEPS_A_PAPER, 2)
        return min(max(steps, -STEPS_MOST), STEPS_MOST)

    @property
    def is_most(self) -> bool:
        """Whether further votes of the same kind move it no more."""
        return abs(self.steps) == STEPS_MOST


def opinion(reactions: Iterable[int]) -> int:
    """Majority of one person's reactions to one message, each +1 or -1: -1, 0 (a tie, or none) or +1."""
    total = sum(reactions)
    return (total > 0) - (total < 0)
