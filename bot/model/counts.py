"""Counts of what people in a channel openly say of a paper: likes, and wishes to discuss it. Saves are private."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from bot.model.channel import Channel, Ref
from bot.model.delivery import PostKey


@dataclass(frozen=True, slots=True)
class Counts:
    """People who like a paper and who want to discuss it, in one channel."""

    likes: int = 0
    wishes: int = 0


class CountsDue(NamedTuple):
    """A paper whose counts may differ from those that its cards in a channel show."""

    channel: Channel
    paper_id: str
    counts: Counts
    """As they are now."""
    shown: Counts
    """As the cards show them."""
    marks: int
    """Grows with every change of the counts."""
    attempts: int
    """Failed edits in a row."""


class Card(NamedTuple):
    """A posted message about one paper."""

    post: PostKey
    slot: int
    ref: Ref
    under: Ref | None
    """The opener that it replies to; None if it is one."""
    day: date
    name: str
    """Of a digest: the name of its subscription."""
