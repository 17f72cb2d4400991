"""Hugging Face Daily Papers: one curated list a day, with upvotes, comments and stars. Needs no key.

https://huggingface.co/docs/hub/api; limit: 500 requests in 5 minutes per IP address without a key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from bot.errors import SourceError
from bot.model import Findings, LinkedRepository, Paper
from bot.model.paper_id import arxiv_id
from bot.sources import untrusted
from bot.sources.halving import FAULTS_MAX
from bot.sources.http_client import HttpClient, HttpResponse
from bot.sources.huggingface_parse import NAME, ListPage, parse_daily, parse_paper, parse_papers, parse_trending
from bot.sources.huggingface_repositories import parse_repositories

PAGE = 100
"""Papers per page, the API's maximum."""
PAGES_MAX = 20
"""Pages per day; a day has had at most 120 papers, and paging has to end."""
DAYS_MIN = 3
"""Days read; a list fills for a day and a half, and votes come later still."""
DAYS_MAX = 14
"""Days read after a long pause, the longest period of a digest."""
SEARCH_MAX = 120
"""Papers per search."""
LOOKUP_MAX = 50
"""Papers per lookup, one request each."""

log = logging.getLogger(__name__)


class HuggingFace:
    """Daily Papers of the last days. With `trending` also the trending order; a failure of that part is only logged.

    `summaries`: PAPERBOY_SUMMARIES; with `huggingface` those of its model are brought too.
    """

    name = NAME

    def __init__(self, http: HttpClient, base_url: str, summaries: str = "authors", *, trending: bool = True) -> None:
        self._http, self._base_url, self._trending = http, base_url.rstrip("/"), trending
        self._brings_summaries = summaries == "huggingface"

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """The lists of the days since `since`, at least 3 and at most 14. Raises SourceError."""
        today = now.astimezone(UTC).date()
        count = min(max((today - since.astimezone(UTC).date()).days + 1, DAYS_MIN), DAYS_MAX)
        days = [await self._day(today - timedelta(days=age), now) for age in reversed(range(count))]
        if all(day is None for day in days):
            raise SourceError(NAME, f"HTTP 400 for each of {len(days)} days: it no longer takes our questions")
        pages = [page for day in days if day is not None for page in day]
        findings = untrusted.merged_findings(page.findings for page in pages)
        if not findings.papers and (size := sum(page.size for page in pages)):
            reason = f": {findings.skipped[0]}" if findings.skipped else ""
            raise SourceError(NAME, f"none of {size} papers can be read{reason}")
        if self._trending:
            findings = untrusted.merged_findings((findings, await self._trending_places(now)))
        return findings if self._brings_summaries else replace(findings, summaries=())

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> Findings:  # noqa: ARG002 - no limiter here
        """Papers by id, without those that are not indexed there; at most 50 are requested.

        Raises SourceError if it answers about none of them.
        """
        canonical_ids = list(dict.fromkeys(canonical for text in ids if (canonical := arxiv_id(text))))[:LOOKUP_MAX]
        papers: dict[str, Paper | None] = {}
        faults: dict[str, SourceError] = {}
        for paper_id in canonical_ids:
            try:
                papers[paper_id] = await self._paper(paper_id)
            except SourceError as fault:
                faults[paper_id] = fault
                if len(faults) == FAULTS_MAX:
                    break
        if faults and not papers:
            raise next(iter(faults.values()))
        skipped = tuple(f"paper {paper_id}: {fault.reason}" for paper_id, fault in faults.items())
        return Findings(tuple(paper for paper in papers.values() if paper is not None), skipped=skipped)

    async def repositories(self, paper_id: str) -> tuple[LinkedRepository, ...]:
        """Models, datasets and demos of the Hub that name a paper; none without an arXiv id. Raises SourceError."""
        if (canonical := arxiv_id(paper_id)) is None:
            return ()
        url = f"{self._base_url}/api/arxiv/{quote(canonical)}/repos"
        answer = await self._http.get(NAME, url, accept=(200, 404), conditional=False)
        return await asyncio.to_thread(parse_repositories, answer.body) if answer.status == 200 else ()

    async def search(self, query: str, limit: int) -> tuple[Paper, ...]:
        """Papers from the Hub's own search, best first. Raises SourceError."""
        count = max(1, min(limit, SEARCH_MAX))
        params: dict[str, str | int] = {"q": query[:250], "limit": count}
        answer = await self._http.get(NAME, f"{self._base_url}/api/papers/search", params, conditional=False)
        return (await asyncio.to_thread(parse_papers, answer.body))[:count]

    async def _paper(self, paper_id: str) -> Paper | None:
        url = f"{self._base_url}/api/papers/{quote(paper_id)}"
        answer = await self._http.get(NAME, url, accept=(200, 404), conditional=False)
        return await asyncio.to_thread(parse_paper, answer.body) if answer.status == 200 else None

    async def _day(self, day: date, now: datetime) -> list[ListPage] | None:
        """The pages of a day's list; None if the list is not open yet."""
        pages: list[ListPage] = []
        seen_ids: set[str] = set()
        for page in range(PAGES_MAX):
            answer = await self._daily({"date": day.isoformat(), "limit": PAGE, "p": page}, accept=(200, 400))
            if answer.status == 400:
                return pages or None
            listed = await asyncio.to_thread(parse_daily, answer.body, now)
            new_ids = {paper.id for paper in listed.findings.papers} - seen_ids
            pages.append(listed)
            seen_ids |= new_ids
            # The Link header says whether there is another page; without one, a full page does.
            more = "next" in answer.links if answer.links else listed.size >= PAGE
            if not more or not listed.size or (listed.findings.papers and not new_ids):
                break
        return pages

    async def _trending_places(self, now: datetime) -> Findings:
        try:
            answer = await self._daily({"sort": "trending", "limit": PAGE})
            return await asyncio.to_thread(parse_trending, answer.body, now)
        except SourceError as fault:
            log.warning("source=huggingface part=trending fault=%r", fault.reason)
            return Findings()

    async def _daily(self, params: dict[str, str | int], *, accept: tuple[int, ...] = (200,)) -> HttpResponse:
        return await self._http.get(NAME, f"{self._base_url}/api/daily_papers", params, accept=accept)
