"""Syntax tree of a query: frozen values that print as they are typed. Pure.

A Query is alternatives of terms; a Term is a leaf or its negation; a leaf states one condition on a paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.query.fields import FIELDS, QueryField
from bot.text.analyzer import STOP_WORDS, words


@dataclass(frozen=True, slots=True)
class Word:
    """A free word, matched by stem; a hyphenated one by its parts side by side, or as one word."""

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def is_stop_word(self) -> bool:
        """Whether every part is a stop word, so that it is matched only where there is no other word."""
        return all(word in STOP_WORDS for word in words(self.text))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words, matched by stem."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """A field and its parsed value, such as `cat:cs.CL`. Raises KeyError for a field that is not in `FIELDS`."""

    name: str
    value: Any
    """As `QueryField.parse` returns it."""

    def __post_init__(self) -> None:
        FIELDS[self.name]

    @property
    def field(self) -> QueryField:
        """The declaration of the field."""
        return FIELDS[self.name]

    def __str__(self) -> str:
        value = self.field.print(self.value)
        return f'{self.name}:"{value}"' if re.search(r"[\s|]", value) else f"{self.name}:{value}"


Leaf = Word | Phrase | FieldTerm


@dataclass(frozen=True, slots=True)
class Term:
    """A leaf, or its negation."""

    leaf: Leaf
    negated: bool = False

    def __str__(self) -> str:
        return f"-{self.leaf}" if self.negated else str(self.leaf)


@dataclass(frozen=True, slots=True)
class Query:
    """Alternatives (any may match) of terms (all must match). `str()` is the canonical text; it parses to the same."""

    alternatives: tuple[tuple[Term, ...], ...]

    def __str__(self) -> str:
        return " | ".join(" ".join(map(str, terms)) for terms in self.alternatives)


def with_leaves(query: Query, leaves: Mapping[str, Leaf]) -> Query:
    """The query with these leaves in the place of free words outside negations, by their text."""

    def replaced(term: Term) -> Term:
        is_word = isinstance(term.leaf, Word) and not term.negated
        return Term(leaves.get(term.leaf.text, term.leaf)) if is_word and isinstance(term.leaf, Word) else term

    return Query(tuple(tuple(map(replaced, terms)) for terms in query.alternatives))


def content_words(terms: Iterable[Term]) -> tuple[Word, ...]:
    """The free words of an alternative that are neither negated nor stop words: what also matches by meaning."""
    return tuple(
        term.leaf for term in terms if isinstance(term.leaf, Word) and not term.negated and not term.leaf.is_stop_word
    )


def content_text(terms: Iterable[Term]) -> str:
    """The content words of an alternative as one text, in order; empty if there are none."""
    return " ".join(map(str, content_words(terms)))
