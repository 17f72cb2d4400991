"""arXiv: what was announced today in the categories that anybody follows, then the details of what is new.

One request every 3 seconds over feed and API together: https://info.arxiv.org/help/api/tou.html
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.errors import SourceError
from bot.model import Findings, Paper
from bot.model.paper_id import arxiv_id
from bot.sources.arxiv_parse import (
    NAME,
    Announcement,
    QueryPage,
    canonical_category,
    is_category,
    parse_feed,
    parse_query,
)
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter

BATCH = 100
"""Ids a query: the API takes more, but a URL should stay under 2,000 characters."""
CATEGORIES_A_FEED = 25
"""Categories a feed: a feed ends at 2,000 papers, and its URL should stay short."""
EMPTY_TRIES = 4
"""The API sometimes answers with nothing where it counts results; the next answer is usually whole."""
SEARCH_MAX = 100
WORDS_MAX = 12
REFUSED_FOR = timedelta(days=1)
"""How long a category that arXiv does not know is left out of the feed."""

log = logging.getLogger(__name__)

Known = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Asked for ids: those of them that are stored and need no details."""


async def _nothing_known(_ids: Sequence[str]) -> Collection[str]:
    return ()


class ArXiv:
    """The announcement feed and the query API, behind one limiter.

    `categories` says what anybody follows now; with none there is no request. New versions are reported for papers
    in `known` alone.
    """

    name = NAME

    def __init__(  # noqa: PLR0913  what it depends on, each by its name
        self,
        web: HttpClient,
        *,
        limiter: Limiter,
        categories: Callable[[], Awaitable[Collection[str]]],
        known: Known = _nothing_known,
        feed_url: str = "https://rss.arxiv.org",
        api_url: str = "https://export.arxiv.org",
    ) -> None:
        self._web, self._limiter, self._categories, self._known = web, limiter, categories, known
        self._feed_url, self._api_url = feed_url.rstrip("/"), api_url.rstrip("/")
        self._refused: dict[str, datetime] = {}

    async def fetch(self, since: datetime, now: datetime) -> Findings:  # noqa: ARG002  the feed is one day long
        """Today's new and cross-listed papers with details, and new versions of known ones. Raises SourceError."""
        announced = await self._announced(now)
        ids = [paper.id for paper in (*announced.new, *announced.replaced)]
        known = frozenset(await self._known(ids)) if ids else frozenset()
        unknown = [paper.id for paper in announced.new if paper.id not in known]
        details = {paper.id: paper for paper in await self.lookup(unknown, people=False)}
        fresh = tuple(details.get(paper.id, paper) for paper in announced.new)
        return Findings(fresh + tuple(paper for paper in announced.replaced if paper.id in known))

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> tuple[Paper, ...]:
        """Details of papers by id, in batches of 100; ids it does not know are left out. Raises SourceError.

        `people=False` for what runs on schedule: it lets people's questions go first.
        """
        wanted = list(dict.fromkeys(found for i in ids if (found := arxiv_id(i))))
        papers: list[Paper] = []
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            params: dict[str, str | int] = {"id_list": ",".join(batch), "max_results": len(batch)}
            papers += await self._query(params, empty_believed=2, people=people)
        return tuple(papers)

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        """Papers in which all words occur, by arXiv's own relevance. Raises SourceError."""
        words = re.findall(r"\w+", query.lower())[:WORDS_MAX]
        if not words:
            return ()
        wanted = max(1, min(limit, SEARCH_MAX))
        params: dict[str, str | int] = {
            "search_query": " AND ".join(f"all:{word}" for word in words),
            "max_results": wanted,
            "sortBy": "relevance",
        }
        return (await self._query(params, empty_believed=1, people=True))[:wanted]

    async def _announced(self, now: datetime) -> Announcement:
        resting = {category for category, at in self._refused.items() if now - at < REFUSED_FOR}
        wanted = sorted({c for c in map(canonical_category, await self._categories()) if is_category(c)} - resting)
        refused: list[str] = []
        parts: list[Announcement] = []
        for start in range(0, len(wanted), CATEGORIES_A_FEED):
            parts += await self._feeds(wanted[start : start + CATEGORIES_A_FEED], refused)
        if wanted and not parts:
            raise SourceError(NAME, f"it has no feed of {', '.join(wanted[:3])}{'…' if wanted[3:] else ''}")
        self._refused |= dict.fromkeys(refused, now)
        new = {paper.id: paper for part in parts for paper in part.new}
        replaced = {paper.id: paper for part in parts for paper in part.replaced if paper.id not in new}
        return Announcement(tuple(new.values()), tuple(replaced.values()))

    async def _feeds(self, categories: Sequence[str], refused: list[str]) -> list[Announcement]:
        """The feed of these categories; one by one if refused together, so that one typo hurts nobody else."""
        url = f"{self._feed_url}/atom/{'+'.join(categories)}"
        answer = await self._web.get(NAME, url, accept=(200, 400, 404), turn=self._limiter.turn)
        if answer.status == 200:
            return [await asyncio.to_thread(parse_feed, answer.body)]
        if len(categories) > 1:
            return [part for category in categories for part in await self._feeds([category], refused)]
        log.warning("source=arxiv refused_category=%s", categories[0])
        refused += categories
        return []

    async def _query(self, params: dict[str, str | int], *, empty_believed: int, people: bool) -> tuple[Paper, ...]:
        """Results; an empty answer is asked again, and believed the `empty_believed`-th time if it counts 0 results."""
        for tries in range(1, EMPTY_TRIES + 1):
            found = await self._results(params, people=people)
            if found.papers or (not found.total and tries >= empty_believed):
                return found.papers
        raise SourceError(NAME, f"{EMPTY_TRIES} empty answers where it counts {found.total} results")

    async def _results(self, params: dict[str, str | int], *, people: bool) -> QueryPage:
        turn = partial(self._limiter.turn, people=people)
        answer = await self._web.get(
            NAME, f"{self._api_url}/api/query", params, accept=(200, 400), turn=turn, conditional=False
        )
        # A 400 carries an error feed, whose reason is better than the number.
        found = await asyncio.to_thread(parse_query, answer.body)
        if answer.status != 200:
            raise SourceError(NAME, f"HTTP {answer.status} from its API")
        return found
