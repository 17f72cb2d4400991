"""Optional summaries by a language model: in the background, one paper a call, verified before use.

endpoint.py      requests one sentence from an OpenAI-compatible server, with limits on time and size
verification.py  the first claim of that sentence that is not in the abstract; pure
SummaryWriter    writes about new papers after each collection; a paper it fails on keeps its extractive summary
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.summaries.llm.endpoint import ChatEndpoint, EndpointUnavailable, UnusableAnswer
from bot.summaries.llm.verification import summary_fault

if TYPE_CHECKING:
    from bot.ports import Clock
    from bot.store import Store

__all__ = ["ChatEndpoint", "SummaryWriter", "summary_fault"]

log = logging.getLogger("paperboy.writing")

MAX_AGE = timedelta(days=3)
"""Age of the papers written about; older ones keep their extractive summary."""
ROUND_SIZE = 200
"""Papers per round; the rest follow in the next one."""


class SummaryWriter:
    """Replaces extractive summaries by written ones that pass verification."""

    def __init__(self, store: Store, endpoint: ChatEndpoint, clock: Clock) -> None:
        self._store, self._endpoint, self._clock = store, endpoint, clock
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Start a round, since there may be new papers."""
        self._wake.set()

    async def run(self) -> None:
        """One round after each `wake`, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.round()

    async def round(self) -> int:
        """Write about each new paper once, until the server is unavailable. Returns the number of new summaries."""
        papers = await self._store.summaries.unwritten(self._clock() - MAX_AGE, ROUND_SIZE)
        written = 0
        for paper in papers:
            try:
                summary = await self._endpoint.ask(paper.title, paper.abstract)
            except EndpointUnavailable as reason:
                log.warning("no summaries written for now reason=%r", str(reason))
                break
            except UnusableAnswer as reason:
                summary, fault = "", str(reason)
            else:
                fault = await asyncio.to_thread(summary_fault, summary, paper.title, paper.abstract)
            if fault:
                log.info("a written summary was dropped paper=%s reason=%r", paper.id, fault)
                await self._store.summaries.record_failure(paper)
            else:
                written += await self._store.summaries.write(paper, summary, self._endpoint.model)
        if papers:
            log.info("summaries written=%d of=%d", written, len(papers))
        return written
