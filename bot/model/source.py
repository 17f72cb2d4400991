"""The sources, each declared once; settings, connect, collect, merging, doctor and wording read the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.errors import UserError
from bot.model.subscription import EVERY_DAY, WORKDAYS

Need = Literal["http", "public_http", "categories", "repositories", "stored", "uncounted"]
"""Constructor argument that `bot.sources.connect` makes: the HTTP client, the one for addresses from outside, the arXiv
categories that topics name, the repositories of recent papers, the ids that are stored with details, the ids that a
source has not counted lately."""


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """One source of papers or signals; how to add one: bot/sources/README.md."""

    name: str
    """Key in settings, signals, reports and logs."""
    label: str
    """Name in sentences for people."""
    factory: str
    """Dotted name of the class, imported on first use."""
    arguments: Mapping[str, str]
    """Constructor arguments that are settings (base URLs, a path): argument to field of `Settings`."""
    needs: tuple[Need, ...] = ()
    interval: str | float = ""
    """Seconds between two requests, or the field of `Settings` that has them; such a source gets a `limiter`."""
    hosts: tuple[str, ...] = ()
    """Hosts that answers may be redirected to over https, with their subdomains."""
    probe: str = ""
    """Path and query of a cheap request below the first of `arguments`, which `paperboy doctor` sends."""
    selectable: bool = True
    """Whether PAPERBOY_SOURCES may name it; any other source is read when all its `arguments` are set."""
    by_default: bool = True
    """Whether PAPERBOY_SOURCES names it unless it is set."""
    quick: bool = True
    """Whether a first look without a database asks it."""
    age_noted: bool = True
    """Whether readers are told that its figures are old: not of what is shown without weight, or counted twice."""
    counts_only: bool = False
    """Whether it brings signals for papers that other sources list, and no papers."""
    details: bool = False
    """Whether its `lookup` completes papers that other sources list."""
    rests_on_weekends: bool = False
    """Whether it lists nothing new on Saturdays and Sundays."""
    twins: bool = False
    """Whether its papers may be on arXiv as well, under another id."""
    authority: int = 0
    """Rank of its titles and abstracts when sources disagree; the highest wins."""


SOURCES: dict[str, SourceDeclaration] = {
    source.name: source
    for source in (
        SourceDeclaration(
            "huggingface",
            "Hugging Face",
            "bot.sources.huggingface:HuggingFace",
            {"base_url": "huggingface_url", "summaries": "summaries"},
            needs=("http",),
            hosts=("huggingface.co", "hf.co"),
            probe="/api/daily_papers?limit=1",
            rests_on_weekends=True,
            authority=1,
        ),
        SourceDeclaration(
            "arxiv",
            "arXiv",
            "bot.sources.arxiv:ArXiv",
            {"api_url": "arxiv_api_url", "feed_url": "arxiv_feed_url"},
            needs=("http", "categories", "stored"),
            interval="arxiv_interval",
            hosts=("arxiv.org",),
            probe="/api/query?search_query=cat:cs.CL&max_results=1",
            quick=False,
            details=True,
            rests_on_weekends=True,
            authority=2,
        ),
        SourceDeclaration(
            "hackernews",
            "Hacker News",
            "bot.sources.hackernews:HackerNews",
            {"base_url": "hackernews_url"},
            needs=("http", "repositories"),
            hosts=("hn.algolia.com",),
            probe="/api/v1/search_by_date?query=arxiv.org&tags=story&hitsPerPage=1",
            counts_only=True,
        ),
        *(
            SourceDeclaration(
                name,
                label,
                f"bot.sources.biorxiv:{factory}",
                {"base_url": "biorxiv_url"},
                needs=("http", "stored"),
                interval=1.0,
                hosts=("biorxiv.org", "medrxiv.org"),
                probe=f"/details/{name}/1/0/json",
                by_default=False,
                quick=False,
                twins=True,
                authority=1,
            )
            for name, label, factory in (("biorxiv", "bioRxiv", "BioRxiv"), ("medrxiv", "medRxiv", "MedRxiv"))
        ),
        SourceDeclaration(
            "semanticscholar",
            "Semantic Scholar",
            "bot.sources.semantic_scholar:SemanticScholar",
            {"base_url": "semantic_scholar_url", "key": "semantic_scholar_key"},
            needs=("http", "uncounted"),
            interval=1.0,
            probe="/graph/v1/paper/ARXIV:1706.03762?fields=citationCount",
            by_default=False,
            quick=False,
            age_noted=False,
            counts_only=True,
        ),
        SourceDeclaration(
            "github",
            "GitHub",
            "bot.sources.github:GitHub",
            {"token": "github_token", "base_url": "github_url"},
            needs=("http", "repositories"),
            interval=1.0,
            selectable=False,
            quick=False,
            age_noted=False,
            counts_only=True,
        ),
        SourceDeclaration(
            "feeds",
            "feeds",
            "bot.sources.feeds:MentionFeeds",
            {"urls": "feeds"},
            needs=("public_http",),
            selectable=False,
            quick=False,
            age_noted=False,
            counts_only=True,
        ),
        SourceDeclaration(
            "file",
            "an imported file",
            "bot.sources.jsonl:JsonLines",
            {"path": "file", "summaries": "summaries"},
            selectable=False,
        ),
    )
}
"""Name to declaration, in the order in which they are read."""


def source(name: str) -> SourceDeclaration:
    """The declaration of a source. Raises UserError for an undeclared name."""
    if name not in SOURCES:
        raise UserError(f"No source is called “{name}”; there are {', '.join(SOURCES)}.")
    return SOURCES[name]


def listing_days(names: Iterable[str]) -> frozenset[int]:
    """Weekdays on which any of these sources lists papers; every day where that is not known."""
    listing = [SOURCES[name] for name in names if name in SOURCES and not SOURCES[name].counts_only]
    return WORKDAYS if listing and all(each.rests_on_weekends for each in listing) else EVERY_DAY


def selectable_sources() -> tuple[str, ...]:
    """Names that PAPERBOY_SOURCES may list."""
    return tuple(name for name, declared in SOURCES.items() if declared.selectable)


def default_sources() -> tuple[str, ...]:
    """Names that PAPERBOY_SOURCES lists unless it is set."""
    return tuple(name for name, declared in SOURCES.items() if declared.selectable and declared.by_default)


def authority(name: str) -> int:
    """Rank of a source's titles and abstracts; 0 for an undeclared one (imported signals may carry any name)."""
    return SOURCES[name].authority if name in SOURCES else 0
