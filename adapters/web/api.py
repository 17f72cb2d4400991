"""Read-only JSON API, version 1; described on `/about`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.text import web_url
from adapters.web.guard import CROSS_ORIGIN
from adapters.web.list_navigation import PAPERS
from adapters.web.pages import SIMILAR, UNKNOWN
from adapters.web.params import (
    MAX_PAGE,
    ORDERS,
    day_of,
    id_of,
    is_early,
    month_of,
    page_of,
    paper_path,
    query_of,
    refuse_unknown,
    strictness_of,
    week_of,
)
from adapters.web.site import PageGroup, respond
from bot.errors import QueryError
from bot.model import ListedPaper, PaperList, Trend
from bot.text import joined
from bot.wording import evidence, summaries
from bot.wording.results import hint_notes


def _page_of(request: Request) -> int:
    """Page number, from 1. Raises HTTPException (400) for what is none."""
    try:
        return page_of(request)
    except HTTPException:
        raise HTTPException(400, f"page is a number from 1 to {MAX_PAGE}.") from None


class Api(PageGroup):
    """One method a resource."""

    def routes(self) -> list[Route]:
        """One route a resource."""
        return [
            Route("/api/v1/today", self.today),
            Route("/api/v1/search", self.search),
            Route("/api/v1/papers/{id:path}", self.paper),
            Route("/api/v1/days/{day}", self.day),
            Route("/api/v1/weeks/{week}", self.week),
            Route("/api/v1/months/{month}", self.month),
        ]

    async def today(self, request: Request) -> Response:
        """The trend list, of everything or of a topic."""
        refuse_unknown(request, "topic", "strictness", "order", "page")
        if request.query_params.get("order") not in {None, "", "best", "early"}:
            raise HTTPException(400, "order is best or early.")
        topic, offset = query_of(request, "topic"), (_page_of(request) - 1) * PAPERS
        level, early = strictness_of(request), is_early(request)
        papers = self._site.library.today(topic, strictness=level, early=early, offset=offset, limit=PAPERS)
        return await self._list(request, papers)

    async def search(self, request: Request) -> Response:
        """Search results."""
        refuse_unknown(request, "q", "order", "page")
        if (order := request.query_params.get("order") or "best") not in ORDERS:
            raise HTTPException(400, f"order is {joined(ORDERS, 'or')}.")
        query, offset = query_of(request), (_page_of(request) - 1) * PAPERS
        return await self._list(
            request, self._site.library.search(query, order=ORDERS[order], offset=offset, limit=PAPERS)
        )

    async def day(self, request: Request) -> Response:
        """The trend list at the end of a day."""
        refuse_unknown(request)
        return await self._list(request, self._site.library.day(day_of(request), limit=PAPERS))

    async def week(self, request: Request) -> Response:
        """The best papers of a week."""
        refuse_unknown(request)
        return await self._list(request, self._site.library.period(*week_of(request), limit=PAPERS))

    async def month(self, request: Request) -> Response:
        """The best papers of a calendar month."""
        refuse_unknown(request)
        return await self._list(request, self._site.library.period(*month_of(request), limit=PAPERS))

    async def paper(self, request: Request) -> Response:
        """One paper with all its signals and similar papers."""
        refuse_unknown(request)
        identifier = id_of(request)
        details = await self._site.library.paper(identifier, similar=SIMILAR) if identifier else None
        if details is None:
            return self._site.problem(request, 404, UNKNOWN)

        def fields() -> dict[str, object]:
            return {
                "as_of": details.as_of,
                **self._trend(request, details.trend, details.as_of),
                "abstract": details.trend.paper.abstract,
                "abstract_note": details.note,
                "signals": [
                    {"source": signal.source, "kind": signal.kind, "value": signal.value, "seen_at": signal.seen_at}
                    for signal in details.signals
                ],
                "similar": [self._listed(request, paper, details.as_of) for paper in details.similar],
            }

        return await self._json(request, fields)

    async def _list(self, request: Request, listing: Awaitable[PaperList]) -> Response:
        try:
            papers = await listing
        except QueryError as error:
            return self._site.problem(request, 400, str(error))

        def fields() -> dict[str, object]:
            return {
                "as_of": papers.as_of,
                "query": papers.query,
                "notes": [*papers.notes, *hint_notes(papers.hints)],
                "suggestions": [query for hint in papers.hints for query in hint.queries],
                "papers": [self._listed(request, paper, papers.as_of) for paper in papers.papers],
                "more": papers.more,
            }

        return await self._json(request, fields)

    async def _json(self, request: Request, fields: Callable[[], dict[str, object]]) -> Response:
        body = await asyncio.to_thread(
            lambda: json.dumps(fields(), ensure_ascii=False, default=datetime.isoformat).encode()
        )
        return respond(request, body, "application/json", headers=CROSS_ORIGIN)

    def _listed(self, request: Request, listed: ListedPaper, as_of: datetime) -> dict[str, object]:
        return {**self._trend(request, listed.trend, as_of), "note": listed.note}

    def _trend(self, request: Request, trend: Trend, as_of: datetime) -> dict[str, object]:
        paper = trend.paper
        return {
            "id": paper.id,
            "title": paper.title,
            "url": paper.url,
            "page": self._site.url(request, paper_path(paper.id)),
            "tldr": summaries.paper_summary(paper),
            "tldr_by": paper.tldr_by,
            "tldr_of_authors": summaries.authors_summary(paper),
            "authors": list(paper.authors),
            "more_authors": paper.more_authors,
            "organization": paper.organization,
            "organization_url": paper.organization_url,
            "categories": list(paper.categories),
            "published_at": paper.published_at,
            "listed_at": paper.listed_at,
            "code_url": web_url(paper.code_url),
            "project_url": web_url(paper.project_url),
            "withdrawn": paper.withdrawn,
            "score": round(trend.score, 4),
            "standing": round(trend.standing, 4),
            "expected": round(evidence.votes_to_come(trend, as_of), 2),
            "listed": round(trend.listed, 4) if trend.listed else None,
            "rule": trend.rule,
            "evidence": [
                {
                    "source": each.source,
                    "kind": each.kind,
                    "value": each.value,
                    "seen_at": each.seen_at,
                    "before": each.before,
                    "before_at": each.before_at,
                    "weight": round(each.weight, 4),
                }
                for each in trend.evidence
            ],
        }
