"""The routine of watches: new papers are matched after each look at the sources, and posted where they are waited for.

watches ─► shortlist ─► hits by channel ─► without those shown ─► plan ─► messages ─► ledger
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.notices import Notices
from bot.digest.shortlist import Shortlist
from bot.digest.watch import Card, Hit, Plan, Rest, find_hits, last_of_failed, next_at, plan
from bot.model import Channel, Post, PostKey, PostRecord, Subscription, Watch
from bot.model.post import WATCH
from bot.ports import Engine
from bot.store import Store
from bot.wording.watch import watch_card, watch_rest, watches_stopped_notice

log = logging.getLogger("paperboy.engine")

CHANNELS_AT_ONCE = 250
"""Channels whose posts are worded and stored in one step, so that commands are answered in between."""
PAPERS_AT_ONCE = 50
"""Papers whose channels are read in one query."""
EXPIRES = timedelta(days=3)
"""Time after which a paper that could not be posted is given up."""
LOOKED_BACK = timedelta(days=30)
"""Days whose posts tell whether a channel can be reached."""

_Hits = Mapping[Channel, Sequence[Hit]]
_Shown = Mapping[Channel, set[str]]
_Records = Mapping[Channel, Sequence[PostRecord]]


class WatchRoutine:
    """Implements `ports.Routine`. What it remembers only saves it from looking again."""

    name = "watch"

    def __init__(self, store: Store, engine: Engine, notices: Notices) -> None:
        self._store, self._engine, self._notices = store, engine, notices
        self._looked_at: Shortlist | None = None
        """The shortlist of the latest run that got to its end."""
        self._waiting: Mapping[Channel, datetime] = {}
        """Channels where papers of it wait, for an hour or for the message that opens the day's thread, and until when.
        """
        self._full: dict[Channel, date] = {}
        """Days on which a channel has had as many messages that open a thread as it takes."""

    async def run(self, now: datetime) -> None:
        """Post what has come since the watches were set and was not shown; what may not be posted yet waits."""
        is_idle = self._looked_at is not None and not any(at <= now for at in self._waiting.values())
        if is_idle and await self._engine.shortlist() is self._looked_at:
            return  # most ticks: no watch needs to be read
        watches = await self._store.watches.running()
        if not watches:
            return
        shortlist = await self._engine.shortlist()
        waiting = self._waiting if shortlist is self._looked_at else {}
        if shortlist is self._looked_at:
            watches = [each for each in watches if (at := waiting.get(each.channel)) is not None and at <= now]
        later = {channel: at for channel, at in waiting.items() if at > now}
        self._waiting = later | (await self._post_hits(shortlist, watches, now) if watches else {})
        self._looked_at = shortlist

    async def _post_hits(
        self, shortlist: Shortlist, watches: Sequence[Watch], now: datetime
    ) -> dict[Channel, datetime]:
        """Post what is due of these watches; the channels where something waits, and until when."""
        await self._engine.understand(shortlist, {each.line for each in watches})
        matches = await asyncio.to_thread(find_hits, watches, shortlist, now)
        shown_ids = await self._shown(matches)
        hits = {
            channel: each
            for channel, each in matches.items()
            if any(hit.paper_id not in shown_ids[channel] for hit in each)
        }
        records = await self._records(hits, now)
        channels = [each for each in hits if not await self._is_stopped(each, hits[each], records[each], now)]
        waiting = dict[Channel, datetime]()
        for start in range(0, len(channels), CHANNELS_AT_ONCE):
            part = {each: hits[each] for each in channels[start : start + CHANNELS_AT_ONCE]}
            waiting |= await self._post(part, shown_ids, records, now)
        return waiting

    async def _shown(self, hits: _Hits) -> _Shown:
        """The hits that each channel has had, whatever showed them."""
        ids = list(dict.fromkeys(hit.paper_id for each in hits.values() for hit in each))
        ids_by_channel: defaultdict[Channel, set[str]] = defaultdict(set)
        for start in range(0, len(ids), PAPERS_AT_ONCE):
            by_paper = await self._store.ledger.channels_shown(ids[start : start + PAPERS_AT_ONCE])
            for paper_id, channels in by_paper.items():
                for channel in channels:
                    ids_by_channel[channel].add(paper_id)
        return ids_by_channel

    async def _records(self, channels: Collection[Channel], now: datetime) -> _Records:
        """Posts of the watches of these channels, in order."""
        by_channel: defaultdict[Channel, list[PostRecord]] = defaultdict(list)
        for record in await self._store.ledger.post_records(WATCH, channels, (now - LOOKED_BACK).date()):
            by_channel[record.key.channel].append(record)
        return by_channel

    async def _is_stopped(
        self, channel: Channel, hits: Sequence[Hit], records: Sequence[PostRecord], now: datetime
    ) -> bool:
        """Stop the watches of a channel where nothing arrives, and notify who set them. False where posts arrive."""
        last = last_of_failed(records, {watch for hit in hits for watch in hit.watches})
        if last is None:
            return False
        reason = last.reason or "they could not be posted"
        watches = [each for each in await self._store.watches.of((channel,)) if not each.stop_reason]
        for setter in dict.fromkeys(each.set_by for each in watches):  # first: a notice is stored once
            about = Subscription(channel, set_by=setter)
            await self._notices.queue(about, "watches", now, watches_stopped_notice(channel, len(watches), reason))
        await self._store.watches.stop(channel, now, reason)
        return True

    async def _post(self, hits: _Hits, shown: _Shown, records: _Records, now: datetime) -> dict[Channel, datetime]:
        """Store what is due in these channels; those where something waits, and until when."""
        plans = {channel: plan(each, shown[channel], records[channel], now) for channel, each in hits.items()}
        posts = await asyncio.to_thread(_posts, plans, now)
        posts_with_room = [post for post in posts if not self._is_full(post)]
        kept = await self._engine.post(posts_with_room) if posts_with_room else frozenset()
        refused = [post for post in posts if post.key not in kept]
        await self._mark_full([post for post in refused if post.opens and not post.direct])
        if kept:
            log.info("watches posts=%d", len(kept))
        tomorrow = {post.channel: next_at(_local(hits[post.channel], now), time(0)) for post in refused}
        return tomorrow | {channel: each.again_at for channel, each in plans.items() if each.again_at is not None}

    async def _mark_full(self, refused: Sequence[Post]) -> None:
        """Note whose day is full: a post may have been refused because a digest has shown its paper meanwhile, too."""
        for post in refused:
            if not await self._store.ledger.shown_in(post.channel, post.papers):
                self._full[post.channel] = post.day

    def _is_full(self, post: Post) -> bool:
        return post.opens and not post.direct and self._full.get(post.channel) == post.day


def _local(hits: Sequence[Hit], now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(hits[0].watches[0].timezone))


def _posts(plans: Mapping[Channel, Plan], now: datetime) -> list[Post]:
    """The posts of plans, worded."""
    return [
        _worded(channel, each, planned.day, now)
        for channel, planned in plans.items()
        for each in (*planned.cards, *([planned.rest] if planned.rest else ()))
    ]


def _worded(channel: Channel, planned: Card | Rest, day: date, now: datetime) -> Post:
    hits = (planned.hit,) if isinstance(planned, Card) else planned.hits
    watch, papers = hits[0].watches[0], tuple(hit.paper_id for hit in hits)
    local, in_authors_words = now.astimezone(ZoneInfo(watch.timezone)), watch.summaries == "authors"
    if isinstance(planned, Card):
        message = watch_card(planned.hit.trend, planned.hit.lines, local, in_authors_words=in_authors_words)
    else:
        message = watch_rest([(hit.trend, hit.lines) for hit in hits], local)
    key = PostKey(channel, WATCH, planned.key)
    return Post(key, day, (message,), now, now + EXPIRES, planned.under, papers, direct=watch.direct)
