"""The library: papers, evidence and search for public pages. No channel, digest or person is read here."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

from bot.app.candidates import trends_of
from bot.app.linked_repositories import LinkedRepositories
from bot.app.past_lists import LIST_LIMIT, SERIES_BACK, PastLists, Votes, VoteSeries, midnight, sampled_votes
from bot.digest.selection import LONGEST_WINDOW, SHORTEST_WINDOW, best_trends, channel_request, place_of
from bot.digest.shortlist import Shortlist
from bot.handlers.corrections import respelled
from bot.handlers.topic_alternatives import alternatives, counted_beside
from bot.model import ListedPaper, Message, Order, Paper, PaperDetails, PaperList, Subscription, Trend, WeekOfTopics
from bot.ports import Engine
from bot.query.hints import search_hints
from bot.query.parser import like_ids, parse
from bot.query.strictness import USUAL, threshold_of
from bot.ranking.forecast.model import load
from bot.search import Correction, Search, SearchResults
from bot.sources.sample import is_retold
from bot.store import Store
from bot.wording import results
from bot.wording.cards import rank_explanation
from bot.wording.evidence import lead_sentence
from bot.wording.forecast import EARLY_ORDER

WEEK = timedelta(days=7)
FIRST_DAY = date(1991, 8, 14)
"""The day arXiv opened."""
TOPICS_READ = 5
"""Topics of one subscription of which it is looked up what else they may mean."""
CHANNELS_MIN, POPULAR_LIMIT = 5, 30
"""Channels that must follow a topic before pages name it, and topics named."""
CategoryCounts = tuple[tuple[str, int], ...]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class PaperLibrary:
    """Implements `ports.Library`."""

    def __init__(
        self, store: Store, search: Search, engine: Engine, repositories: LinkedRepositories | None = None
    ) -> None:
        self._store, self._search, self._engine = store, search, engine
        self._repositories = repositories or LinkedRepositories(())
        self._past, self._votes = PastLists(store), VoteSeries(store)
        self._best: tuple[Shortlist, list[Trend], frozenset[str]] | None = None
        self.edition = engine.shortlist
        self.popular_topics = partial(store.subscriptions.popular_topics, CHANNELS_MIN, POPULAR_LIMIT)

    async def ranked_at(self) -> datetime:
        """The moment of the latest ranking."""
        return (await self._engine.shortlist()).now

    async def today(  # noqa: PLR0913 - what is asked of a list
        self,
        topic: str = "",
        *,
        strictness: str = USUAL,
        early: bool = False,
        category: str = "",
        offset: int = 0,
        limit: int,
    ) -> PaperList:
        """Trending papers: of everything over three days, of a topic over fourteen. Raises QueryError.

        `strictness`: the level at which the topic matches. `early`: those of these days that nobody has noticed yet,
        the likeliest to be first. `category`: those of the list of everything that are in it.
        """
        shortlist, end = await self._engine.shortlist(), offset + limit
        before: frozenset[str] = frozenset()
        corrected: tuple[str, ...] = ()
        categories: CategoryCounts = ()
        if topic:
            topic, corrections = await respelled(self._search, topic, shortlist.now)
            corrected = _correction_notes(corrections)
            trends = await self._of_topic(shortlist, topic, end + 1, threshold_of(strictness), early=early)
        elif early:
            papers = shortlist.unnoticed & shortlist.window(shortlist.now - SHORTEST_WINDOW)
            trends = await asyncio.to_thread(best_trends, shortlist, papers, end + 1)
        else:
            best, before = await self._of_all(shortlist)
            trends, categories = _filtered(best, category)
        order = (EARLY_ORDER,) if early and trends else ()
        notes = order + corrected + await self._trending_notes(shortlist, empty=not trends)
        query = parse(topic) if topic else None
        hints = search_hints(query, shortlist, is_empty=not trends) if query and not offset else ()
        page = await self._listed(trends[offset:end], shortlist.now, before)
        notes += _retold(page)
        more = len(trends) > end
        return PaperList(page, shortlist.now, more, str(query or ""), notes, hints, categories=categories)

    async def search(self, query: str, *, order: Order = "best", offset: int = 0, limit: int) -> PaperList:
        """A page of all stored papers that match. Raises QueryError."""
        now = self._engine.clock()
        standings = await self._engine.standings() if order == "trending" else {}
        page = await self._search.search(query, order=order, limit=limit, offset=offset, now=now, standing=standings)
        shortlist = await self._engine.shortlist()
        trends, votes = await self._trends_and_votes(shortlist, [hit.paper for hit in page.hits], now)
        papers = tuple(
            ListedPaper(
                trends[hit.paper.id],
                page.stems,
                results.match_note(partial=hit.partial, by_meaning=hit.by_meaning),
                votes[hit.paper.id],
            )
            for hit in page.hits
        )
        notes = _search_notes(page, offset) + _retold(papers)
        hinted = page.paper_id is None and not offset
        titles = [hit.paper.title for hit in page.hits]
        parsed = parse(page.query) if hinted else None
        hints = search_hints(parsed, shortlist, is_empty=not page.hits, titles=titles) if parsed else ()
        return PaperList(papers, now, page.more, page.query, notes, hints, page.paper_id)

    async def _trends_and_votes(
        self, shortlist: Shortlist, papers: Sequence[Paper], now: datetime
    ) -> tuple[dict[str, Trend], dict[str, Votes]]:
        """The trend and the votes of each paper by id: of a candidate as of the ranking, else by its signals now."""
        ranked = {paper.id for paper in papers if shortlist.documents.position(paper.id) is not None}
        others = [paper.id for paper in papers if paper.id not in ranked]
        signals = await self._store.papers.signals(others, now - SERIES_BACK) if others else {}
        votes = await self._votes.of(ranked, shortlist.now)
        votes |= {each: sampled_votes(signals.get(each, ()), now) for each in others}
        return await trends_of(self._store, shortlist, papers, now, signals), votes

    async def day(self, day: date, *, category: str = "", limit: int) -> PaperList:
        """The papers trending at the end of a day (UTC), with their evidence at that time; of today, now."""
        now = self._engine.clock()
        if day >= now.date():
            to_come = PaperList((), now, notes=(results.still_to_come("day"),))
            return await self.today(category=category, limit=limit) if day == now.date() else to_come
        if day < FIRST_DAY:
            return PaperList((), now, notes=(results.NO_DAY,))
        as_of = midnight(day + timedelta(days=1))
        ranked_at = await self.ranked_at()
        best = await self._past.best(as_of - SHORTEST_WINDOW, as_of, ranked_at)
        trends, categories = _filtered(best, category)
        papers = await self._listed(trends[:limit], as_of, await self._on_day(day - timedelta(days=1), ranked_at))
        notes = _retold(papers) if best else (results.NO_DAY,)
        return PaperList(papers, as_of, notes=notes, categories=categories)

    async def period(self, first: date, last: date, *, category: str = "", limit: int) -> PaperList:
        """The papers listed from a day to another, with their evidence at its end, or now if it goes on."""
        ranked_at = await self.ranked_at()
        if first > ranked_at.date():
            return PaperList((), ranked_at, notes=(results.still_to_come("time"),))
        if last < FIRST_DAY:
            return PaperList((), ranked_at, notes=(results.NO_PERIOD,))
        until = min(midnight(last + timedelta(days=1)), ranked_at)
        best = await self._past.best(midnight(first), until, ranked_at)
        trends, categories = _filtered(best, category)
        papers = await self._listed(trends[:limit], until)
        notes = _retold(papers) if best else (results.NO_PERIOD,)
        return PaperList(papers, until, notes=notes, categories=categories)

    async def listed(self, first: date, last: date, *, limit: int) -> Sequence[tuple[str, date]]:
        """Ids of the latest papers that a curated list took up from a day to another, and the day, newest first."""
        since, until = midnight(first), midnight(last + timedelta(days=1))
        return [(each, at.date()) for each, at in await self._store.papers.listed(since, until, limit)]

    async def week(self, subscription: Subscription, *, limit: int) -> WeekOfTopics:
        """The papers of the last week that match topics and pass mutes, and what else the topics may mean."""
        shortlist = await self._engine.shortlist()
        await self._engine.understand(shortlist, subscription.topics)
        others = [
            (topic, await alternatives(self._search, shortlist, topic)) for topic in subscription.topics[:TOPICS_READ]
        ]

        def matching() -> WeekOfTopics:
            request, window = channel_request(subscription, shortlist), shortlist.window(shortlist.now - WEEK)
            papers, by_topic = request.papers & window, dict(request.by_topic)
            beside = tuple(
                (topic, len(by_topic[topic] & window), counted_beside(shortlist, each, by_topic[topic], WEEK))
                for topic, fields in others
                for each in fields
            )
            best = tuple(trend.paper for trend in best_trends(shortlist, papers, limit))
            return WeekOfTopics(len(papers), best, beside)

        return await asyncio.to_thread(matching)

    async def paper(self, paper_id: str, *, similar: int) -> PaperDetails | None:
        """A paper with all its signals and `similar` papers like it; None if it is not stored."""
        paper = await self._store.papers.find(paper_id)
        if paper is None:
            return None
        paper_id = paper.id
        now = self._engine.clock()
        signals = (await self._store.papers.signals((paper_id,), BEGINNING)).get(paper_id, [])
        neighbours, _ = await self._search.similar(paper, limit=similar) if similar else ([], False)
        trends = await self._engine.trends([paper, *(neighbour.paper for neighbour in neighbours)], now)
        near = tuple(ListedPaper(trends[neighbour.paper.id], frozenset(neighbour.stems)) for neighbour in neighbours)
        why = await asyncio.to_thread(_why, trends[paper_id], await self._engine.shortlist(), now.astimezone(UTC))
        note = results.RETOLD_ONE if is_retold(paper) else ""
        seen = tuple(each for each in signals if each.seen_at <= now)
        repositories = await self._repositories.of(paper_id) if similar else ()
        return PaperDetails(trends[paper_id], seen, near, why, now, note, repositories)

    async def _trending_notes(self, shortlist: Shortlist, *, empty: bool) -> tuple[str, ...]:
        recent = bool(len(shortlist))
        stored = 0 if recent else (await self._store.papers.count())[0]
        return results.trending_notes(shortlist.faults, shortlist.now, empty=empty, recent=recent, stored=stored)

    async def _of_all(self, shortlist: Shortlist) -> tuple[list[Trend], frozenset[str]]:
        """The best noticed papers of three days, and the ids of the day before's, once a shortlist: the front page."""
        if self._best is None or self._best[0] is not shortlist:
            papers = shortlist.noticed & shortlist.window(shortlist.now - SHORTEST_WINDOW)
            trends = await asyncio.to_thread(best_trends, shortlist, papers, LIST_LIMIT)
            before = await self._on_day(shortlist.now.date() - timedelta(days=1), shortlist.now)
            self._best = (shortlist, trends, before)
        return self._best[1:]

    async def _on_day(self, day: date, ranked_at: datetime) -> frozenset[str]:
        """Ids of the papers on a day's list."""
        until = midnight(day + timedelta(days=1))
        trends = await self._past.best(until - SHORTEST_WINDOW, until, ranked_at)
        return frozenset(trend.paper.id for trend in trends)

    async def _listed(
        self, trends: Sequence[Trend], until: datetime, before: frozenset[str] = frozenset()
    ) -> tuple[ListedPaper, ...]:
        """Entries of a list; `before`: ids of the list before it, empty where none is compared."""
        votes = await self._votes.of((trend.paper.id for trend in trends), until)
        return tuple(
            ListedPaper(trend, votes=votes[trend.paper.id], is_new=bool(before) and trend.paper.id not in before)
            for trend in trends
        )

    async def _of_topic(
        self, shortlist: Shortlist, topic: str, limit: int, threshold: float, *, early: bool
    ) -> list[Trend]:
        query = parse(topic)
        likes = await self._store.papers.get(like_ids(query))
        await self._engine.understand(shortlist, (topic,))

        def matching() -> list[Trend]:
            papers = shortlist.documents_knowing(likes).matching(query, shortlist.probabilities_of(query), threshold)
            papers = papers & shortlist.unnoticed if early else papers
            return best_trends(shortlist, papers & shortlist.window(shortlist.now - LONGEST_WINDOW), limit)

        return await asyncio.to_thread(matching)


def _filtered(trends: list[Trend], category: str) -> tuple[list[Trend], CategoryCounts]:
    """The trends of a category, or all of them, and how many there are of each category, most first."""
    counts = Counter(each for trend in trends for each in trend.paper.categories)
    if category:
        trends = [trend for trend in trends if category in trend.paper.categories]
    return trends, tuple(counts.most_common())


def _why(trend: Trend, shortlist: Shortlist, now: datetime) -> Message:
    parts = {} if trend.is_noticed else load().why_listed(trend.paper)
    lead = lead_sentence(trend, place_of(shortlist, trend.paper), now)
    return rank_explanation(trend, now, lead=lead, forecast=parts)


def _retold(papers: Iterable[ListedPaper]) -> tuple[str, ...]:
    return (results.RETOLD,) if any(is_retold(listed.paper) for listed in papers) else ()


def _correction_notes(corrections: Iterable[Correction]) -> tuple[str, ...]:
    pairs = [(each.typed, each.corrected) for each in corrections]
    return (results.correction_note(pairs),) if pairs else ()


def _search_notes(page: SearchResults, offset: int) -> tuple[str, ...]:
    corrected = _correction_notes(page.corrections)
    if page.hits:
        return (*corrected, results.some_words(page.query)) if all(hit.partial for hit in page.hits) else corrected
    like = page.paper_id is None and bool(like_ids(parse(page.query)))
    why = results.nothing_found(first=not offset, only_common=page.only_common, query=page.query, like=like)
    return (*corrected, why)
