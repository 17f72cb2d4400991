"""Confirmation letters: sent at most once each; after a failure that is safe to repeat, tried again for hours."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from bot.delivery.attempts import Stopping, retry_delay
from bot.delivery.in_flight import InFlight
from bot.delivery.mail.limits import LETTERS, LONGEST_PERIOD, LONGEST_WAIT
from bot.delivery.mail.links import GOOD_FOR, Links, Purpose
from bot.errors import DeliveryError, Failure
from bot.model import Subscriber, delivery_key
from bot.ports import Clock, Postman
from bot.store import Store
from bot.wording.mail import mail_already_subscribed, mail_confirmation

log = logging.getLogger("paperboy.mail")

MAX_ATTEMPTS = 20
"""About nine hours by the back-off of deliveries."""
MIN_SLEEP, MAX_SLEEP = timedelta(seconds=1), timedelta(hours=1)
"""Between two looks at the store; expired requests are erased at each."""
QUEUE_SLEEP = timedelta(minutes=1)
"""Between two looks while letters wait for their turn."""
LOOK_SECONDS = 5.0
"""Between two looks for letters that another process was asked for, which wakes itself alone."""
LEASE, LEASE_SECONDS = "letters", 60.0
"""Of several processes one sends letters: two would count each of them twice."""


class _NotWanted(Exception):  # noqa: N818 - the letter was settled or asked for anew meanwhile
    """The letter no longer waits."""


class LetterSender:
    """Sends the letters that wait in the store."""

    def __init__(
        self, store: Store, links: Links, postman: Postman, clock: Clock, in_flight: InFlight | None = None
    ) -> None:
        self._subscribers = store.subscribers
        self._leases = store.leases if store.shared else None
        self._links = links
        self._postman = postman
        self._clock = clock
        self._woken = asyncio.Event()
        self.wake = self._woken.set
        self._in_flight = in_flight or InFlight()

    async def reaches(self, address: str) -> bool:
        """Whether the mail server can take the address; True if it does not answer, as the letter will wait anyway."""
        with suppress(DeliveryError):
            return address.isascii() or await self._postman.takes_unicode()
        return True

    async def run(self) -> None:
        """Send until cancelled, then wait for the letter in flight; erases unconfirmed addresses that have expired."""
        self._in_flight.stopping = False
        while True:
            self._woken.clear()
            minimum = MIN_SLEEP if (goes_on := await self.send()) else QUEUE_SLEEP
            if erased := await self._erase_expired():
                log.info("erased unconfirmed=%d", erased)
            if _is_cancelled():
                return
            at = await self._subscribers.next_letter()
            wait = MAX_SLEEP if at is None else min(max(at - self._clock(), minimum), MAX_SLEEP)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait.total_seconds()):
                    await (self._asked_elsewhere() if self._leases and goes_on else self._woken.wait())

    async def _asked_elsewhere(self) -> None:
        """Wait until woken, or until there is a letter for which another process was asked."""
        while not self._woken.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            if (at := await self._subscribers.next_letter()) is not None and at <= self._clock():
                return

    async def send(self) -> bool:
        """Send the letters that may be sent now. False if others wait for an hour with fewer letters."""
        try:
            return await self._send_due()
        finally:
            if self._leases is not None:
                await self._leases.release(LEASE)

    async def _send_due(self) -> bool:
        for subscriber in await self._subscribers.due_letters(self._clock()):
            if _is_cancelled():
                return True
            if self._leases is not None and not await self._leases.take(LEASE, LEASE_SECONDS):
                return True
            if await self._subscribers.count_request(LETTERS, self._clock()) is not None:
                return False
            letter = asyncio.create_task(self._send_one(subscriber))
            try:
                await asyncio.shield(letter)
            except asyncio.CancelledError:
                await self._in_flight.stop([letter])
                raise
        return True

    async def _send_one(self, subscriber: Subscriber) -> None:
        now = self._clock()
        slot = -int(now.timestamp())  # negative: the slots of a digest count upwards
        key = delivery_key(subscriber.channel, now.date(), slot)
        if subscriber.confirmed_at is None:
            link = self._links.url(Purpose.CONFIRM, subscriber.id)
            message = mail_confirmation(link, GOOD_FOR[Purpose.CONFIRM])
        else:
            message = mail_already_subscribed(self._links.url(Purpose.PREFERENCES, subscriber.id))
        again, claimed = None, False

        async def claim() -> None:
            nonlocal claimed
            self._in_flight.enter()
            claimed = await self._subscribers.claim_letter(subscriber.id)
            if not claimed:
                raise _NotWanted

        try:
            await self._postman.letter(subscriber.address, message, key=key, claim=claim)
        except (Stopping, _NotWanted):
            return
        except DeliveryError as error:
            log.warning("letter failed channel=%s kind=%s reason=%r", subscriber.channel, error.kind, error.reason)
            # A letter that may have arrived, or was refused, is not sent again: its owner may ask for another.
            if error.kind is Failure.LATER and subscriber.attempts < MAX_ATTEMPTS:
                again = now + retry_delay(error, subscriber.attempts)
        except Exception:
            log.exception("letter failed channel=%s", subscriber.channel)
        else:
            log.info("letter sent channel=%s", subscriber.channel)
        await self._subscribers.settle_letter(subscriber.id, again=again, claimed=claimed)
        self._in_flight.leave()

    async def _erase_expired(self) -> int:
        now = self._clock()
        unconfirmed = now - LONGEST_WAIT - GOOD_FOR[Purpose.CONFIRM]  # the link is good from when the letter left
        return await self._subscribers.purge(unconfirmed, now - LONGEST_PERIOD)


def _is_cancelled() -> bool:
    """Whether cancellation was requested: before Python 3.12 one that meets a finished await is lost, but counted."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
