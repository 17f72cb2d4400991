"""An outlet that gives an address three chances: servers refuse good addresses too, now and then."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref

if TYPE_CHECKING:
    from bot.ports import Outlet
    from bot.store import Store

CHANCES = 3
"""Permanent refusals in a row after which nothing more is sent."""


class Bounces:
    """How often each address has refused mail in a row; the store's numbers, at hand."""

    def __init__(self, store: Store) -> None:
        self._subscribers = store.subscribers
        self._counted: dict[Channel, int] | None = None

    async def add(self, channel: Channel) -> int:
        """Count one more. Returns how many there are now; 0 if there is no such address."""
        counted = await self._known()
        times = counted.get(channel, 0) + 1
        if not await self._subscribers.bounced(channel, times):
            return 0
        counted[channel] = times
        return times

    async def forget(self, channel: Channel) -> None:
        """It took a mail, or its owner says it will."""
        counted = await self._known()
        if counted.pop(channel, 0):
            await self._subscribers.bounced(channel, 0)

    async def _known(self) -> dict[Channel, int]:
        if self._counted is None:
            self._counted = await self._subscribers.bounces()
        return self._counted


class Patient:
    """An outlet whose channels are gone only after so many refusals in a row; before that a message is skipped."""

    def __init__(self, outlet: Outlet, bounces: Bounces) -> None:
        self.name, self.threads, self.pace = outlet.name, outlet.threads, outlet.pace
        self._outlet = outlet
        self._bounces = bounces

    async def post(self, channel: Channel, message: Message, *, under: Ref | None, key: str) -> Ref:
        """Post, and count. Raises DeliveryError."""
        try:
            ref = await self._outlet.post(channel, message, under=under, key=key)
        except DeliveryError as error:
            if error.kind is Failure.CHANNEL_GONE and 0 < (times := await self._bounces.add(channel)) < CHANCES:
                reason = f"{error.reason} ({times} of {CHANCES} times)"
                raise DeliveryError(Failure.MESSAGE_REFUSED, reason) from error
            raise
        await self._bounces.forget(channel)
        return ref

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """As the outlet can. Raises CannotTell or DeliveryError(later)."""
        return await self._outlet.find(channel, key, under=under, since=since)

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """As the outlet can. Raises DeliveryError."""
        await self._outlet.retract(channel, ref)
