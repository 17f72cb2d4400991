"""Lists of past days, weeks and months, ranked as of their end; and the votes of listed papers over time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from cachetools import FIFOCache

from bot.digest.selection import best_trends
from bot.digest.shortlist import Shortlist
from bot.model import Paper, Signal, Trend
from bot.ranking.trend import SIGNALS_BACK, rank_papers
from bot.store import Store

LIST_LIMIT = 100
"""Papers of a list."""
LISTS_CACHED = 64
SERIES_CACHED = 4_000
SERIES_BACK = timedelta(days=7)
"""Time before a list's moment of which votes are shown."""
SERIES_POINTS = 14
"""Points of a line as wide as a word."""

Votes = tuple[tuple[datetime, float], ...]
"""Upvotes over time, oldest first."""


class PastLists:
    """The best papers of periods; the latest are kept."""

    def __init__(self, store: Store) -> None:
        self._papers = store.papers
        self._lists: FIFOCache[tuple[datetime, datetime, datetime], list[Trend]] = FIFOCache(LISTS_CACHED)
        self._ranking = asyncio.Lock()

    async def best(self, since: datetime, until: datetime, ranked_at: datetime) -> list[Trend]:
        """Noticed papers of a period as of its end, best first.

        `ranked_at` is the moment of the latest ranking: each look at the sources may add signals of past days.
        """
        key = (since, until, ranked_at)
        async with self._ranking:  # one at a time: a month is a second of work, and many may ask for the same
            if key not in self._lists:
                self._lists[key] = await self._rank(since, until)
            return self._lists[key]

    async def _rank(self, since: datetime, until: datetime) -> list[Trend]:
        papers = await self._papers.candidates(since, until)
        signals = await self._papers.signals([paper.id for paper in papers], until - SIGNALS_BACK)
        return await asyncio.to_thread(_best_noticed, papers, signals, until)


class VoteSeries:
    """Upvotes of papers before a moment; the latest are kept."""

    def __init__(self, store: Store) -> None:
        self._papers = store.papers
        self._series: FIFOCache[tuple[str, datetime], Votes] = FIFOCache(SERIES_CACHED)

    async def of(self, ids: Iterable[str], until: datetime) -> dict[str, Votes]:
        """The series of each paper by id; empty for one without votes."""
        ids = list(ids)
        series = {each: self._series[each, until] for each in ids if (each, until) in self._series}
        if missing := [each for each in ids if each not in series]:
            signals = await self._papers.signals(missing, until - SERIES_BACK)
            series |= await asyncio.to_thread(
                lambda: {each: sampled_votes(signals.get(each, ()), until) for each in missing}
            )
            self._series.update({(each, until): series[each] for each in missing})
        return series


def midnight(day: date) -> datetime:
    """The beginning of a day (UTC)."""
    return datetime.combine(day, time(), UTC)


def _best_noticed(papers: Iterable[Paper], signals: dict[str, list[Signal]], as_of: datetime) -> list[Trend]:
    """The papers with evidence by then, best first, without near-duplicates."""
    noticed = [trend for trend in rank_papers(papers, signals, as_of) if trend.is_noticed][:LIST_LIMIT]
    shortlist = Shortlist(noticed, as_of)
    return best_trends(shortlist, shortlist.noticed, LIST_LIMIT)


def sampled_votes(signals: Sequence[Signal], until: datetime) -> Votes:
    """The upvotes among a paper's signals (oldest first) until a moment, at most SERIES_POINTS."""
    upvotes = [each for each in signals if each.kind == "upvotes" and each.seen_at <= until]
    votes = [(each.seen_at, each.value) for each in upvotes if each.source == upvotes[-1].source]
    if len(votes) <= SERIES_POINTS:
        return tuple(votes)
    return tuple(votes[round(i * (len(votes) - 1) / (SERIES_POINTS - 1))] for i in range(SERIES_POINTS))
