"""The trend list, or the newest papers for a query, as Atom (RFC 4287) and as JSON Feed 1.1.

An entry's id is the paper's arXiv or DOI URL, which never changes, so that no reader shows it twice; its date is that
of the paper, not of its latest vote.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.text import printable, truncate
from adapters.web.guard import CROSS_ORIGIN
from adapters.web.params import is_early, paper_path, query_of, topic_path, with_query
from adapters.web.site import PageGroup, respond
from adapters.web.view import SUMMARY_MAX, TITLE_MAX
from bot.errors import QueryError
from bot.model import ListedPaper, Paper
from bot.text.cleaning import clean_text
from bot.wording import evidence, parts, summaries

Writer = Callable[[Request, str, Sequence[ListedPaper]], bytes]
"""Writes a feed of papers for a query ("": the trend list)."""

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
ENTRIES = 30
MAX_AUTHORS = 20
"""Authors of one entry."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Date of an empty feed, and of a paper without one."""


class Feeds(PageGroup):
    """One method a format."""

    def routes(self) -> list[Route]:
        """One route a format."""
        return [Route("/feed.atom", self.atom), Route("/feed.json", self.json)]

    async def atom(self, request: Request) -> Response:
        """Atom."""
        return await self._feed(request, self._atom, "application/atom+xml; charset=utf-8")

    async def json(self, request: Request) -> Response:
        """JSON Feed."""
        return await self._feed(request, self._json, "application/feed+json; charset=utf-8")

    async def _feed(self, request: Request, write: Writer, media_type: str) -> Response:
        query, library = query_of(request), self._site.library
        if query:
            try:
                papers = (await library.search(query, order="newest", limit=ENTRIES)).papers
            except QueryError as error:
                return self._site.problem(request, 400, str(error))
        else:
            papers = (await library.today(early=is_early(request), limit=ENTRIES)).papers
        body = await asyncio.to_thread(write, request, query, papers)
        return respond(request, body, media_type, headers=CROSS_ORIGIN)

    def _atom(self, request: Request, query: str, papers: Sequence[ListedPaper]) -> bytes:
        feed_url = self._site.url(request, with_query("/feed.atom", q=query, order=_order(request, query)))
        feed = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
        add_text(feed, "id", feed_url)
        add_text(feed, "title", _feed_title(request, query))
        add_text(feed, "updated", rfc3339(max((_date(listed.paper) for listed in papers), default=EARLIEST)))
        SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": feed_url})
        SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": self._home_url(request, query)})
        add_text(SubElement(feed, "author"), "name", "Paperboy")
        for listed in papers:
            self._add_entry(SubElement(feed, "entry"), request, listed)
        xml: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
        return xml

    def _add_entry(self, entry: Element, request: Request, listed: ListedPaper) -> None:
        paper = listed.paper
        add_text(entry, "id", paper.url)
        add_text(entry, "title", title_of(paper))
        add_text(entry, "updated", rfc3339(_date(paper)))
        add_text(entry, "published", rfc3339(_date(paper)))
        page_url = self._site.url(request, paper_path(paper.id))
        SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": page_url})
        SubElement(entry, "link", {"rel": "via", "href": paper.url})
        for author in authors_of(paper):
            add_text(SubElement(entry, "author"), "name", author)
        for category in paper.categories:
            SubElement(entry, "category", {"term": printable(category)})
        add_text(entry, "summary", _summary(listed))

    def _json(self, request: Request, query: str, papers: Sequence[ListedPaper]) -> bytes:
        feed = {
            "version": JSON_FEED,
            "title": _feed_title(request, query),
            "home_page_url": self._home_url(request, query),
            "feed_url": self._site.url(request, with_query("/feed.json", q=query, order=_order(request, query))),
            "language": "en",
            "authors": [{"name": "Paperboy"}],
            "items": [
                {
                    "id": listed.paper.url,
                    "url": self._site.url(request, paper_path(listed.paper.id)),
                    "external_url": listed.paper.url,
                    "title": title_of(listed.paper),
                    "content_text": _summary(listed),
                    "date_published": rfc3339(_date(listed.paper)),
                    "authors": [{"name": author} for author in authors_of(listed.paper)],
                    "tags": [printable(category) for category in listed.paper.categories],
                }
                for listed in papers
            ],
        }
        return json.dumps(feed, ensure_ascii=False).encode()

    def _home_url(self, request: Request, query: str) -> str:
        home = with_query("/", order=_order(request, query))
        return self._site.url(request, topic_path(query) if query else home)


def _order(request: Request, query: str) -> str:
    """`early` for the feed of papers that have no votes yet; a query is answered by the newest."""
    return "early" if is_early(request) and not query else ""


def _feed_title(request: Request, query: str) -> str:
    if _order(request, query):
        return "Paperboy: papers that nobody has noticed yet"
    return f"Paperboy: new papers for {printable(truncate(query, 120))}" if query else "Paperboy: trending papers"


def title_of(paper: Paper) -> str:
    """A title as feed readers may show it."""
    return printable(truncate(parts.title_of(paper), TITLE_MAX))


def _summary(listed: ListedPaper) -> str:
    """The paper's summary and its evidence, a line each; without growth: feed readers show it for months."""
    lines = (
        truncate(summaries.paper_summary(listed.paper), SUMMARY_MAX),
        summaries.summary_mark(listed.paper),
        evidence.short_evidence(listed.trend.evidence, listed.paper)
        if listed.trend.is_noticed or not listed.trend.listed
        else evidence.new_text(listed.trend.listed),
    )
    return printable("\n".join(filter(None, lines)), lines=True)


def authors_of(paper: Paper) -> list[str]:
    """The first names; the last entry says how many more there are."""
    names = [printable(clean_text(author)) for author in paper.authors[:MAX_AUTHORS]]
    more = len(paper.authors) - len(names) + paper.more_authors
    return [*filter(None, names), *([f"and {more:,} more"] if more else [])]


def _date(paper: Paper) -> datetime:
    return paper.age_at or EARLIEST


def rfc3339(at: datetime) -> str:
    """A time as Atom writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_text(parent: Element, name: str, text: str) -> None:
    """Add an element that holds text."""
    SubElement(parent, name).text = text
