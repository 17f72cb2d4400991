"""Semantic Scholar: citations and venues of stored papers. A key is optional; without one all share a limit.

https://api.semanticscholar.org/api-docs/graph; with a key one request a second, at most 500 ids each.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from cachetools import TTLCache

from bot.errors import SourceError
from bot.model import Findings
from bot.model.paper_id import paper_id
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter
from bot.sources.semantic_scholar_parse import FIELDS, NAME, parse_batch, request_id

BATCH = 500
"""Papers of a collection with a key, the API's maximum for a request."""
BATCH_WITHOUT_KEY = 100
WINDOW = timedelta(days=90)
"""Age of the oldest papers that are counted."""
COUNTED_FOR = timedelta(days=3)
"""How long a count is not asked for again."""
UNKNOWN_FOR = timedelta(days=1)
"""How long a paper is left out that Semantic Scholar did not know; it takes up new ones within days."""
UNKNOWN_MAX = 50_000

Uncounted = Callable[[datetime, datetime, int], Awaitable[Sequence[str]]]
"""Ids of at most so many papers since a time whose citations were not counted since another, newest first."""


class SemanticScholar:
    """Signals and venues only: one request a collection, about the papers whose turn it is."""

    name = NAME

    def __init__(  # noqa: PLR0913 - what it depends on, each by its name
        self,
        http: HttpClient,
        base_url: str,
        *,
        key: str | None = None,
        uncounted: Uncounted,
        limiter: Limiter,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http, self._key, self._uncounted, self._limiter = http, key, uncounted, limiter
        self._url = f"{base_url.rstrip('/')}/graph/v1/paper/batch"
        # In memory: after a restart they are asked for once more.
        self._unknown: TTLCache[str, None] = TTLCache(UNKNOWN_MAX, UNKNOWN_FOR.total_seconds(), timer=clock)

    async def fetch(self, since: datetime, now: datetime) -> Findings:  # noqa: ARG002  counts change for years
        """Counts of the newest papers that were not counted for three days. Raises SourceError."""
        size = BATCH if self._key else BATCH_WITHOUT_KEY
        ids = await self._uncounted(now - WINDOW, now - COUNTED_FOR, size + len(self._unknown))
        self._unknown.update((each, None) for each in ids if paper_id(each) is None)  # of an imported corpus
        ids = [each for each in ids if each not in self._unknown][:size]
        if not ids:
            return Findings()
        try:
            answer = await self._http.post(
                NAME,
                self._url,
                {"ids": [request_id(each) for each in ids]},
                params={"fields": FIELDS},
                headers={"x-api-key": self._key} if self._key else {},
                accept=(200, 400),
                turn=self._limiter.turn,
            )
        except SourceError as fault:
            if self._key or "429" not in fault.reason:
                raise
            reason = f"{fault.reason}; without PAPERBOY_SEMANTIC_SCHOLAR_KEY it answers when it has time"
            raise SourceError(NAME, reason) from None
        batch = await asyncio.to_thread(parse_batch, answer.body, ids, now)
        self._unknown.update(dict.fromkeys(batch.unknown))
        return batch.findings
