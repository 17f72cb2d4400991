"""A weekly recap: what a channel liked and wanted to discuss, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from bot.model.channel import Channel
from bot.model.channel_settings import ChannelSettings
from bot.model.paper import Paper


class RecapPlace(NamedTuple):
    """A channel with a digest, as far as its recap goes."""

    channel: Channel
    settings: ChannelSettings
    timezone: str
    next_digest: datetime | None
    """When its next digest is due; None while all of them are paused."""
    paused: bool
    """Whether all of its digests are paused."""


class WeekOfChannel(NamedTuple):
    """A channel's week: papers that were liked, are to be discussed or have new code, the most first."""

    likes: tuple[tuple[str, int], ...] = ()
    """Ids of papers that people liked, with how many did."""
    wishes: tuple[tuple[str, int], ...] = ()
    """Ids of papers that people want to discuss, with how many do."""
    code: tuple[str, ...] = ()
    """Ids of papers whose code came after the channel had been shown them."""


class RecapPaper(NamedTuple):
    """A paper in a recap."""

    paper: Paper
    number: int
    url: str
    """Of the message that showed it in the channel; without one, of the paper."""


@dataclass(frozen=True, slots=True)
class Recap:
    """A recap, before it is worded."""

    day: date
    likes: tuple[RecapPaper, ...] = ()
    wishes: tuple[RecapPaper, ...] = ()
    code: tuple[RecapPaper, ...] = ()
    next_digest: datetime | None = None
    coming: tuple[str, ...] = ()
    """Sentences about what else is coming, such as a journal club."""
