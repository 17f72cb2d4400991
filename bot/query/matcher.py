"""Matching of queries against an in-memory index of papers. Pure.

A `Documents` index holds the set of papers that have each stem; a query is a few set operations. An unknown attribute
of a paper never matches, and its negation does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.errors import QueryError
from bot.model import Paper
from bot.query.ast import FieldTerm, Leaf, Query, Term, Word, content_text, content_words
from bot.query.field_index import Document, FieldIndex
from bot.query.paper_set import PaperSet
from bot.query.semantic import (
    ALL_WORDS,
    LIKE_IN_TOPICS,
    MOST_WORDS,
    NO_MATCHES,
    SemanticMatches,
    matches,
    topic_scores,
    word_shares,
)
from bot.text.analyzer import STOP_WORDS, stem_readings, stems
from bot.text.tfidf import Bag, Similarity

DUPLICATE_THRESHOLD = 0.30
"""Cosine from which two picks are near-duplicates.

Read off 2,000 Daily Papers: from 0.35 on sequels and pairs (a model's version 2, two benchmarks of one task), from 0.30
mostly the same task by the same means, below it neighbours that both deserve their place. Of 1,000 papers one
in twenty has such a duplicate.
"""

_STOP_STEMS = frozenset(chain.from_iterable(stems(word) for word in STOP_WORDS))
TEXTS = 100_000
"""Texts that one query may compare, about 0.1 s: phrases are looked for in the papers with their rarest word."""
_GAP = " | "
"""Separator of title and abstract, which no phrase crosses."""

Meanings = Mapping[str, SemanticMatches]
"""Content words of an alternative -> the papers of one `Documents` by closeness to them."""


class Documents:
    """Immutable index over papers, shared by channels and threads; the papers of each leaf are cached."""

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
        self._liked = liked or {}
        self._neighbours = neighbours
        self._everything = PaperSet.first(len(self._documents))
        self._places = {document.paper.id: i for i, document in reversed(list(enumerate(self._documents)))}
        self._texts: list[tuple[str, str]] = []
        self.bags: list[Bag] = []
        """Each document's stems and their counts."""
        positions: dict[str, list[int]] = {}
        for i, document in enumerate(self._documents):
            for stem in self._analyse(document.paper):
                positions.setdefault(stem, []).append(i)
        self._holders = {stem: PaperSet(holding) for stem, holding in positions.items()}
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

    def matching(self, query: Query, meanings: Meanings | None = None) -> PaperSet:
        """The papers that match a query: all of its free words, or their meaning if given; everything else exactly.

        Raises QueryError if it would compare more than `TEXTS`.
        """
        if self._texts_compared(query) > TEXTS:
            problem = "This topic compares too many texts; take fewer phrases, or some with rarer words"
            raise QueryError(problem, str(query), 0, '"speculative decoding"')
        return PaperSet.union(self._matching_all(terms, meanings or {}) for terms in query.alternatives)

    def scores(self, query: Query, meanings: Meanings) -> NDArray[np.float32]:
        """(documents,): rank of each paper for the free words of the query's best alternative."""
        scores = [
            topic_scores(self.word_shares(words), meanings.get(text, NO_MATCHES))
            for text, words in content_texts([query]).items()
        ]
        return np.asarray(np.max(scores, axis=0)) if scores else np.zeros(len(self), dtype=np.float32)

    def word_shares(self, words: Sequence[Word]) -> NDArray[np.float32]:
        """(documents,): the share of these words, weighted by idf, that each paper has."""
        return word_shares([self.holders(word) for word in words], len(self))

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

    def examples(self, words: Sequence[Word]) -> PaperSet | None:
        """The papers that have most of these words; None for words that are matched literally.

        These are words of which more than half are in no paper, and names, which more papers have as author than in
        their text.
        """
        holders = [self.holders(word) for word in words]
        if 2 * sum(map(bool, holders)) < len(words):
            return None
        text = " ".join(map(str, words))
        written = self._everything
        for word in text.split():
            written &= self._side_by_side(word)
        if len(self._fields.by_author(text)) > len(written):
            return None
        return PaperSet.from_flags(word_shares(holders, len(self)) >= MOST_WORDS)

    def similar(self, paper: Paper) -> list[tuple[int, float]]:
        """(position, cosine) of the other papers that share a stem with any paper, best first."""
        cosines = enumerate(self._similarity.to_all(bag_of(paper)))
        others = [(i, cosine) for i, cosine in cosines if cosine and self._documents[i].paper.id != paper.id]
        return sorted(others, key=lambda pair: -pair[1])

    def _analyse(self, paper: Paper) -> set[str]:
        """Add a paper's texts and bag. Returns its stems in both readings."""
        title, abstract = stem_readings(paper.title), stem_readings(paper.abstract)
        split, joined = (f" {' '.join(title[i])}{_GAP}{' '.join(abstract[i])} " for i in (0, 1))
        self._texts.append((split, split if joined == split else joined))
        self.bags.append(_without_stop_words(chain(title[0], abstract[0])))
        return set(chain(*title, *abstract))

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
        return len(self._holders.get(stem, ()))

    def _matching_all(self, terms: Sequence[Term], meanings: Meanings) -> PaperSet:
        content = [t for t in terms if t.negated or not (isinstance(t.leaf, Word) and t.leaf.is_stop_word)]
        words: list[PaperSet] = []
        conditions = self._everything
        for term in content if any(not term.negated for term in content) else terms:
            papers = self.holders(term.leaf)
            if term.negated:
                conditions -= papers
            elif isinstance(term.leaf, Word):
                words.append(papers)
            else:
                conditions &= papers
        if not words:
            return conditions
        counts = np.sum([papers.flags(len(self)) for papers in words], axis=0)
        meaning = meanings.get(content_text(terms), NO_MATCHES)
        closeness = meaning.cosines if len(meaning.cosines) else np.full(len(self), -np.inf, np.float32)
        threshold = ALL_WORDS._replace(closeness=meaning.threshold)
        return conditions & PaperSet.from_flags(matches(threshold, counts / len(words), closeness))

    def _side_by_side(self, text: str) -> PaperSet:
        """Papers with these stems in a row, in either reading of either side."""
        split, joined = stem_readings(text)
        papers = self._in_a_row(split)
        return papers if joined == split else papers | self._in_a_row(joined)

    def _in_a_row(self, row: Sequence[str]) -> PaperSet:
        candidates = self._everything if row else PaperSet()
        for stem in set(row):
            candidates &= self._holders.get(stem, PaperSet())
        if len(row) < 2 or not candidates:
            return candidates
        text = f" {' '.join(row)} "
        return PaperSet(i for i in candidates if text in self._texts[i][0] or text in self._texts[i][1])

    def _like(self, paper_id: str) -> PaperSet:
        own = self._places.get(paper_id)
        if self._neighbours is not None:
            positions = map(self._places.get, (paper_id, *self._neighbours(paper_id)))
            return PaperSet(position for position in positions if position is not None)
        paper = self._liked.get(paper_id) if own is None else self._documents[own].paper
        if paper is None:
            return PaperSet()
        cosines = np.array(self._similarity.to_all(bag_of(paper)))
        near = PaperSet.from_flags(matches(LIKE_IN_TOPICS, np.zeros(len(cosines)), cosines))
        return near if own is None else near | PaperSet((own,))


def bag_of(paper: Paper) -> Bag:
    """The stems of a paper's title and abstract without stop words, and how often each occurs."""
    return _without_stop_words(chain(stem_readings(paper.title)[0], stem_readings(paper.abstract)[0]))


def content_texts(queries: Iterable[Query]) -> dict[str, tuple[Word, ...]]:
    """The content words of every alternative that has any, by their text."""
    texts = {content_text(terms): content_words(terms) for query in queries for terms in query.alternatives}
    texts.pop("", None)
    return texts


def _without_stop_words(text_stems: Iterable[str]) -> Bag:
    bag = Counter(text_stems)
    for stem in _STOP_STEMS & bag.keys():
        del bag[stem]
    return bag
