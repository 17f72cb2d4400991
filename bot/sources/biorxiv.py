"""bioRxiv and medRxiv: the preprints of the last days, by their common API. Needs no key.

https://api.biorxiv.org; no limit is stated, so one request a second, and one a collection while nothing is new.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.errors import SourceError
from bot.model import Findings, Paper
from bot.model.paper_id import PREPRINT_DOI, paper_id
from bot.sources.arxiv import StoredIds
from bot.sources.biorxiv_parse import DetailsPage, parse_details
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter

DAYS = timedelta(days=2)
"""Days before today that are read at least; a preprint appears within a day of its date."""
LOOKUP_MAX = 20
"""Preprints of a lookup, one request each."""
PAGES_MAX = 200
"""Pages of a fetch; 14 days of bioRxiv have about 120, and paging has to end."""


class BioRxiv:
    """bioRxiv. New versions are reported only for papers in `stored`."""

    name = "biorxiv"

    def __init__(self, http: HttpClient, base_url: str, *, stored: StoredIds, limiter: Limiter) -> None:
        self._http, self._base_url, self._stored, self._limiter = http, base_url.rstrip("/"), stored, limiter
        self._read = ("", 0)
        """The days of the last fetch, and the number of their papers."""

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """The preprints since `since`, at least of three days; none if there are as many as last time.

        Raises SourceError.
        """
        first = min(since + timedelta(days=1), now - DAYS).astimezone(UTC).date()
        days = f"{first}/{now.astimezone(UTC).date()}"
        page = await self._page(days, 0)
        if self._read == (days, page.total):
            return Findings()
        pages, count = [page], page.size
        while page.size and count < pages[0].total:
            if len(pages) == PAGES_MAX:
                raise SourceError(self.name, f"more than {PAGES_MAX} pages of {days}")
            page = await self._page(days, count)
            pages.append(page)
            count += page.size
        papers = {paper.id: paper for page in pages for paper in page.papers}
        stored = frozenset(await self._stored([paper.id for paper in papers.values() if not _is_first(paper)]))
        self._read = (days, pages[0].total)
        skipped = dict.fromkeys(line for page in pages for line in page.skipped)
        kept = tuple(paper for paper in papers.values() if _is_first(paper) or paper.id in stored)
        return Findings(kept, skipped=tuple(skipped))

    async def lookup(self, ids: Sequence[str], *, people: bool = True) -> Findings:
        """Preprints by DOI, without those that it does not have; at most 20 are requested. Raises SourceError."""
        dois = [doi for each in ids if (doi := paper_id(each)) and PREPRINT_DOI.fullmatch(doi)][:LOOKUP_MAX]
        pages = {doi: await self._page(doi, "na", people=people) for doi in dict.fromkeys(dois)}
        papers = tuple(paper for doi, page in pages.items() for paper in page.papers if paper.id == doi)
        return Findings(papers, skipped=tuple(line for page in pages.values() for line in page.skipped))

    async def _page(self, days_or_doi: str, cursor: int | str, *, people: bool = False) -> DetailsPage:
        url = f"{self._base_url}/details/{self.name}/{days_or_doi}/{cursor}/json"
        answer = await self._http.get(self.name, url, turn=partial(self._limiter.turn, people=people))
        return await asyncio.to_thread(parse_details, answer.body, self.name)


class MedRxiv(BioRxiv):
    """medRxiv, by the same API."""

    name = "medrxiv"


def _is_first(paper: Paper) -> bool:
    return (paper.version or 1) == 1
