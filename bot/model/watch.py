"""Watches: topics whose papers are posted when they come, rather than at an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple

from bot.model.channel import Channel
from bot.model.subscription import Summaries

MOST_A_DAY = 3
"""Papers of a watch that are posted one by one on a day, unless it says otherwise; the rest comes in one message."""


class QuietHours(NamedTuple):
    """A part of the day in which nothing is posted; it may go past midnight."""

    start: time
    end: time
    """The first moment after it."""

    def cover(self, at: time) -> bool:
        """Whether an hour by the clock is one of them."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Watch:
    """One line of the query language that a channel, or one person, waits for."""

    channel: Channel
    """Where its papers are posted; of a person who watches for themselves, their address."""
    line: str
    most: int = MOST_A_DAY
    quiet: QuietHours | None = None
    direct: bool = False
    """Whether one person alone reads its channel."""
    timezone: str = "UTC"
    """The clock of its days and quiet hours: that of the channel's subscription, where there is one."""
    summaries: Summaries = "any"
    """Whose summaries the channel reads, by its subscription."""
    set_by: Channel | None = None
    """The person who set it, as an address that notices can be sent to."""
    set_at: datetime | None = None
    """Papers that came before are not posted."""
    stop_reason: str = ""
    """Why it was stopped; empty while it runs."""
