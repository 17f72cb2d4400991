"""Claim, post, record: every message of every digest, in order within a channel, channels side by side.

    open digests ─► one lane a channel ─► settle what is unknown ─► claim ─► Outlet.post ─► record

The ledger is written before a post and after it. A row found claimed at start, or whose post ended without an answer,
is unknown: the platform is asked (`find`) before anything is posted again. The six kinds of failure:

    channel_gone      the subscription is paused, whoever set it is told
    workspace_gone    the same for every channel of that workspace
    message_refused   this message is skipped; the channel is not to blame
    thread_gone       the rest of the thread is left, whoever set it is told
    later             the digest waits, as long as the platform says or with back-off
    unknown           ask `find` later; an opener nobody can vouch for is given up, a reply is posted again
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from bot.delivery import attempts
from bot.delivery.attempts import backoff, looked_for_from, wait_after
from bot.delivery.notices import Notices
from bot.delivery.slots import Gate
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import OPENER, Channel, Delivery, Digest, Message, Ref, State, delivery_key, platform, workspace
from bot.model.schedule import TOO_LATE, digest_expired
from bot.wording.digest import digest_message, digest_thread
from bot.wording.notices import paused_notice, skipped_notice

if TYPE_CHECKING:
    from bot.model import OpenDigest
    from bot.ports import Clock, Outlet
    from bot.store import Store

log = logging.getLogger("paperboy.deliver")

CLAIMED_AT_ONCE = 16
"""So a crash leaves at most this many messages to ask a platform about, some of which answer one a minute."""
LANES_AT_ONCE = 1_000
"""Digests held in memory at the same time."""
PATIENCE = 2.0
"""Seconds after which a slow post no longer counts among the sixteen."""
LANE_PATIENCE = 30.0
READS_AT_ONCE = 1
"""So one of the store's two readers is free for commands, however many lanes wait."""
GIVE_UP = timedelta(hours=24)
"""How long the rest of a thread is tried, and how long a platform is asked for an opener of unknown fate."""
SOONEST = 1.0
LOOK_AGAIN = 30.0
"""Seconds after which the ledger is read even if nobody woke the deliverer."""


class _Stop(Exception):  # noqa: N818 - not an error: the lane ends here for now, and the ledger says why
    """This digest can't go on now."""


class _Thread(NamedTuple):
    """A digest on its way: where to, what to say, and what became of it so far."""

    item: OpenDigest
    digest: Digest
    outlet: Outlet
    messages: tuple[Message, ...]
    rows: Mapping[int, Delivery]


class Deliverer:
    """Empties the ledger's open digests into the outlets."""

    def __init__(self, store: Store, outlets: Mapping[str, Outlet], clock: Clock, notices: Notices) -> None:
        self._ledger = store.ledger
        self._store = store
        self._outlets = outlets
        self._clock = clock
        self._notices = notices
        self._claims = Gate(CLAIMED_AT_ONCE, PATIENCE)
        self._lanes = Gate(LANES_AT_ONCE, LANE_PATIENCE)
        self._reads = asyncio.Semaphore(READS_AT_ONCE)
        self._running: dict[Channel, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There may be something to post."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; then wait a moment for posts under way, so that they are recorded."""
        self._stopping = False
        try:
            while True:
                self._woken.clear()
                await self.start_lanes()
                wait = await self._until_next_try()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), wait)
        finally:
            await self._wind_up()

    async def _until_next_try(self) -> float:
        """Seconds to sleep if nobody wakes us: until a postponed digest may go on, if that is soon."""
        at = await self._ledger.next_try()
        wait = LOOK_AGAIN if at is None else (at - self._clock()).total_seconds()
        return min(max(wait, SOONEST), LOOK_AGAIN)

    async def drain(self) -> None:
        """Deliver all that can be delivered now, then return."""
        while await self.start_lanes() or self._running:
            await asyncio.gather(*self._running.values())

    async def start_lanes(self) -> int:
        """Start a lane for every ready channel that has none; returns how many were started."""
        now = self._clock()
        busy = set(self._running)  # as of before the ledger is read: a lane that ends meanwhile has changed it
        ready = [item for item in await self._ledger.open_digests(now) if item.channel not in busy]
        ready.sort(key=lambda item: item.channel)
        for channel, items in groupby(ready, key=lambda item: item.channel):
            self._start(channel, partial(self._lane, list(items)))
        busy = set(self._running)
        for recipient, notices in (await self._notices.waiting(now)).items():
            if recipient not in busy:
                self._start(recipient, partial(self._notices.deliver, recipient, notices))
        return len(ready)

    def _start(self, channel: Channel, lane: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._lanes.through(lane))
        self._running[channel] = task
        task.add_done_callback(lambda _: self._running.pop(channel, None))

    async def _wind_up(self) -> None:
        self._stopping = True
        tasks = list(self._running.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=5)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # --- one channel --------------------------------------------------------------------------------------------

    async def _lane(self, items: Sequence[OpenDigest]) -> None:
        for item in items:
            if self._stopping:
                return
            try:
                await self._deliver(item)
            except _Stop:
                return
            except Exception:
                log.exception("delivery failed channel=%s day=%s", item.channel, item.day)
                await self._wait(item, backoff(item.attempts), "unexpected error, see the log")
                return

    async def _deliver(self, item: OpenDigest) -> None:
        async with self._reads:
            digest = await self._ledger.digest(item.channel, item.day)
            rows = await self._ledger.deliveries(item.channel, item.day)
        assert digest is not None, "an open digest is in the store"  # noqa: S101 - a promise of the ledger, not input
        await self._drop_if_untimely(item, digest, rows.get(OPENER))
        outlet = self._outlets.get(platform(item.channel))
        if outlet is None:
            await self._wait(item, backoff(item.attempts), f"no adapter for {platform(item.channel)} is set up")
            raise _Stop
        messages = digest_thread(digest).messages if outlet.threads else (digest_message(digest),)
        thread = _Thread(item, digest, outlet, messages, rows)
        under: Ref | None = None
        for slot in range(len(thread.messages)):
            ref = await self._message(thread, slot, under)
            under = ref if slot == OPENER else under
            if self._stopping:
                raise _Stop
        await self._ledger.finish(item.channel, item.day)
        log.info("delivered channel=%s day=%s messages=%d", item.channel, item.day, len(thread.messages))

    async def _drop_if_untimely(self, item: OpenDigest, digest: Digest, opener: Delivery | None) -> None:
        now = self._clock()
        because = f" ({item.reason})" if item.reason else ""
        if opener is None and digest_expired(digest.due_at, now):
            await self._give_up(digest, f"it could not be posted within six hours{because}")
        if opener is None and digest.due_at - now > TOO_LATE:
            await self._give_up(digest, "the clock was wrong when it was chosen")
        if opener is not None and opener.state is State.POSTED and now - digest.due_at > GIVE_UP:
            await self._leave_unfinished(digest, f"some of its replies could not be posted within a day{because}")

    async def _message(self, thread: _Thread, slot: int, under: Ref | None) -> Ref | None:
        """Bring one message to its end. Returns its handle; None if it has none."""
        row, digest = thread.rows.get(slot), thread.digest
        if row is not None and row.state in {State.REFUSED, State.LOST} and slot == OPENER:
            await self._give_up(digest, "its first message could not be posted")
        if row is not None and row.state in {State.POSTED, State.REFUSED, State.LOST}:
            return row.ref
        try:
            ref = None if row is None else await self._ask(thread, row, under)
            if ref is None and slot == OPENER and digest_expired(digest.due_at, self._clock()):
                await self._give_up(digest, "it could not be posted within six hours")
            return ref if ref is not None else await self._post(thread, slot, under)
        except DeliveryError as error:
            await self._consequence(thread.item, slot, error)
            return None

    async def _post(self, thread: _Thread, slot: int, under: Ref | None) -> Ref:
        channel, day, outlet, message = thread.item.channel, thread.item.day, thread.outlet, thread.messages[slot]
        if slot != OPENER and outlet.pace:
            await asyncio.sleep(outlet.pace)

        async def claim_post_record() -> Ref:
            await self._ledger.claim(channel, day, slot, message.paper_id, self._clock())
            ref = await attempts.post(outlet, channel, message, under, delivery_key(channel, day, slot))
            await self._ledger.settle(channel, day, slot, State.POSTED, self._clock(), ref=ref)
            return ref

        return await self._claims.through(claim_post_record)

    async def _ask(self, thread: _Thread, row: Delivery, under: Ref | None) -> Ref | None:
        """Whether a message of unknown fate arrived. None: it did not, or may be repeated."""
        digest, slot = thread.digest, row.slot
        channel, day, now = digest.channel, digest.day, self._clock()
        if row.state is State.CLAIMED:  # so that no failure below takes the claim back: only a failed post may
            await self._ledger.settle(channel, day, slot, State.UNKNOWN, now)
        since = looked_for_from(row.claimed_at or digest.chosen_at, now)
        try:
            ref = await attempts.find(thread.outlet, channel, delivery_key(channel, day, slot), under, since)
        except DeliveryError as error:
            cannot = isinstance(error, CannotTell)
            if slot == OPENER and (cannot or now - digest.due_at > GIVE_UP):
                await self._lose(digest, f" ({error.reason})")
            if not cannot:
                raise
            log.warning("posting again channel=%s day=%s slot=%d reason=%r", channel, day, slot, error.reason)
            return None
        if ref is not None:
            await self._ledger.settle(channel, day, slot, State.POSTED, self._clock(), ref=ref)
        return ref

    # --- what follows from a failure ----------------------------------------------------------------------------

    async def _consequence(self, item: OpenDigest, slot: int, error: DeliveryError) -> None:
        channel, day = item.channel, item.day
        facts = (channel, day, slot, error.kind, error.reason)
        log.warning("post failed channel=%s day=%s slot=%d kind=%s reason=%r", *facts)
        match error.kind:
            case Failure.THREAD_GONE if slot != OPENER:
                await self._leave_unfinished(item, f"the rest of its thread could not be posted ({error.reason})")
            case Failure.MESSAGE_REFUSED | Failure.THREAD_GONE:
                await self._ledger.settle(channel, day, slot, State.REFUSED, self._clock(), reason=error.reason)
                if slot == OPENER:
                    await self._give_up(item, f"its first message was refused ({error.reason})")
                return
            case Failure.CHANNEL_GONE | Failure.WORKSPACE_GONE:
                await self._ledger.release(channel, day, slot)
                where = channel if error.kind is Failure.CHANNEL_GONE else Channel(workspace(channel))
                await self.gone(where, error.reason)
            case Failure.LATER:
                await self._ledger.release(channel, day, slot)
                await self._wait(item, wait_after(error, item.attempts), error.reason)
            case Failure.UNKNOWN:
                await self._ledger.settle(channel, day, slot, State.UNKNOWN, self._clock(), reason=error.reason)
                await self._wait(item, wait_after(error, item.attempts), error.reason)
        raise _Stop

    # Whoever is to be told is told first: after a crash the rest is done again, and the notice is not said twice.

    async def gone(self, where: Channel, reason: str) -> None:
        """Pause a channel or a whole workspace that cannot be reached, and tell whoever set it up."""
        now = self._clock()
        for wish in await self._store.subscriptions.running(where):
            await self._notices.tell(wish, "paused", now, paused_notice(wish, reason))
        await self._store.subscriptions.pause(where, now, until=None, reason=reason)
        await self._ledger.abandon_all(where, reason)
        if where == workspace(where):
            await self._store.subscriptions.mark_departed(where, now)

    async def _give_up(self, digest: Digest | OpenDigest, reason: str) -> NoReturn:
        await self._tell(digest, "skipped", reason)
        await self._ledger.abandon(digest.channel, digest.day, reason)
        raise _Stop

    async def _lose(self, digest: Digest, because: str) -> NoReturn:
        reason = f"nobody can tell whether its first message arrived{because}"
        await self._ledger.settle(digest.channel, digest.day, OPENER, State.LOST, self._clock(), reason=reason)
        await self._give_up(digest, reason)

    async def _leave_unfinished(self, digest: Digest | OpenDigest, reason: str) -> NoReturn:
        await self._tell(digest, "unfinished", reason)
        await self._ledger.finish(digest.channel, digest.day)
        raise _Stop

    async def _tell(self, digest: Digest | OpenDigest, kind: str, reason: str) -> None:
        wish = await self._store.subscriptions.get(digest.channel)
        if wish is not None:
            text = skipped_notice(wish, digest.day, reason)
            await self._notices.tell(wish, kind, self._clock(), text, day=digest.day)

    async def _wait(self, item: OpenDigest, wait: timedelta, reason: str) -> None:
        await self._ledger.postpone(item.channel, item.day, self._clock() + wait, reason)
