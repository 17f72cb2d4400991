"""The ledger's words, and who asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from bot.model.channel import Channel, Ref


class State(StrEnum):
    """Where a message of the ledger stands. No row means not yet tried."""

    CLAIMED = "claimed"
    POSTED = "posted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    LOST = "lost"
    """Nobody can tell whether it arrived, and repeating it could double it."""


OPENER = 0
"""The slot of a digest's first message; its replies count upwards from there."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger, unique by (channel, day, slot)."""

    channel: Channel
    day: date
    slot: int
    state: State
    ref: Ref | None = None
    attempts: int = 0
    claimed_at: datetime | None = None


def delivery_key(channel: Channel, day: date, slot: int) -> str:
    """The name under which a platform can be asked for a message again: 25 characters, the same for ever.

    25 is the longest nonce Discord takes (https://discord.com/developers/docs/resources/message#create-message).
    """
    digest = hashlib.sha256(f"{channel}|{day.isoformat()}|{slot}".encode()).hexdigest()
    return f"pb{digest[:23]}"


class OpenDigest(NamedTuple):
    """A digest with messages still to post."""

    channel: Channel
    day: date
    attempts: int
    reason: str | None
    """Fault of the latest attempt."""


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
    """Who asked, and where."""

    channel: Channel
    user: Channel
    """The person as an address notices can be sent to."""
    may_manage: bool = False
    timezone: str | None = None
    """The person's own zone where the platform tells it."""
    needs: str = "to be allowed to manage this channel"
    """What a caller who may not manage lacks, in the platform's words."""
