"""The candidates of one moment, read from the store and ranked off the event loop.

papers and signals of 14 days ─► rank ─► Shortlist ─► which channel has had which of them
topics ─► content words ─► closeness of the candidates (search) ─► probabilities of the Shortlist
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count

import numpy as np
from numpy.typing import NDArray

from bot.app import collect
from bot.app.forecasts import Forecasts
from bot.digest.selection import LONGEST_WINDOW
from bot.digest.shortlist import Shortlist
from bot.errors import QueryError
from bot.model import Channel, Paper, Signal, Trend
from bot.model.signal import is_interest
from bot.ports import Source
from bot.query.analysis import Analyses
from bot.query.paper_set import PaperSet
from bot.query.parser import like_ids, parse
from bot.ranking.trend import SIGNALS_BACK, rank_papers
from bot.search import Search
from bot.store import Store
from bot.wording.summaries import other_summary, paper_summary

log = logging.getLogger("paperboy.engine")

TEXTS_AT_ONCE = 32
"""Topics whose meaning is looked up in one query."""
PAPERS_AT_ONCE = 50
"""Papers whose channels are read in one query, so that commands are answered in between."""


async def rank_candidates(  # noqa: PLR0913, PLR0917 - what a ranking is made from
    store: Store,
    sources: Sequence[Source],
    now: datetime,
    back: timedelta = LONGEST_WINDOW,
    forecasts: Forecasts | None = None,
    analyses: Analyses | None = None,
) -> Shortlist:
    """The papers of the last 14 days, ranked; faults of the configured sources are named in the shortlist.

    Without `forecasts`, papers that nobody has noticed yet are ranked by age alone. `analyses` are those of the last
    ranking, of which those of the papers that are candidates still are used again.
    """
    papers = await store.papers.candidates(now - back, now)
    signals = await store.papers.signals([paper.id for paper in papers], now - SIGNALS_BACK)
    configured = {source.name for source in sources}
    reports = [report for report in await store.papers.reports() if not configured or report.source in configured]
    faults, blind = collect.faults(reports), collect.blind(reports)
    # thousands of topics are parsed: not on the event loop
    lines = await store.subscriptions.topics() | await store.watches.lines()
    likes = await store.papers.get(await asyncio.to_thread(_liked_ids, lines))

    def make_shortlist() -> Shortlist:
        noticed = {paper_id for paper_id, each in signals.items() if any(is_interest(signal.kind) for signal in each)}
        odds = forecasts.odds(papers, noticed, now) if forecasts else {}
        trends = rank_papers(papers, signals, now, odds)
        shortlist = Shortlist(trends, now, faults=faults, sources_down=blind, liked=likes, analyses=analyses)
        if shortlist.trends:
            shortlist.near_duplicates(0)  # builds the similarity matrix in this thread instead of on the event loop
            shortlist.documents.word_places  # noqa: B018 - likewise the places of words
        return shortlist

    return await asyncio.to_thread(make_shortlist)


def _liked_ids(topics: Iterable[str]) -> set[str]:
    """Ids of the papers that `like:` names in any of these topics."""
    ids: set[str] = set()
    for topic in topics:
        try:
            ids.update(like_ids(parse(topic)))
        except QueryError:
            log.warning("a stored topic is not valid any more topic=%r", topic)
    return ids


async def trends_of(
    store: Store,
    shortlist: Shortlist,
    papers: Iterable[Paper],
    now: datetime,
    signals: Mapping[str, Sequence[Signal]] | None = None,
) -> dict[str, Trend]:
    """The trend of each paper by id: from the shortlist, else from its signals alone, read unless given."""
    by_id = {paper.id: paper for paper in papers}
    positions = {paper_id: shortlist.documents.position(paper_id) for paper_id in by_id}
    trends = {paper_id: shortlist.trends[position] for paper_id, position in positions.items() if position is not None}
    others = [paper for paper in by_id.values() if paper.id not in trends]
    if signals is None:
        signals = await store.papers.signals([paper.id for paper in others], now - SIGNALS_BACK) if others else {}

    def rank_others() -> list[Trend]:
        for paper in by_id.values():
            # caches, so that the answer is worded without computing it on the event loop
            paper_summary(paper)
            other_summary(paper)
        return rank_papers(others, signals, now)

    return trends | {trend.paper.id: trend for trend in await asyncio.to_thread(rank_others)}


async def shown_in_channels(store: Store, shortlist: Shortlist) -> dict[Channel, PaperSet]:
    """The candidates that each channel has had, as sets of the shortlist; read in pieces."""
    rows: defaultdict[Channel, int] = defaultdict(count().__next__)
    channel_rows: dict[int, NDArray[np.int32]] = {}

    def number_channels(channels_by_paper: Mapping[str, Sequence[Channel]]) -> None:
        for paper_id, channels in channels_by_paper.items():
            if (position := shortlist.documents.position(paper_id)) is not None:
                channel_rows[position] = np.fromiter(map(rows.__getitem__, channels), np.int32, len(channels))

    def sets_of_channels() -> dict[Channel, PaperSet]:
        packed = np.zeros((len(rows), -(-len(shortlist) // 8)), np.uint8)
        for position, channels in channel_rows.items():
            packed[channels, position // 8] |= 1 << position % 8
        return {channel: PaperSet.from_bytes(packed[row].tobytes()) for channel, row in rows.items()}

    for start in range(0, len(shortlist), PAPERS_AT_ONCE):
        ids = [trend.paper.id for trend in shortlist.trends[start : start + PAPERS_AT_ONCE]]
        await asyncio.to_thread(number_channels, await store.ledger.channels_shown(ids))
    return await asyncio.to_thread(sets_of_channels)


async def learn_topics(search: Search, shortlist: Shortlist, topics: Iterable[str]) -> None:
    """Look up, in a shortlist that lacks it, the meaning of topics; an invalid topic is passed over."""
    waiting = sorted(await asyncio.to_thread(shortlist.unread, topics))
    for start in range(0, len(waiting), TEXTS_AT_ONCE):
        texts = waiting[start : start + TEXTS_AT_ONCE]
        near = await search.nearness(texts, shortlist.documents.all_ids)
        await asyncio.to_thread(shortlist.learn, dict(zip(texts, near, strict=True)))
