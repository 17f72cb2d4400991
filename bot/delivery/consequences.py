"""Consequences of a failed post: pauses, skips, delays and their notices.

Notices are queued before the change that they tell is stored: a crash between the two repeats both, and a notice is
stored once.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Literal, NoReturn

from bot.delivery.attempts import retry_delay
from bot.delivery.notices import Notices
from bot.errors import DeliveryError, Failure
from bot.model import OPENER, Channel, OpenPost, State
from bot.model.channel import workspace
from bot.ports import Clock
from bot.store import Store
from bot.wording.notices import paused_notice, skipped_notice, threads_forbidden_notice

log = logging.getLogger("paperboy.deliver")


class ChannelStopped(Exception):  # noqa: N818 - not an error: the ledger holds the reason
    """Raised where the channel's open posts cannot go on now."""


class PostEnded(ChannelStopped):
    """Raised for a post that has been closed; the channel's next one may be posted."""


class RepliesForbidden(Exception):  # noqa: N818 - the digest goes on without replies
    """Raised where no reply may be posted in the channel; `str()` is the reason."""


class Consequences:
    """Settles messages that could not be posted, and the digests and channels they belong to."""

    def __init__(self, store: Store, clock: Clock, notices: Notices) -> None:
        self._ledger = store.ledger
        self._subscriptions = store.subscriptions
        self._clock = clock
        self._notices = notices

    async def follow(self, item: OpenPost, slot: int, error: DeliveryError, *, opens: bool) -> None:
        """Do what the kind of failure asks for. Returns only if the next message may be posted.

        `opens`: whether the message was to open a thread.
        """
        post, channel = item.post, item.channel
        facts = (channel, item.day, slot, error.kind, error.reason)
        log.warning("post failed channel=%s day=%s slot=%d kind=%s reason=%r", *facts)
        match error.kind:
            case Failure.THREAD_GONE if not opens:
                kind: Literal["skipped", "unfinished"] = "skipped" if slot == OPENER else "unfinished"
                await self.end(item, kind, f"the rest of its thread could not be posted ({error.reason})")
            case Failure.THREAD_FORBIDDEN if item.is_digest and not opens:
                await self._ledger.release(post, slot)
                raise RepliesForbidden(error.reason)
            case Failure.MESSAGE_REFUSED | Failure.THREAD_GONE | Failure.THREAD_FORBIDDEN:
                await self._ledger.settle(post, slot, State.REFUSED, self._clock(), reason=error.reason)
                if slot == OPENER:
                    await self.end(item, "skipped", f"its first message was refused ({error.reason})")
                return
            case Failure.CHANNEL_GONE:
                await self._ledger.release(post, slot)
                await self.gone(channel, error.reason)
            case Failure.WORKSPACE_CLOSED:
                await self._ledger.release(post, slot)
                await self._pause(Channel(workspace(channel)), error.reason)
            case Failure.WORKSPACE_GONE:
                await self._ledger.release(post, slot)
                await self.gone(Channel(workspace(channel)), error.reason)
            case Failure.LATER:
                await self._ledger.release(post, slot)
                await self.postpone(item, retry_delay(error, item.attempts), error.reason)
            case Failure.UNKNOWN:
                await self._ledger.settle(post, slot, State.UNKNOWN, self._clock(), reason=error.reason)
                await self.postpone(item, retry_delay(error, item.attempts), error.reason)
        raise ChannelStopped

    async def gone(self, where: Channel, reason: str) -> None:
        """Pause a channel that cannot be reached, or a whole workspace that removed Paperboy.

        A workspace that is paused here is erased after 30 days: our own wrong settings must never lead here.
        """
        await self._pause(where, reason)
        if where == workspace(where):
            await self._subscriptions.mark_departed(where, self._clock())

    async def _pause(self, where: Channel, reason: str) -> None:
        """Pause a channel or a whole workspace, and notify the person who subscribed it."""
        now = self._clock()
        for subscription in await self._subscriptions.running(where):
            await self._notices.queue(subscription, "paused", now, paused_notice(subscription, reason))
        await self._subscriptions.pause(where, now, until=None, reason=reason)
        await self._ledger.abandon_all(where, reason)

    async def without_threads(self, item: OpenPost, reason: str) -> None:
        """Switch a channel to one compact message a day, and notify the person who subscribed it."""
        subscription = await self._subscriptions.get(item.channel, item.name)
        if subscription is not None and subscription.style == "thread":
            text = threads_forbidden_notice(subscription, reason)
            await self._notices.queue(subscription, "threads", self._clock(), text)
            await self._subscriptions.set_style(item.channel, "compact")

    async def end(self, item: OpenPost, kind: Literal["skipped", "unfinished"], reason: str) -> NoReturn:
        """End a post: the papers of a skipped one may be chosen again. Of a digest, notify the subscriber."""
        if item.is_digest and (subscription := await self._subscriptions.get(item.channel, item.name)) is not None:
            text = skipped_notice(subscription, item.day, reason)
            await self._notices.queue(subscription, kind, self._clock(), text, day=item.day)
        if kind == "skipped":
            await self._ledger.abandon(item.post, reason)
        else:
            await self._ledger.finish(item.post)
        log.info("post ended channel=%s post=%s %s as=%s reason=%r", *item.post, kind, reason)
        raise ChannelStopped if item.is_digest else PostEnded

    async def postpone(self, item: OpenPost, delay: timedelta, reason: str) -> None:
        """Try a post again after a delay."""
        await self._ledger.postpone(item.post, self._clock() + delay, reason)
