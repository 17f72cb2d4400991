"""Deliver digests and other posts: claim, post, record each message, in order within a channel, channels side by side.

    a nudge for a channel ─► its open posts ─► settle unknown messages ─► claim ─► Outlet.post ─► record

Why the ledger is written before and after each post, and what follows from each kind of failure: `README.md` here.
Who calls when, and how many channels at once: `bot/queue`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.delivery import attempts, permalinks
from bot.delivery.attempts import Stopping, backoff, search_start
from bot.delivery.concurrency import ConcurrencyLimit
from bot.delivery.consequences import ChannelStopped, Consequences, PostEnded, RepliesForbidden
from bot.delivery.notices import Notices
from bot.delivery.worded import Worded
from bot.errors import CannotTell, DeliveryError, StoreError
from bot.model import (
    OPENER,
    Channel,
    ChannelSettings,
    Delivery,
    Digest,
    Message,
    Nudge,
    OldestOpen,
    OpenPost,
    Post,
    Ref,
    State,
)
from bot.model.channel import platform
from bot.model.delivery import COMPACT
from bot.model.schedule import TOO_LATE, digest_expired
from bot.ports import Clock, Outlet
from bot.ports.queue import Ready
from bot.store import Store

log = logging.getLogger("paperboy.deliver")

CLAIMED_AT_ONCE = 16
"""Posts in flight on one platform, without slow ones: a crash leaves them to search for, and some platforms allow a
search a minute. With slow ones at most 16 + 16 · 60 s / 2 s = 496, where a platform answers nothing for a minute. Mail
has a bound of its own, slow or not: a message is claimed on one of four connections."""
POST_PATIENCE = 2.0
"""Seconds after which a slow post gives its slot among those 16 away."""
READS_AT_ONCE, SHARED_READS_AT_ONCE = 1, 4
"""Reads of the deliverer: one of SQLite's two readers stays free for commands, four of PostgreSQL's connections."""
RELEASE_SECONDS = 1.0
"""How long a delivery that is cut off waits for the store to take its claim back."""
GIVE_UP_AFTER = timedelta(hours=24)
"""How long replies are tried, and how long a platform is searched for an opener that may have arrived."""


class _Job(NamedTuple):
    """A post with its messages and what the ledger knows of them."""

    item: OpenPost
    content: Digest | Post
    outlet: Outlet
    messages: Mapping[int, Message]
    """By slot, in the order of posting."""
    rows: Mapping[int, Delivery]
    settings: ChannelSettings

    @property
    def under(self) -> Ref | None:
        """The message that all of these are replies to; None if the first one opens."""
        return self.content.under if isinstance(self.content, Post) else None

    def opens(self, slot: int) -> bool:
        """Whether the message of a slot opens a thread: it is posted once at most, replies once at least."""
        return slot == OPENER and self.under is None


class Deliverer:
    """Posts the messages of the ledger's open posts through the outlets. Implements `ports.queue.Work`."""

    def __init__(self, store: Store, outlets: Mapping[str, Outlet], clock: Clock, notices: Notices) -> None:
        self._ledger = store.ledger
        self._outlets = outlets
        self._clock = clock
        self._notices = notices
        self._consequences = Consequences(store, clock, notices)
        self.gone = self._consequences.gone
        self._in_flight = notices.in_flight
        self.stop = self._in_flight.stop
        self._posts = {name: ConcurrencyLimit(CLAIMED_AT_ONCE, POST_PATIENCE) for name in outlets}
        self._reads = asyncio.Semaphore(SHARED_READS_AT_ONCE if store.shared else READS_AT_ONCE)
        self._worded = Worded()

    async def ready(self) -> Ready:
        """Channels with open posts and people with notices that may be delivered now, and when the next may be."""
        now = self._clock()
        channels = sorted({item.channel for item in await self._ledger.open_posts(now)})
        recipients = dict.fromkeys(notice.recipient for notice in await self._notices.waiting(now))
        next_try = await self._ledger.next_try()
        return Ready(
            [Nudge(channel) for channel in channels] + [Nudge(each, notices=True) for each in recipients],
            None if next_try is None else (next_try - now).total_seconds(),
        )

    async def deliver(self, nudge: Nudge) -> None:
        """Deliver a channel's open posts, oldest first, until one cannot go on; or a person's notices."""
        if nudge.notices:
            await self._notices.deliver(nudge.channel)
            return
        while await self._deliver_oldest(nudge.channel):
            pass

    def start(self) -> None:
        """Let messages leave, also after a stop."""
        self._in_flight.stopping = False

    async def _deliver_oldest(self, channel: Channel) -> bool:
        """Deliver a channel's oldest open post. Returns whether another one may be delivered now."""
        async with self._reads:
            oldest = await self._ledger.oldest_open(channel, self._clock())
        if oldest is None:
            return False
        item = oldest.item
        try:
            await self._deliver(oldest)
        except PostEnded:
            return oldest.has_next
        except (ChannelStopped, Stopping):
            return False
        except Exception:
            log.exception("delivery failed channel=%s post=%s %s", *item.post)
            await self._consequences.postpone(item, backoff(item.attempts), "unexpected error, see the log")
            return False
        return oldest.has_next

    async def _deliver(self, oldest: OldestOpen) -> None:
        item, content, rows, _, settings = oldest
        await self._drop_if_untimely(item, content, rows.get(OPENER))
        outlet = self._outlets.get(platform(item.channel))
        if outlet is None:
            await self._consequences.postpone(
                item, backoff(item.attempts), f"no adapter for {platform(item.channel)} is set up"
            )
            raise ChannelStopped
        if isinstance(content, Digest):
            content = await permalinks.with_links(content, outlet)
        messages = await self._worded.messages(content, settings, threads=outlet.threads)
        job = _Job(item, content, outlet, messages, rows, settings)
        if COMPACT in rows:  # an earlier attempt found that replies are forbidden
            await self._post_without_replies(job)
        else:
            await self._post_all(job)
        log.info("delivered channel=%s day=%s messages=%d", item.channel, item.day, len(job.messages))

    async def _post_all(self, job: _Job) -> None:
        """Post every message that the ledger does not have, and close the digest."""
        opener = job.under
        for slot in job.messages:
            try:
                ref = await self._message(job, slot, opener)
            except RepliesForbidden as error:
                await self._consequences.without_threads(job.item, str(error))
                await self._post_without_replies(job)
                return
            opener = ref if job.opens(slot) else opener
        if ref is None or slot in job.rows:  # otherwise the record of the last message has closed the digest
            await self._ledger.finish(job.item.post)

    async def _post_without_replies(self, job: _Job) -> None:
        """Post the papers that no reply has in one compact message, in place of an opener without replies."""
        rows = await self._ledger.deliveries(job.item.post)
        replies = {slot for slot, row in rows.items() if OPENER < slot < COMPACT and row.state is State.POSTED}
        assert isinstance(job.content, Digest)  # noqa: S101 - of another post, a reply that is forbidden is refused
        picks = tuple(pick for slot, pick in enumerate(job.content.picks, start=1) if slot not in replies)
        compact = replace(job.content, style="compact", picks=picks)
        messages = {COMPACT: (await self._worded.messages(compact, job.settings, threads=True))[OPENER]}
        ref = await self._message(job._replace(messages=messages, rows=rows), COMPACT, None)
        opener = rows[OPENER].ref if OPENER in rows else None
        if ref is not None and opener is not None and not replies:
            with suppress(DeliveryError, TimeoutError):  # an opener that stays repeats titles, no more
                async with asyncio.timeout(attempts.POST_TIMEOUT):
                    await job.outlet.retract(job.item.channel, opener)
        await self._ledger.finish(job.item.post)

    async def _drop_if_untimely(self, item: OpenPost, content: Digest | Post, opener: Delivery | None) -> None:
        now, due_at = self._clock(), content.due_at
        because = f" ({item.reason})" if item.reason else ""
        if opener is None and _is_expired(content, now):
            limit = "within six hours" if item.is_digest else "in time"
            await self._consequences.end(item, "skipped", f"it could not be posted {limit}{because}")
        if opener is None and due_at - now > TOO_LATE:
            await self._consequences.end(item, "skipped", "the clock was wrong when it was chosen")
        if opener is not None and opener.state is State.POSTED and now - due_at > GIVE_UP_AFTER:
            await self._consequences.end(
                item, "unfinished", f"some of its replies could not be posted within a day{because}"
            )

    async def _message(self, job: _Job, slot: int, opener: Ref | None) -> Ref | None:
        """Post one message unless the ledger or the platform has it. Returns its handle; None if it has none."""
        row, item = job.rows.get(slot), job.item
        if row is not None and row.state in {State.REFUSED, State.LOST} and slot == OPENER:
            await self._consequences.end(item, "skipped", "its first message could not be posted")
        if row is not None and row.state in {State.POSTED, State.REFUSED, State.LOST}:
            return row.ref
        try:
            ref = None if row is None else await self._find(job, row, opener)
            if ref is None and slot == OPENER and _is_expired(job.content, self._clock()):
                await self._consequences.end(item, "skipped", "it could not be posted within six hours")
            return ref if ref is not None else await self._post(job, slot, opener)
        except DeliveryError as error:
            await self._consequences.follow(item, slot, error, opens=job.opens(slot))
            return None
        finally:
            self._in_flight.leave()

    async def _post(self, job: _Job, slot: int, opener: Ref | None) -> Ref:
        post, outlet, message = job.item.post, job.outlet, job.messages[slot]
        if slot != OPENER and outlet.pace:
            await asyncio.sleep(outlet.pace)
        key = post.message_key(slot)

        async def claim() -> None:
            self._in_flight.enter()
            try:
                is_open = await self._ledger.claim(post, slot, message.paper_id, self._clock())
            except asyncio.CancelledError:  # it may be written all the same, and nothing has left
                with suppress(StoreError, TimeoutError):
                    async with asyncio.timeout(RELEASE_SECONDS):
                        await self._ledger.release(post, slot)
                raise
            if not is_open:
                log.info("closed, or posted by another process channel=%s post=%s %s slot=%d", *post, slot)
                raise Stopping
            try:
                self._in_flight.check()
            except Stopping:
                await self._ledger.release(post, slot)
                raise

        async def post_and_record() -> Ref:
            async with self._in_flight.bound_by_lease():
                ref = await attempts.post(outlet, post.channel, message, under=opener, key=key, claim=claim)
            closes = slot == max(job.messages) < COMPACT
            await self._ledger.settle(post, slot, State.POSTED, self._clock(), ref=ref, closes=closes)
            return ref

        return await self._posts[outlet.name].run(post_and_record)

    async def _find(self, job: _Job, row: Delivery, opener: Ref | None) -> Ref | None:
        """Search the platform for a claimed message. None: it did not arrive, or may be posted again."""
        item, post, slot, now = job.item, job.item.post, row.slot, self._clock()
        if not await self._ledger.take_over(post, slot):  # unknown then, so that no failure below releases it
            raise Stopping
        since = search_start(row.claimed_at or job.content.due_at, now)
        try:
            ref = await attempts.find(job.outlet, post.channel, post.message_key(slot), opener, since)
        except DeliveryError as error:
            cannot_tell = isinstance(error, CannotTell)
            if slot == COMPACT and cannot_tell:
                await self._ledger.settle(post, slot, State.LOST, self._clock(), reason=error.reason)
                await self._consequences.end(item, "unfinished", f"its summaries may be missing ({error.reason})")
            if job.opens(slot) and (cannot_tell or now - job.content.due_at > GIVE_UP_AFTER):
                reason = f"nobody can tell whether its first message arrived ({error.reason})"
                await self._ledger.settle(post, OPENER, State.LOST, self._clock(), reason=reason)
                await self._consequences.end(item, "skipped", reason)
            if not cannot_tell:
                raise
            log.warning("posting again channel=%s post=%s %s slot=%d reason=%r", *post, slot, error.reason)
            return None
        if ref is not None:
            await self._ledger.settle(post, slot, State.POSTED, self._clock(), ref=ref)
        return ref


def _is_expired(content: Digest | Post, now: datetime) -> bool:
    """Whether it is too late to begin."""
    return now > content.expires_at if isinstance(content, Post) else digest_expired(content.due_at, now)
