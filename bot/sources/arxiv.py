"""arXiv: papers announced today in the categories that channels follow, then details of the new ones.

One request every 3 seconds, feed and API together: https://info.arxiv.org/help/api/tou.html
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from cachetools import TTLCache

from bot.errors import SourceError
from bot.model import Findings, Paper
from bot.model.category import canonical_category, is_category
from bot.model.paper_id import arxiv_id
from bot.sources.arxiv_parse import (
    NAME,
    Announcement,
    QueryPage,
    RefusedQueryError,
    parse_feed,
    parse_query,
)
from bot.sources.halving import in_parts
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter

BATCH = 100
"""Ids per query; the API takes more, but a URL should stay under 2,000 characters."""
CATEGORIES_A_FEED = 25
"""Categories per feed; a feed ends at 2,000 papers, and its URL should stay short."""
EMPTY_TRIES = 4
"""Attempts; the API sometimes returns no entries although it counts results, and the next answer is complete."""
SEARCH_MAX = 100
"""Papers per search."""
WORDS_MAX = 12
"""Words of a search query that are sent."""
REFUSED_FOR = timedelta(days=1)
"""How long a category that arXiv rejected is left out of the feed."""
ID_REFUSED_FOR = timedelta(days=7)
"""How long an id that arXiv rejected is left out of lookups: as long as Hacker News lists a story about it."""
REFUSED_IDS_MAX = 1_000
REFUSED_STATUSES = (400, 404, 414, 422)
"""Statuses by which the API rejects the question, not the moment."""

log = logging.getLogger(__name__)

StoredIds = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Maps ids to those of them that are stored with details."""


class ArXiv:
    """The announcement feed and the query API, behind one limiter.

    `categories` returns the followed categories; without any there is no request. New versions are reported only for
    papers in `stored`.
    """

    name = NAME

    def __init__(  # noqa: PLR0913  what it depends on, each by its name
        self,
        http: HttpClient,
        *,
        limiter: Limiter,
        categories: Callable[[], Awaitable[Collection[str]]],
        stored: StoredIds,
        feed_url: str,
        api_url: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http, self._limiter, self._categories, self._stored = http, limiter, categories, stored
        self._feed_url, self._api_url = feed_url.rstrip("/"), api_url.rstrip("/")
        self._refused: dict[str, datetime] = {}
        # In memory: after a restart it costs a refused batch at most 15 requests to learn of an id again.
        self._refused_ids: TTLCache[str, str] = TTLCache(REFUSED_IDS_MAX, ID_REFUSED_FOR.total_seconds(), timer=clock)

    async def fetch(self, since: datetime, now: datetime) -> Findings:  # noqa: ARG002  the feed is one day long
        """Today's new and cross-listed papers with details, and new versions of stored ones. Raises SourceError."""
        today = await self._announcement(now)
        ids = [paper.id for paper in (*today.new, *today.replaced)]
        stored = frozenset(await self._stored(ids)) if ids else frozenset()
        missing = [paper.id for paper in today.new if paper.id not in stored]
        looked_up = await self.lookup(missing, people=False)
        details = {paper.id: paper for paper in looked_up.papers}
        new = tuple(details.get(paper.id, paper) for paper in today.new)
        replaced = tuple(paper for paper in today.replaced if paper.id in stored)
        return Findings(new + replaced, skipped=tuple(dict.fromkeys(today.skipped + looked_up.skipped)))

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> Findings:
        """Details of papers by id, in batches of 100, without ids that arXiv does not know. Raises SourceError.

        An id for which arXiv refuses a batch is left out, named in `skipped`, and not sent again for a week.
        `people=False` for scheduled work, which waits while a person's request does.
        """
        canonical_ids = list(dict.fromkeys(canonical for text in ids if (canonical := arxiv_id(text))))
        refused = {each: self._refused_ids[each] for each in canonical_ids if each in self._refused_ids}
        accepted = [paper_id for paper_id in canonical_ids if paper_id not in refused]
        pages: list[QueryPage] = []

        async def details(batch: Sequence[str]) -> None:
            params: dict[str, str | int] = {"id_list": ",".join(batch), "max_results": len(batch)}
            pages.append(await self._query(params, confirmations=2, people=people))

        for start in range(0, len(accepted), BATCH):
            faults = await in_parts(accepted[start : start + BATCH], details, refusal=RefusedQueryError)
            newly_refused = {paper_id: f"paper {paper_id}: {fault.reason}" for paper_id, fault in faults}
            self._refused_ids.update(newly_refused)
            refused |= newly_refused
        skipped = [line for page in pages for line in page.skipped] + list(refused.values())
        return Findings(tuple(paper for page in pages for paper in page.papers), skipped=tuple(dict.fromkeys(skipped)))

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        """Papers in which all words occur, by arXiv's own relevance. Raises SourceError."""
        words = re.findall(r"\w+", query.lower())[:WORDS_MAX]
        if not words:
            return ()
        count = max(1, min(limit, SEARCH_MAX))
        params: dict[str, str | int] = {
            "search_query": " AND ".join(f"all:{word}" for word in words),
            "max_results": count,
            "sortBy": "relevance",
        }
        return (await self._query(params, confirmations=1, people=True)).papers[:count]

    async def _announcement(self, now: datetime) -> Announcement:
        recently_refused = {category for category, at in self._refused.items() if now - at < REFUSED_FOR}
        followed = {category for category in map(canonical_category, await self._categories()) if is_category(category)}
        categories = sorted(followed - recently_refused)
        refused: list[str] = []
        parts: list[Announcement] = []
        for start in range(0, len(categories), CATEGORIES_A_FEED):
            parts += await self._feeds(categories[start : start + CATEGORIES_A_FEED], refused)
        if categories and not parts:
            raise SourceError(NAME, f"it has no feed of {', '.join(categories[:3])}{'…' if categories[3:] else ''}")
        self._refused |= dict.fromkeys(refused, now)
        new = {paper.id: paper for part in parts for paper in part.new}
        replaced = {paper.id: paper for part in parts for paper in part.replaced if paper.id not in new}
        skipped = dict.fromkeys(line for part in parts for line in part.skipped)
        return Announcement(tuple(new.values()), tuple(replaced.values()), tuple(skipped))

    async def _feeds(self, categories: Sequence[str], refused: list[str]) -> list[Announcement]:
        """The feed of these categories; one feed each if the common one is refused, so that one typo costs no other."""
        url = f"{self._feed_url}/atom/{'+'.join(categories)}"
        answer = await self._http.get(NAME, url, accept=(200, 400, 404), turn=self._limiter.turn)
        if answer.status == 200:
            return [await asyncio.to_thread(parse_feed, answer.body)]
        if len(categories) > 1:
            return [part for category in categories for part in await self._feeds([category], refused)]
        log.warning("source=arxiv refused_category=%s", categories[0])
        refused += categories
        return []

    async def _query(self, params: dict[str, str | int], *, confirmations: int, people: bool) -> QueryPage:
        """Results; an empty answer with a count of 0 is accepted the `confirmations`-th time, any other is repeated."""
        url, turn = f"{self._api_url}/api/query", partial(self._limiter.turn, people=people)
        for attempt in range(1, EMPTY_TRIES + 1):
            accept = (200, *REFUSED_STATUSES)
            answer = await self._http.get(NAME, url, params, accept=accept, turn=turn, conditional=False)
            if answer.status != 200:
                raise await asyncio.to_thread(_refusal, answer.status, answer.body)
            page = await asyncio.to_thread(parse_query, answer.body)
            if page.papers or page.skipped or (not page.total and attempt >= confirmations):
                return page
        raise SourceError(NAME, f"{EMPTY_TRIES} empty answers where it counts {page.total} results")


def _refusal(status: int, body: bytes) -> RefusedQueryError:
    """The refusal in an answer that is no success, with arXiv's own reason if the body is an error feed."""
    try:
        parse_query(body)
    except RefusedQueryError as refusal:
        return refusal
    except SourceError:
        pass
    return RefusedQueryError(NAME, f"HTTP {status} from its API")
