"""Hacker News: points and comments of stories that link a paper, from Algolia's search. Needs no key.

https://hn.algolia.com/api; limit: 10,000 requests an hour per IP address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import Findings, Signal
from bot.model.paper_id import arxiv_id
from bot.model.signal import STORY
from bot.sources import untrusted
from bot.sources.github_parse import repository_name
from bot.sources.http_client import HttpClient

NAME = "hackernews"
WINDOW = timedelta(days=7)
"""Age of the oldest stories read; older ones gain no more points."""
HITS_MAX = 1000
"""Stories per request, Algolia's maximum."""
HOSTS = ("arxiv.org", "huggingface.co/papers")
"""Searched for in the URLs of stories, one request each."""
DIGITS = 9
"""Of a story's number, at most."""
REPOSITORY_HOST = "github.com"

Repositories = Callable[[datetime], Awaitable[Mapping[str, str]]]
"""Maps a time to the repositories of papers since then: URL to paper id."""


class HackerNews:
    """Signals only, no papers: a story's title is not the paper's.

    With `repositories`, a story that links the code of a recent paper counts for the paper.
    """

    name = NAME

    def __init__(self, http: HttpClient, base_url: str, *, repositories: Repositories | None = None) -> None:
        self._http, self._base_url, self._repositories = http, base_url.rstrip("/"), repositories

    async def fetch(self, since: datetime, now: datetime) -> Findings:  # noqa: ARG002  points change for days
        """Points and comments of the stories of the last 7 days, as of now. Raises SourceError."""
        # From midnight, so that the URL stays the same all day and caches can answer.
        start = (now.astimezone(UTC) - WINDOW).replace(hour=0, minute=0, second=0, microsecond=0)
        repositories = await self._repositories(start) if self._repositories else {}
        hosts = (*HOSTS, REPOSITORY_HOST) if repositories else HOSTS
        bodies = [await self._stories(host, int(start.timestamp())) for host in hosts]
        return await asyncio.to_thread(parse_stories, *bodies, now=now, repositories=repositories)

    async def _stories(self, host: str, start: int) -> bytes:
        params: dict[str, str | int] = {
            "query": host,
            "restrictSearchableAttributes": "url",
            "tags": "story",
            "numericFilters": f"created_at_i>{start}",
            "hitsPerPage": HITS_MAX,
        }
        return (await self._http.get(NAME, f"{self._base_url}/api/v1/search_by_date", params)).body


def parse_stories(*bodies: bytes, now: datetime, repositories: Mapping[str, str] | None = None) -> Findings:
    """Signals from search results; of several stories about a paper, the one with most points.

    A story that is not as it should be is left out. Raises SourceError if there are none but such.
    """
    papers = {key: paper for url, paper in (repositories or {}).items() if (key := repository_name(url))}
    best: dict[str, Mapping[str, Any]] = {}
    stories, skipped = untrusted.readable(
        NAME, (hit for body in bodies for hit in _hits(body)), lambda hit: (_story(hit), _linked_paper(hit, papers))
    )
    if skipped and not stories:
        raise SourceError(NAME, f"none of its stories can be read: {skipped[0]}")
    for story, paper in stories:
        if paper and (paper not in best or _rank(story) > _rank(best[paper])):
            best[paper] = story
    signals: list[Signal] = []
    for paper, story in best.items():
        counts = {"points": story.get("points"), "comments": story.get("num_comments")}
        counted = untrusted.count_signals(paper, NAME, counts, now)
        number = _number(story)
        signals += counted if number is None or not counted else (*counted, Signal(paper, NAME, STORY, number, now))
    return Findings(signals=tuple(signals), skipped=skipped)


def _hits(body: bytes) -> list[object]:
    answer = untrusted.decoded_json(body, NAME)
    hits = answer.get("hits") if isinstance(answer, dict) else None
    if not isinstance(hits, list):
        raise SourceError(NAME, "an answer without a list of hits")
    return hits


def _story(hit: object) -> Mapping[str, Any]:
    if not isinstance(hit, dict):
        raise SourceError(NAME, f"a story is {untrusted.json_type(hit)} instead of an object")
    if not hit.get("objectID"):
        raise SourceError(NAME, f"a story has no objectID: {untrusted.named(hit)}")
    return hit


def _linked_paper(story: Mapping[str, Any], repositories: Mapping[str, str]) -> str | None:
    """The paper that the story's URL links; ids inside its query string do not count."""
    if (url := untrusted.web_link(story.get("url"))) is None:
        return None
    parts = urlsplit(url)
    return arxiv_id(f"{parts.hostname}{parts.path}") or repositories.get(repository_name(url) or "")


def _number(story: Mapping[str, Any]) -> int | None:
    """The number in the address of the story's page."""
    text = str(story["objectID"])
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def _rank(story: Mapping[str, Any]) -> tuple[float, float]:
    return (untrusted.nonnegative(story.get("points")) or 0.0, untrusted.nonnegative(story.get("num_comments")) or 0.0)
