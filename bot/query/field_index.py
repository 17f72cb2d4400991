"""Index of papers by category, author, organisation and venue, for the fields of a query. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from bot.model import Paper
from bot.query.paper_set import PaperSet
from bot.text.analyzer import normalise, words

VENUE_WORD = re.compile(r"[^\W\d_]+|\d+")
_NAME_PART = re.compile(r"[^\W_]+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Document:
    """A paper and its latest upvotes (None: unknown)."""

    paper: Paper
    upvotes: float | None = None


class FieldIndex:
    """Inverted lists of documents by field, each built on first use."""

    def __init__(self, documents: Sequence[Document], now: datetime, like: Callable[[str], PaperSet]) -> None:
        """`like`: the documents similar to the paper with an id."""
        self.documents, self.now, self.like = documents, now, like

    def where(self, condition: Callable[[Document], bool]) -> PaperSet:
        """The documents that meet a condition."""
        return PaperSet(i for i, document in enumerate(self.documents) if condition(document))

    def in_category(self, category: str) -> PaperSet:
        """Papers of an arXiv category, or of any category of an archive (`cs`)."""
        category = category.casefold()
        inside = [category, *(name for name in self._categories if name.startswith(f"{category}."))]
        return PaperSet.union(self._categories[name] for name in inside if name in self._categories)

    def by_author(self, name: str) -> PaperSet:
        """Papers by one author whose name has all these words, of which an initial may stand for a whole name."""
        parts = _NAME_PART.findall(normalise(name))
        authors = {author for part in parts for author in self._authors_with.get(part, ())}
        return PaperSet.union(
            self._authors[author]
            for author in authors
            if _same_person(parts, author) or _same_person(_given_names_joined(parts), _given_names_joined(author))
        )

    def at_organization(self, name: str) -> PaperSet:
        """Papers whose organisation has these words in a row, in its name or its account's."""
        return _with_row(_row(words(name)), self._organizations)

    def at_venue(self, name: str) -> PaperSet:
        """Papers whose comment or journal reference has these words in a row."""
        return _with_row(_venue_row(name), self._venues)

    @cached_property
    def _categories(self) -> dict[str, PaperSet]:
        return _inverted((i, name.casefold()) for i, paper in self._papers() for name in paper.categories)

    @cached_property
    def _organizations(self) -> dict[str, PaperSet]:
        names = ((i, {paper.organization, paper.organization_handle}) for i, paper in self._papers())
        return _inverted((i, row) for i, both in names for row in {_row(words(name)) for name in both if name})

    @cached_property
    def _venues(self) -> dict[str, PaperSet]:
        texts = ((i, text) for i, paper in self._papers() for text in (paper.comment, paper.journal_ref) if text)
        return _inverted((i, _venue_row(text)) for i, text in texts)

    @cached_property
    def _authors(self) -> dict[tuple[str, ...], PaperSet]:
        authors = ((i, author) for i, paper in self._papers() for author in paper.authors)
        return _inverted((i, tuple(_NAME_PART.findall(normalise(author)))) for i, author in authors)

    @cached_property
    def _authors_with(self) -> dict[str, list[tuple[str, ...]]]:
        authors: dict[str, list[tuple[str, ...]]] = {}
        for author in self._authors:
            for part in {*author, *_given_names_joined(author)}:
                authors.setdefault(part, []).append(author)
        return authors

    def _papers(self) -> Iterable[tuple[int, Paper]]:
        return ((i, document.paper) for i, document in enumerate(self.documents))


def name_parts(name: str) -> list[str]:
    """The words of a person's name, and the given names in one: `Byung-Kwan Lee` is also found as `Byungkwan`."""
    parts = _NAME_PART.findall(normalise(name))
    return [*parts, "".join(parts[:-1])] if len(parts) > 2 else parts


def venue_words(text: str) -> tuple[str, ...]:
    """Words of a venue, letters and digits apart, so that `neurips` is found in `NeurIPS2025`."""
    return tuple(VENUE_WORD.findall(normalise(text)))


def _inverted(pairs: Iterable[tuple[int, T]]) -> dict[T, PaperSet]:
    positions: dict[T, list[int]] = {}
    for position, key in pairs:
        positions.setdefault(key, []).append(position)
    return {key: PaperSet(each) for key, each in positions.items()}


def _row(parts: Iterable[str]) -> str:
    return f" {' '.join(parts)} "


def _with_row(row: str, by_text: Mapping[str, PaperSet]) -> PaperSet:
    return PaperSet.union(papers for text, papers in by_text.items() if row in text)


def _venue_row(text: str) -> str:
    return _row(venue_words(text))


def _given_names_joined(name: Sequence[str]) -> Sequence[str]:
    """`Byung-Kwan Lee` as `Byungkwan Lee`: both spellings are common."""
    return ("".join(name[:-1]), name[-1]) if len(name) > 2 else name


def _same_person(parts: Sequence[str], name: Sequence[str]) -> bool:
    """Whether each part matches a different part of the name: whole words first, then initials."""
    unmatched, initials = list(name), []
    for part in parts:
        if part in unmatched:
            unmatched.remove(part)
        else:
            initials.append(part)
    for part in initials:
        own = next((i for i, other in enumerate(unmatched) if _initial(part, other) or _initial(other, part)), None)
        if own is None:
            return False
        del unmatched[own]
    return True


def _initial(short: str, long: str) -> bool:
    return len(short) == 1 and long.startswith(short)
