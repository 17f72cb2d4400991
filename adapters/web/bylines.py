"""Pages of an author and of an organisation: their papers, the newest or the best noticed first, and a feed of them.

An author is a name on a paper: people who share one are not told apart. Search engines are asked to leave these pages
of people out, and no page lists people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web import params
from adapters.web.list_navigation import PAPERS, feed_paths, not_past_the_end, paging
from adapters.web.outward_links import Link
from adapters.web.site import NOINDEX, PageGroup
from adapters.web.view import NAME_MAX
from bot.errors import QueryError
from bot.model import Order, Paper
from bot.text.cleaning import clean_text

BESIDE = 8
"""Names of others that stand on the same papers, at most."""
NOBODY = "No paper that is stored here has that name on it."
ORDERS: dict[str, Order] = {"newest": "newest", "trending": "trending"}


@dataclass(frozen=True, slots=True)
class _Kind:
    """Authors, or organisations."""

    field: str
    """Of the query language."""
    headers: dict[str, str]


AUTHOR, ORGANIZATION = _Kind("author", NOINDEX), _Kind("org", {})


class BylinePages(PageGroup):
    """One method a kind of name."""

    def routes(self) -> list[Route]:
        """One route a kind of name."""
        return [
            Route("/author/{name:path}", self.author),
            Route("/organization/{name:path}", self.organization),
        ]

    async def author(self, request: Request) -> Response:
        """Papers with a name among their authors."""
        return await self._page(request, AUTHOR, params.author_path)

    async def organization(self, request: Request) -> Response:
        """Papers from an organisation."""
        return await self._page(request, ORGANIZATION, params.organization_path)

    async def _page(self, request: Request, kind: _Kind, path_of: params.PathOf) -> Response:
        name = " ".join(request.path_params["name"].replace('"', " ").split())
        if not name or len(name) > NAME_MAX:
            raise HTTPException(404, NOBODY)
        query, page = f'{kind.field}:"{name}"', params.page_of(request)
        order = "trending" if params.order_of(request) == "trending" else "newest"
        try:
            listing = await self._site.library.search(
                query, order=ORDERS[order], offset=(page - 1) * PAPERS, limit=PAPERS
            )
        except QueryError:
            raise HTTPException(404, NOBODY) from None
        if not not_past_the_end(listing, page).papers:
            raise HTTPException(404, NOBODY)
        papers = [listed.paper for listed in listing.papers]
        path = path_of(name)
        return await self._site.page(
            request,
            "byline.html",
            headers=kind.headers,
            title=name,
            is_person=kind is AUTHOR,
            listing=listing,
            query=query,
            order=order,
            orders={each: params.with_query(path, order="" if each == "newest" else each) for each in ORDERS},
            beside=_beside(papers, name),
            profile=next((paper.organization_url for paper in papers if kind is ORGANIZATION), None),
            subscribe=params.with_query("/subscribe", topics=query),
            topic=params.topic_path(query),
            feeds=feed_paths(query),
            paging=paging(path, page, more=listing.more, order="" if order == "newest" else order),
        )


def _beside(papers: Iterable[Paper], name: str) -> list[Link]:
    """The names that stand most often on these papers, beside this one."""
    counts = Counter(clean_text(author) for paper in papers for author in dict.fromkeys(paper.authors))
    others = [(each, count) for each, count in counts.most_common(BESIDE + 1) if each.lower() != name.lower()]
    return [Link(f"{each} ({count})", params.author_path(each)) for each, count in others[:BESIDE] if count > 1]
