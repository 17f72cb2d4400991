"""The sources of one Paperboy, connected: one HTTP client, one limiter for arXiv, base URLs from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.errors import QueryError
from bot.ports import Source
from bot.query.parser import Field, leaves, parse
from bot.sources import source_class
from bot.sources.http_client import HttpClient, HttpLimits
from bot.sources.limiter import Limiter

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store import Store

SLOWEST_RETRY = 20.0
ARCHIVES = frozenset(
    {"astro-ph", "cond-mat", "cs", "econ", "eess", "math", "nlin", "physics", "q-bio", "q-fin", "stat"}
)
"""arXiv's archives that are divided into categories (https://arxiv.org/category_taxonomy)."""


@asynccontextmanager
async def connect(settings: Settings, store: Store, agent: str) -> AsyncIterator[tuple[Source, ...]]:
    """The sources that the settings name; their connections are closed at the end."""
    limits = HttpLimits(
        timeout=settings.timeout,
        attempts=settings.retries,
        wait_initial=min(1.0, settings.timeout / 4),
        wait_max=min(SLOWEST_RETRY, settings.timeout),
        wait_jitter=min(1.0, settings.timeout / 4),
    )
    limiter = Limiter(settings.arxiv_interval)
    async with HttpClient(agent, limits=limits) as web:
        made = [_source(name, settings, store, web, limiter) for name in settings.sources]
        if settings.file is not None:
            made.append(source_class("file")(settings.file))
        yield tuple(made)


def _source(name: str, settings: Settings, store: Store, web: HttpClient, limiter: Limiter) -> Source:
    make = source_class(name)
    if name == "arxiv":

        async def categories() -> Collection[str]:
            return {*settings.arxiv_categories, *named_categories(await store.subscriptions.topics())}

        async def detailed(ids: Sequence[str]) -> Collection[str]:
            known = await store.papers.get(ids)
            return [paper_id for paper_id, paper in known.items() if paper.categories]

        urls = {"feed_url": settings.arxiv_feed_url, "api_url": settings.arxiv_api_url}
        return make(web, limiter=limiter, categories=categories, known=detailed, **urls)
    if name == "hackernews":
        return make(web, settings.hackernews_url, repositories=store.papers.repositories)
    return make(web, settings.huggingface_url)


def named_categories(topics: Collection[str]) -> set[str]:
    """The arXiv categories that topics name; a whole archive (`cat:cs`) has too much in it to be read for one topic."""
    named: set[str] = set()
    for topic in topics:
        try:
            found = leaves(parse(topic))
        except QueryError:
            continue
        named |= {leaf.value for leaf in found if isinstance(leaf, Field) and leaf.name == "cat"}
    return named - ARCHIVES
