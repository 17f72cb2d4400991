"""Plan of a search: one alternative of a query as stems to rank by and conditions to keep by. Pure.

Conditions let a superset pass, on purpose: `bot.query.matcher` confirms every hit, so nothing here has to know how a
name or a phrase is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_

from bot.model.segment import PaperFilter
from bot.query.ast import FieldTerm, Leaf, Phrase, Query, Term, Word
from bot.search.segment import NAME
from bot.text.analyzer import STOP_WORDS, index_stems, stem_readings, words


@dataclass(frozen=True, slots=True)
class StemGroup:
    """The stems of one word: `multi-modal` is `multi` and `modal`, or `multimod`; `Hughes` may be a name."""

    typed: str
    stems: tuple[str, ...]
    joined: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def indexed(self) -> tuple[str, ...]:
        """The stems and names as the index has them."""
        return (*self.stems, *self.joined, *(NAME + name for name in self.names))


@dataclass(frozen=True, slots=True)
class Plan:
    """Stems and conditions of one alternative."""

    groups: tuple[StemGroup, ...]
    """One group for each word that is no stop word."""
    text: str
    """Words as typed, to be embedded; empty without any."""
    authors: tuple[tuple[str, ...], ...]
    """Parts of each author's name; a paper has at least one of them."""
    phrases: tuple[StemGroup, ...]
    """Words of phrases; a paper has all of them."""
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    """For each phrase of several words its readings, without stop words; a paper has the stems of one in a row."""
    without: tuple[str, ...]
    """Stems that a paper must not have."""
    condition: PaperFilter
    """Conditions that a paper's columns can tell."""
    like: str | None
    """Id of a paper."""
    exact: Query | None
    """Conditions that the matcher must confirm; None: none."""
    reads_text: bool
    """Whether confirming needs title and abstract."""

    @property
    def asks_nothing(self) -> bool:
        """Whether there are only stop words."""
        return not (
            self.groups or self.authors or self.condition != PaperFilter() or self.like or self.exact or self.without
        )


def make_plan(terms: tuple[Term, ...], now: datetime) -> Plan:
    """Plan of one alternative of a query."""
    leaves = [term.leaf for term in terms if not term.negated]
    texts = [leaf for leaf in leaves if isinstance(leaf, Word | Phrase)]
    groups = [(leaf, group) for leaf in texts for word in leaf.text.split() if (group := _stem_group(word, leaf))]
    lookups = [leaf.field.lookup(leaf.value, now) for leaf in leaves if isinstance(leaf, FieldTerm)]
    likes = [lookup.like for lookup in lookups if lookup.like]
    # The index alone decides on words, but next to `like:` it is not searched, so the matcher confirms them.
    excluded = () if likes else tuple(t for t in terms if t.negated and _single_stem(t.leaf))
    # The candidates are the papers that are like the first one.
    sure = (*excluded, *(t for t in terms if likes and not t.negated and _is_like(t.leaf, likes[0], now)))
    exact = tuple(t for t in terms if (likes or t.negated or not isinstance(t.leaf, Word)) and t not in sure)
    return Plan(
        groups=tuple(group for _, group in groups),
        text=" ".join(leaf.text for leaf in texts) if groups else "",
        authors=tuple(lookup.author_parts for lookup in lookups if lookup.author_parts),
        phrases=tuple(group for leaf, group in groups if isinstance(leaf, Phrase)),
        rows=tuple(rows for leaf in leaves if isinstance(leaf, Phrase) and (rows := _rows(leaf))),
        without=tuple(stem for term in excluded if (stem := _single_stem(term.leaf))),
        condition=reduce(and_, (lookup.condition for lookup in lookups), PaperFilter()),
        like=likes[0] if likes else None,
        exact=Query((exact,)) if exact else None,
        reads_text=any(
            not isinstance(t.leaf, FieldTerm) or t.leaf.field.lookup(t.leaf.value, now).reads_text for t in exact
        ),
    )


def _is_like(leaf: Leaf, paper_id: str, now: datetime) -> bool:
    return isinstance(leaf, FieldTerm) and leaf.field.lookup(leaf.value, now).like == paper_id


def _stem_group(word: str, leaf: Word | Phrase) -> StemGroup | None:
    split, joined = stem_readings(word)
    stems = tuple(stem for stem in split if stem not in STOP_WORDS)
    parts = words(word)
    if not stems or all(part in STOP_WORDS for part in parts):
        return None
    # Names are not stemmed: `Hughes` is no plural.
    names = tuple(parts) if isinstance(leaf, Word) and len(parts) == 1 else ()
    return StemGroup(word, stems, tuple(stem for stem in joined if stem not in split), names)


def _rows(phrase: Phrase) -> tuple[tuple[str, ...], ...]:
    """Stems of a phrase as the index orders them, with hyphens split and joined; empty if it is a single stem."""
    words_of = [index_stems(word) for word in phrase.text.split()]
    split = tuple(stem for stems, _ in words_of for stem in stems)
    joined = tuple(stem for stems, whole in words_of for stem in whole or stems)
    return tuple(dict.fromkeys((split, joined))) if len(split) > 1 else ()


def _single_stem(leaf: Leaf) -> str:
    """Stem of a word that is the same in every reading, so that the index alone can exclude papers; else empty."""
    if not isinstance(leaf, Word) or leaf.is_stop_word:
        return ""
    split, joined = stem_readings(leaf.text)
    return split[0] if len(split) == 1 and joined == split else ""
