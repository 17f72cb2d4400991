"""The engine: collect, rank, choose for the channels that are due, preview. Details are in the modules it calls.

collect ─► store ─► tick: due channels ─► one shortlist for all ─► choose in batches ─► keep ─► nudge the queue
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from bot.app import candidates, collect, lookup, pauses, routines, skipped_days
from bot.app.clock_watch import ClockWatch
from bot.app.forecasts import Forecasts
from bot.app.learner import Learner, Meaning
from bot.app.memory import ChannelMemory
from bot.app.metrics import Metrics
from bot.app.shortlists import Shortlists
from bot.app.source_turns import unasked
from bot.delivery import attempts
from bot.delivery.notices import Notices
from bot.digest import selection
from bot.digest.batch import DigestBatch
from bot.digest.shortlist import Shortlist
from bot.embeddings import Embedder
from bot.errors import DeliveryError, Failure
from bot.model import Channel, Digest, Group, Nudge, Paper, Post, PostKey, SourceReport, Subscription, Trend, platform
from bot.model.schedule import MAX_DUE_AHEAD, next_due, next_due_after
from bot.model.source import listing_days
from bot.ports import Clock, Outlet, Routine, Source
from bot.ports.groups import GroupDirectory
from bot.ports.queue import Queue
from bot.query.ast import Query
from bot.ranking.profile import ProfileMatch
from bot.ranking.topic_votes import with_votes
from bot.search import RemoteResults, RemoteSearch, Search
from bot.store import Store, StoreRevision

log = logging.getLogger("paperboy.engine")

CHANNELS_AT_ONCE = 250
"""Channels chosen for in one batch, so that commands are answered in between."""
DEPARTED_FOR = timedelta(days=30)
"""Time after which the data of a workspace that removed Paperboy is erased."""


class DigestEngine:
    """Implements `ports.Engine`; runs the steps in order on its store, sources and outlets."""

    def __init__(  # noqa: PLR0913 - the engine runs on exactly these parts
        self,
        store: Store,
        sources: Sequence[Source],
        clock: Clock,
        *,
        notices: Notices,
        outlets: Mapping[str, Outlet] | None = None,
        queue: Queue | None = None,
        embedder: Embedder | None = None,
        collected: Callable[[], None] = lambda: None,
        meaning: Meaning | None = None,
        nearness: Search | None = None,
        metrics: Metrics | None = None,
        interval: timedelta | None = None,
        forecasts: Forecasts | None = None,
    ) -> None:
        """Without `nearness` topics match by words alone; without `meaning` profiles are learnt from words alone.

        `queue` is told of digests to deliver; `collected` is called after each look at the sources.
        `interval`, where other processes look at the sources too: how long each of them is left alone.
        """
        self.store, self.clock = store, clock
        self.sources = tuple(sources)
        self.listing_days = listing_days(source.name for source in self.sources)
        self.routines: tuple[Routine, ...] = ()
        """What is looked at after each collection and at each tick, in this order."""
        self._outlets = outlets or {}
        self._notices, self._queue = notices, queue
        self._embedder, self._nearness = embedder, nearness
        self._collected = collected
        self._interval = interval
        self._metrics = metrics or Metrics(store)
        self._shortlists = Shortlists(store, self.sources, clock, self._metrics, forecasts)
        self.shortlist, self.shortlist_of = self._shortlists.current, self._shortlists.of
        self.fresh_shortlist = self._shortlists.fresh
        self._learner, self._remote = Learner(store, meaning), RemoteSearch(self.sources)
        self.memory = ChannelMemory(store, self._outlets, meaning)
        self._clock_watch = ClockWatch(store)
        self._collecting = asyncio.Lock()

    async def collect(
        self, *, progress: Callable[[str], None] | None = None, unless_asked: bool = False
    ) -> list[SourceReport]:
        """Ask every source and store what they return; the next shortlist is ranked afresh.

        `unless_asked`: leave those alone that another process has asked in this interval.
        """
        now, sources = self.clock(), self.sources
        if unless_asked and self._interval is not None:
            sources = tuple(await unasked(self.store, sources, now, self._interval))
        async with self._collecting:
            reports = await collect.collect(self.store, sources, now, embedder=self._embedder, progress=progress)
            self._shortlists.collected(await self.store.changes.mark_collected())
        self._collected()
        self._metrics.collected(reports)
        return reports

    async def refresh(self) -> None:
        """Collect and rank; commands are answered from the previous shortlist meanwhile."""
        await self.collect(unless_asked=True)
        await self.fresh_shortlist(self.clock())
        await routines.run_all(self.routines, self.clock)

    async def follow(self) -> None:
        """Catch up with every change by another process, until cancelled."""
        async with aclosing(self.store.changes.follow()) as revisions:
            async for revision in revisions:
                await self.catch_up(revision)

    async def catch_up(self, revision: StoreRevision) -> None:
        """Rank and index anew what another process collected, if this one has a shortlist and an index already."""
        async with self._collecting:  # or this one, which counts it at the end
            self._shortlists.collected(revision.collections)
        if self._shortlists.is_outdated:
            await self.fresh_shortlist(self.clock())
        if self._nearness is not None:
            await self._nearness.catch_up()

    async def tick(self) -> int:
        """Choose and keep a digest for every channel that is due, then run the routines. Returns how many channels."""
        channels = await self._choose_due()
        await routines.run_all(self.routines, self.clock)
        return channels

    async def _choose_due(self) -> int:
        now = self.clock()
        step = await self._clock_watch.step(now)
        if step < timedelta(0):
            await skipped_days.undo(self.store, self._notices, now, -step)
        await self._resume(now)
        due = await self.store.subscriptions.due(now)
        if not due:
            return 0
        shortlist = await self.fresh_shortlist(now)
        await self.understand(shortlist, {topic for each in due for topic in each.topics})
        shown_papers = await candidates.shown_in_channels(self.store, shortlist)
        linked = await self.store.links.since({each.channel for each in due}, now - selection.LONGEST_WINDOW)
        choosing = DigestBatch(shortlist, shown_papers, now, linked)
        batches = [due[start : start + CHANNELS_AT_ONCE] for start in range(0, len(due), CHANNELS_AT_ONCE)]
        digests = await self._choose(choosing, batches[0])
        for batch, following in zip(batches, [*batches[1:], []], strict=True):
            # Beside each other: the database writes one batch while the next one is computed.
            _, digests = await asyncio.gather(self._keep(batch, digests, now, step), self._choose(choosing, following))
        log.info("chosen channels=%d candidates=%d", len(due), len(shortlist))
        return len(due)

    async def _choose(self, choosing: DigestBatch, batch: Sequence[Subscription]) -> list[Digest]:
        if not batch:
            return []
        lessons = await self.store.feedback.lessons([each.channel for each in batch])
        profile_matches = await self._learner.profile_matches(lessons, choosing.shortlist)
        earliest = choosing.now - selection.LONGEST_WINDOW
        missed = await self.store.ledger.missed([each.channel for each in batch], earliest)
        moved = await asyncio.to_thread(lambda: [with_votes(each, lessons.get(each.channel)) for each in batch])
        digests = await asyncio.to_thread(choosing.digests, moved, profile_matches, missed)
        return await self.memory.with_neighbours(digests, choosing.shortlist, lessons)

    async def _keep(
        self, batch: Sequence[Subscription], digests: Sequence[Digest], now: datetime, step: timedelta
    ) -> None:
        # Before `keep`: a crash between the two repeats the notice, which is stored once; `keep` is final.
        await skipped_days.notify(self.store, self._notices, batch, digests, now, step)
        days = {digest.subscription_key: digest.day for digest in digests}
        due_times = {each.key: next_due_after(each, days[each.key], now) for each in batch}
        await self.store.ledger.keep(digests, due_times)
        if self._queue is not None:
            await self._queue.nudge([Nudge(digest.channel) for digest in digests])

    async def post(self, posts: Sequence[Post]) -> frozenset[PostKey]:
        """Store posts that are no digests and have them delivered; the keys of those that are stored now."""
        return await routines.keep_posts(self.store, self._queue, posts, self.clock())

    def wake(self) -> None:
        """Look for digests that may have become ready to deliver."""
        if self._queue is not None:
            self._queue.wake()

    async def tidy(self) -> None:
        """Thin the oldest observations, forget used names, erase who left 30 days ago; runs once a day."""
        now = self.clock()
        await self.store.secrets.forget_used(now)
        log.info("thinned observations=%d", await self.store.papers.thin(now))
        for workspace in await self.store.subscriptions.erase_departed(now - DEPARTED_FOR):
            log.info("erased workspace=%s", workspace)

    async def _resume(self, now: datetime) -> None:
        """End the pauses that are over, and reschedule due times that a wrong clock left too far ahead."""
        misplaced = await self.store.subscriptions.misplaced(now + MAX_DUE_AHEAD)
        if resumed := await self.store.subscriptions.resuming(now):
            await pauses.end(self.store, resumed, now)
        if misplaced:
            await self.store.subscriptions.reschedule({each.key: next_due(each, now) for each in misplaced})

    @property
    def latest(self) -> tuple[Paper, ...]:
        """The papers of the last shortlist, best first; none before the first ranking."""
        shortlist = self._shortlists.latest
        return tuple(trend.paper for trend in shortlist.trends) if shortlist else ()

    async def understand(self, shortlist: Shortlist, topics: Iterable[str]) -> None:
        """Add the papers that are close in meaning to these topics to the shortlist."""
        if self._nearness is not None:
            await candidates.learn_topics(self._nearness, shortlist, topics)

    async def profile_match(self, channel: Channel, shortlist: Shortlist) -> ProfileMatch | None:
        """The influence of the channel's profile on these candidates; None without feedback."""
        lessons = await self.store.feedback.lessons((channel,))
        return (await self._learner.profile_matches(lessons, shortlist)).get(channel)

    async def with_votes(self, subscription: Subscription) -> Subscription:
        """The subscription with the thresholds that its channel's votes have moved, as digests are chosen by."""
        lessons = await self.store.feedback.lessons((subscription.channel,))
        return with_votes(subscription, lessons.get(subscription.channel))

    async def preview(self, subscription: Subscription) -> Digest:
        """The digest that a subscription would get now."""
        now = self.clock()
        shortlist = await self.shortlist()
        await self.understand(shortlist, subscription.topics)
        shown_ids = await self.store.ledger.shown_in(subscription.channel, shortlist.documents.all_ids)
        digest = await asyncio.to_thread(
            selection.choose,
            await self.with_votes(subscription),
            shortlist,
            shortlist.subset(shown_ids),
            due_at=now,
            now=now,
            profile_match=await self.profile_match(subscription.channel, shortlist),
        )
        (digest,) = await self.memory.with_neighbours([digest], shortlist)
        return digest.worded(subscription.summaries)

    async def trends(self, papers: Iterable[Paper], now: datetime) -> dict[str, Trend]:
        """The trend of each paper by id, candidate or not."""
        return await candidates.trends_of(self.store, await self.shortlist(), papers, now)

    async def standings(self) -> dict[str, float]:
        """The standing of each candidate by paper id."""
        return {trend.paper.id: trend.standing for trend in (await self.shortlist()).trends}

    async def fetch_paper(self, paper_id: str) -> Paper | None:
        """A paper from the store, else from a source that can look it up. Raises SourceError if none could answer."""
        return await lookup.fetch_paper(self.store, self.sources, paper_id, self.clock())

    async def fetch_papers(self, ids: Sequence[str]) -> None:
        """Look up papers that are not stored, the first 200, and store them. Raises SourceError if none answers."""
        await lookup.fetch_papers(self.store, self.sources, ids, self.clock())

    async def search_sources(self, query: Query) -> RemoteResults:
        """Results of the sources' own search, and the sources that did not answer."""
        return await self._remote.search(query, self.clock())

    async def revive(self, where: Channel, reasons: Collection[str] = ()) -> None:
        """Resume a channel, or all of a workspace, that was paused because it could not be reached.

        With `reasons`, only those whose pause was given one of them, or one that begins with it.
        """
        await pauses.revive(self.store, where, reasons, self.clock())

    async def groups(self, channel: Channel) -> tuple[Group, ...]:
        """The roles or user groups of a channel's server or workspace, if it has any."""
        outlet = self._outlets.get(platform(channel))
        return await outlet.groups(channel) if isinstance(outlet, GroupDirectory) else ()

    async def prove(self, channel: Channel) -> None:
        """Prove that a digest can be posted in a channel. Raises DeliveryError with what is missing and the remedy."""
        outlet = self._outlets.get(platform(channel))
        if outlet is None:
            raise DeliveryError(Failure.CHANNEL_GONE, f"no adapter for {platform(channel)} is set up")
        await attempts.prove(outlet, channel)
