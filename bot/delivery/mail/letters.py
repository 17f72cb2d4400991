"""The letters that carry a link: sent at most once each, tried again for a day where that is safe."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot import wording
from bot.delivery.attempts import backoff, wait_after
from bot.delivery.mail import limits
from bot.delivery.mail.links import GOOD_FOR, Links, Purpose
from bot.errors import DeliveryError, Failure
from bot.model import Message, delivery_key

if TYPE_CHECKING:
    from bot.model import Subscriber
    from bot.ports import Clock, Postman
    from bot.store import Store

log = logging.getLogger("paperboy.mail")

MOST_ATTEMPTS = 20
"""By the back-off of deliveries that is about nine hours."""
LOOK_AGAIN = timedelta(hours=1)
LETTER = -1
"""The slot that a letter's key is made of; a digest's count upwards from 0."""


class Letters:
    """Sends what waits."""

    def __init__(self, store: Store, links: Links, postman: Postman, clock: Clock) -> None:
        self._subscribers = store.subscribers
        self._links = links
        self._postman = postman
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be one to send."""
        self._woken.set()

    async def run(self) -> None:
        """Send until cancelled, and erase what nobody confirmed."""
        while True:
            self._woken.clear()
            await self.send()
            gone = await self._tidy()
            if gone:
                log.info("erased unconfirmed=%d", gone)
            if _is_cancelled():
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(await self._until_next()):
                    await self._woken.wait()

    async def send(self) -> None:
        """Send every letter that may be sent now."""
        for subscriber in await self._subscribers.letters(self._clock()):
            if _is_cancelled():
                return
            if await self._subscribers.claim_letter(subscriber.id):
                await self._one(subscriber)

    async def _one(self, subscriber: Subscriber) -> None:
        now = self._clock()
        key = delivery_key(subscriber.channel, now.date(), LETTER - int(now.timestamp()))
        try:
            await self._postman.letter(subscriber.address, self._message(subscriber), key=key)
        except DeliveryError as error:
            log.warning("letter failed channel=%s kind=%s reason=%r", subscriber.channel, error.kind, error.reason)
            # One that may have arrived, or was refused, is not sent again: its owner may ask for another.
            later = error.kind is Failure.LATER and subscriber.attempts < MOST_ATTEMPTS
            again = now + wait_after(error, subscriber.attempts) if later else None
            await self._subscribers.settle_letter(subscriber.id, again=again)
        except Exception:
            log.exception("letter failed channel=%s", subscriber.channel)
            await self._subscribers.settle_letter(subscriber.id)
        else:
            log.info("letter sent channel=%s", subscriber.channel)
            await self._subscribers.settle_letter(subscriber.id)

    def _message(self, subscriber: Subscriber) -> Message:
        if subscriber.confirmed_at is not None:
            return wording.mail_known(self._links.url(Purpose.PREFERENCES, subscriber.id))
        good_for = GOOD_FOR[Purpose.CONFIRM]
        return wording.mail_confirmation(self._links.url(Purpose.CONFIRM, subscriber.id), good_for)

    async def _until_next(self) -> float:
        at = await self._subscribers.next_letter()
        wait = LOOK_AGAIN if at is None else max(at - self._clock(), backoff(0) / 15)
        return min(wait, LOOK_AGAIN).total_seconds()

    async def _tidy(self) -> int:
        now: datetime = self._clock()
        return await self._subscribers.tidy(now - GOOD_FOR[Purpose.CONFIRM], now - limits.LONGEST)


def _is_cancelled() -> bool:
    """Before Python 3.12 a cancellation that meets an answer half-way is lost on its way here; its count is not."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
