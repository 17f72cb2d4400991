"""The library: papers, evidence and search for public pages. No channel, digest or person is read here."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from bot.digest.selection import LONGEST_WINDOW, SHORTEST_WINDOW, best_trends, channel_request, place_of
from bot.digest.shortlist import Shortlist
from bot.model import ListedPaper, Message, Order, Paper, PaperDetails, PaperList, Signal, Subscription, Trend
from bot.ports import Engine
from bot.query.parser import like_ids, parse
from bot.ranking.trend import SIGNALS_BACK, rank_papers
from bot.search import Search, SearchResults
from bot.store import Store
from bot.wording import results
from bot.wording.cards import rank_explanation
from bot.wording.evidence import lead_sentence

DAY_LIMIT = 100
"""Papers of a past day that are checked for near-duplicates."""
DAYS_CACHED = 64
WEEK = timedelta(days=7)
FIRST_DAY = date(1991, 8, 14)
"""The day arXiv opened."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class PaperLibrary:
    """Implements `ports.Library`."""

    def __init__(self, store: Store, search: Search, engine: Engine) -> None:
        self._store, self._search, self._engine = store, search, engine
        self._best: tuple[Shortlist, list[Trend]] | None = None
        self._days: OrderedDict[tuple[date, datetime], list[Trend]] = OrderedDict()

    async def today(self, topic: str = "", *, offset: int = 0, limit: int) -> PaperList:
        """Trending papers: of everything over three days, of a topic over fourteen. Raises QueryError."""
        shortlist, end = await self._engine.shortlist(), offset + limit
        trends = await (self._of_topic(shortlist, topic, end + 1) if topic else self._of_all(shortlist))
        recent = bool(len(shortlist))
        stored = 0 if recent else (await self._store.papers.count())[0]
        notes = results.trending_notes(shortlist.faults, shortlist.now, empty=not trends, recent=recent, stored=stored)
        query = str(parse(topic)) if topic else ""
        return PaperList(tuple(map(ListedPaper, trends[offset:end])), shortlist.now, len(trends) > end, query, notes)

    async def search(self, query: str, *, order: Order = "best", offset: int = 0, limit: int) -> PaperList:
        """A page of all stored papers that match. Raises QueryError."""
        now = self._engine.clock()
        standings = await self._engine.standings() if order == "trending" else {}
        page = await self._search.search(query, order=order, limit=limit, offset=offset, now=now, standing=standings)
        trends = await self._engine.trends((hit.paper for hit in page.hits), now)
        papers = tuple(
            ListedPaper(
                trends[hit.paper.id], page.stems, results.match_note(partial=hit.partial, by_meaning=hit.by_meaning)
            )
            for hit in page.hits
        )
        return PaperList(papers, now, page.more, page.query, _search_notes(page, offset), page.paper_id)

    async def day(self, day: date, *, limit: int) -> PaperList:
        """The papers trending at the end of a day (UTC), with their evidence at that time; of today, now."""
        now = self._engine.clock()
        if day >= now.date():
            return await self.today(limit=limit) if day == now.date() else PaperList((), now, notes=(results.TO_COME,))
        if day < FIRST_DAY:
            return PaperList((), now, notes=(results.NO_DAY,))
        as_of = datetime.combine(day + timedelta(days=1), time(), UTC)
        # Part of the key: each look at the sources may add signals of past days.
        ranked_at = (await self._engine.shortlist()).now
        if (trends := self._days.get((day, ranked_at))) is None:
            trends = self._days[day, ranked_at] = await self._of_day(as_of)
            if len(self._days) > DAYS_CACHED:
                self._days.popitem(last=False)
        return PaperList(tuple(map(ListedPaper, trends[:limit])), as_of, notes=() if trends else (results.NO_DAY,))

    async def week(self, subscription: Subscription, *, limit: int) -> tuple[int, tuple[Paper, ...]]:
        """Number of papers of the last week that match topics and pass mutes, and the best of them."""
        shortlist = await self._engine.shortlist()
        await self._engine.understand(shortlist, subscription.topics)

        def matching() -> tuple[int, tuple[Paper, ...]]:
            papers = channel_request(subscription, shortlist).papers & shortlist.window(shortlist.now - WEEK)
            return len(papers), tuple(trend.paper for trend in best_trends(shortlist, papers, limit))

        return await asyncio.to_thread(matching)

    async def paper(self, paper_id: str, *, similar: int) -> PaperDetails | None:
        """A paper with all its signals and `similar` papers like it; None if it is not stored."""
        paper = (await self._store.papers.get((paper_id,))).get(paper_id)
        if paper is None:
            return None
        now = self._engine.clock()
        signals = (await self._store.papers.signals((paper_id,), BEGINNING)).get(paper_id, [])
        neighbours, _ = await self._search.similar(paper, limit=similar)
        trends = await self._engine.trends([paper, *(neighbour.paper for neighbour in neighbours)], now)
        near = tuple(ListedPaper(trends[neighbour.paper.id], frozenset(neighbour.stems)) for neighbour in neighbours)
        why = await asyncio.to_thread(_why, trends[paper_id], await self._engine.shortlist(), now.astimezone(UTC))
        return PaperDetails(trends[paper_id], tuple(each for each in signals if each.seen_at <= now), near, why, now)

    async def _of_all(self, shortlist: Shortlist) -> list[Trend]:
        """The best noticed papers of three days, computed once a shortlist: the front page."""
        if self._best is None or self._best[0] is not shortlist:
            papers = shortlist.noticed & shortlist.window(shortlist.now - SHORTEST_WINDOW)
            self._best = (shortlist, await asyncio.to_thread(best_trends, shortlist, papers, DAY_LIMIT))
        return self._best[1]

    async def _of_topic(self, shortlist: Shortlist, topic: str, limit: int) -> list[Trend]:
        query = parse(topic)
        likes = await self._store.papers.get(like_ids(query))

        def matching() -> list[Trend]:
            papers = shortlist.documents_knowing(likes).matching(query)
            return best_trends(shortlist, papers & shortlist.window(shortlist.now - LONGEST_WINDOW), limit)

        return await asyncio.to_thread(matching)

    async def _of_day(self, as_of: datetime) -> list[Trend]:
        papers = await self._store.papers.candidates(as_of - SHORTEST_WINDOW, as_of)
        signals = await self._store.papers.signals((paper.id for paper in papers), as_of - SIGNALS_BACK)
        return await asyncio.to_thread(_best_noticed, papers, signals, as_of)


def _why(trend: Trend, shortlist: Shortlist, now: datetime) -> Message:
    return rank_explanation(trend, now, lead=lead_sentence(trend, place_of(shortlist, trend.paper), now))


def _best_noticed(papers: Iterable[Paper], signals: dict[str, list[Signal]], as_of: datetime) -> list[Trend]:
    """The papers with evidence by then, best first, without near-duplicates."""
    noticed = [trend for trend in rank_papers(papers, signals, as_of) if trend.evidence][:DAY_LIMIT]
    shortlist = Shortlist(noticed, as_of)
    return best_trends(shortlist, shortlist.noticed, DAY_LIMIT)


def _search_notes(page: SearchResults, offset: int) -> tuple[str, ...]:
    pairs = [(each.typed, each.corrected) for each in page.corrections]
    corrected = (results.correction_note(pairs),) if pairs else ()
    if page.hits:
        return (*corrected, results.SOME_WORDS) if all(hit.partial for hit in page.hits) else corrected
    return (*corrected, results.nothing_found(first=not offset, only_common=page.only_common))
