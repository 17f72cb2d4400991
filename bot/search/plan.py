"""One alternative of a query -> how it is looked up: groups of stems to rank by, masks and conditions to keep by. Pure.

Conditions let pass a superset, on purpose: `matching` decides afterwards what matches exactly, so nothing here has to
know how a name or a phrase is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model.segment import PaperFilter
from bot.query.ast import Field, Has, Like, Min, Phrase, Query, Since, Term, Word
from bot.search.index import name_parts
from bot.text.analyzer import STOP_WORDS, stem_readings, words


@dataclass(frozen=True, slots=True)
class Group:
    """What stands for one word: `multi-modal` is `multi` and `modal`, or `multimod`; `Hughes` may be a name."""

    typed: str
    stems: tuple[str, ...]
    joined: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How one alternative is looked up."""

    groups: tuple[Group, ...]
    """A group a word that tells something."""
    said: str
    """The words as typed, to be understood by meaning; empty without any."""
    authors: tuple[tuple[str, ...], ...]
    """For each author asked for, parts of the name: a paper has at least one of them."""
    phrases: tuple[Group, ...]
    """A paper has all of these."""
    without: tuple[str, ...]
    """Stems no paper has."""
    condition: PaperFilter
    """What a paper's columns can tell."""
    like: str | None
    exact: Query | None
    """What `matching` must confirm; None: nothing."""
    reads_text: bool
    """Whether that needs title and abstract."""

    @property
    def asks_nothing(self) -> bool:
        """Only stop words."""
        return not (
            self.groups or self.authors or self.condition != PaperFilter() or self.like or self.exact or self.without
        )


def plan(terms: tuple[Term, ...], now: datetime) -> Plan:
    """How to look one alternative up."""
    wanted = [term.leaf for term in terms if not term.negated]
    texts = [leaf for leaf in wanted if isinstance(leaf, Word | Phrase)]
    found = [(leaf, group) for leaf in texts for word in leaf.text.split() if (group := _group(word, leaf))]
    likes = [leaf.paper_id for leaf in wanted if isinstance(leaf, Like)]
    # Words found by the index need no second look, but next to `like:` they are not looked up there.
    simple = () if likes else tuple(t for t in terms if t.negated and _one_stem(t.leaf))
    kept = tuple(t for t in terms if (likes or t.negated or not isinstance(t.leaf, Word)) and t not in simple)
    authors = [leaf.value for leaf in wanted if isinstance(leaf, Field) and leaf.name == "author"]
    return Plan(
        groups=tuple(group for _, group in found),
        said=" ".join(leaf.text for leaf in texts) if found else "",
        authors=tuple(map(_parts, authors)),
        phrases=tuple(group for leaf, group in found if isinstance(leaf, Phrase)),
        without=tuple(stem for term in simple if (stem := _one_stem(term.leaf))),
        condition=_condition(wanted, now),
        like=likes[0] if likes else None,
        exact=Query((kept,)) if kept else None,
        reads_text=any(isinstance(term.leaf, Word | Phrase | Like) for term in kept),
    )


def _group(word: str, leaf: Word | Phrase) -> Group | None:
    split, joined = stem_readings(word)
    telling = tuple(stem for stem in split if stem not in STOP_WORDS)
    parts = words(word)
    if not telling or all(part in STOP_WORDS for part in parts):
        return None
    # Names are not stemmed: `Hughes` is no plural.
    names = tuple(parts) if isinstance(leaf, Word) and len(parts) == 1 else ()
    return Group(word, telling, tuple(stem for stem in joined if stem not in split), names)


def _one_stem(leaf: object) -> str:
    """The stem of a word that is one in every reading; what holds it is known without reading the text."""
    if not isinstance(leaf, Word) or leaf.is_stop_word:
        return ""
    split, joined = stem_readings(leaf.text)
    return split[0] if len(split) == 1 and joined == split else ""


def _parts(author: str) -> tuple[str, ...]:
    """Whole parts of the name; initials are compared afterwards."""
    parts = name_parts(author)
    return tuple([part for part in parts if len(part) > 1] or parts)


def _condition(leaves: Sequence[object], now: datetime) -> PaperFilter:
    """The filter that every match passes."""
    starts = [now - leaf.span for leaf in leaves if isinstance(leaf, Since)]
    fields = [leaf for leaf in leaves if isinstance(leaf, Field)]
    return PaperFilter(
        since=max(starts, default=None),
        categories=tuple(field.value for field in fields if field.name == "cat"),
        has_code=Has("code") in leaves,
        has_project=any(isinstance(leaf, Has) and leaf.what != "code" for leaf in leaves),
        has_organization=any(field.name == "org" for field in fields),
        has_venue=any(field.name == "venue" for field in fields),
        upvotes=max((leaf.upvotes for leaf in leaves if isinstance(leaf, Min)), default=None),
    )
