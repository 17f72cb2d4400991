"""Hugging Face Daily Papers: a curated list a day, with upvotes, comments and stars. Keyless.

https://huggingface.co/docs/hub/api; 500 requests in 5 minutes for an address without a key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from bot.errors import SourceError
from bot.model import Findings, Paper
from bot.model.paper_id import arxiv_id
from bot.sources import untrusted
from bot.sources.http_client import HttpClient, HttpResponse
from bot.sources.huggingface_parse import NAME, parse_daily, parse_paper, parse_papers, parse_trending

PAGE = 100
"""Papers a page, the most there is."""
PAGES_MAX = 20
"""A day has had at most 120 papers; a server that pages for ever is stopped."""
DAYS_MIN = 3
"""A list fills for a day and a half, and its votes come in later still."""
DAYS_MAX = 14
"""As far back as any digest looks."""
SEARCH_MAX = 120
LOOKUP_MAX = 50
"""Papers that are asked for one by one in a lookup."""

log = logging.getLogger(__name__)


class HuggingFace:
    """Daily Papers of the last days. `trending` also reads the trending order, whose failure is no failure."""

    name = NAME

    def __init__(self, web: HttpClient, base_url: str = "https://huggingface.co", *, trending: bool = True) -> None:
        self._web, self._base, self._trending = web, base_url.rstrip("/"), trending

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """The lists of the days since then, at least 3 and at most 14. Raises SourceError."""
        days = [await self._day(day, now) for day in _days(since.astimezone(UTC), now.astimezone(UTC))]
        if all(day is None for day in days):
            raise SourceError(NAME, f"HTTP 400 for each of {len(days)} days: it no longer takes our questions")
        batches = [batch for day in days if day is not None for batch in day]
        if self._trending:
            batches.append(await self._trending_order(now))
        return untrusted.merged_findings(batches)

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> tuple[Paper, ...]:  # noqa: ARG002 - no limiter here
        """Those of the papers that are indexed there; at most 50 are asked for. Raises SourceError."""
        wanted = list(dict.fromkeys(found for i in ids if (found := arxiv_id(i))))[:LOOKUP_MAX]
        answers = [
            await self._web.get(NAME, f"{self._base}/api/papers/{quote(i)}", accept=(200, 404), conditional=False)
            for i in wanted
        ]
        papers = [parse_paper(answer.body) for answer in answers if answer.status == 200]
        return tuple(paper for paper in papers if paper is not None)

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        """Their own search. Raises SourceError."""
        wanted = max(1, min(limit, SEARCH_MAX))
        answer = await self._web.get(
            NAME, f"{self._base}/api/papers/search", {"q": query[:250], "limit": wanted}, conditional=False
        )
        return (await asyncio.to_thread(parse_papers, answer.body))[:wanted]

    async def _day(self, day: date, now: datetime) -> list[Findings] | None:
        """The pages of a day's list; None when it is not open yet."""
        batches: list[Findings] = []
        known: set[str] = set()
        for page in range(PAGES_MAX):
            answer = await self._daily({"date": day.isoformat(), "limit": PAGE, "p": page}, accept=(200, 400))
            if answer.status == 400:
                return batches or None
            found = await asyncio.to_thread(parse_daily, answer.body, now)
            new = {paper.id for paper in found.papers} - known
            batches.append(found)
            known |= new
            if not new or not _has_more(answer, len(found.papers)):
                break
        return batches

    async def _trending_order(self, now: datetime) -> Findings:
        try:
            answer = await self._daily({"sort": "trending", "limit": PAGE})
            return await asyncio.to_thread(parse_trending, answer.body, now)
        except SourceError as fault:
            log.warning("source=huggingface part=trending fault=%r", fault.reason)
            return Findings()

    async def _daily(self, params: dict[str, str | int], *, accept: tuple[int, ...] = (200,)) -> HttpResponse:
        return await self._web.get(NAME, f"{self._base}/api/daily_papers", params, accept=accept)


def _days(since: datetime, now: datetime) -> list[date]:
    first = min(since.date(), now.date() - timedelta(days=DAYS_MIN - 1))
    first = max(first, now.date() - timedelta(days=DAYS_MAX - 1))
    return [first + timedelta(days=n) for n in range((now.date() - first).days + 1)]


def _has_more(answer: HttpResponse, papers: int) -> bool:
    """What the Link header says; without one, whether the page is full."""
    return "next" in answer.links if answer.links else papers >= PAGE
