"""The sources that the settings name, built from their declarations (`bot.model.source`) on one HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pkgutil import resolve_name
from typing import Any

from pydantic import SecretStr

from bot.errors import QueryError
from bot.model.category import PREPRINT_SERVERS, is_category
from bot.model.paper import is_doi
from bot.model.source import SOURCES, Need, SourceDeclaration, source
from bot.ports import Source
from bot.ports.leases import Leases
from bot.query.parser import field_values, parse
from bot.settings import Settings, secret_value
from bot.sources import feeds
from bot.sources.http_client import HttpClient, HttpLimits
from bot.sources.limiter import Limiter, SharedTurns
from bot.sources.public_network import public_transport
from bot.store import Store

RETRY_WAIT_MAX = 20.0
"""Seconds before a request is repeated, at most."""
ARCHIVES = frozenset(
    {"astro-ph", "cond-mat", "cs", "econ", "eess", "math", "nlin", "physics", "q-bio", "q-fin", "stat"}
)
"""arXiv's archives that are divided into categories (https://arxiv.org/category_taxonomy)."""


def user_agent(settings: Settings) -> str:
    """User-Agent of every request to a source, with the operator's contact, as arXiv and Hugging Face ask for."""
    contact = f"; {settings.contact}" if settings.contact else ""
    return f"Paperboy/{version('paperboy')} (digest of trending papers{contact})"


@asynccontextmanager
async def connect(settings: Settings, store: Store, agent: str) -> AsyncIterator[tuple[Source, ...]]:
    """Sources in the order of the settings; their connections are closed at the end.

    Raises UserError for a name without a declaration.
    """
    limits = HttpLimits(
        timeout=settings.timeout,
        attempts=settings.retries,
        wait_initial=min(1.0, settings.timeout / 4),
        wait_max=min(RETRY_WAIT_MAX, settings.timeout),
        wait_jitter=min(1.0, settings.timeout / 4),
    )

    async def categories() -> Collection[str]:
        return {*settings.arxiv_categories, *named_categories(await store.subscriptions.topics())}

    async def stored(ids: Sequence[str]) -> Collection[str]:
        papers = await store.papers.get(ids)
        firsts = {paper_id: paper.categories[:1] for paper_id, paper in papers.items()}  # those of arXiv come first
        return [paper_id for paper_id, first in firsts.items() if first and (is_doi(paper_id) or is_category(first[0]))]

    leases = store.leases if store.shared else None
    public = HttpClient(agent, limits=feeds.LIMITS, leases=leases, transport=partial(public_transport, "feeds"))
    async with HttpClient(agent, hosts=known_hosts(), limits=limits, leases=leases) as http, public:
        parts: dict[Need, Any] = {
            "http": http,
            "public_http": public,
            "categories": categories,
            "stored": stored,
            "repositories": store.papers.repositories,
            "uncounted": partial(store.papers.uncounted, "semanticscholar", "citations"),
        }
        yield tuple(build(declared, settings, parts, leases) for declared in _chosen(settings))


def known_hosts() -> frozenset[str]:
    """Hosts that a source may redirect to over https, with their subdomains: those of all declarations."""
    return frozenset(host for declared in SOURCES.values() for host in declared.hosts)


def build(
    declared: SourceDeclaration, settings: Settings, parts: Mapping[Need, Any], leases: Leases | None = None
) -> Source:
    """One source from its declaration, the settings it names and the parts it needs.

    `leases` keep its pace where other processes share the store.
    """
    arguments = {argument: _value(settings, name) for argument, name in declared.arguments.items()}
    if interval := declared.interval:
        interval = getattr(settings, interval) if isinstance(interval, str) else interval
        shared = SharedTurns(leases, f"source {declared.name}", interval) if leases else None
        arguments["limiter"] = Limiter(interval, shared=shared)
    built: Source = resolve_name(declared.factory)(**arguments, **{need: parts[need] for need in declared.needs})
    return built


def _value(settings: Settings, name: str) -> Any:
    """The value of a setting; a secret as text."""
    value = getattr(settings, name)
    return secret_value(value) if isinstance(value, SecretStr) else value


def _chosen(settings: Settings) -> list[SourceDeclaration]:
    """The sources of PAPERBOY_SOURCES, then those that are read because all their settings are set."""
    return [source(name) for name in settings.sources] + [
        declared
        for declared in SOURCES.values()
        if not declared.selectable and all(getattr(settings, name) is not None for name in declared.arguments.values())
    ]


def named_categories(topics: Collection[str]) -> set[str]:
    """The arXiv categories that topics name, without whole archives (`cat:cs`): too many papers for one topic."""
    categories: set[str] = set()
    for topic in topics:
        try:
            categories |= set(field_values(parse(topic), "cat"))
        except QueryError:
            continue
    return {category for category in categories - ARCHIVES if category.partition(".")[0] not in PREPRINT_SERVERS}
