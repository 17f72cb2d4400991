"""RSS and Atom feeds that the operator names: which papers they mention. https only, from public addresses only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import Findings
from bot.sources.feeds_parse import NAME, parse_feed
from bot.sources.http_client import HttpClient, HttpLimits
from bot.sources.untrusted import merged_findings

AT_ONCE = 5
"""Feeds that are read at the same time."""
LIMITS = HttpLimits(timeout=10, deadline=15, attempts=1, body_max=4 * 2**20)
"""Of a client for feeds: one that does not answer is asked again with the next collection."""


class MentionFeeds:
    """Signals only; a feed that cannot be read is named, and the others are read."""

    name = NAME

    def __init__(self, public_http: HttpClient, urls: Sequence[str]) -> None:
        """`public_http`: a client that connects to public addresses alone."""
        self._http, self._urls = public_http, urls
        self._free = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, since: datetime, now: datetime) -> Findings:  # noqa: ARG002  a feed is read as a whole
        """Mentions in the items of the last 14 days. Raises SourceError if no feed can be read."""
        results = await asyncio.gather(*(self.read(url, now) for url in self._urls))
        faults = tuple(each for each in results if isinstance(each, str))
        read = [each for each in results if isinstance(each, Findings)]
        if faults and not read:
            raise SourceError(NAME, faults[0])
        return merged_findings([*read, Findings(skipped=faults)])

    async def read(self, url: str, now: datetime) -> Findings | str:
        """The mentions of a feed, or its fault."""
        try:
            async with self._free:
                answer = await self._http.get(NAME, url)
                return await asyncio.to_thread(parse_feed, answer.body, urlsplit(url).hostname or url, now)
        except SourceError as fault:
            parts = urlsplit(url)  # a query may hold a reader's key
            return f"{parts.hostname}{parts.path}: {fault.reason}"
