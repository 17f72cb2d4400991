"""The order of things: collect, tick, preview. No detail lives here.

collect ─► store ─► tick: who is due ─► one shortlist for all ─► choose in batches ─► keep ─► wake the deliverer
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot import wording
from bot.app import closeness, collect
from bot.app.learner import Learner, Meaning
from bot.digest import selection
from bot.digest.batch import Choosing
from bot.digest.selection import LONGEST_WINDOW, Shortlist
from bot.errors import QueryError, SourceError
from bot.model import Channel, Digest, Findings, Outcome, Paper, SourceReport, Subscription, schedule
from bot.ports import Lookup
from bot.query.parser import liked, parse
from bot.ranking import trend as ranking

if TYPE_CHECKING:
    from bot.app.closeness import Nearness
    from bot.app.metrics import Pulse
    from bot.delivery.notices import Notices
    from bot.embeddings import Embedder
    from bot.ports import Clock, Source
    from bot.store import Store

log = logging.getLogger("paperboy.engine")

AT_ONCE = 250
"""Channels chosen for in one go: short enough for commands to be answered in between."""
PAPERS_AT_ONCE = 50
"""Papers whose channels are read in one go, for the same reason."""
SHORTLIST_AGE = timedelta(minutes=45)
"""How old a shortlist may be: new signals come with a look at the sources only, which puts it aside."""
DEPARTED = timedelta(days=30)
"""How long what is known of a workspace outlives its leaving; it may come back, and find all as it was."""


class Engine:
    """Runs the steps in their order, on the store and the sources it is given."""

    def __init__(  # noqa: PLR0913 - the engine runs on exactly these parts
        self,
        store: Store,
        sources: Sequence[Source],
        clock: Clock,
        *,
        notices: Notices,
        wake: Callable[[], None] = lambda: None,
        embedder: Embedder | None = None,
        collected: Callable[[], None] = lambda: None,
        meaning: Meaning | None = None,
        nearness: Nearness | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        self.store = store
        self.learner = Learner(store, meaning)
        self._nearness = nearness
        self.sources = tuple(sources)
        self.clock = clock
        self.wake = wake
        self._collected = collected
        self.embedder = embedder
        self._notices = notices
        self._pulse = pulse
        self._shortlist: Shortlist | None = None
        self._outdated = False
        self._ranking = asyncio.Lock()

    async def collect(self, *, progress: Callable[[str], None] | None = None) -> list[SourceReport]:
        """Ask every source, keep what they bring, and rank afresh when next asked."""
        reports = await collect.collect(
            self.store, self.sources, self.clock(), embedder=self.embedder, progress=progress
        )
        self._outdated = True
        self._collected()
        if self._pulse is not None:
            self._pulse.collected(reports)
        return reports

    async def refresh(self) -> None:
        """Collect and rank, before anybody is due; who asks meanwhile is answered from the shortlist before."""
        await self.collect()
        await self.shortlist()

    async def tick(self) -> int:
        """Choose for every channel that is due; returns how many were."""
        now = self.clock()
        await self._resume(now)
        due = await self.store.subscriptions.due(now)
        if not due:
            return 0
        shortlist = await self.shortlist(now)
        await self.understand(shortlist, {topic for wish in due for topic in wish.topics})
        choosing = Choosing(shortlist, await self._shown(shortlist), now)
        for start in range(0, len(due), AT_ONCE):
            batch = due[start : start + AT_ONCE]
            leanings = await self.learner.leanings((wish.channel for wish in batch), shortlist)
            chosen = await asyncio.to_thread(choosing.digests, batch, leanings)
            await self._tell_skipped(batch, chosen, now)  # first: keep cannot be undone, a notice twice is one
            await self.store.ledger.keep(chosen, {wish.channel: schedule.next_due(wish, now) for wish in batch})
            self.wake()
        log.info("chosen channels=%d candidates=%d", len(due), len(shortlist))
        return len(due)

    async def shortlist(self, now: datetime | None = None, *, wait: bool = True) -> Shortlist:
        """The candidates, ranked. What was ranked since the last look at the sources, minutes ago at most, will do.

        Who can't `wait` gets the one before while a new one is being ranked.
        """
        now = now or self.clock()
        if (known := self._known(now)) is not None:
            return known
        if not wait and self._shortlist is not None and self._ranking.locked():
            return self._shortlist
        async with self._ranking:
            if (known := self._known(now)) is None:
                known = self._shortlist = await self._rank(now)
                self._outdated = False
            return known

    async def understand(self, shortlist: Shortlist, topics: Iterable[str]) -> None:
        """Make a shortlist know what is close to these topics in meaning; without a search, words are all there is."""
        if self._nearness is not None:
            await closeness.learn(self._nearness, shortlist, topics)

    @property
    def latest(self) -> tuple[Paper, ...]:
        """The papers of the last shortlist, best first; none before there was one."""
        return tuple(trend.paper for trend in self._shortlist.trends) if self._shortlist else ()

    def _known(self, now: datetime) -> Shortlist | None:
        known = self._shortlist
        if known is None or self._outdated:
            return None
        return known if now - SHORTLIST_AGE < known.now <= now else None

    async def preview(self, wish: Subscription) -> Digest:
        """What a channel would get now."""
        now = self.clock()
        shortlist = await self.shortlist(now, wait=False)
        await self.understand(shortlist, wish.topics)
        had = await self.store.ledger.shown_in(wish.channel, (trend.paper.id for trend in shortlist.trends))
        shown = shortlist.mask(had)
        day = schedule.local_day(wish, now)
        leaning = await self.learner.leaning(wish.channel, shortlist)
        return await asyncio.to_thread(
            selection.choose, wish, shortlist, shown, day=day, due_at=now, now=now, leaning=leaning
        )

    async def fetch_paper(self, paper_id: str) -> Paper | None:
        """A paper from the store, else from a source that can look it up. Raises SourceError if none could answer."""
        known = (await self.store.papers.get((paper_id,))).get(paper_id)
        if known is not None:
            return known
        fault: SourceError | None = None
        for source in self.sources:
            if not isinstance(source, Lookup):
                continue
            try:
                found = await source.lookup((paper_id,))
            except SourceError as error:
                fault = error
                continue
            if found and not self.store.writable:
                return found[0]
            if found:
                await self.store.papers.add(Findings(found), source.name, self.clock())
                await collect.describe(self.store)
                return (await self.store.papers.get((paper_id,))).get(paper_id, found[0])
        if fault is not None:
            raise fault
        return None

    async def revive(self, where: Channel) -> bool:
        """Go on with a channel, or a workspace's, paused because they could not be reached. Returns whether any was."""
        await self.store.subscriptions.come_back(where)
        paused = await self.store.subscriptions.unreachable(where)
        if paused:
            await self.store.subscriptions.put(*(awake(wish, self.clock()) for wish in paused))
        return bool(paused)

    async def tidy(self) -> None:
        """Once a day: thin the oldest observations, and erase what is known of workspaces that left long ago."""
        now = self.clock()
        gone = await self.store.papers.thin(now)
        log.info("thinned observations=%d", gone)
        for where in await self.store.subscriptions.erase_departed(now - DEPARTED):
            log.info("erased workspace=%s", where)

    # --- steps ----------------------------------------------------------------------------------------------------

    async def _resume(self, now: datetime) -> None:
        """Pauses that have ended, and due times a wrong clock left behind."""
        resumed = await self.store.subscriptions.resuming(now)
        misplaced = await self.store.subscriptions.misplaced(now + schedule.LONGEST_GAP)
        if resumed:
            await self.store.subscriptions.put(*(awake(wish, now) for wish in resumed))
        if misplaced:
            await self.store.subscriptions.reschedule({w.channel: schedule.next_due(w, now) for w in misplaced})

    async def _tell_skipped(self, wishes: Sequence[Subscription], chosen: Sequence[Digest], now: datetime) -> None:
        """One notice a channel, however many days were missed."""
        days: dict[Channel, list[date]] = {}
        for each in chosen:
            if each.outcome is Outcome.LATE:
                days.setdefault(each.channel, []).append(each.day)
        for wish in wishes:
            if missed := days.get(wish.channel):
                more = f" (nor on the {len(missed) - 1} due days before)" if len(missed) > 1 else ""
                text = wording.skipped_notice(wish, missed[-1], f"Paperboy was not running at that time{more}")
                await self._notices.tell(wish, "late", now, text)

    async def _rank(self, now: datetime) -> Shortlist:
        papers = await self.store.papers.candidates(now - LONGEST_WINDOW, now)
        signals = await self.store.papers.signals((paper.id for paper in papers), now - ranking.SIGNALS_BACK)
        asked = {source.name for source in self.sources}
        reports = [report for report in await self.store.papers.reports() if not asked or report.source in asked]
        faults, blind, likes = collect.faults(reports), collect.blind(reports), await self._liked()

        def ranked() -> Shortlist:
            shortlist = Shortlist(ranking.rank(papers, signals, now), now, faults=faults, blind=blind, liked=likes)
            if shortlist.trends:
                shortlist.twins(0)  # works out what all similarity rests on here, never on the event loop
            return shortlist

        loop = asyncio.get_running_loop()
        started = loop.time()
        shortlist = await asyncio.to_thread(ranked)
        if self._pulse is not None:
            self._pulse.ranked(len(shortlist), loop.time() - started)
        return shortlist

    async def _liked(self) -> dict[str, Paper]:
        """The papers that anybody's `like:` names."""
        ids: set[str] = set()
        for topic in await self.store.subscriptions.topics():
            try:
                ids.update(liked(parse(topic)))
            except QueryError:
                log.warning("a stored topic is not valid any more topic=%r", topic)
        return await self.store.papers.get(ids)

    async def _shown(self, shortlist: Shortlist) -> dict[Channel, int]:
        """What each channel has had, read piece by piece so that answers are given in between."""
        masks: dict[Channel, int] = {}
        for start in range(0, len(shortlist), PAPERS_AT_ONCE):
            ids = [trend.paper.id for trend in shortlist.trends[start : start + PAPERS_AT_ONCE]]
            shown = await self.store.ledger.channels_shown(ids)
            await asyncio.to_thread(_mark, masks, shown, shortlist)
        return masks


def awake(wish: Subscription, now: datetime) -> Subscription:
    """The same wish, no longer paused, due at its next hour."""
    return replace(wish, paused_at=None, paused_until=None, pause_reason=None, next_due=schedule.next_due(wish, now))


def _mark(masks: dict[Channel, int], shown: Mapping[str, Sequence[Channel]], shortlist: Shortlist) -> None:
    for paper_id, channels in shown.items():
        bit = shortlist.mask((paper_id,))
        for channel in channels:
            masks[channel] = masks.get(channel, 0) | bit
