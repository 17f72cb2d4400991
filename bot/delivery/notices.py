"""Notices to people about their subscriptions: pauses, skipped digests, faults. Each is delivered at most once.

The recipient is the person who subscribed the channel, else the operator's channel. A notice that reaches nobody is
kept as dropped; the command handlers show it to the next manager who runs a command in its channel.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime

from bot.delivery import attempts
from bot.delivery.attempts import Stopping, retry_delay, search_start
from bot.delivery.in_flight import InFlight
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Notice, Ref, Subscription, delivery_key, platform
from bot.ports import Clock, Outlet
from bot.store import Store
from bot.wording.notices import notice_message

log = logging.getLogger("paperboy.notices")

MAX_ATTEMPTS = 10
FINAL = {Failure.CHANNEL_GONE, Failure.WORKSPACE_CLOSED, Failure.WORKSPACE_GONE, Failure.MESSAGE_REFUSED}
"""Failures after which a notice goes to the operator instead."""


class Notices:
    """Queues notices and delivers them, at most once each."""

    def __init__(
        self,
        store: Store,
        outlets: Mapping[str, Outlet],
        clock: Clock,
        operator: Channel | None,
        in_flight: InFlight | None = None,
    ) -> None:
        """`in_flight`: messages that a shutdown waits for, those of digests included."""
        self._people, self.waiting = store.people, store.people.due_notices
        self._outlets = outlets
        self._clock = clock
        self._operator = operator
        self.in_flight = in_flight or InFlight()

    async def queue(self, about: Subscription, kind: str, now: datetime, text: str, *, day: date | None = None) -> None:
        """Queue a notice about a subscription, once for each kind and day (default: today in UTC).

        Without anybody to tell, it is kept for the next manager who runs a command in the channel.
        """
        log.warning("notice about=%s kind=%s text=%r", about.channel, kind, text)
        recipient = about.set_by or self._operator
        if recipient is None and platform(about.channel) == "mail":
            return  # nobody runs commands there
        await self._people.queue_notice(recipient, about.channel, kind, day or now.date(), text, now)

    async def deliver(self, recipient: Channel) -> None:
        """Deliver one person's notices in order, until one has to wait."""
        outlet = self._outlets.get(platform(recipient))
        for notice in await self._people.due_notices(self._clock(), recipient):
            if outlet is None or notice.attempts >= MAX_ATTEMPTS:
                await self._give_up(notice, "no way to reach them")
                continue
            try:
                await self._deliver_one(outlet, notice)
            except DeliveryError as error:
                if await self._must_wait(notice, error):
                    return
            except Stopping:
                return
            finally:
                self.in_flight.leave()

    async def _deliver_one(self, outlet: Outlet, notice: Notice) -> None:
        key = delivery_key(notice.recipient, notice.day, -notice.id)  # negative: the slots of a digest count upwards
        ref: Ref | None = None
        if notice.claimed:
            since = search_start(datetime.fromtimestamp(notice.claimed_at or 0, UTC), self._clock())
            ref = await attempts.find(outlet, notice.recipient, key, None, since)
        if ref is None:

            async def claim() -> None:
                self.in_flight.enter()
                if not await self._people.claim_notice(notice.id, self._clock()):
                    raise Stopping
                self.in_flight.check()

            message = notice_message(notice.text)
            async with self.in_flight.bound_by_lease():
                await attempts.post(outlet, notice.recipient, message, under=None, key=key, claim=claim)
        await self._people.settle_notice(notice.id, "told")

    async def _must_wait(self, notice: Notice, error: DeliveryError) -> bool:
        """Give the notice up or postpone it; True if the recipient's next notices have to wait with it."""
        if isinstance(error, CannotTell) or error.kind in FINAL:
            await self._give_up(notice, error.reason)
            return False
        until = self._clock() + retry_delay(error, notice.attempts)
        unknown = error.kind is Failure.UNKNOWN or notice.claimed
        await self._people.postpone_notice(notice.id, until, unknown=unknown)
        return True

    async def _give_up(self, notice: Notice, reason: str) -> None:
        log.warning("notice not delivered about=%s kind=%s reason=%r", notice.about, notice.kind, reason)
        if self._operator is not None and self._operator != notice.recipient:
            facts = (notice.about, notice.kind, notice.day, notice.text, self._clock())
            await self._people.queue_notice(self._operator, *facts)
        await self._people.settle_notice(notice.id, "dropped")
