"""What people read: today's list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from adapters.web.asked import page_of, with_query
from adapters.web.view import items
from bot.wording.parts import day_text

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from adapters.web.site import Site

PAPERS = 20
"""Papers a page."""


def routes(site: Site) -> list[Route]:
    """The pages."""
    pages = Pages(site)
    return [Route("/", pages.today)]


class Pages:
    """One method a page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def today(self, request: Request) -> Response:
        """What trends now, and the box to subscribe in."""
        page = page_of(request)
        shelf = await self._site.library.today(offset=(page - 1) * PAPERS, limit=PAPERS)
        return await self._site.page(
            request,
            "today.html",
            title=f"Trending papers · {day_text(shelf.as_of.date())}",
            shelf=shelf,
            items=items,
            start=(page - 1) * PAPERS + 1,
            back=with_query("/", page=page - 1 if page > 2 else "") if page > 1 else "",
            more=with_query("/", page=page + 1) if shelf.more else "",
        )
