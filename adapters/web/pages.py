"""What people read: today's list, search, one page a paper, the archive, topics, and what this is."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Route

from adapters.text import cut
from adapters.web import view
from adapters.web.params import ORDERS, day_of, id_of, order_of, page_of, paper_path, query_of, topic_path, with_query
from bot.errors import QueryError
from bot.query.parser import MAX_LENGTH
from bot.wording import parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from adapters.web.site import Site

PAPERS = 20
"""Papers a page."""
SIMILAR = 8
UNKNOWN = "Paperboy has not stored that paper."


def routes(site: Site) -> list[Route]:
    """The pages."""
    pages = Pages(site)
    return [
        Route("/", pages.today),
        Route("/search", pages.search),
        Route("/paper/{id:path}", pages.paper),
        Route("/day/{day}", pages.day),
        Route("/topics/{query:path}", pages.topic),
        Route("/about", pages.about),
    ]


class Pages:
    """One method a page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def today(self, request: Request) -> Response:
        """What trends now, and the box to subscribe in."""
        page = page_of(request)
        shelf = await self._site.library.today(offset=(page - 1) * PAPERS, limit=PAPERS)
        day = shelf.as_of.date()
        return await self._site.page(
            request,
            "today.html",
            of=(shelf, self._site.desk) if page == 1 else None,
            title=f"Trending papers · {parts.day_text(day)}",
            shelf=shelf,
            items=view.items,
            yesterday=day - timedelta(days=1),
            turn=_turning("/", page, more=shelf.more),
        )

    async def search(self, request: Request) -> Response:
        """The query language, page by page, in three orders."""
        query, page, order = query_of(request), page_of(request), order_of(request)
        if not query:
            return await self._site.page(request, "search.html", title="Search", query="", problem="", shelf=None)
        try:
            shelf = await self._site.library.search(query, order=order, offset=(page - 1) * PAPERS, limit=PAPERS)
        except QueryError as error:
            return await self._malformed(request, "Search", query, error)
        if shelf.paper_id is not None and shelf.papers:
            return RedirectResponse(paper_path(shelf.papers[0].paper.id), 303)
        return await self._site.page(
            request,
            "search.html",
            title=f"Papers for {cut(query, 120)}",
            query=query,
            problem=UNKNOWN if shelf.paper_id is not None else "",
            shelf=shelf,
            items=view.items,
            order=order,
            orders={name: with_query("/search", q=query, order=name) for name in ORDERS},
            topic=topic_path(query),
            feeds=_feeds(query),
            turn=_turning("/search", page, more=shelf.more, q=query, order="" if order == "best" else order),
        )

    async def paper(self, request: Request) -> Response:
        """One paper: abstract, evidence over time, papers like it, where to read it."""
        found = id_of(request.path_params["id"])
        if found is None:
            raise HTTPException(404)
        if request.path_params["id"] != found:
            return RedirectResponse(paper_path(found), 308)
        sheet = await self._site.library.paper(found, similar=SIMILAR)
        if sheet is None:
            raise HTTPException(404, UNKNOWN)
        shown = await asyncio.to_thread(view.full, sheet)
        return await self._site.page(request, "paper.html", title=shown.title, shown=shown, why=sheet.why)

    async def day(self, request: Request) -> Response:
        """The trend list as a day left it."""
        day = day_of(request.path_params["day"])
        shelf = await self._site.library.day(day, limit=PAPERS)
        return await self._site.page(
            request,
            "day.html",
            status=200 if shelf.papers else 404,
            title=f"Trending papers · {parts.day_text(day)} {day.year}",
            shelf=shelf,
            items=view.items,
            before=day - timedelta(days=1)
            if shelf.papers
            else None,  # a robot goes back no further than there are papers
            after=day + timedelta(days=1) if day < shelf.as_of.date() else None,
        )

    async def topic(self, request: Request) -> Response:
        """What trends of one topic."""
        query, page = request.path_params["query"].strip()[: MAX_LENGTH + 100], page_of(request)
        if not query:
            raise HTTPException(404)
        try:
            shelf = await self._site.library.today(query, offset=(page - 1) * PAPERS, limit=PAPERS)
        except QueryError as error:
            return await self._malformed(request, "Topic", query, error)
        return await self._site.page(
            request,
            "topic.html",
            title=f"Trending papers · {cut(query, 120)}",
            query=query,
            shelf=shelf,
            items=view.items,
            everything=with_query("/search", q=query),
            feeds=_feeds(query),
            turn=_turning(topic_path(query), page, more=shelf.more),
        )

    async def about(self, request: Request) -> Response:
        """What this is, the query language, feeds, the API."""
        base = self._site.address(request, "")
        return await self._site.page(request, "about.html", title="About Paperboy", base=base)

    async def _malformed(self, request: Request, title: str, query: str, error: QueryError) -> Response:
        """Where it went wrong and an example, in one line."""
        return await self._site.page(
            request, "search.html", status=400, fresh=0, title=title, query=query, problem=str(error), shelf=None
        )


def _feeds(query: str) -> Mapping[str, str]:
    return {kind: with_query(f"/feed.{kind}", q=query) for kind in ("atom", "json")}


def _turning(path: str, page: int, *, more: bool, **asked: str) -> dict[str, object]:
    """Where Back and More lead, and the number of the first paper."""
    back = with_query(path, **asked, page=page - 1 if page > 2 else "") if page > 1 else ""
    return {
        "start": (page - 1) * PAPERS + 1,
        "back": back,
        "more": with_query(path, **asked, page=page + 1) if more else "",
    }
