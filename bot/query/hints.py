"""Likely meanings of a query: of its terms, of names without quotes, of `or`, and of plain words. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from itertools import takewhile
from typing import Protocol

from bot.model import Hint
from bot.model.category import canonical_category, is_known, similar_categories
from bot.query.alternatives import listed_alternatives
from bot.query.ast import FieldTerm, Leaf, Query, Term, Word
from bot.query.names import name_of
from bot.query.parser import field_values
from bot.query.sentences import sentence_meaning
from bot.text.analyzer import words

MOST_CATEGORIES = 3
ROUND = (5, 2, 1)
"""First digits of a suggested number of upvotes."""


class Candidates(Protocol):
    """Papers of the last days, from which other words are taken."""

    def organizations(self) -> Collection[str]:
        """Names and accounts of their organisations."""

    def most_upvotes(self) -> float:
        """The most upvotes that one of them has; 0 for none."""


def search_hints(
    query: Query, candidates: Candidates, *, is_empty: bool, titles: Iterable[str] = ()
) -> tuple[Hint, ...]:
    """The hints of a search: of names, sentences and words that are categories; where nothing was found, of all terms.

    `titles`: of papers that were found; a query that is words of one of them is no sentence.
    """
    terms = [term for terms in query.alternatives for term in terms if not term.negated]
    leaves = dict.fromkeys(term.leaf for term in terms if is_empty or isinstance(term.leaf, Word))
    likely = [(leaf, _likely(leaf, candidates)) for leaf in leaves]
    hints = [_hint(query, leaf, others) for leaf, others in likely if others]
    hints += _name_hints(query, candidates, is_empty=is_empty)
    whole = str(query)
    if (other := _other_words(whole, candidates)) and not any(_has(title, whole) for title in titles):
        hints.append(Hint(whole, (other,), (other,)))
    return tuple(hints)


def unknown_categories(query: Query) -> tuple[Hint, ...]:
    """The hints of categories that arXiv does not have, outside negations."""
    unknown = [value for value in field_values(query, "cat") if not is_known(value)]
    return tuple(_hint(query, FieldTerm("cat", each), _similar(each)) for each in unknown)


def _other_words(whole: str, candidates: Candidates) -> str:
    """The query that a sentence or a query with `or` stands for; empty for any other."""
    meaning = sentence_meaning(whole, candidates.organizations)
    return meaning or (" | ".join(listed_alternatives(whole)) if " or " in whole else "")


def _has(title: str, text: str) -> bool:
    """Whether the words of a text stand in a title in a row."""
    return f" {' '.join(words(text))} " in f" {' '.join(words(title))} "


def _name_hints(query: Query, candidates: Candidates, *, is_empty: bool) -> Iterator[Hint]:
    """`author:"Ada Lovelace"` of `author:Ada Lovelace`."""
    for terms in query.alternatives:
        for start, term in enumerate(terms):
            if term.negated or not isinstance(term.leaf, FieldTerm) or not term.leaf.field.has_names:
                continue
            if " " in term.leaf.value:
                continue  # in quotes already
            following = takewhile(lambda each: isinstance(each.leaf, Word) and not each.negated, terms[start + 1 :])
            name = name_of([str(each) for each in following])
            whole = FieldTerm(term.leaf.name, " ".join([term.leaf.value, *name]))
            if not name or not _is_name(whole, name[0], candidates, is_empty=is_empty):
                continue
            replaced = (*terms[:start], Term(whole), *terms[start + 1 + len(name) :])
            line = str(Query(tuple(replaced if each is terms else each for each in query.alternatives)))
            yield Hint(" ".join([str(term), *name]), (str(whole),), (line,))


def _is_name(whole: FieldTerm, second: str, candidates: Candidates, *, is_empty: bool) -> bool:
    """Whether the words after the first one of a name are likely to belong to it."""
    if whole.name == "org" and any(whole.value.lower() in each.lower() for each in candidates.organizations()):
        return True
    is_capital = second[:1].isupper()
    return is_empty or is_capital if whole.name == "author" else is_empty and is_capital


def _hint(query: Query, leaf: Leaf, likely: Iterable[Leaf]) -> Hint:
    texts = tuple(map(str, likely))
    return Hint(str(leaf), texts, tuple(_rewritten(query, str(leaf), each) for each in texts))


def _similar(category: str) -> tuple[FieldTerm, ...]:
    return tuple(FieldTerm("cat", each) for each in similar_categories(category, MOST_CATEGORIES))


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
        return _similar(leaf.value)
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
