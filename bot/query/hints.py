"""Likely meanings of a query: of categories, organisations, numbers of upvotes, and of `or` between words. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Protocol

from bot.model import Hint
from bot.model.category import canonical_category, is_known, similar_categories
from bot.query.alternatives import listed_alternatives
from bot.query.ast import FieldTerm, Leaf, Query, Word

MOST_CATEGORIES = 3
ROUND = (5, 2, 1)
"""First digits of a suggested number of upvotes."""


class Candidates(Protocol):
    """Papers of the last days, from which other words are taken."""

    def organizations(self) -> Collection[str]:
        """Names and accounts of their organisations."""

    def most_upvotes(self) -> float:
        """The most upvotes that one of them has; 0 for none."""


def search_hints(query: Query, candidates: Candidates, *, is_empty: bool) -> tuple[Hint, ...]:
    """The hints of a search: of words that are categories, of `or`, and where nothing was found, of all its terms."""
    terms = [term for terms in query.alternatives for term in terms if not term.negated]
    leaves = dict.fromkeys(term.leaf for term in terms if is_empty or isinstance(term.leaf, Word))
    pairs = [(str(leaf), [str(likely) for likely in _likely(leaf, candidates)]) for leaf in leaves]
    hints = [
        Hint(typed, tuple(likely), tuple(_rewritten(query, typed, each) for each in likely))
        for typed, likely in pairs
        if likely
    ]
    whole = str(query)
    if " or " in whole and (either := " | ".join(listed_alternatives(whole))):
        hints.append(Hint(whole, (either,), (either,)))
    return tuple(hints)


def _rewritten(query: Query, typed: str, replacement: str) -> str:
    """The query with one term in place of another."""
    alternatives = [
        [replacement if str(term) == typed else str(term) for term in terms] for terms in query.alternatives
    ]
    return " | ".join(map(" ".join, alternatives))


def _likely(leaf: Leaf, candidates: Candidates) -> tuple[Leaf, ...]:
    if isinstance(leaf, Word):
        name = canonical_category(leaf.text)
        is_whole = "." in name or "-" in name
        return (FieldTerm("cat", name),) if is_whole and is_known(name) else ()
    if not isinstance(leaf, FieldTerm):
        return ()
    if leaf.name == "cat" and not is_known(leaf.value):
        return tuple(FieldTerm("cat", each) for each in similar_categories(leaf.value, MOST_CATEGORIES))
    if leaf.name == "org":
        names = {name.lower() for name in candidates.organizations()}
        if not any(leaf.value.lower() in name for name in names):
            near = difflib.get_close_matches(leaf.value.lower(), sorted(names), n=1, cutoff=0.75)
            return tuple(FieldTerm("org", each) for each in near)
    if leaf.name == "min" and leaf.value > (most := candidates.most_upvotes()) >= 1:
        return (FieldTerm("min", _rounded_down(most)),)
    return ()


def _rounded_down(number: float) -> int:
    """The largest of 1, 2, 5, 10, 20, … up to a number from 1."""
    zeros = "0" * (len(str(int(number))) - 1)
    return next(least for first in ROUND if (least := int(f"{first}{zeros}")) <= number)
