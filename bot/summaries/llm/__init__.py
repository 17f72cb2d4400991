"""Summaries by a language model, where an operator wants them: in the background, one paper a call, never trusted.

endpoint    any OpenAI-compatible server: asks for one sentence, bounds what comes back
checking    pure: what in that sentence is not in the abstract
Writer      goes through the newest papers after each look at the sources; what fails leaves the extractive summary
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

YOUNG = timedelta(days=3)
"""Papers that may still be shown as news; older ones keep their extractive summary."""
AT_ONCE = 200
"""Papers a round; the rest follow in the next."""


class SummaryWriter:
    """Replaces extractive summaries by written ones that pass the check."""

    def __init__(self, store: Store, endpoint: ChatEndpoint, clock: Clock) -> None:
        self._store, self._endpoint, self._clock = store, endpoint, clock
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There may be new papers."""
        self._news.set()

    async def run(self) -> None:
        """A round after each wake, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.round()

    async def round(self) -> int:
        """Ask about each young paper once; stops where the server cannot be used now. Returns how many were written."""
        papers = await self._store.summaries.unwritten(self._clock() - YOUNG, AT_ONCE)
        written = 0
        for paper in papers:
            try:
                told = await self._endpoint.ask(paper.title, paper.abstract)
            except EndpointUnavailable as reason:
                log.warning("no summaries written for now reason=%r", str(reason))
                break
            except UnusableAnswer as reason:
                told, fault = "", str(reason)
            else:
                fault = await asyncio.to_thread(summary_fault, told, paper.title, paper.abstract)
            if fault:
                log.info("a written summary was dropped paper=%s reason=%r", paper.id, fault)
                await self._store.summaries.record_failure(paper)
            else:
                written += await self._store.summaries.write(paper, told, self._endpoint.model)
        if papers:
            log.info("summaries written=%d of=%d", written, len(papers))
        return written
