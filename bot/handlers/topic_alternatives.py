"""Other readings of a topic's words: an arXiv category, an organisation, an author."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

from bot.digest.shortlist import Shortlist
from bot.errors import QueryError
from bot.model import OtherTopic
from bot.query.ast import FieldTerm, Query, Word
from bot.query.category_names import NAMES, categories_named
from bot.query.paper_set import PaperSet
from bot.query.parser import field_values, parse
from bot.search import Search
from bot.text.analyzer import words

MOST = 2
"""Alternatives of one topic."""
LONGEST_NAME = 5
"""Words of a name."""
_FORMS = frozenset({"ai", "corporation", "corp", "group", "inc", "institute", "lab", "labs", "llc", "ltd", "of",
                    "research", "team", "technologies", "technology", "the", "university"})  # fmt: skip
"""Words that people leave out of an organisation's name."""


async def alternatives(search: Search, shortlist: Shortlist, topic: str) -> tuple[str, ...]:
    """Topics with a field that the words of a topic may mean; none for a topic that is more than words."""
    name = _plain_words(parse(topic))
    if not name:
        return ()
    fields = [FieldTerm("cat", category) for category in categories_named(name)]
    fields += [FieldTerm("org", each) for each in islice(_organizations(shortlist, name), 1)]
    if not fields and await _is_author(search, shortlist, name):
        fields = [FieldTerm("author", name)]
    return tuple(map(str, fields[:MOST]))


def counted_beside(shortlist: Shortlist, other: str, own: PaperSet, span: timedelta) -> OtherTopic:
    """An alternative with the number of its papers in a span, and of those that the words match as well (`own`)."""
    papers = shortlist.with_words(other) & shortlist.window(shortlist.now - span)
    category = next(iter(field_values(parse(other), "cat")), "")
    return OtherTopic(other, NAMES.get(category, ""), len(papers), len(papers & own))


def _plain_words(query: Query) -> str:
    """The words of a query that is nothing else, as typed; empty for any other."""
    if len(query.alternatives) != 1:
        return ""
    terms = query.alternatives[0]
    is_plain = all(isinstance(term.leaf, Word) and not term.negated for term in terms)
    return str(query) if is_plain and len(terms) <= LONGEST_NAME else ""


def _organizations(shortlist: Shortlist, name: str) -> list[str]:
    """Names of the candidates' organisations that a text is, but for words like “University”; the shortest first."""
    same = (each for each in shortlist.organizations() if _core(each) == _core(name))
    return sorted(same, key=lambda each: (len(each), each))


def _core(name: str) -> list[str]:
    parts = words(name)
    return [part for part in parts if part not in _FORMS] or parts


async def _is_author(search: Search, shortlist: Shortlist, name: str) -> bool:
    """Whether a text of two words or more is the name of an author, of a candidate or of a stored paper."""
    if len(name.split()) < 2:
        return False
    author = str(FieldTerm("author", name))
    if shortlist.with_words(author):
        return True
    try:
        return bool((await search.search(author, limit=1, now=shortlist.now)).hits)
    except QueryError:  # it would cost too much
        return False
