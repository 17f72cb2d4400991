"""Fields of a paper as bibliographies have them; each format, and Zotero, writes them in its own way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from bot.model import SavedPaper
from bot.text import word_set
from bot.text.cleaning import clean_text
from bot.wording.parts import count

_GROUPS = word_set(
    """
    association center centre collaboration community company consortium corporation foundation gmbh group inc
    initiative institute lab laboratories laboratory labs llc ltd network project research society team university
    """
)
"""Last words of authors that are no persons."""
_SUFFIXES = word_set("jr sr ii iii iv")
"""Last words of persons' names that are no family names."""


class Author(NamedTuple):
    """A name in its parts."""

    name: str
    """As it is written."""
    family: str
    """The family name with the particles in lower case before it; the whole name of one word or of a group."""
    given: str
    suffix: str
    """`Jr.`"""
    is_group: bool

    @property
    def family_first(self) -> str:
        """`Lovelace, Ada`, `Smith, Ada, Jr.`; names with a comma, of one word, and of groups stay as they are."""
        return ", ".join(filter(None, (self.family, self.given, self.suffix)))


@dataclass(frozen=True, slots=True)
class Citation:
    """One entry of a bibliography, without any format's escapes; what is not known is empty."""

    title: str
    authors: tuple[Author, ...]
    left_out: str
    """How many authors are not named, because the names that are stored are bounded."""
    abstract: str
    published: date | None
    journal: str
    arxiv_id: str
    doi: str
    """Of a journal, or of a paper that is known by its DOI alone."""
    url: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    note: str
    read: bool


def citation(saved: SavedPaper) -> Citation:
    """The entry of a paper on a reading list."""
    paper = saved.paper
    return Citation(
        clean_text(paper.title),
        tuple(author(name) for name in map(clean_text, paper.authors) if name),
        f"and {count(paper.more_authors, 'more author')}" if paper.more_authors else "",
        clean_text(paper.abstract),
        paper.published_at.date() if paper.published_at else None,
        clean_text(paper.journal_ref or ""),
        paper.id if paper.is_arxiv else "",
        paper.doi or ("" if paper.is_arxiv else paper.id),
        paper.url,
        paper.categories,
        saved.tags,
        saved.note,
        saved.read_at is not None,
    )


def author(name: str) -> Author:
    """The parts of a name."""
    words = name.split()
    if len(words) < 2 or "," in name or _is_group(name):
        return Author(name, name, "", "", is_group=_is_group(name))
    suffix = words.pop() if len(words) > 2 and words[-1].lower().strip(".") in _SUFFIXES else ""
    start = next((i for i, word in enumerate(words) if 0 < i < len(words) - 1 and word.islower()), len(words) - 1)
    return Author(name, " ".join(words[start:]), " ".join(words[:start]), suffix, is_group=False)


def _is_group(name: str) -> bool:
    *others, last = name.split() or [""]
    return last.lower().strip(".,") in _GROUPS or last == "AI" or "and" in map(str.lower, others)
