"""Terms of the index for fields: categories, organisation, venue, and whether there is code. Pure.

They are posted like stems, so a condition on a field costs what a word costs. No stem begins with `#`.
"""

from __future__ import annotations

from functools import lru_cache

from bot.model import Paper
from bot.model.segment import PaperFilter
from bot.query.field_index import VENUE_WORD
from bot.text.analyzer import Memo, words

FIELD = "#"
"""Prefix of a field's term."""
_CODE, _PROJECT = "#has:code", "#has:project"


def paper_terms(paper: Paper) -> list[str]:
    """Terms of a paper's fields, each once: a category with its archive (`cs.CL`, `cs`), words of names."""
    names = (name for name in (paper.organization, paper.organization_handle) if name)
    texts = (text for text in (paper.comment, paper.journal_ref) if text)
    return [
        *_categories(paper.categories),
        *dict.fromkeys(_organization(word) for name in names for word in words(name)),
        *dict.fromkeys(term for text in texts for terms in _venues.values_of(text) for term in terms),
        *([_CODE] if paper.code_url else []),
        *([_PROJECT] if paper.project_url else []),
    ]


def age_seconds(paper: Paper) -> float:
    """Start of a paper's age in Unix seconds; 0 if it is unknown."""
    return paper.age_at.timestamp() if paper.age_at else 0.0


def filter_terms(condition: PaperFilter) -> list[str]:
    """Terms that a paper must have, all of them, to pass a filter's conditions but those on age and upvotes."""
    return [
        *(_category(name) for name in condition.categories),
        *(_organization(word) for word in condition.organization),
        *(_venue(word) for word in condition.venue),
        *([_CODE] if condition.has_code else []),
        *([_PROJECT] if condition.has_project else []),
    ]


@lru_cache(maxsize=4_096)
def _categories(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_category, sorted({each for name in names for each in _with_archives(name)})))


def _with_archives(category: str) -> list[str]:
    """A category and what it is part of: `cs.CL` is in `cs`."""
    parts = category.split(maxsplit=1)[0].split(".") if category.split() else []
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _category(name: str) -> str:
    return f"#cat:{name.casefold()}"


def _organization(word: str) -> str:
    return f"#org:{word}"


def _venue(word: str) -> str:
    return f"#venue:{word}"


_venues: Memo[tuple[str, ...]] = Memo(lambda piece: tuple(map(_venue, VENUE_WORD.findall(piece))))
