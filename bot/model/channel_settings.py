"""Settings of a channel that hold whatever its digests are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from bot.model.group import MANAGERS, MEMBERS

EXTRA_OPENERS = 2
"""Messages a day that open a thread in a channel and are no digest, all kinds together, unless the channel sets it."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Settings that a channel has switched on and off, stored by name: one that is added later has its default."""

    updates: bool = True
    """Whether a reply says what changed about a paper that was shown."""
    memory: bool = True
    """Whether replies name papers that people here liked and that are close."""
    links: bool = False
    """Whether papers that people link to get a card."""
    counts: bool = True
    """Whether cards count who liked a paper or wants to discuss it."""
    openers: int = EXTRA_OPENERS
    """Messages a day that may open a thread and are no digest."""
    recap_day: int | None = None
    """Weekday of the recap, Monday is 0; None: no recap."""
    recap_at: time = time(16)
    recap_from: datetime | None = None
    """When the day and hour were set: an hour before that has no recap."""
    managers: str = MANAGERS
    """Who may change settings: `managers` as the platform says, `members`, or a group as in `Group.rule`."""
    sharers: str = MEMBERS
    """Who may share answers, in the same way."""
    feedback: str = MEMBERS
    """Whose 👍, 👎, saves and shares count, in the same way."""
    pictures: bool = True
    """Whether a message about a paper has its picture, where a platform fetches it once for all readers."""
    mail_pictures: bool = False
    """Whether a mail has one. Each reader's program fetches it, and so tells its host who reads, and when."""
    silent: bool = False
    """Whether posts notify nobody, where the platform can do that."""
    crosspost: bool = False
    """Whether digests are published to the channels that follow an announcement channel."""
    tags: bool = False
    """Whether a digest in a forum gets the tags that are named like its topics."""
    archive_minutes: int | None = None
    """Minutes without a message after which a thread is archived; None: the channel's own."""
