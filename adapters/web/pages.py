"""Pages for readers: today's list, search, a paper, a topic, about."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.text import truncate
from adapters.web import params
from adapters.web.list_navigation import PAPERS, feed_paths, filters, not_past_the_end, paging
from adapters.web.outward_links import Link
from adapters.web.reader import votes
from adapters.web.site import PageGroup, WaysOn
from adapters.web.view import paper_view
from bot.errors import QueryError
from bot.model import Paper, PaperList
from bot.query.ast import Phrase, Word
from bot.query.parser import parse
from bot.query.strictness import USUAL, beside, is_movable
from bot.text.analyzer import words
from bot.wording import parts
from bot.wording.topics import MOVES, state_text

POPULAR_LENGTH = 60
"""Characters of the longest topic that is shown as a popular one."""
SIMILAR = 8
"""Papers below a paper."""
UNKNOWN = "Paperboy has not stored that paper."
TITLE_WORDS = 4
"""Fewest plain words that may be a title; three are an ordinary search."""
TOPICS = (
    "language models", "agents", "reasoning", "reinforcement learning", "video generation", "diffusion", "multimodal",
    "robotics", "speech | audio", "retrieval", "code generation", "efficient inference", "3D", "safety | alignment",
    "medicine | medical", "has:code", "cat:cs.CL", "cat:cs.CV", "cat:cs.LG", "cat:cs.RO",
)  # fmt: skip
"""Examples on the page of topics."""


class TopicLinks(NamedTuple):
    """A topic and where it leads: its page, its subscription by mail, its feed."""

    topic: str
    page: str
    mail: str
    feed: str


class Pages(PageGroup):
    """One method a page."""

    def routes(self) -> list[Route]:
        """One route a page."""
        return [
            Route("/", self.today),
            Route("/search", self.search),
            Route("/paper/{id:path}", self.paper),
            Route("/reader/{token}/paper/{id:path}", self.paper),
            Route("/topics", self.topics),
            Route("/topics/{query:path}", self.topic),
            Route("/about", self.about),
        ]

    async def today(self, request: Request) -> Response:
        """The trend list, or that of papers without votes."""
        page, early, category = params.page_of(request), params.is_early(request), params.category_of(request)
        offset = (page - 1) * PAPERS
        listing = await self._site.library.today(early=early, category=category, offset=offset, limit=PAPERS)
        listing, day = not_past_the_end(listing, page), listing.as_of.date()
        return await self._site.page(
            request,
            "today.html",
            title=f"{'Not noticed yet' if early else 'Trending papers'} · {parts.day_text(day, day)}",
            early=early,
            listing=listing,
            filters=filters(listing, "/", category),
            category=category,
            yesterday=params.day_path(day - timedelta(days=1)),
            paging=paging("/", page, more=listing.more, order="early" if early else "", cat=category),
        )

    async def search(self, request: Request) -> Response:
        """Search results in one of three orders."""
        query, page, order = params.query_of(request), params.page_of(request), params.order_of(request)
        if not query:
            problem = "Type at least one word." if "q" in request.query_params else ""
            return await self._site.page(
                request, "search.html", title="Search", query="", problem=problem, listing=None
            )
        try:
            listing = await self._site.library.search(query, order=order, offset=(page - 1) * PAPERS, limit=PAPERS)
        except QueryError as error:
            return await self._malformed(request, "Search", query, error, _search_path)
        not_past_the_end(listing, page)
        if listing.paper_id is not None and listing.papers:
            return RedirectResponse(params.paper_path(listing.papers[0].paper.id), 303)
        is_missing = _is_missing_title(listing)
        return await self._site.page(
            request,
            "search.html",
            title=f"Papers for {truncate(query, 120)}",
            query=query,
            problem=UNKNOWN if listing.paper_id is not None else "",
            elsewhere=_elsewhere(listing, is_missing_title=is_missing),
            title_missing=page == 1 and order == "best" and is_missing,
            listing=listing,
            hints=_hint_links(listing, _search_path),
            order=order,
            orders={name: params.with_query("/search", q=query, order=name) for name in params.ORDERS},
            topic=params.topic_path(query),
            feeds=feed_paths(query),
            paging=paging("/search", page, more=listing.more, q=query, order="" if order == "best" else order),
        )

    async def paper(self, request: Request) -> Response:
        """One paper: abstract, evidence over time, similar papers, where to read it."""
        identifier = params.id_of(request)
        if identifier is None:
            raise HTTPException(404)
        if request.path_params["id"] != identifier:
            return RedirectResponse(params.paper_path(identifier), 308)
        details = await self._site.library.paper(identifier, similar=SIMILAR)
        if details is None:
            return self._site.problem(request, 404, UNKNOWN, ways_on=WaysOn(_paper_elsewhere(identifier)))
        if details.trend.paper.id != identifier:  # a DOI of a paper that has its arXiv id now
            return RedirectResponse(params.paper_path(details.trend.paper.id), 308)
        url = self._site.url(request, params.paper_path(identifier))
        paper = await asyncio.to_thread(paper_view, details, url)
        buttons = await votes(self._site, request, identifier)
        return await self._site.page(
            request,
            "paper.html",
            title=paper.title,
            paper=paper,
            why=details.why,
            url=url,
            canonical=params.paper_path(identifier),
            card_url=self._site.url(request, paper.card),
            **buttons,
        )

    async def topics(self, request: Request) -> Response:
        """A form for a topic, and those that many follow, each with its feed and the way to get it by mail."""
        if topic := params.query_of(request):
            return RedirectResponse(params.topic_path(topic), 303)
        popular = [topic for topic in await self._site.library.popular_topics() if len(topic) <= POPULAR_LENGTH]
        examples = [topic for topic in TOPICS if topic not in popular]
        return await self._site.page(
            request,
            "topics.html",
            title="Topics",
            popular=[_topic_links(topic) for topic in popular],
            examples=[_topic_links(topic) for topic in examples],
        )

    async def topic(self, request: Request) -> Response:
        """The trend list of one topic."""
        query, page = request.path_params["query"].strip()[: params.MAX_QUERY], params.page_of(request)
        if not query:
            raise HTTPException(404)
        level = params.strictness_of(request)
        try:
            listing = await self._site.library.today(query, strictness=level, offset=(page - 1) * PAPERS, limit=PAPERS)
            not_past_the_end(listing, page)
        except QueryError as error:
            return await self._malformed(request, "Topic", query, error, params.topic_path)
        return await self._site.page(
            request,
            "topic.html",
            title=f"Trending papers · {truncate(query, 120)}",
            query=query,
            listing=listing,
            hints=_hint_links(listing, params.topic_path),
            search=_search_path(query),
            feeds=feed_paths(query),
            paging=paging(params.topic_path(query), page, more=listing.more, strictness=_unless_usual(level)),
            strictness=state_text(level) if is_movable(query) else "",
            moves=_moves(query, level),
        )

    async def about(self, request: Request) -> Response:
        """About Paperboy, the query language, feeds and the API."""
        return await self._site.page(request, "about.html", title="About Paperboy")

    async def _malformed(
        self, request: Request, title: str, query: str, error: QueryError, path: Callable[[str], str]
    ) -> Response:
        """The page of a query that cannot be read; its remedy leads to `path` of it."""
        return await self._site.page(
            request,
            "search.html",
            status=400,
            max_age=0,
            title=title,
            query=query,
            problem=f"{error.problem}.",
            example=Link(error.example, path(error.example)),
            listing=None,
        )


def _paper_elsewhere(identifier: str) -> dict[str, str]:
    """Label and URL of a paper that is not stored, and may not exist."""
    paper = Paper(identifier, "")
    return {"Look for it on arXiv" if paper.is_arxiv else "Look for it at its publisher": paper.url}


def _is_missing_title(listing: PaperList) -> bool:
    """Whether a query may be a title (plain words, TITLE_WORDS at least) that no paper of the page has."""
    if listing.paper_id is not None or not listing.papers or '"' in listing.query:
        return False
    [terms, *others] = parse(listing.query).alternatives
    if others or len(terms) < TITLE_WORDS or any(term.negated or not isinstance(term.leaf, Word) for term in terms):
        return False
    title = words(listing.query)
    return not any(_begins_with(listed.paper.title, title) for listed in listing.papers)


def _begins_with(title: str, beginning: list[str]) -> bool:
    """Whether a title, or what follows a colon in it, begins with these words."""
    ends = [words(title[match.end() :]) for match in re.finditer("^|:", title)]
    return any(end[: len(beginning)] == beginning for end in ends)


def _elsewhere(listing: PaperList, *, is_missing_title: bool) -> dict[str, str]:
    """Places to look for what is not stored: a paper's own page, or arXiv's search. Empty if all words matched."""
    if listing.paper_id is not None:
        return _paper_elsewhere(listing.paper_id)
    if any(not listed.note for listed in listing.papers) and not is_missing_title:
        return {}
    leaves = (term.leaf for terms in parse(listing.query).alternatives for term in terms if not term.negated)
    typed = " ".join(leaf.text for leaf in leaves if isinstance(leaf, Word | Phrase))
    url = params.with_query("https://arxiv.org/search/", query=typed, searchtype="all")
    return {"Look for it on arXiv": url} if typed else {}


def _search_path(query: str) -> str:
    return params.with_query("/search", q=query)


def _hint_links(listing: PaperList, path: Callable[[str], str]) -> list[tuple[str, list[Link]]]:
    """The hints of a list: a part of its query, and links to `path` of the query with other words for that part."""
    return [
        (hint.typed, [Link(label, path(query)) for label, query in zip(hint.likely, hint.queries, strict=True)])
        for hint in listing.hints
    ]


def _moves(query: str, level: str) -> list[Link]:
    """Links to the topic a step stricter and a step wider."""
    path, levels = params.topic_path(query), [(label, beside(level, steps)) for label, _, steps in MOVES]
    return [
        Link(label, params.with_query(path, strictness=_unless_usual(further))) for label, further in levels if further
    ]


def _unless_usual(level: str) -> str:
    return "" if level == USUAL else level


def _topic_links(topic: str) -> TopicLinks:
    return TopicLinks(
        topic,
        params.topic_path(topic),
        params.with_query("/subscribe", topics=topic),
        params.with_query("/feed.atom", q=topic),
    )
