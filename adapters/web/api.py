"""The same for programs: a small read-only JSON API, version 1. `/about` describes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.routing import Route

from adapters.text import web_url
from adapters.web.guard import OPEN
from adapters.web.pages import PAPERS, SIMILAR, UNKNOWN
from adapters.web.params import day_of, id_of, order_of, page_of, paper_path, query_of
from adapters.web.site import answer
from bot.errors import QueryError
from bot.wording import cards

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from adapters.web.site import Site
    from bot.model import Evidence, ListedPaper, PaperDetails, PaperList, Trend


def routes(site: Site) -> list[Route]:
    """One route a question."""
    api = Api(site)
    return [
        Route("/api/v1/today", api.today),
        Route("/api/v1/search", api.search),
        Route("/api/v1/papers/{id:path}", api.paper),
        Route("/api/v1/days/{day}", api.day),
    ]


class Api:
    """One method a question."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def today(self, request: Request) -> Response:
        """The trend list, of everything or of a topic."""
        page = page_of(request)
        try:
            asked = self._site.library.today(query_of(request, "topic"), offset=(page - 1) * PAPERS, limit=PAPERS)
            return await self._shelf(request, await asked)
        except QueryError as error:
            return self._site.problem(request, 400, str(error))

    async def search(self, request: Request) -> Response:
        """All papers that match."""
        page, query = page_of(request), query_of(request)
        try:
            asked = self._site.library.search(query, order=order_of(request), offset=(page - 1) * PAPERS, limit=PAPERS)
            return await self._shelf(request, await asked)
        except QueryError as error:
            return self._site.problem(request, 400, str(error))

    async def paper(self, request: Request) -> Response:
        """One paper, every value that was read, and papers like it."""
        found = id_of(request.path_params["id"])
        sheet = await self._site.library.paper(found, similar=SIMILAR) if found else None
        if sheet is None:
            return self._site.problem(request, 404, UNKNOWN)
        return await self._written(request, lambda: self._sheet(request, sheet))

    async def day(self, request: Request) -> Response:
        """The trend list as a day left it."""
        return await self._shelf(
            request, await self._site.library.day(day_of(request.path_params["day"]), limit=PAPERS)
        )

    async def _shelf(self, request: Request, shelf: PaperList) -> Response:
        def written() -> dict[str, object]:
            return {
                "as_of": shelf.as_of.isoformat(),
                "query": shelf.query,
                "notes": list(shelf.notes),
                "papers": [self._found(request, each) for each in shelf.papers],
                "more": shelf.more,
            }

        return await self._written(request, written)

    async def _written(self, request: Request, write: Callable[[], dict[str, object]]) -> Response:
        body = await asyncio.to_thread(lambda: json.dumps(write(), ensure_ascii=False).encode())
        return answer(request, body, "application/json", headers=OPEN)

    def _sheet(self, request: Request, sheet: PaperDetails) -> dict[str, object]:
        return {
            "as_of": sheet.as_of.isoformat(),
            **self._paper(request, sheet.trend),
            "abstract": sheet.trend.paper.abstract,
            "signals": [
                {"source": each.source, "kind": each.kind, "value": each.value, "seen_at": each.seen_at.isoformat()}
                for each in sheet.signals
            ],
            "similar": [self._found(request, each) for each in sheet.similar],
        }

    def _found(self, request: Request, found: ListedPaper) -> dict[str, object]:
        return {**self._paper(request, found.trend), "note": found.note}

    def _paper(self, request: Request, trend: Trend) -> dict[str, object]:
        paper = trend.paper
        return {
            "id": paper.id,
            "title": paper.title,
            "url": paper.url,
            "page": self._site.address(request, paper_path(paper.id)),
            "tldr": cards.paper_summary(paper),
            "authors": list(paper.authors),
            "organization": paper.organization,
            "categories": list(paper.categories),
            "published_at": _stamp(paper.published_at),
            "listed_at": _stamp(paper.listed_at),
            "code_url": web_url(paper.code_url),
            "project_url": web_url(paper.project_url),
            "withdrawn": paper.withdrawn,
            "score": round(trend.score, 4),
            "standing": round(trend.standing, 4),
            "expected": round(trend.expected, 2),
            "rule": trend.rule,
            "evidence": _evidence(trend.evidence),
        }


def _evidence(evidence: Sequence[Evidence]) -> list[dict[str, object]]:
    return [
        {
            "source": each.source,
            "kind": each.kind,
            "value": each.value,
            "seen_at": each.seen_at.isoformat(),
            "before": each.before,
            "before_at": _stamp(each.before_at),
            "weight": round(each.weight, 4),
        }
        for each in evidence
    ]


def _stamp(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
