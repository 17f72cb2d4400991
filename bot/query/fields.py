"""The fields of a query that name somebody or something: authors, organisations, venues, categories. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from bot.model import Paper
from bot.text.analyzer import normalise, words

_VENUE_WORD = re.compile(r"[^\W\d_]+|\d+")
_NAME_PART = re.compile(r"[^\W_]+")


T = TypeVar("T")


class Names:
    """What papers say about people, places and subjects, by position; asked once a name."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = papers

    def find(self, field: str, value: str) -> int:
        """The papers, as bits, whose `cat`, `author`, `org` or `venue` is the value."""
        if field == "author":
            return self._authors_named(value)
        if field == "cat":
            return self._in_category(value)
        return (
            self._told(self._venues, _venue(value))
            if field == "venue"
            else self._told(self._organizations, _row(words(value)))
        )

    @staticmethod
    def _told(texts: dict[str, int], row: str) -> int:
        found = 0
        for text, holders in texts.items():
            if row in text:
                found |= holders
        return found

    def _in_category(self, value: str) -> int:
        wanted = value.casefold()
        found = self._categories.get(wanted, 0)
        if "." not in wanted:
            for category, holders in self._categories.items():
                if category.startswith(f"{wanted}."):
                    found |= holders
        return found

    def _authors_named(self, value: str) -> int:
        """Papers by one author whose name has all these words; initials stand for names, but not all of them may."""
        wanted = _NAME_PART.findall(normalise(value))
        found = 0
        for name in {name for part in wanted for name in self._names_with.get(part, ())}:
            if _same_person(wanted, name) or _same_person(_given_in_one(wanted), _given_in_one(name)):
                found |= self._authors[name]
        return found

    @cached_property
    def _categories(self) -> dict[str, int]:
        return _holders(
            (i, category.casefold()) for i, paper in enumerate(self._papers) for category in paper.categories
        )

    @cached_property
    def _organizations(self) -> dict[str, int]:
        return _holders((i, _row(words(p.organization))) for i, p in enumerate(self._papers) if p.organization)

    @cached_property
    def _venues(self) -> dict[str, int]:
        told = (
            (i, text) for i, paper in enumerate(self._papers) for text in (paper.comment, paper.journal_ref) if text
        )
        return _holders((i, _venue(text)) for i, text in told)

    @cached_property
    def _authors(self) -> dict[tuple[str, ...], int]:
        named = ((i, author) for i, paper in enumerate(self._papers) for author in paper.authors)
        return _holders((i, tuple(_NAME_PART.findall(normalise(author)))) for i, author in named)

    @cached_property
    def _names_with(self) -> dict[str, list[tuple[str, ...]]]:
        found: dict[str, list[tuple[str, ...]]] = {}
        for name in self._authors:
            for part in {*name, *_given_in_one(name)}:
                found.setdefault(part, []).append(name)
        return found


def _holders(pairs: Iterable[tuple[int, T]]) -> dict[T, int]:
    found: dict[T, int] = {}
    for position, key in pairs:
        found[key] = found.get(key, 0) | 1 << position
    return found


def _row(parts: Iterable[str]) -> str:
    return f" {' '.join(parts)} "


def _given_in_one(name: Sequence[str]) -> Sequence[str]:
    """`Byung-Kwan Lee` as `Byungkwan Lee`: both spellings are common."""
    return ("".join(name[:-1]), name[-1]) if len(name) > 2 else name


def _venue(text: str) -> str:
    """Letters and digits apart, so that `neurips` is found in `NeurIPS2025`."""
    return _row(_VENUE_WORD.findall(normalise(text)))


def _same_person(wanted: Sequence[str], name: Sequence[str]) -> bool:
    """Whether every wanted word is a part of the name, each of its own: whole words first, then initials."""
    left = list(name)
    rest = []
    for part in wanted:
        if part in left:
            left.remove(part)
        else:
            rest.append(part)
    for part in rest:
        own = next((i for i, other in enumerate(left) if _initial(part, other) or _initial(other, part)), None)
        if own is None:
            return False
        del left[own]
    return True


def _initial(short: str, long: str) -> bool:
    return len(short) == 1 and long.startswith(short)
