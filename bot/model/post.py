"""Posts that are no digests: what happened, was decided or is asked between two digests, worded when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from bot.model.channel import Channel, Ref
from bot.model.channel_settings import ChannelSettings
from bot.model.delivery import Delivery, OpenPost, PostKey
from bot.model.digest import Digest
from bot.model.message import Message

WATCH = "watch"
"""Kind of the posts of a watch: a paper that somebody waits for has come."""
UPDATE = "update"
"""Kind of the replies that say what has changed about a paper since it was shown."""
RECAP = "recap"
"""Kind of a channel's weekly recap."""
LINK = "link"
"""Kind of the papers that people linked to: shown, and posted by nobody."""
ZOTERO = "zotero"
"""Kind of a person's daily message with the papers closest to their library."""
CLUB = "club"
"""Kind of the posts of a journal club."""

NEW_TO_CHANNEL = frozenset({WATCH})
"""Kinds of posts that show papers because they are new: none is stored with a paper that the channel has been shown."""


@dataclass(frozen=True, slots=True)
class Post:
    """Messages for one channel, posted once in their order: the first opens, or all are replies under a message."""

    key: PostKey
    """The same post made again has the same key, for ever, and is not posted again."""
    day: date
    """The channel's local day."""
    messages: tuple[Message, ...]
    due_at: datetime
    """Not later than now: whoever makes a post makes it once it is due."""
    expires_at: datetime
    """Time after which nothing of it is posted any more."""
    under: Ref | None = None
    """The opener of the thread that all messages are replies in; None: the first message opens."""
    papers: tuple[str, ...] = ()
    """Ids of papers that it shows to the channel: no digest repeats them."""
    direct: bool = field(default=False, compare=False)
    """Whether one person alone reads it: openers of a day are not bounded there. Not stored."""

    @property
    def channel(self) -> Channel:
        """The channel that it is posted in."""
        return self.key.channel

    @property
    def opens(self) -> bool:
        """Whether it opens a thread, which everybody in the channel notices."""
        return self.under is None


class PostRecord(NamedTuple):
    """Record in the ledger of a post that is no digest."""

    key: PostKey
    day: date
    made_at: datetime
    state: str
    """`open`, `done` or `abandoned`."""
    under: Ref | None
    """The opener of the thread that it is in; None if it opens one."""
    ref: Ref | None
    """The handle of its first message; None while that is not known to have arrived."""
    papers: tuple[str, ...]
    reason: str | None
    """Why it was abandoned, or postponed."""
    may_have_arrived: bool = False
    """Whether nobody can tell if its first message arrived; it was abandoned then."""


class OldestOpen(NamedTuple):
    """The oldest open post of a channel, with what the ledger knows of it."""

    item: OpenPost
    content: Digest | Post
    rows: dict[int, Delivery]
    """Messages by slot."""
    has_next: bool
    """Whether the channel has another one."""
    settings: ChannelSettings
    """Of the channel."""
