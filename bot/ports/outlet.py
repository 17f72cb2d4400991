"""Ports of what leaves: messages to a platform, and letters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.model import Channel, Mailbox, Message, Ref

Claim = Callable[[], Awaitable[None]]
"""Records in the ledger that a message is about to leave. Raises where it cannot: then nothing may be sent."""


async def no_claim() -> None:
    """`Claim` of a message that no ledger records."""


class Outlet(Protocol):
    """Posts messages to a platform. Stores nothing, decides nothing, retries only what a repeat cannot double."""

    name: str
    threads: bool
    """False (mail): a digest is posted as one message instead of an opener and replies."""
    pace: float
    """Seconds between two messages to one channel."""

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post one message, as a reply where `under` names an opener. Raises DeliveryError.

        `claim` is awaited once, after every wait for a connection, a lock or a rate limit and directly before the
        message may leave: a post that ends before has sent nothing.
        """

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """The handle of the message posted under `key`, None if it did not arrive. Raises CannotTell, DeliveryError."""

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message of ours. Raises DeliveryError."""

    async def prove(self, channel: Channel) -> None:
        """Prove that a digest can be posted, and leave nothing behind.

        Raises DeliveryError with what is missing and the remedy, CannotTell where nothing can be proved without a
        message that stays.
        """


@runtime_checkable
class Linking(Protocol):
    """An outlet whose messages have addresses that people of the channel can open."""

    async def link(self, channel: Channel, ref: Ref, *, opener: Ref | None) -> str | None:
        """The address of a posted message; None where it has none. Raises DeliveryError.

        `opener`: the message that opened the thread of a reply; the same message, or None, for one that is no reply.
        """


class Mailboxes(Protocol):
    """Addresses for the outlet that sends mail."""

    async def mailbox(self, channel: Channel) -> Mailbox | None:
        """The address behind a channel; None unless its owner confirmed it and still wants mail."""


class Postman(Protocol):
    """Sends the one letter that an unconfirmed address may get."""

    async def letter(self, address: str, message: Message, *, key: str, claim: Claim = no_claim) -> None:
        """Send a letter; `claim` as in `Outlet.post`. Raises DeliveryError."""

    async def takes_unicode(self) -> bool:
        """Whether addresses with letters outside ASCII before the @ can be written to. Raises DeliveryError."""
