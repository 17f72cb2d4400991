"""Likely meanings of what a query names: categories, organisations, and a category typed as a word. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection

from bot.model.category import canonical_category, is_known, similar_categories
from bot.query.ast import FieldTerm, Leaf, Query, Word

MOST_CATEGORIES = 3


def hints(query: Query, organizations: Collection[str] = ()) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each term that papers cannot have as typed, and those it may mean, the likeliest first.

    `organizations`: names and accounts of papers.
    """
    leaves = dict.fromkeys(term.leaf for terms in query.alternatives for term in terms if not term.negated)
    pairs = ((str(leaf), tuple(map(str, _meant(leaf, organizations)))) for leaf in leaves)
    return tuple((typed, likely) for typed, likely in pairs if likely)


def search_hints(
    query: Query, organizations: Callable[[], Collection[str]], *, is_empty: bool
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The hints of a search: all of them where nothing was found, else those of words that are categories."""
    return hints(query, organizations()) if is_empty else category_hints(query)


def category_hints(query: Query) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The hints of words that are categories: `cs.CL` -> `cat:cs.CL`."""
    words = tuple(tuple(term for term in terms if isinstance(term.leaf, Word)) for terms in query.alternatives)
    return hints(Query(words))


def rewritten(query: Query, typed: str, replacement: str) -> str:
    """The query with one term in place of another."""
    alternatives = [
        [replacement if str(term) == typed else str(term) for term in terms] for terms in query.alternatives
    ]
    return " | ".join(map(" ".join, alternatives))


def _meant(leaf: Leaf, organizations: Collection[str]) -> tuple[Leaf, ...]:
    if isinstance(leaf, Word):
        name = canonical_category(leaf.text)
        is_whole = "." in name or "-" in name
        return (FieldTerm("cat", name),) if is_whole and is_known(name) else ()
    if not isinstance(leaf, FieldTerm):
        return ()
    if leaf.name == "cat" and not is_known(leaf.value):
        return tuple(FieldTerm("cat", each) for each in similar_categories(leaf.value, MOST_CATEGORIES))
    if leaf.name == "org":
        names = {name.lower() for name in organizations}
        if not any(leaf.value.lower() in name for name in names):
            near = difflib.get_close_matches(leaf.value.lower(), sorted(names), n=1, cutoff=0.75)
            return tuple(FieldTerm("org", each) for each in near)
    return ()
