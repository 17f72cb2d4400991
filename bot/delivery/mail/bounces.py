"""Bounces: mail servers refuse good addresses too, so an address is given up only after several refusals in a row."""

from __future__ import annotations

from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref
from bot.ports import Claim, Outlet, no_claim
from bot.store import Store

MAX_BOUNCES = 3
"""Permanent refusals in a row after which nothing more is sent."""


class BounceLimitedOutlet:
    """An outlet that reports a channel as gone only at the third refusal in a row; before, the message is skipped."""

    def __init__(self, outlet: Outlet, store: Store) -> None:
        self.name, self.threads, self.pace = outlet.name, outlet.threads, outlet.pace
        self.find, self.retract, self.prove = outlet.find, outlet.retract, outlet.prove
        self._outlet = outlet
        self._subscribers = store.subscribers

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post one message and count a refusal. Raises DeliveryError."""
        try:
            ref = await self._outlet.post(channel, message, under=under, key=key, claim=claim)
        except DeliveryError as error:
            if (
                error.kind is Failure.CHANNEL_GONE
                and 0 < (count := await self._subscribers.count_bounce(channel)) < MAX_BOUNCES
            ):
                reason = f"{error.reason} ({count} of {MAX_BOUNCES} times)"
                raise DeliveryError(Failure.MESSAGE_REFUSED, reason) from error
            raise
        await self._subscribers.reset_bounces(channel)
        return ref
