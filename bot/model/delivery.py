"""Values of the ledger (digests, messages, notices), and the caller of a command."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from bot.model.channel import Channel, Ref
from bot.model.subscription import MAIN


class State(StrEnum):
    """State of a message in the ledger. A message without a row was not tried yet."""

    CLAIMED = "claimed"
    POSTED = "posted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    LOST = "lost"
    """The platform cannot tell whether the message arrived, and a repeat could double it."""


OPENER = 0
"""Slot of a digest's first message; replies are numbered from 1."""
COMPACT = 1_000
"""Slot of the message that takes the place of replies where none may be posted; no digest has so many replies."""


DIGEST = "digest"
"""Kind of posts that are digests."""


class PostKey(NamedTuple):
    """Key of one thing that is posted in a channel, in one or more messages; `digest_key` makes that of a digest."""

    channel: Channel
    kind: str
    key: str
    """What tells it from the channel's other posts of its kind, for ever: it is posted once."""

    def message_key(self, slot: int) -> str:
        """Key by which a platform finds one of its messages again."""
        name, _, day = self.key.rpartition(" ")
        is_main = (self.kind, name) == (DIGEST, MAIN)  # its messages have the keys that they had when all were its own
        return delivery_key(self.channel, day if is_main else f"{self.kind} {self.key}", slot)


def digest_key(channel: Channel, day: date, name: str = MAIN) -> PostKey:
    """Key of a subscription's digest of one local day."""
    return PostKey(channel, DIGEST, f"{name} {day.isoformat()}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """State of one message in the ledger, unique by (post, slot)."""

    post: PostKey
    slot: int
    state: State
    ref: Ref | None = None
    attempts: int = 0
    claimed_at: datetime | None = None


def delivery_key(channel: Channel, what: date | str, slot: int) -> str:
    """Key by which a platform finds a message again: 25 characters, the same for ever.

    `what` is the day of a digest or a letter, or whatever else tells the channel's posts from each other.

    25 is the longest nonce Discord takes (https://discord.com/developers/docs/resources/message#create-message).
    """
    digest = hashlib.sha256(f"{channel}|{what}|{slot}".encode()).hexdigest()
    return f"pb{digest[:23]}"


class OpenPost(NamedTuple):
    """A digest, or another post, with messages still to post."""

    post: PostKey
    day: date
    attempts: int
    reason: str | None
    """Fault of the latest attempt."""
    name: str = MAIN
    """Of a digest: the name of its subscription."""

    @property
    def channel(self) -> Channel:
        """The channel that it is posted in."""
        return self.post.channel

    @property
    def is_digest(self) -> bool:
        """Whether it is the digest of a day."""
        return self.post.kind == DIGEST


class Nudge(NamedTuple):
    """A channel with digests to deliver, or a person with notices."""

    channel: Channel
    notices: bool = False


class Notice(NamedTuple):
    """A message to one person, delivered once."""

    id: int
    recipient: Channel
    about: Channel
    kind: str
    day: date
    text: str
    claimed: bool
    attempts: int
    claimed_at: float | None
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The person who runs a command, and the channel where."""

    channel: Channel
    user: Channel
    """Address of the person, to which notices can be sent."""
    may_manage: bool = False
    timezone: str | None = None
    """The person's own time zone, if the platform provides it."""
    needs: str = "to be allowed to manage this channel"
    """Permission that a caller with `may_manage` False lacks, in the platform's words."""
    command_word: str = "/papers"
    """What precedes a command where this person typed or pressed: `/papers`, `@Paperboy`; empty in direct messages."""
    name: str = ""
    """The person's name as others read it on the platform; a shared answer carries it."""
    thread: Ref | None = None
    """The opener of the thread that a command was typed in."""
    direct: bool = False
    """Whether the channel is direct messages, which nobody else reads."""
    threads: bool = True
    """Whether the channel has threads, which voice channels have not."""
    member: bool = True
    """Whether the person is of this server or workspace, not a guest of a partner's."""
    admin: bool = False
    """Whether the person runs the server or workspace: no rule of a channel shuts them out."""
    groups: frozenset[str] = frozenset()
    """Ids of the person's roles, where the platform tells them with each request."""
    place: Literal["", "announcement", "forum"] = ""
    """The kind of channel, where it makes a difference to how posts come."""
    only_public: bool = False
    """Whether the answer can only be read by everybody in the channel: Discord's to a message."""
    obstacle: str | None = None
    """What keeps Paperboy from posting in this channel, in the platform's words and with the remedy; None if nothing
    is known of. Platforms look it up for commands whose declaration has `names_obstacle`."""

    links_obstacle: str | None = None
    """What keeps Paperboy from learning of links in this channel, with the remedy; None if nothing is known of."""

    invite: str = ""
    """Where Paperboy itself is not in the place: the link that invites it. Such a person's channel is their own."""

    @property
    def alone(self) -> bool:
        """Whether one person alone reads the channel: direct messages, a mailbox, a terminal."""
        return self.direct or self.channel == self.user
