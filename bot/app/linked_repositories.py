"""Models, datasets and demos that name a paper, from Hugging Face when its page is read; kept in memory for hours.

One request at a time and at most one a second, as many waiting as are worth it: a robot that reads every page brings no
more. A page waits a moment for the answer; where that comes later, the next view shows it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable

from cachetools import TTLCache

from bot.errors import SourceError
from bot.model import LinkedRepository
from bot.ports import Repositories, Source

log = logging.getLogger("paperboy.repositories")

PAPERS_KEPT = 2_000
HOURS_KEPT = 6
WAITING = 20
"""Papers that may wait for their request; those of further pages are looked up another time."""
PAUSE = 1.0
"""Seconds between two requests; Hugging Face takes 500 in five minutes, and the lists need some."""
FAULT_PAUSE = 60.0
"""Seconds without requests after one that failed."""
PATIENCE = 0.7
"""Seconds that a page waits for the answer."""


class LinkedRepositories:
    """Looks up and remembers; `clock` returns seconds."""

    def __init__(self, sources: Iterable[Source], clock: Callable[[], float] = time.monotonic) -> None:
        self._source = next((each for each in sources if isinstance(each, Repositories)), None)
        self._answers: TTLCache[str, tuple[LinkedRepository, ...]] = TTLCache(
            PAPERS_KEPT, HOURS_KEPT * 3600, timer=clock
        )
        self._running: dict[str, asyncio.Task[None]] = {}
        self._turn, self._clock, self._next_at = asyncio.Lock(), clock, 0.0
        self._down_until = -math.inf

    async def of(self, paper_id: str) -> tuple[LinkedRepository, ...]:
        """The repositories that name a paper; none while they are being looked up."""
        if self._source is None or paper_id in self._answers or self._clock() < self._down_until:
            return self._answers.get(paper_id, ())
        if paper_id not in self._running:
            if len(self._running) >= WAITING:
                return ()
            task = asyncio.create_task(self._look_up(self._source, paper_id), name=f"repositories {paper_id}")
            self._running[paper_id] = task
            task.add_done_callback(lambda _: self._running.pop(paper_id, None))
        if len(self._running) == 1:  # else it is not its turn yet
            await asyncio.wait({self._running[paper_id]}, timeout=PATIENCE)
        return self._answers.get(paper_id, ())

    async def _look_up(self, source: Repositories, paper_id: str) -> None:
        async with self._turn:
            await asyncio.sleep(max(0.0, self._next_at - self._clock()))
            self._next_at = self._clock() + PAUSE
            try:
                self._answers[paper_id] = await source.repositories(paper_id)
            except SourceError as fault:
                self._down_until = self._clock() + FAULT_PAUSE
                log.info("no repositories paper=%s reason=%s", paper_id, fault)
            except Exception:
                log.exception("no repositories paper=%s", paper_id)
