"""The candidates of one moment, read from the store and ranked off the event loop.

papers and signals of 14 days ─► rank ─► Shortlist ─► which channel has had which of them
topics ─► content words ─► example papers ─► cosines with all papers (search) ─► meanings of the Shortlist
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bot.app import collect
from bot.app.forecasts import Forecasts
from bot.digest.selection import LONGEST_WINDOW
from bot.digest.shortlist import Shortlist
from bot.errors import QueryError
from bot.model import Channel, Paper, Signal, Trend
from bot.ports import Source
from bot.query.ast import Word
from bot.query.matcher import Documents, content_texts
from bot.query.paper_set import PaperSet
from bot.query.parser import like_ids, parse
from bot.query.semantic import NO_MATCHES, SemanticMatches, Spread
from bot.ranking.trend import SIGNALS_BACK, rank_papers
from bot.search import Search
from bot.store import Store
from bot.wording.cards import paper_summary

log = logging.getLogger("paperboy.engine")

TEXTS_AT_ONCE = 32
"""Topics whose meaning is looked up in one query."""
PAPERS_AT_ONCE = 50
"""Papers whose channels are read in one query, so that commands are answered in between."""


async def rank_candidates(
    store: Store,
    sources: Sequence[Source],
    now: datetime,
    back: timedelta = LONGEST_WINDOW,
    forecasts: Forecasts | None = None,
) -> Shortlist:
    """The papers of the last 14 days, ranked; faults of the configured sources are named in the shortlist.

    Without `forecasts`, papers that nobody has noticed yet are ranked by age alone.
    """
    papers = await store.papers.candidates(now - back, now)
    signals = await store.papers.signals((paper.id for paper in papers), now - SIGNALS_BACK)
    configured = {source.name for source in sources}
    reports = [report for report in await store.papers.reports() if not configured or report.source in configured]
    faults, blind = collect.faults(reports), collect.blind(reports)
    # thousands of topics are parsed: not on the event loop
    likes = await store.papers.get(await asyncio.to_thread(_liked_ids, await store.subscriptions.topics()))

    def make_shortlist() -> Shortlist:
        odds = forecasts.odds(papers, signals, now) if forecasts else {}
        shortlist = Shortlist(
            rank_papers(papers, signals, now, odds), now, faults=faults, sources_down=blind, liked=likes
        )
        if shortlist.trends:
            shortlist.near_duplicates(0)  # builds the similarity matrix in this thread instead of on the event loop
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
            paper_summary(paper)  # caches, so that the answer is worded without computing it on the event loop
        return rank_papers(others, signals, now)

    return trends | {trend.paper.id: trend for trend in await asyncio.to_thread(rank_others)}


async def shown_in_channels(store: Store, shortlist: Shortlist) -> dict[Channel, PaperSet]:
    """The candidates that each channel has had, as sets of the shortlist; read in pieces."""
    size = -(-len(shortlist) // 8)
    bits: defaultdict[Channel, bytearray] = defaultdict(lambda: bytearray(size))  # a PaperSet an addition is slow

    def add_positions(channels_by_paper: Mapping[str, Sequence[Channel]]) -> None:
        for paper_id, channels in channels_by_paper.items():
            if (position := shortlist.documents.position(paper_id)) is not None:
                byte, bit = position // 8, 1 << position % 8
                for channel in channels:
                    bits[channel][byte] |= bit

    for start in range(0, len(shortlist), PAPERS_AT_ONCE):
        ids = [trend.paper.id for trend in shortlist.trends[start : start + PAPERS_AT_ONCE]]
        await asyncio.to_thread(add_positions, await store.ledger.channels_shown(ids))
    return await asyncio.to_thread(lambda: {channel: PaperSet.from_bytes(each) for channel, each in bits.items()})


async def learn_meanings(search: Search, shortlist: Shortlist, topics: Iterable[str]) -> None:
    """Add to a shortlist the meanings of topics that it lacks; an invalid topic is passed over."""
    if unknown := await asyncio.to_thread(_unknown_texts, shortlist, topics):
        shortlist.learn_meanings(await meanings(search, shortlist.documents, unknown))


def _unknown_texts(shortlist: Shortlist, topics: Iterable[str]) -> dict[str, Sequence[Word]]:
    queries = []
    for topic in topics:
        with suppress(QueryError):
            queries.append(parse(topic))
    return {text: words for text, words in content_texts(queries).items() if text not in shortlist.meanings}


async def meanings(
    search: Search, documents: Documents, texts: Mapping[str, Sequence[Word]]
) -> dict[str, SemanticMatches]:
    """The papers close in meaning to each text of content words (as in `content_texts`)."""
    matches: dict[str, SemanticMatches] = dict.fromkeys(texts, NO_MATCHES)
    waiting = list(texts.items())
    for start in range(0, len(waiting), TEXTS_AT_ONCE):
        examples = await asyncio.to_thread(_examples, documents, waiting[start : start + TEXTS_AT_ONCE])
        nearness = await search.nearness(tuple(examples), documents.all_ids) if examples else []
        matches |= await asyncio.to_thread(_semantic_matches, examples, nearness)
    return matches


def _examples(documents: Documents, texts: Iterable[tuple[str, Sequence[Word]]]) -> dict[str, PaperSet]:
    examples = ((text, documents.examples(words)) for text, words in texts)
    return {text: papers for text, papers in examples if papers is not None}


def _semantic_matches(
    examples: Mapping[str, PaperSet], nearness: Iterable[tuple[Spread, NDArray[np.float32]]]
) -> dict[str, SemanticMatches]:
    return {
        text: SemanticMatches.of(spread, cosines, papers)
        for (text, papers), (spread, cosines) in zip(examples.items(), nearness, strict=True)
    }
