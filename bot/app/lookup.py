"""One paper, from the store or from a source that can look it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.app import collect
from bot.errors import SourceError
from bot.model import Findings, Paper
from bot.ports import Lookup, Source
from bot.store import Store

LOOKED_UP_MOST = 200
"""Papers that one request looks up: two questions to arXiv."""


async def fetch_papers(store: Store, sources: Sequence[Source], ids: Sequence[str], now: datetime) -> None:
    """Look up papers that are not stored, at most LOOKED_UP_MOST, and store them. Raises SourceError.

    One source is asked; another one only if it does not answer.
    """
    fault: SourceError | None = None
    for source in (each for each in sources if isinstance(each, Lookup)):
        try:
            looked_up = await source.lookup(ids[:LOOKED_UP_MOST])
        except SourceError as error:
            fault = error
            continue
        if looked_up.papers:
            await store.papers.add(Findings(looked_up.papers), source.name, now)
            await collect.describe(store, wait=False)
        return
    if fault is not None:
        raise fault


async def fetch_paper(store: Store, sources: Sequence[Source], paper_id: str, now: datetime) -> Paper | None:
    """A paper from the store, else from a source, stored then. Raises SourceError if none could answer."""
    if paper := await store.papers.find(paper_id):
        return paper
    fault: SourceError | None = None
    for source in (each for each in sources if isinstance(each, Lookup)):
        try:
            looked_up = await source.lookup((paper_id,))
        except SourceError as error:
            fault = error
            continue
        papers = looked_up.papers
        if looked_up.skipped and not papers:
            fault = SourceError(source.name, looked_up.skipped[0])
        if papers and store.writable:
            await store.papers.add(Findings(papers), source.name, now)
            await collect.describe(store, wait=False)
            return await store.papers.find(paper_id) or papers[0]
        if papers:
            return papers[0]
    if fault is not None:
        raise fault
    return None
