"""Counts on cards: the posted messages about papers that people openly like or want to discuss are edited.

    a reaction ─► the cards of its paper are due, in the same transaction ─► here: word a card, Outlet.edit, record

A card is edited once a minute at most, with all that has changed meanwhile. After a crash between an edit and its
record the edit is made again, which changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from bot.delivery import attempts
from bot.delivery.attempts import retry_delay
from bot.delivery.permalinks import with_links
from bot.errors import DeliveryError, Failure, StoreError
from bot.model import Channel, ChannelSettings, Message, platform
from bot.model.channel import workspace
from bot.model.counts import Card, CountsDue
from bot.model.delivery import DIGEST
from bot.ports import Clock, Outlet
from bot.store import Store
from bot.wording.counts import is_card, with_counts
from bot.wording.digest import digest_thread
from bot.wording.posting_options import pictured

log = logging.getLogger("paperboy.counts")

EDITED_FOR = timedelta(days=7)
"""Time after its post in which a card is edited: who reads it later reads it for the paper."""
LOOK_SECONDS = 5.0
"""Between two looks at what is due; what changes in between is one edit."""
DUE_AT_ONCE = 1_000
"""Papers read in one look."""
EDITED_AT_ONCE = 10
"""Papers of one workspace in one look: the others' turn comes again soon."""
WORKSPACES_AT_ONCE = 8
WAIT = frozenset({Failure.LATER, Failure.UNKNOWN})
"""Failures after which an edit is tried again; after any other there is nothing left to edit."""

Turn = Callable[[], AbstractAsyncContextManager[bool]]
"""A block in which this process, and no other, edits if it is told True."""


class CardCounts:
    """Edits the cards whose counts have changed. One process at a time does."""

    def __init__(
        self,
        store: Store,
        outlets: Mapping[str, Outlet],
        clock: Clock,
        turn: Turn,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._outlets, self._clock = store, outlets, clock
        self._turn, self._sleep = turn, sleep
        self._counts = store.counts

    async def run(self) -> None:
        """Edit what is due until cancelled."""
        while True:
            try:
                await self.edit_due()
            except StoreError as error:
                log.warning("the counts on cards wait reason=%s", error)
            await self._sleep(LOOK_SECONDS)

    async def edit_due(self) -> None:
        """Edit the cards that are due now, side by side where their workspaces differ."""
        if not await self._counts.due(self._clock(), 1):
            return
        async with self._turn() as is_ours:
            if not is_ours:
                return
            lanes: dict[str, list[CountsDue]] = defaultdict(list)
            for due in await self._counts.due(self._clock(), DUE_AT_ONCE):
                lanes[workspace(due.channel)].append(due)
            channels = {due.channel for lane in lanes.values() for due in lane}
            settings = await self._store.channels.settings_of(channels)
            limit = asyncio.Semaphore(WORKSPACES_AT_ONCE)

            async def edit_lane(lane: Sequence[CountsDue]) -> None:
                async with limit:
                    await self._edit_lane(lane, settings)

            await asyncio.gather(*map(edit_lane, lanes.values()))

    async def _edit_lane(self, lane: Sequence[CountsDue], settings: Mapping[Channel, ChannelSettings]) -> None:
        """Edit cards of one workspace one after the other; where it asks to wait, all of them wait."""
        for place, due in enumerate(lane[:EDITED_AT_ONCE]):
            if not settings[due.channel].counts:
                await self._counts.drop(due)
                continue
            try:
                await self._edit(due, settings[due.channel])
            except DeliveryError as error:
                log.info("counts wait channel=%s kind=%s reason=%r", due.channel, error.kind, error.reason)
                waiting = lane[place:] if error.retry_after is not None else [due]
                await self._counts.postpone(waiting, self._clock() + retry_delay(error, due.attempts))
                if error.retry_after is not None:
                    return

    async def _edit(self, due: CountsDue, settings: ChannelSettings) -> None:
        """Edit the cards of one paper. Raises DeliveryError to be tried again."""
        cards = await self._counts.cards(due.channel, due.paper_id, self._clock() - EDITED_FOR)
        if cards and due.counts == due.shown:
            await self._counts.shown(due, self._clock())
            return
        edited = [await self._edit_card(card, due, settings) for card in cards]
        await (self._counts.shown(due, self._clock()) if any(edited) else self._counts.drop(due))

    async def _edit_card(self, card: Card, due: CountsDue, settings: ChannelSettings) -> bool:
        """Whether a message shows the counts now; False for one that is gone, or is no card."""
        outlet = self._outlets.get(platform(due.channel))
        message = None if outlet is None else await self._worded(card, outlet)
        if outlet is None or message is None or not is_card(message):
            return False
        edited = with_counts(pictured(message, settings, threads=outlet.threads), due.counts)
        facts = card.under, card.post.message_key(card.slot)
        try:
            await attempts.edit(outlet, due.channel, card.ref, edited, *facts)
        except DeliveryError as error:
            if error.kind in WAIT:
                raise
            log.info("no counts on a card channel=%s ref=%s reason=%r", due.channel, card.ref, error.reason)
            return False
        return True

    async def _worded(self, card: Card, outlet: Outlet) -> Message | None:
        """A card as it was posted, from what the ledger holds."""
        if card.post.kind != DIGEST:
            post = await self._counts.post(card.post)
            return post.messages[card.slot] if post is not None and card.slot < len(post.messages) else None
        digest = await self._store.ledger.digest(card.post.channel, card.day, card.name)
        if digest is None:
            return None
        messages = (await asyncio.to_thread(digest_thread, await with_links(digest, outlet))).messages
        return messages[card.slot] if card.slot < len(messages) else None
