"""Pairs of ids by which papers that were just fetched are works that are stored, or fetched, under another id."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import Findings
from bot.model.source import SOURCES
from bot.ports import Source
from bot.sources.same_work import same_works
from bot.store import Store

TWINS_WITHIN = timedelta(days=30)
"""Longest time between a work's appearance on arXiv and on bioRxiv for its titles to be compared."""


async def with_twins(
    store: Store, sources: Sequence[Source], fetches: list[Findings | str], now: datetime
) -> list[Findings | str]:
    """The results, with the pairs of ids by which new papers are works of the last weeks.

    Stored together with the papers, so that no digest ever sees one work twice.
    """
    if not any(SOURCES[source.name].twins for source in sources if source.name in SOURCES):
        return fetches
    fetched = [paper for result in fetches if isinstance(result, Findings) for paper in result.papers if paper.title]
    stored = await store.papers.get([paper.id for paper in fetched])
    new = [paper for paper in fetched if paper.id not in stored]
    if not new:
        return fetches
    recent = await store.papers.candidates(now - TWINS_WITHIN, now)
    pairs = await asyncio.to_thread(same_works, (*recent, *fetched))
    return [
        replace(each, same=each.same + pairs) if isinstance(each, Findings) and each.papers else each
        for each in fetches
    ]
