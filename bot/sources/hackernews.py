"""Hacker News: points and comments of stories that link a paper, by Algolia's search. Keyless.

https://hn.algolia.com/api; 10,000 requests an hour for an address.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import Findings, Signal
from bot.model.paper_id import arxiv_id
from bot.sources import untrusted
from bot.sources.http_client import HttpClient

NAME = "hackernews"
WINDOW = timedelta(days=7)
"""Older stories no longer rise."""
HITS_MAX = 1000
"""The most that Algolia gives for one question."""
HOSTS = ("arxiv.org", "huggingface.co/papers")
"""What is looked for in a story's address; one question each."""
REPOSITORY_HOST = "github.com"

Repositories = Callable[[datetime], Awaitable[Mapping[str, str]]]
"""Asked for a time: the repositories of papers since then, URL to paper id."""


class HackerNews:
    """Signals only: a story's title is not the paper's, so papers are left to the sources that know them.

    With `repositories`, a story about a recent paper's code counts for the paper.
    """

    name = NAME

    def __init__(
        self, web: HttpClient, base_url: str = "https://hn.algolia.com", *, repositories: Repositories | None = None
    ) -> None:
        self._web, self._base, self._repositories = web, base_url.rstrip("/"), repositories

    async def fetch(self, since: datetime, now: datetime) -> Findings:  # noqa: ARG002  points change for days
        """Points and comments of the last 7 days' stories, seen now. Raises SourceError."""
        # From midnight, so that the question stays the same all day and a cache can answer it.
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
        return (await self._web.get(NAME, f"{self._base}/api/v1/search_by_date", params)).body


def parse_stories(*bodies: bytes, now: datetime, repositories: Mapping[str, str] | None = None) -> Findings:
    """Search results as signals: of several stories about a paper the one with most points counts."""
    papers = {key: paper for url, paper in (repositories or {}).items() if (key := _repository(url))}
    best: dict[str, Mapping[str, Any]] = {}
    for story in (story for body in bodies for story in _hits(body)):
        paper = _linked_paper(story, papers)
        if paper and (paper not in best or _rank(story) > _rank(best[paper])):
            best[paper] = story
    return Findings(signals=tuple(signal for paper, story in best.items() for signal in _signals(paper, story, now)))


def _hits(body: bytes) -> list[Mapping[str, Any]]:
    answer = untrusted.decoded_json(body, NAME)
    hits = answer.get("hits") if isinstance(answer, dict) else None
    if not isinstance(hits, list):
        raise SourceError(NAME, "an answer without a list of hits")
    for number, hit in enumerate(hits, 1):
        if not isinstance(hit, dict):
            raise SourceError(NAME, f"hit {number} is {untrusted.json_type(hit)} instead of an object")
        if not hit.get("objectID"):
            raise SourceError(NAME, f"hit {number} has no objectID")
    return hits


def _linked_paper(story: Mapping[str, Any], repositories: Mapping[str, str]) -> str | None:
    """The paper of the story's own address, not of addresses inside its query."""
    address = untrusted.web_link(story.get("url"))
    if address is None:
        return None
    parts = urlsplit(address)
    return arxiv_id(f"{parts.hostname}{parts.path}") or repositories.get(_repository(address) or "")


def _repository(url: str) -> str | None:
    """`owner/name` of a GitHub address, in lower case: its pages and branches are the same repository."""
    match = re.match(r"https?://(?:www\.)?github\.com/([\w.-]{1,100}/[\w.-]{1,100})(?:[/?#]|$)", url, re.IGNORECASE)
    return match[1].lower().removesuffix(".git") if match else None


def _rank(story: Mapping[str, Any]) -> tuple[float, float]:
    return (untrusted.nonnegative(story.get("points")) or 0.0, untrusted.nonnegative(story.get("num_comments")) or 0.0)


def _signals(paper: str, story: Mapping[str, Any], now: datetime) -> tuple[Signal, ...]:
    told = {
        "points": untrusted.nonnegative(story.get("points")),
        "comments": untrusted.nonnegative(story.get("num_comments")),
    }
    return tuple(Signal(paper, NAME, kind, value, now) for kind, value in told.items() if value is not None)
