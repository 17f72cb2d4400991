"""Papers as templates show them: all text of others cut to a length, sentences by `bot.wording`. Pure, and slow enough
(a summary may have to be extracted from an abstract) to run off the event loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup, escape

from adapters.text import printable, truncate
from adapters.web.chart import Chart, charts, sparkline
from adapters.web.outward_links import Link, discussion_links, reading_links, share_links
from adapters.web.params import author_path, organization_path, paper_path, topic_path
from adapters.web.picture_html import picture
from bot.model import LinkedRepository, ListedPaper, Paper, PaperDetails, SavedPaper, Span
from bot.text.analyzer import stem_spans
from bot.text.cleaning import clean_text
from bot.wording import evidence, export, parts, summaries

TITLE_MAX, BYLINE_MAX, AUTHORS_MAX, SUMMARY_MAX, ABSTRACT_MAX = 300, 240, 1_000, 700, 6_000
"""Characters, so that no paper makes a page heavy."""
OPENING_MAX = 1_000
"""Characters of an abstract in a list; it ends with a word, and its paper's page has all of it."""
NOT_IN_A_LIST = frozenset({"Hugging Face"})
IN_PLACE = NOT_IN_A_LIST | {"arXiv", "Publisher"}
"""Links that a list leaves out; those of an abstract, where it opens in place."""
AUTHORS_SHOWN = 8
"""Names on a paper's page before the reader opens the others."""
NAME_MAX = 200
"""Characters of one name."""
NOTE_MAX = 300
"""Characters of a note on the page of a reading list."""
CARDS_CACHED = 2_000
"""Papers whose cards are remembered: about 10 MB."""
BIBTEX_AUTHORS = 60
"""Names in an entry; more are `and others`."""


class PaperCard(NamedTuple):
    """The part of a card that is the same in every list and at any time."""

    title: str
    path: str
    people: str
    summary: str
    mark: str
    """The writer of the summary, unless it is the authors'."""
    abstract: str
    links: tuple[Link, ...]
    """Where to read it."""
    picture: Markup


class PaperItem(NamedTuple):
    """One paper of a list."""

    card: PaperCard
    day: str
    """The day its age starts, as 2025-10-23."""
    date: str
    is_new: bool
    summary: Markup
    """Words of the query in bold."""
    evidence: tuple[Span, ...]
    sparkline: str
    """Points of the votes' line; empty for too few."""
    note: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class SavedItem:
    """One entry of a reading list; its summary is left out, so that fifty make no heavy page."""

    card: PaperCard
    note: str
    tags: tuple[str, ...]
    saved: str
    """The day; empty if it is not known."""
    is_read: bool


@dataclass(frozen=True, slots=True)
class Authors:
    """The names that are shown at once, those that a reader opens, and how many these are."""

    first: tuple[Link, ...]
    others: tuple[Link, ...]
    count: int
    unnamed: int
    """Those of the others whose names are not shown."""


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper on its page."""

    title: str
    authors: Authors
    withdrawn: bool
    evidence: tuple[Span, ...]
    summary: str
    mark: str
    authors_summary: str
    """The authors' sentence beside another one; empty if it is the summary."""
    description: str
    """The authors' sentence, for links to the page in chats, where no mark stands beside it."""
    links: tuple[Link, ...]
    """Where to read it."""
    abstract: str
    note: str
    organization: Link | None
    """Its name, and its page here."""
    categories: tuple[Link, ...]
    """With their topics."""
    discussion: tuple[Link, ...]
    """Where others discuss it."""
    repositories: tuple[tuple[str, tuple[LinkedRepository, ...]], ...]
    """Models, datasets and demos that name it, with their heading."""
    picture: Markup
    card: str
    """Path of its picture for previews."""
    facts: tuple[tuple[str, str], ...]
    """Name and value of other metadata."""
    bibtex: str
    share: tuple[Link, ...]
    """Where to tell others of it."""
    charts: list[Chart]
    similar: list[PaperItem]


def dots_at_ends(text: str) -> str:
    """The text with its " · " unbreakable before the dot: no line starts with one."""
    return text.replace(" · ", "\u00a0· ")


def marked(text: str, stems: frozenset[str]) -> Markup:
    """A text with the words that have these stems in bold."""
    text = printable(text)
    words = stem_spans(text, stems) if stems else []
    if not words:
        return escape(text)
    pieces, at = [], 0
    for start, end in words:
        pieces += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
        at = end
    return Markup("".join([*pieces, escape(text[at:])]))  # noqa: S704 - escaped above


def paper_items(papers: Iterable[ListedPaper], now: datetime) -> list[PaperItem]:
    """The papers of a list, with the evidence as of `now`."""
    return [_item(listed, now) for listed in papers]


def saved_items(saved: Iterable[SavedPaper]) -> list[SavedItem]:
    """The entries of a reading list."""
    return [
        SavedItem(_card(each.paper), truncate(each.note, NOTE_MAX), each.tags, _date(each.saved_at), bool(each.read_at))
        for each in saved
    ]


def _item(listed: ListedPaper, now: datetime) -> PaperItem:
    paper = listed.paper
    card = _card(paper)
    age_at = paper.age_at or now  # every stored paper has been seen at some time
    return PaperItem(
        card=card,
        day=age_at.date().isoformat(),
        date=parts.day_text(age_at.date(), now.date()),
        is_new=listed.is_new,
        summary=marked(card.summary, listed.stems),
        evidence=evidence.short_spans(listed.trend.evidence, paper, now, listed.trend.listed),
        sparkline=sparkline(listed.votes),
        note=listed.note,
        withdrawn=paper.withdrawn,
    )


@lru_cache(maxsize=CARDS_CACHED)
def _card(paper: Paper) -> PaperCard:
    abstract = clean_text(paper.abstract)
    return PaperCard(
        title=truncate(parts.title_of(paper), TITLE_MAX),
        path=paper_path(paper.id),
        people=truncate(parts.byline(paper), BYLINE_MAX),
        summary=truncate(summaries.paper_summary(paper), SUMMARY_MAX),
        mark=summaries.summary_mark(paper),
        abstract=truncate(abstract, OPENING_MAX),
        links=reading_links(paper, left_out=IN_PLACE if abstract else NOT_IN_A_LIST),
        picture=picture(paper),
    )


def paper_view(details: PaperDetails, url: str) -> PaperView:
    """One paper with everything about it; `url` is that of its page."""
    paper, trend = details.trend.paper, details.trend
    title = truncate(parts.title_of(paper), TITLE_MAX)
    return PaperView(
        title=title,
        authors=_authors(paper),
        withdrawn=paper.withdrawn,
        evidence=evidence.long_spans(trend, details.as_of),
        summary=truncate(summaries.paper_summary(paper), SUMMARY_MAX),
        mark=summaries.summary_mark(paper),
        authors_summary=truncate(summaries.other_summary(paper), SUMMARY_MAX),
        description=truncate(summaries.authors_summary(paper), SUMMARY_MAX),
        links=reading_links(paper),
        abstract=truncate(clean_text(paper.abstract), ABSTRACT_MAX),
        note=details.note,
        organization=_organization(paper),
        categories=tuple(Link(each, topic_path(f"cat:{each}")) for each in paper.categories),
        discussion=discussion_links(details),
        repositories=_repositories(details),
        picture=picture(paper),
        card=f"/card/{quote(paper.id, safe='/.:()-_')}.png",
        facts=_facts(paper),
        bibtex=_bibtex(paper),
        share=share_links(title, url),
        charts=charts(details.signals, details.as_of),
        similar=paper_items(details.similar, details.as_of),
    )


def _authors(paper: Paper) -> Authors:
    """The first names, and the others as far as they fit with how many more there are."""
    names = [truncate(clean_text(author), NAME_MAX) for author in paper.authors]
    total = len(names) + paper.more_authors
    visible = parts.names_shown(total, AUTHORS_SHOWN)
    links = [Link(name, author_path(name)) for name in names]
    first, others = links[:visible], links[visible:]
    ends = accumulate(len(link.label) + len(", ") for link in others)
    fitting = sum(1 for end in ends if end <= AUTHORS_MAX)
    return Authors(tuple(first), tuple(others[:fitting]), total - len(first), total - len(first) - fitting)


def _organization(paper: Paper) -> Link | None:
    name = truncate(clean_text(paper.organization or ""), BYLINE_MAX)
    return Link(name, organization_path(name)) if name else None


def _repositories(details: PaperDetails) -> tuple[tuple[str, tuple[LinkedRepository, ...]], ...]:
    by_kind = (
        (heading, tuple(each for each in details.repositories if each.kind == kind))
        for kind, heading in (("model", "Models"), ("dataset", "Datasets"), ("demo", "Demos"))
    )
    return tuple((heading, each) for heading, each in by_kind if each)


def _bibtex(paper: Paper) -> str:
    kept = paper.authors[:BIBTEX_AUTHORS]
    short = replace(paper, authors=kept, more_authors=paper.more_authors + len(paper.authors) - len(kept))
    return truncate("".join(export.bibtex([SavedPaper(short)])).strip(), ABSTRACT_MAX)


def _facts(paper: Paper) -> tuple[tuple[str, str], ...]:
    values = {
        "Published": _date(paper.published_at),
        "Listed on Hugging Face": _date(paper.listed_at),
        "Comment": clean_text(paper.comment or ""),
        "Journal": clean_text(paper.journal_ref or ""),
    }
    return tuple((name, truncate(value, BYLINE_MAX)) for name, value in values.items() if value)


def _date(at: datetime | None) -> str:
    return parts.day_text(at.date(), None) if at else ""
