"""The trend list, or the newest papers for any query, as Atom (RFC 4287) and as JSON Feed 1.1.

A paper's id in every feed is its arXiv or DOI address: the same for ever, so that no reader shows it twice. An entry's
date is that of the paper, not of its latest vote.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.routing import Route

from adapters.text import cut, printable
from adapters.web.guard import OPEN
from adapters.web.params import paper_path, query_of, topic_path, with_query
from adapters.web.site import answer
from adapters.web.view import SENTENCE_MAX, TITLE_MAX
from bot.errors import QueryError
from bot.text.cleaning import clean_text
from bot.wording import cards, evidence, parts

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from adapters.web.site import Site
    from bot.model import ListedPaper, Paper

    Writer = Callable[[Request, str, Sequence[ListedPaper]], bytes]

ATOM = "http://www.w3.org/2005/Atom"
VERSION = "https://jsonfeed.org/version/1.1"
ENTRIES = 30
AUTHORS = 20
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""The date of a feed that has nothing yet."""


def routes(site: Site) -> list[Route]:
    """Both forms of both feeds."""
    feeds = Feeds(site)
    return [Route("/feed.atom", feeds.atom), Route("/feed.json", feeds.json)]


class Feeds:
    """One method a form."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def atom(self, request: Request) -> Response:
        """As Atom."""
        return await self._answered(request, self._atom, "application/atom+xml; charset=utf-8")

    async def json(self, request: Request) -> Response:
        """As JSON Feed."""
        return await self._answered(request, self._json, "application/feed+json; charset=utf-8")

    async def _answered(self, request: Request, write: Writer, media_type: str) -> Response:
        query = query_of(request)
        try:
            found = await self._found(query)
        except QueryError as error:
            return self._site.problem(request, 400, str(error))
        if query:
            body = await asyncio.to_thread(write, request, query, found)
        else:
            of = (found, self._site.address(request, ""))
            body = await self._site.once(media_type, of, lambda: write(request, query, found))
        return answer(request, body, media_type, headers=OPEN)

    async def _found(self, query: str) -> tuple[ListedPaper, ...]:
        library = self._site.library
        if query:
            return (await library.search(query, order="newest", limit=ENTRIES)).papers
        return (await library.today(limit=ENTRIES)).papers

    def _atom(self, request: Request, query: str, found: Sequence[ListedPaper]) -> bytes:
        here = self._site.address(request, with_query("/feed.atom", q=query))
        feed = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
        _text(feed, "id", here)
        _text(feed, "title", _title(query))
        _text(feed, "updated", _stamp(max((_at(each.paper) for each in found), default=EARLIEST)))
        SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": here})
        SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": self._home(request, query)})
        _text(SubElement(feed, "author"), "name", "Paperboy")
        for each in found:
            self._entry(SubElement(feed, "entry"), request, each)
        written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
        return written

    def _entry(self, entry: Element, request: Request, found: ListedPaper) -> None:
        paper = found.paper
        _text(entry, "id", paper.url)
        _text(entry, "title", _of(paper))
        _text(entry, "updated", _stamp(_at(paper)))
        if paper.published_at is not None:
            _text(entry, "published", _stamp(paper.published_at))
        page = self._site.address(request, paper_path(paper.id))
        SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": page})
        SubElement(entry, "link", {"rel": "via", "href": paper.url})
        for author in _authors(paper):
            _text(SubElement(entry, "author"), "name", author)
        for category in paper.categories:
            SubElement(entry, "category", {"term": printable(category)})
        _text(entry, "summary", _said(found))

    def _json(self, request: Request, query: str, found: Sequence[ListedPaper]) -> bytes:
        feed = {
            "version": VERSION,
            "title": _title(query),
            "home_page_url": self._home(request, query),
            "feed_url": self._site.address(request, with_query("/feed.json", q=query)),
            "language": "en",
            "authors": [{"name": "Paperboy"}],
            "items": [self._item(request, each) for each in found],
        }
        return json.dumps(feed, ensure_ascii=False).encode()

    def _item(self, request: Request, found: ListedPaper) -> dict[str, object]:
        paper = found.paper
        return {
            "id": paper.url,
            "url": self._site.address(request, paper_path(paper.id)),
            "external_url": paper.url,
            "title": _of(paper),
            "content_text": _said(found),
            "date_published": _stamp(_at(paper)),
            "authors": [{"name": author} for author in _authors(paper)],
            "tags": [printable(category) for category in paper.categories],
        }

    def _home(self, request: Request, query: str) -> str:
        return self._site.address(request, topic_path(query) if query else "/")


def _title(query: str) -> str:
    return f"Paperboy: new papers for {printable(cut(query, 120))}" if query else "Paperboy: trending papers"


def _of(paper: Paper) -> str:
    return printable(cut(parts.title_of(paper), TITLE_MAX))


def _said(found: ListedPaper) -> str:
    """The sentence and the evidence."""
    said = cut(cards.paper_summary(found.paper), SENTENCE_MAX)
    return printable("\n".join(filter(None, (said, evidence.short_evidence(found.trend.evidence)))), lines=True)


def _authors(paper: Paper) -> list[str]:
    names = (printable(clean_text(author)) for author in paper.authors[:AUTHORS])
    return [name for name in names if name]


def _at(paper: Paper) -> datetime:
    return paper.age_at or EARLIEST


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
