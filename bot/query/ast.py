"""What a query is made of: frozen values that print as they are typed. Pure.

A Query is alternatives of terms; a Term is a leaf or its negation; a leaf asks one thing of a paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.text.analyzer import STOP_WORDS, words


@dataclass(frozen=True, slots=True)
class Word:
    """A free word, matched by stem; a hyphenated one by its parts side by side, or as one word."""

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def is_stop_word(self) -> bool:
        """Whether it tells nothing, so that it is only looked for where there is nothing else."""
        return all(word in STOP_WORDS for word in words(self.text))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand side by side, matched by stem."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Field:
    """`cat:`, `author:`, `org:`, `venue:`; what is unknown about a paper never matches."""

    name: str
    value: str

    def __str__(self) -> str:
        return f'{self.name}:"{self.value}"' if re.search(r"[\s|]", self.value) else f"{self.name}:{self.value}"


@dataclass(frozen=True, slots=True)
class Like:
    """Papers like this one."""

    paper_id: str

    def __str__(self) -> str:
        return f'like:"{self.paper_id}"' if "|" in self.paper_id else f"like:{self.paper_id}"


@dataclass(frozen=True, slots=True)
class Has:
    """`code` or `project`: has a repository, a page."""

    what: str

    def __str__(self) -> str:
        return f"has:{self.what}"


@dataclass(frozen=True, slots=True)
class Since:
    """First seen (listed, else stored, else published) within this time."""

    span: timedelta

    def __str__(self) -> str:
        hours = int(self.span / timedelta(hours=1))
        return f"since:{hours}h" if hours % 24 else f"since:{hours // 24}d"


@dataclass(frozen=True, slots=True)
class Min:
    """At least this many upvotes at the latest observation; unknown never matches."""

    upvotes: int

    def __str__(self) -> str:
        return f"min:{self.upvotes}"


Leaf = Word | Phrase | Field | Like | Has | Since | Min


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


def content_words(terms: Iterable[Term]) -> tuple[Word, ...]:
    """The free words that an alternative looks for and that tell something: what may be meant in other words."""
    return tuple(
        term.leaf for term in terms if isinstance(term.leaf, Word) and not term.negated and not term.leaf.is_stop_word
    )


def content_text(terms: Iterable[Term]) -> str:
    """The same as one text, in order; empty if there are none."""
    return " ".join(map(str, content_words(terms)))
