"""Matching of queries against an in-memory index of papers. Pure.

A `Documents` index knows the papers that have each stem; a query is a few set operations. An unknown attribute
of a paper never matches, and its negation does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.errors import QueryError
from bot.model import Paper
from bot.query.analysis import Analyses, PaperAnalysis, without_stop_words
from bot.query.ast import FieldTerm, Leaf, Query, Term, Word, content_text, content_words
from bot.query.field_index import Document, FieldIndex
from bot.query.paper_set import PaperSet
from bot.query.semantic import LIKE_IN_TOPICS, Closeness, matches
from bot.query.topic_model import MATCHES, probabilities
from bot.query.topic_words import read_words
from bot.query.word_places import WordPlaces
from bot.text.analyzer import stem_readings
from bot.text.tfidf import Bag, Similarity

DUPLICATE_THRESHOLD = 0.30
"""Cosine from which two picks are near-duplicates.

Read off 2,000 Daily Papers: from 0.35 on sequels and pairs (a model's version 2, two benchmarks of one task), from 0.30
mostly the same task by the same means, below it neighbours that both deserve their place. Of 1,000 papers one
in twenty has such a duplicate.
"""

TEXTS = 100_000
"""Texts that one query may compare, about 0.1 s: phrases are looked for in the papers with their rarest word."""

Probabilities = Mapping[str, NDArray[np.floating]]
"""Content words of an alternative -> the probability that each paper of one `Documents` is of that topic."""


class Documents:
    """Immutable index over papers, shared by channels and threads; the papers of each leaf are cached."""

    def __init__(
        self,
        documents: Sequence[Document],
        now: datetime,
        *,
        liked: Mapping[str, Paper] | None = None,
        neighbours: Callable[[str], Collection[str]] | None = None,
        analyses: Analyses | None = None,
    ) -> None:
        """`liked`: papers that `like:` names but the index may lack. `neighbours` replaces the lexical `like:`.

        `analyses` keeps what it has of these papers from one index to the next.
        """
        self._documents = tuple(documents)
        self._liked = liked or {}
        self._neighbours = neighbours
        self._everything = PaperSet.first(len(self._documents))
        self._places = {document.paper.id: i for i, document in reversed(list(enumerate(self._documents)))}
        papers = (document.paper for document in self._documents)
        self._analyses, self._numbers = (analyses or Analyses()).of(papers)
        self._holding, self._starts = _inverted(self._analyses, len(self._numbers))
        self.bags = [each.bag for each in self._analyses]
        """Each document's stems and their counts."""
        self._similarity = Similarity(self.bags)
        self._fields = FieldIndex(self._documents, now, self._like)
        self._by_leaf: dict[Leaf, PaperSet] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def position(self, paper_id: str) -> int | None:
        """Position of a paper; None if it is not here."""
        return self._places.get(paper_id)

    @property
    def all_ids(self) -> tuple[str, ...]:
        """The id of each document, in order."""
        return tuple(document.paper.id for document in self._documents)

    def matching(
        self, query: Query, probabilities: Probabilities | None = None, threshold: float = MATCHES
    ) -> PaperSet:
        """The papers that match a query: all of its free words, or their probability if given; everything else exactly.

        Raises QueryError if it would compare more than `TEXTS`.
        """
        if self._texts_compared(query) > TEXTS:
            problem = "This topic compares too many texts; take fewer phrases, or some with rarer words"
            raise QueryError(problem, str(query), 0, '"speculative decoding"')
        return PaperSet.union(self._matching_all(terms, probabilities, threshold) for terms in query.alternatives)

    def probabilities(self, text: str, closeness: Closeness | None = None) -> NDArray[np.float16]:
        """(documents,): the probability that each paper is of a topic, by its words and, unless literal, by meaning."""
        words = read_words(self.word_places, text)
        has_meaning = closeness is not None and closeness.is_usable and not self._is_literal(text)
        return probabilities(words, closeness if has_meaning else None).astype(np.float16)

    @cached_property
    def word_places(self) -> WordPlaces:
        """Places of the words of all papers; slow, so that its first use is off the event loop."""
        return WordPlaces(self._analyses, self._numbers)

    def holders(self, leaf: Leaf) -> PaperSet:
        """The papers for which one leaf is true."""
        papers = self._by_leaf.get(leaf)
        if papers is None:
            if isinstance(leaf, FieldTerm):
                papers = leaf.field.match(leaf.value, self._fields)
            else:
                papers = self._side_by_side(leaf.text)
            self._by_leaf[leaf] = papers
        return papers

    def _is_literal(self, text: str) -> bool:
        """Whether words have no meaning to go by: more than half are in no paper, or they are a person's name.

        A name is what more papers have as author than in their text.
        """
        holders = [self.holders(Word(word)) for word in text.split()]
        if 2 * sum(map(bool, holders)) < len(holders):
            return True
        written = self._everything
        for holding in holders:
            written &= holding
        return len(self._fields.by_author(text)) > len(written)

    def cosines(self, position: int) -> NDArray[np.float64]:
        """(documents,): tf-idf cosine of one paper with each; 1 with itself."""
        return self._similarity.to_all(self.bags[position])

    def _texts_compared(self, query: Query) -> int:
        """Texts that a query compares with rows of stems, and papers with those of `like:`."""
        leaves = {term.leaf for terms in query.alternatives for term in terms}
        texts = 0
        for leaf in leaves:
            if leaf in self._by_leaf:  # a difference of sets would go through all that was ever compared
                continue
            if not isinstance(leaf, FieldTerm):
                rows = stem_readings(leaf.text)
                texts += sum(min(map(self._count, row)) for row in rows if len(row) > 1)
            elif leaf.name == "like":
                texts += len(self)
        return texts

    def _count(self, stem: str) -> int:
        return len(self._positions(stem))

    def _positions(self, stem: str) -> NDArray[np.int32]:
        """The papers with a stem, ascending."""
        number = self._numbers.get(stem)
        if number is None or number + 1 >= len(self._starts):  # or numbered since, for other papers
            return self._holding[:0]
        return self._holding[self._starts[number] : self._starts[number + 1]]

    def _holders(self, stem: str) -> PaperSet:
        flags = np.zeros(len(self), dtype=bool)
        flags[self._positions(stem)] = True
        return PaperSet.from_flags(flags)

    def _matching_all(self, terms: Sequence[Term], probabilities: Probabilities | None, threshold: float) -> PaperSet:
        compared = compared_terms(terms)
        text = content_text(terms)
        papers = self._everything
        if probabilities is not None and text:
            compared = [t for t in compared if t.negated or not isinstance(t.leaf, Word)]
            papers = PaperSet.from_flags(probabilities[text] >= threshold)
        for term in compared:
            holding = self.holders(term.leaf)
            papers = papers - holding if term.negated else papers & holding
        return papers

    def _side_by_side(self, text: str) -> PaperSet:
        """Papers with these stems in a row, in either reading of either side."""
        split, joined = stem_readings(text)
        papers = self._in_a_row(split)
        return papers if joined == split else papers | self._in_a_row(joined)

    def _in_a_row(self, row: Sequence[str]) -> PaperSet:
        candidates = self._everything if row else PaperSet()
        for stem in set(row):
            candidates &= self._holders(stem)
        if len(row) < 2 or not candidates:
            return candidates
        text = f" {' '.join(row)} "
        texts = ((i, self._analyses[i]) for i in candidates)
        return PaperSet(i for i, each in texts if text in each.split or text in each.joined)

    def _like(self, paper_id: str) -> PaperSet:
        if self._neighbours is not None:
            positions = map(self._places.get, (paper_id, *self._neighbours(paper_id)))
            return PaperSet(position for position in positions if position is not None)
        own = self._places.get(paper_id)
        if own is not None:
            return self._near(self.bags[own]) | PaperSet((own,))
        paper = self._liked.get(paper_id)
        return PaperSet() if paper is None else self._near(bag_of(paper))

    def _near(self, bag: Bag) -> PaperSet:
        cosines = self._similarity.to_all(bag)
        return PaperSet.from_flags(matches(LIKE_IN_TOPICS, np.zeros(len(cosines)), cosines))


def compared_terms(terms: Sequence[Term]) -> Sequence[Term]:
    """The terms of an alternative that papers are compared with: stop words only where all others are negated."""
    content = [t for t in terms if t.negated or not (isinstance(t.leaf, Word) and t.leaf.is_stop_word)]
    return content if any(not term.negated for term in content) else terms


def bag_of(paper: Paper) -> Bag:
    """The stems of a paper's title and abstract without stop words, and how often each occurs."""
    return without_stop_words(Counter(chain(stem_readings(paper.title)[0], stem_readings(paper.abstract)[0])))


def content_texts(queries: Iterable[Query]) -> dict[str, tuple[Word, ...]]:
    """The content words of every alternative that has any, by their text."""
    texts = {content_text(terms): content_words(terms) for query in queries for terms in query.alternatives}
    texts.pop("", None)
    return texts


def _inverted(analyses: Sequence[PaperAnalysis], stems: int) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Positions of the papers with each stem, by the stem's number, and where each stem's begin."""
    numbers = np.concatenate([np.empty(0, np.int32), *(each.stems for each in analyses)])
    owners = np.repeat(np.arange(len(analyses), dtype=np.int32), [len(each.stems) for each in analyses])
    order = np.argsort(numbers, kind="stable")
    return owners[order], np.searchsorted(numbers[order], np.arange(stems + 1))
