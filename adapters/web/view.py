"""Papers as templates show them: all text of others cut to a length, sentences by `bot.wording`. Pure, and slow enough
(a summary may have to be extracted from an abstract) to run off the event loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from adapters.text import truncate
from adapters.web.chart import Chart, charts
from adapters.web.params import paper_path
from bot.model import ListedPaper, Paper, PaperDetails, Span
from bot.text.cleaning import clean_text
from bot.wording import cards, evidence, parts

TITLE_MAX, BYLINE_MAX, AUTHORS_MAX, SUMMARY_MAX, ABSTRACT_MAX = 300, 240, 1_000, 700, 6_000
"""Characters, so that no paper makes a page heavy."""


@dataclass(frozen=True, slots=True)
class PaperItem:
    """One paper of a list."""

    title: str
    path: str
    byline: str
    summary: tuple[Span, ...]
    """Words of the query in bold."""
    evidence: str
    note: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper on its page."""

    title: str
    authors: str
    withdrawn: bool
    evidence: str
    summary: str
    links: tuple[Span, ...]
    """Where to read it: label and URL."""
    abstract: str
    organization_url: str | None
    facts: tuple[tuple[str, str], ...]
    """Name and value of other metadata."""
    charts: list[Chart]
    similar: list[PaperItem]


def paper_items(papers: Iterable[ListedPaper], now: datetime) -> list[PaperItem]:
    """The papers of a list, with the evidence as of `now`."""
    return [
        PaperItem(
            title=truncate(parts.title_of(listed.paper), TITLE_MAX),
            path=paper_path(listed.paper.id),
            byline=truncate(parts.byline(listed.paper), BYLINE_MAX),
            summary=tuple(cards.highlighted(truncate(cards.paper_summary(listed.paper), SUMMARY_MAX), listed.stems)),
            evidence=evidence.short_evidence(listed.trend.evidence, now),
            note=listed.note,
            withdrawn=listed.paper.withdrawn,
        )
        for listed in papers
    ]


def paper_view(details: PaperDetails) -> PaperView:
    """One paper with everything about it."""
    paper, trend = details.trend.paper, details.trend
    return PaperView(
        title=truncate(parts.title_of(paper), TITLE_MAX),
        authors=_authors(paper),
        withdrawn=paper.withdrawn,
        evidence=evidence.long_evidence(trend, details.as_of),
        summary=truncate(cards.paper_summary(paper), SUMMARY_MAX),
        links=tuple(span for span in cards.paper_links(paper).spans if span.url),
        abstract=truncate(clean_text(paper.abstract), ABSTRACT_MAX),
        organization_url=paper.organization_url,
        facts=_facts(paper),
        charts=charts(details.signals, details.as_of),
        similar=paper_items(details.similar, details.as_of),
    )


def _authors(paper: Paper) -> str:
    """The names that fit, and how many more there are."""
    names = [clean_text(author) for author in paper.authors]
    ends = accumulate(len(name) + len(", ") for name in names)
    fitting = sum(1 for end in ends if end <= AUTHORS_MAX) or len(names[:1])
    more = len(names) - fitting + paper.more_authors
    return truncate(", ".join(names[:fitting]), AUTHORS_MAX) + (f" + {more:,} more" if more else "")


def _facts(paper: Paper) -> tuple[tuple[str, str], ...]:
    values = {
        "From": clean_text(paper.organization or ""),
        "Published": _date(paper.published_at),
        "Listed on Hugging Face": _date(paper.listed_at),
        "Categories": ", ".join(paper.categories),
        "Comment": clean_text(paper.comment or ""),
        "Journal": clean_text(paper.journal_ref or ""),
    }
    return tuple((name, truncate(value, BYLINE_MAX)) for name, value in values.items() if value)


def _date(at: datetime | None) -> str:
    return parts.day_text(at.date(), None) if at else ""
