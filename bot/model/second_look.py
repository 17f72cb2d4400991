"""Messages that showed a paper, and the replies under them about its changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from bot.model.channel import Channel, Ref


class PaperUpdate(NamedTuple):
    """A reply that said what had changed about a paper."""

    key: str
    """Of its post."""
    day: date
    """The channel's local day."""
    seen_until: datetime
    """The latest moment that it knew of: what changed later has not been said."""


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """The latest showing of a paper in a channel whose digests are not paused, and the replies about it since."""

    channel: Channel
    shown_at: datetime
    """When it was chosen, with what was known of it then."""
    opener: Ref
    """The message whose thread it was shown in."""
    timezone: str
    updates: tuple[PaperUpdate, ...] = ()

    @property
    def told_until(self) -> datetime:
        """The latest moment of which its readers know the paper."""
        return max((self.shown_at, *(each.seen_until for each in self.updates)))
