"""Posting by mail. A mailbox cannot be asked what arrived, so a message of unknown outcome is never sent again."""

from __future__ import annotations

import asyncio
from functools import partial

from adapters.email.client import SmtpClient
from adapters.email.compose import Sender, compose
from adapters.one_way import OneWay
from bot.errors import DeliveryError, Failure
from bot.model import Channel, Mailbox, Message, Ref, platform
from bot.ports import Claim, Clock, Mailboxes, no_claim

MADE_AT_ONCE = 10_000
"""Characters of a message that is made on the event loop, in 0.1 to 3 ms; longer ones are made in a thread."""


class EmailOutlet(OneWay):
    """Implements `ports.Outlet` and `ports.Postman`."""

    name = "mail"
    kind = "a mail"
    threads = False
    pace = 0.0

    def __init__(self, client: SmtpClient, sender: Sender, mailboxes: Mailboxes, clock: Clock) -> None:
        self.client = client
        self._sender = sender
        self._mailboxes = mailboxes
        self._clock = clock

    async def post(
        self,
        channel: Channel,
        message: Message,
        *,
        under: Ref | None,  # noqa: ARG002 - there are no threads
        key: str,
        claim: Claim = no_claim,
    ) -> Ref:
        """Send a message to a confirmed address. Raises DeliveryError."""
        mailbox = await self._mailboxes.mailbox(channel) if platform(channel) == self.name else None
        if mailbox is None:
            raise DeliveryError(Failure.CHANNEL_GONE, "nobody gets mail under this name")
        await self._send(mailbox.address, message, mailbox, key, claim)
        return Ref(self._sender.message_id(key))

    async def letter(self, address: str, message: Message, *, key: str, claim: Claim = no_claim) -> None:
        """Send a confirmation letter to an unconfirmed address. Raises DeliveryError."""
        await self._send(address, message, None, key, claim)

    async def takes_unicode(self) -> bool:
        """Whether the mail server takes addresses with letters outside ASCII before the @. Raises DeliveryError."""
        return await self.client.takes_unicode()

    async def _send(self, address: str, message: Message, mailbox: Mailbox | None, key: str, claim: Claim) -> None:
        async def content() -> bytes:
            make = partial(compose, message, address, self._sender, key=key, now=self._clock(), mailbox=mailbox)
            size = sum(len(block.text) for block in message.blocks)
            return make() if size <= MADE_AT_ONCE else await asyncio.to_thread(make)

        await self.client.send(self._sender.address, address, content, claim)
