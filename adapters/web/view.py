"""Papers made ready for a template: every foreign text bounded, every sentence the engine's own. Pure, and slow enough
(a sentence may have to be found in an abstract) to be called off the event loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from adapters.text import cut
from adapters.web.chart import Chart, charts
from adapters.web.params import paper_path
from bot.model import ListedPaper, Paper, PaperDetails, Span
from bot.text.cleaning import clean_text
from bot.wording import cards, evidence, parts

TITLE_MAX, PEOPLE_MAX, ALL_PEOPLE_MAX, SENTENCE_MAX, ABSTRACT_MAX = 300, 240, 1_000, 700, 6_000
"""Characters, so that no paper makes a page heavy."""


@dataclass(frozen=True, slots=True)
class Item:
    """One paper of a list."""

    title: str
    path: str
    people: str
    said: tuple[Span, ...]
    """The sentence, with the words that were looked for in bold."""
    noticed: str
    note: str
    withdrawn: bool
    at: datetime | None


def items(found: Iterable[ListedPaper]) -> list[Item]:
    """A list of papers."""
    return [_item(each) for each in found]


@dataclass(frozen=True, slots=True)
class Full:
    """One paper's page."""

    title: str
    people: str
    withdrawn: bool
    noticed: str
    said: str
    links: tuple[Span, ...]
    """Where to read it, name and address."""
    abstract: str
    facts: tuple[tuple[str, str], ...]
    """What else is known, name and value."""
    charts: list[Chart]
    similar: list[Item]


def full(sheet: PaperDetails) -> Full:
    """One paper with all there is to say about it."""
    paper, trend = sheet.trend.paper, sheet.trend
    return Full(
        title=cut(parts.title_of(paper), TITLE_MAX),
        people=cut(", ".join(clean_text(author) for author in paper.authors), ALL_PEOPLE_MAX),
        withdrawn=paper.withdrawn,
        noticed=evidence.long_evidence(trend.evidence, trend.expected),
        said=cut(cards.paper_summary(paper), SENTENCE_MAX),
        links=tuple(span for span in cards.paper_links(paper).spans if span.url),
        abstract=cut(clean_text(paper.abstract), ABSTRACT_MAX),
        facts=_facts(paper),
        charts=charts(sheet.signals),
        similar=items(sheet.similar),
    )


def _item(found: ListedPaper) -> Item:
    paper = found.paper
    return Item(
        title=cut(parts.title_of(paper), TITLE_MAX),
        path=paper_path(paper.id),
        people=cut(parts.byline(paper), PEOPLE_MAX),
        said=tuple(cards.highlighted(cut(cards.paper_summary(paper), SENTENCE_MAX), found.stems)),
        noticed=evidence.short_evidence(found.trend.evidence),
        note=found.note,
        withdrawn=paper.withdrawn,
        at=paper.age_at,
    )


def _facts(paper: Paper) -> tuple[tuple[str, str], ...]:
    listed = f"{parts.day_text(paper.listed_at.date())} {paper.listed_at.year}" if paper.listed_at else ""
    published = f"{parts.day_text(paper.published_at.date())} {paper.published_at.year}" if paper.published_at else ""
    found = (
        ("From", clean_text(paper.organization or "")),
        ("Published", published),
        ("Listed on Hugging Face", listed),
        ("Categories", ", ".join(paper.categories)),
        ("Comment", clean_text(paper.comment or "")),
        ("Journal", clean_text(paper.journal_ref or "")),
    )
    return tuple((name, cut(value, PEOPLE_MAX)) for name, value in found if value)
