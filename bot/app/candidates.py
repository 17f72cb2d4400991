"""The candidates of one moment, read from the store and ranked off the event loop.

papers and signals of 14 days ─► rank ─► Shortlist ─► which channel has had which of them
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.app import collect
from bot.digest.selection import LONGEST_WINDOW, Shortlist
from bot.errors import QueryError
from bot.query.parser import like_ids, parse
from bot.ranking.trend import SIGNALS_BACK, rank_papers
from bot.wording.cards import paper_summary

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model import Channel, Paper, Trend
    from bot.ports import Source
    from bot.store import Store

log = logging.getLogger("paperboy.engine")

PAPERS_AT_ONCE = 50
"""Papers whose channels are read in one query, so that commands are answered in between."""


async def rank_candidates(store: Store, sources: Sequence[Source], now: datetime) -> Shortlist:
    """The papers of the last 14 days, ranked; faults of the configured sources are named in the shortlist."""
    papers = await store.papers.candidates(now - LONGEST_WINDOW, now)
    signals = await store.papers.signals((paper.id for paper in papers), now - SIGNALS_BACK)
    configured = {source.name for source in sources}
    reports = [report for report in await store.papers.reports() if not configured or report.source in configured]
    faults, blind, likes = collect.faults(reports), collect.blind(reports), await _liked_papers(store)

    def make_shortlist() -> Shortlist:
        shortlist = Shortlist(rank_papers(papers, signals, now), now, faults=faults, blind=blind, liked=likes)
        if shortlist.trends:
            shortlist.twins(0)  # builds the similarity matrix in this thread instead of on the event loop
        return shortlist

    return await asyncio.to_thread(make_shortlist)


async def _liked_papers(store: Store) -> dict[str, Paper]:
    """The papers that `like:` names in any stored topic, by id."""
    ids: set[str] = set()
    for topic in await store.subscriptions.topics():
        try:
            ids.update(like_ids(parse(topic)))
        except QueryError:
            log.warning("a stored topic is not valid any more topic=%r", topic)
    return await store.papers.get(ids)


async def trends_of(store: Store, shortlist: Shortlist, papers: Iterable[Paper], now: datetime) -> dict[str, Trend]:
    """The trend of each paper by id: from the shortlist, else from its signals alone."""
    by_id = {paper.id: paper for paper in papers}
    if without_summary := [paper for paper in by_id.values() if not paper.tldr]:
        # `summary` caches, so that the answer is worded without computing it on the event loop
        await asyncio.to_thread(lambda: [paper_summary(paper) for paper in without_summary])
    positions = {paper_id: shortlist.documents.position(paper_id) for paper_id in by_id}
    trends = {paper_id: shortlist.trends[position] for paper_id, position in positions.items() if position is not None}
    if others := [paper for paper in by_id.values() if paper.id not in trends]:
        signals = await store.papers.signals((paper.id for paper in others), now - SIGNALS_BACK)
        trends |= {trend.paper.id: trend for trend in await asyncio.to_thread(rank_papers, others, signals, now)}
    return trends


async def shown_in_channels(store: Store, shortlist: Shortlist) -> dict[Channel, int]:
    """The candidates that each channel has had, as sets of the shortlist; read in pieces."""
    by_channel: dict[Channel, int] = {}
    for start in range(0, len(shortlist), PAPERS_AT_ONCE):
        ids = [trend.paper.id for trend in shortlist.trends[start : start + PAPERS_AT_ONCE]]
        await asyncio.to_thread(_add_papers, by_channel, await store.ledger.channels_shown(ids), shortlist)
    return by_channel


def _add_papers(
    by_channel: dict[Channel, int], channels_by_paper: Mapping[str, Sequence[Channel]], shortlist: Shortlist
) -> None:
    for paper_id, channels in channels_by_paper.items():
        bit = shortlist.mask((paper_id,))
        for channel in channels:
            by_channel[channel] = by_channel.get(channel, 0) | bit
