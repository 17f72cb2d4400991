"""Addresses by which programs find, search and show the site: robots.txt, sitemaps, OpenSearch, link previews' cards.

https://www.sitemaps.org/protocol.html, https://github.com/dewitt/opensearch, https://ogp.me
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date, timedelta
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web import params
from adapters.web.guard import CROSS_ORIGIN
from adapters.web.past import PAPERS_A_MONTH
from adapters.web.share_card import share_card
from adapters.web.site import PageGroup, Site, respond
from bot.model.paper_id import paper_id

XML = "application/xml; charset=utf-8"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
MONTHS = 24
"""Months of papers in the sitemap, the latest."""
LASTING = 3_600
"""Seconds for which caches may keep what changes with each ranking at most."""
PAGES = ("/", "/calendar", "/topics", "/about")
NOT_FOR_ROBOTS = (
    "/search", "/topics/", "/author/", "/api/", "/confirm/", "/preferences/", "/unsubscribe/", "/reader/",
    "/reading-list/", "/journal-club/",
)  # fmt: skip
"""Endless pages, pages of people, and those behind links of one reader."""


class DiscoveryPages(PageGroup):
    """One method a file."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._drawing = asyncio.Lock()

    def routes(self) -> list[Route]:
        """One route a file."""
        return [
            Route("/robots.txt", self.robots),
            Route("/sitemap.xml", self.sitemaps),
            Route("/sitemap/pages.xml", self.pages),
            Route("/sitemap/{month}.xml", self.month),
            Route("/opensearch.xml", self.opensearch),
            Route("/card/{id:path}.png", self.card),
        ]

    async def robots(self, request: Request) -> Response:
        """robots.txt: paths that robots leave alone, and the sitemap's address."""
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
        body = "\n".join([*lines, "", f"Sitemap: {self._site.url(request, '/sitemap.xml')}", ""])
        return respond(request, body.encode(), "text/plain; charset=utf-8", max_age=LASTING)

    async def sitemaps(self, request: Request) -> Response:
        """The index: one sitemap of pages, and one for each of the latest months that has papers."""
        first = (await self._site.library.ranked_at()).date().replace(day=1)
        files = ["/sitemap/pages.xml"]
        for _ in range(MONTHS):
            if await self._site.library.listed(first, _last_day(first), limit=1):
                files.append(f"/sitemap/{first:%Y-%m}.xml")
            first = (first - timedelta(days=1)).replace(day=1)
        return self._locations(request, "sitemapindex", "sitemap", files)

    async def pages(self, request: Request) -> Response:
        """Pages that are always there."""
        return self._locations(request, "urlset", "url", PAGES)

    async def month(self, request: Request) -> Response:
        """The days of a month and the papers listed in it."""
        first, last = params.month_of(request, params.month_path)
        listed = await self._site.library.listed(first, last, limit=PAPERS_A_MONTH)
        if not listed:
            raise HTTPException(404)
        days = [params.day_path(day) for day in dict.fromkeys(day for _, day in listed)]
        papers = (params.paper_path(each) for each, _ in listed)
        return self._locations(request, "urlset", "url", [params.month_path(first), *days, *papers])

    async def opensearch(self, request: Request) -> Response:
        """The search as browsers can add it."""
        root = Element("OpenSearchDescription", {"xmlns": OPENSEARCH})
        texts = {"ShortName": "Paperboy", "Description": "Search trending papers", "InputEncoding": "UTF-8"}
        for name, text in texts.items():
            SubElement(root, name).text = text
        for media_type, path in (("text/html", "/search"), ("application/atom+xml", "/feed.atom")):
            template = f"{self._site.url(request, path)}?q={{searchTerms}}"
            SubElement(root, "Url", {"type": media_type, "template": template})
        media_type = "application/opensearchdescription+xml; charset=utf-8"
        return respond(request, _xml(root), media_type, max_age=LASTING)

    async def card(self, request: Request) -> Response:
        """A paper as a picture, for previews of links to its page."""
        identifier = paper_id(request.path_params["id"])
        details = await self._site.library.paper(identifier, similar=0) if identifier else None
        if details is None:
            raise HTTPException(404)
        async with self._drawing:  # one at a time: each takes a tenth of a second of a core
            body = await asyncio.to_thread(share_card, details.trend)
        return respond(request, body, "image/png", max_age=LASTING, headers=CROSS_ORIGIN)

    def _locations(self, request: Request, root_name: str, name: str, paths: Iterable[str]) -> Response:
        root = Element(root_name, {"xmlns": SITEMAP})
        for path in paths:
            SubElement(SubElement(root, name), "loc").text = self._site.url(request, path)
        return respond(request, _xml(root), XML, max_age=LASTING)


def _last_day(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _xml(root: Element) -> bytes:
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body
