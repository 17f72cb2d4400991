"""Mail addresses: where a mail goes, and who subscribed by mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model.channel import Channel

READER = "https://reader.invalid"
"""Beginning of the links in a digest by mail, in whose place the outlet puts `Mailbox.reader`
(https://www.rfc-editor.org/rfc/rfc6761#section-6.4)."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A confirmed address and the signed links that every mail to it carries. None of it is in any repr."""

    address: str = field(repr=False)
    preferences: str = field(repr=False)
    """URL of the page where the subscriber changes topics, hour and days."""
    unsubscribe: str = field(repr=False)
    """URL whose POST ends the subscription at once (RFC 8058); its GET asks first."""
    reader: str = field(repr=False)
    """URL below which the pages of this reader are: digests, papers with their votes, a pause."""


class Subscriber(NamedTuple):
    """A mail address and the subscription that its owner filled in."""

    id: int
    address: str
    answers: Mapping[str, str]
    """Answers to the sign-up form by field name; empty once confirmed."""
    confirmed_at: datetime | None
    attempts: int

    @property
    def channel(self) -> Channel:
        """The address's channel in the engine."""
        return mail_channel(self.id)

    def __repr__(self) -> str:
        """Without the address: a repr may end up in a log."""
        return f"Subscriber({self.channel})"


def mail_channel(subscriber: int) -> Channel:
    """Channel of a subscriber, such as `mail:17`."""
    return Channel(f"mail:{subscriber}")


def subscriber_id(channel: Channel) -> int:
    """Number of a subscriber, such as 17 of `mail:17`; 0, which no subscriber has, for any other channel."""
    number = channel.removeprefix("mail:")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 and number != channel else 0


class RequestLimit(NamedTuple):
    """Most requests of one requester (a keyed hash) within a time."""

    requester: str
    most: int
    within: timedelta
