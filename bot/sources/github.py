"""GitHub: stars of the repositories of recent papers, a hundred in one request. Needs a token, of any scope.

https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api; such a request costs one of
5,000 points an hour, where a conditional request for each repository would be hundreds an hour.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.model import Findings
from bot.sources.github_parse import NAME, parse_stars, query, repository_name
from bot.sources.hackernews import Repositories
from bot.sources.http_client import HttpClient
from bot.sources.limiter import Limiter
from bot.sources.untrusted import merged_findings

WINDOW = timedelta(days=30)
"""Age of the oldest papers whose stars are read."""
BATCH = 100
"""Repositories of one request."""


class GitHub:
    """Signals only, of the repositories that other sources link."""

    name = NAME

    def __init__(
        self, http: HttpClient, base_url: str, *, token: str, repositories: Repositories, limiter: Limiter
    ) -> None:
        self._http, self._url, self._token = http, f"{base_url.rstrip('/')}/graphql", token
        self._repositories, self._limiter = repositories, limiter

    async def fetch(self, since: datetime, now: datetime) -> Findings:  # noqa: ARG002  stars change for ever
        """Stars of the papers of the last 30 days, as of now. Raises SourceError."""
        repositories = await self._repositories(now - WINDOW)
        papers = {name: paper for url, paper in repositories.items() if (name := repository_name(url))}
        names = sorted(papers)
        batches: list[Findings] = []
        for start in range(0, len(names), BATCH):
            part = names[start : start + BATCH]
            answer = await self._http.post(
                NAME,
                self._url,
                {"query": query(part)},
                headers={"Authorization": f"Bearer {self._token}"},
                turn=self._limiter.turn,
            )
            batches.append(await asyncio.to_thread(parse_stars, answer.body, part, papers, now))
        return merged_findings(batches)
