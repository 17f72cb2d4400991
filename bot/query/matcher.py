"""Queries against papers: one query and one paper, or thousands of queries over thousands of papers. Pure.

A `Documents` index holds, for every stem, the papers that have it as the bits of one int; a query is then a few ANDs
and ORs. What is unknown about a paper never matches, and its negation does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from bot.model import Paper
from bot.query.ast import Field, Has, Leaf, Like, Min, Phrase, Query, Since, Term, Word, content_text
from bot.query.fields import Names
from bot.text.analyzer import STOP_WORDS, stem_readings, stems
from bot.text.tfidf import Bag, Similarity

if TYPE_CHECKING:
    from bot.query.semantic import SemanticMatches

LIKE_THRESHOLD = 0.15
"""Cosine from which a paper is `like:` another.

Read off 1,000 Daily Papers: above it pairs share their task (two or three such neighbours a paper), below it a method
or only a fashionable word.
"""
DUPLICATE_THRESHOLD = 0.30
"""Cosine from which two picks say the same.

Read off 2,000 Daily Papers: from 0.35 on sequels and twins (a model's version 2, two benchmarks of one task), from 0.30
mostly the same task by the same means, below it neighbours that both deserve their place. Of 1,000 papers one
in twenty has such a twin.
"""

_STOP_STEMS = frozenset(chain.from_iterable(stems(word) for word in STOP_WORDS))
_GAP = " | "
"""Between title and abstract: no stem, so no phrase crosses it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A paper as queries see it: itself and its latest upvotes (None: unknown)."""

    paper: Paper
    upvotes: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Why a query matched: the terms of the first alternative that did, as typed (`video`, `cat:cs.CL`, `-medical`)."""

    terms: tuple[str, ...]


Meant = Mapping[str, "SemanticMatches"]
"""An alternative's free words -> the papers close to them in meaning, by their positions in one `Documents`."""
NOTHING: Meant = {}


class Documents:
    """An immutable index over papers. Build it once a tick, share it between channels and threads.

    What is asked is remembered, so a thousand channels with the same word pay for it once.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        now: datetime,
        *,
        liked: Mapping[str, Paper] | None = None,
        neighbours: Callable[[str], Collection[str]] | None = None,
    ) -> None:
        """`liked`: papers that `like:` names but the index may lack. `neighbours` replaces the lexical `like:`."""
        self._documents = tuple(documents)
        self._now = now
        self._liked = liked or {}
        self._neighbours = neighbours
        self._everything = (1 << len(self._documents)) - 1
        self._places = {document.paper.id: i for i, document in reversed(list(enumerate(self._documents)))}
        self._texts: list[tuple[str, str]] = []
        self._holders: dict[str, int] = {}
        bags = [self._add(i, document.paper) for i, document in enumerate(self._documents)]
        self.bags: Sequence[Bag] = bags
        """Each document's stems, for whoever weighs them."""
        self._similarity = Similarity(bags)
        self._names = Names([document.paper for document in self._documents])
        self._known: dict[Leaf, int] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def position(self, paper_id: str) -> int | None:
        """Where a paper stands; None if it is not here."""
        return self._places.get(paper_id)

    @property
    def all_ids(self) -> tuple[str, ...]:
        """The id of each document, in order."""
        return tuple(document.paper.id for document in self._documents)

    def ids(self, mask: int, most: int) -> list[str]:
        """The ids of the first so many of these papers."""
        return [self._documents[i].paper.id for i in islice(bits(mask), most)]

    def matching(self, query: Query, meant: Meant = NOTHING) -> int:
        """The papers that match, as bits: bit i is the document at position i.

        Free words match by stem, all of them, or as a whole by what is `meant`; everything else is exact.
        """
        found = 0
        for terms in query.alternatives:
            found |= self._all_of(terms, meant)
        return found

    def positions(self, query: Query) -> list[int]:
        """The same as positions, ascending."""
        return bits(self.matching(query))

    def match(self, query: Query, position: int) -> Match | None:
        """Why one paper matches, by its words; None if it does not."""
        for terms in query.alternatives:
            if self._all_of(terms) >> position & 1:
                return Match(tuple(map(str, terms)))
        return None

    def holders(self, leaf: Leaf) -> int:
        """The papers of which this one thing is true, as bits."""
        known = self._known.get(leaf)
        if known is None:
            known = self._known[leaf] = self._look(leaf)
        return known

    def is_name(self, text: str) -> bool:
        """Whether words are somebody's name rather than a subject: more papers are by them than say them."""
        written = self._everything
        for word in text.split():
            written &= self._side_by_side(word)
        return self._names.find("author", text).bit_count() > written.bit_count()

    def cosine(self, a: int, b: int) -> float:
        """How much two papers say the same, 0 to 1: tf-idf cosine of their stems. Computed when asked, then kept."""
        return self._similarity.cosine(a, b)

    def similar(self, paper: Paper) -> list[tuple[int, float]]:
        """(position, cosine) of the papers that share a stem with this one, best first, itself left out.

        It need not be in the index.
        """
        cosines = self._similarity.to_all(bag_of(paper))
        found = [(i, cosine) for i, cosine in enumerate(cosines) if cosine and self._documents[i].paper.id != paper.id]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def _add(self, position: int, paper: Paper) -> Bag:
        title, abstract = stem_readings(paper.title), stem_readings(paper.abstract)
        split, joined = (f" {' '.join(title[i])}{_GAP}{' '.join(abstract[i])} " for i in (0, 1))
        self._texts.append((split, split if joined == split else joined))
        bit = 1 << position
        for stem in set(chain(*title, *abstract)):
            self._holders[stem] = self._holders.get(stem, 0) | bit
        return _telling(chain(title[0], abstract[0]))

    def _all_of(self, terms: Iterable[Term], meant: Meant = NOTHING) -> int:
        terms = tuple(terms)
        asked = tuple(term for term in terms if term.negated or not _says_nothing(term.leaf))
        said = others = self._everything
        for term in asked if any(not term.negated for term in asked) else terms:
            mask = self.holders(term.leaf)
            if isinstance(term.leaf, Word) and not term.negated:
                said &= mask
            else:
                others &= ~mask if term.negated else mask
        close = meant.get(content_text(terms))
        return (said | close.papers if close else said) & others

    def _look(self, leaf: Leaf) -> int:
        match leaf:
            case Word(text) | Phrase(text):
                return self._side_by_side(text)
            case Field(name, value):
                return self._names.find(name, value)
            case Like(paper_id):
                return self._like(paper_id)
            case Has(what):
                return self._where(lambda d: bool(d.paper.code_url if what == "code" else d.paper.project_url))
            case Since(span):
                return self._where(lambda d: d.paper.age_at is not None and d.paper.age_at >= self._now - span)
            case Min(upvotes):
                return self._where(lambda d: d.upvotes is not None and d.upvotes >= upvotes)

    def _where(self, true: Callable[[Document], bool]) -> int:
        return mask_of(i for i, document in enumerate(self._documents) if true(document))

    def _side_by_side(self, text: str) -> int:
        """Papers with these stems in a row, in either reading of either side."""
        split, joined = stem_readings(text)
        found = self._in_a_row(split)
        return found if joined == split else found | self._in_a_row(joined)

    def _in_a_row(self, wanted: Sequence[str]) -> int:
        candidates = self._everything if wanted else 0
        for stem in set(wanted):
            candidates &= self._holders.get(stem, 0)
        if len(wanted) < 2 or not candidates:
            return candidates
        row = f" {' '.join(wanted)} "
        return mask_of(i for i in bits(candidates) if row in self._texts[i][0] or row in self._texts[i][1])

    def _like(self, paper_id: str) -> int:
        if self._neighbours is not None:
            near = (self._places.get(found) for found in (paper_id, *self._neighbours(paper_id)))
            return mask_of(position for position in near if position is not None)
        own = self._places.get(paper_id)
        paper = self._liked.get(paper_id) if own is None else self._documents[own].paper
        if paper is None:
            return 0
        cosines = self._similarity.to_all(bag_of(paper))
        return mask_of(i for i, cosine in enumerate(cosines) if cosine >= LIKE_THRESHOLD or i == own)


def _says_nothing(leaf: Leaf) -> bool:
    return isinstance(leaf, Word) and leaf.is_stop_word


def bag_of(paper: Paper) -> Bag:
    """The stems of its title and abstract, and how often each occurs."""
    return _telling(chain(stem_readings(paper.title)[0], stem_readings(paper.abstract)[0]))


def _telling(found: Iterable[str]) -> Bag:
    bag = Counter(found)
    for stem in _STOP_STEMS & bag.keys():
        del bag[stem]
    return bag


def mask_of(positions: Iterable[int]) -> int:
    """The int whose bits are these positions."""
    mask = 0
    for position in positions:
        mask |= 1 << position
    return mask


def bits(mask: int) -> list[int]:
    """The positions of the set bits, ascending."""
    digits = bin(mask)[:1:-1]
    found = []
    at = digits.find("1")
    while at >= 0:
        found.append(at)
        at = digits.find("1", at + 1)
    return found


def matches(
    query: Query, document: Document, now: datetime, *, neighbours: Callable[[str], Collection[str]] | None = None
) -> Match | None:
    """Whether one query matches one paper, and why. For many of either build a `Documents`."""
    return Documents([document], now, neighbours=neighbours).match(query, 0)
