"""What a channel likes, as words, a direction of meaning and a list of papers; and how far it moves a paper. Pure.

    weight of a word   mean tf-idf over liked papers - 0.5 · mean over disliked ones, both as differences from usual
    direction          the same of the papers' vectors, and of the company their words keep among the candidates
    influence          at most 10 either way, of which a few signs get a small part:
                       n/(n + 3) · 3.5 · how many standard deviations the paper is from what the profile is used to

This is Rocchio's relevance feedback (Salton & Buckley, "Improving retrieval performance by relevance feedback", 1990)
on differences from the corpus. The numbers below were chosen on simulated channels, on other papers and other seeds
than `python -m tests.bench learning` reports.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.model import Paper
from bot.query.matcher import bag_of
from bot.ranking.lsa import LatentSpace, TermMatrix
from bot.text.analyzer import STOP_WORDS, stems, words
from bot.text.tfidf import Bag, TfIdf

AGAINST = 0.5
"""What is disliked counts less than what is liked: people dislike for many reasons."""
MEANING = 0.55
"""A vector's part beside the words'."""
COMPANY = 0.8
"""The part of the company that words keep (`bot.ranking.lsa`)."""
STEP = 3.5
"""What one standard deviation moves, in units of standing: the logarithm of votes."""
MOST = 10.0
"""The most it moves a paper, once it has been taught for long: more than the strongest trend (about 3 above usual), for
a channel that said so often what it wants has said more than the world's votes."""
SIGNS_FOR_HALF = 3.0
"""After so many signs a profile moves half as far as it ever can."""
TELLING = 0.3
"""A word is named as a reason if it adds this much of what the strongest does."""
REASONS = 2

_Vector = NDArray[np.float32]
_Spelt = Sequence[tuple[str, str]]
"""Words and their stems, in order."""


class Corpus:
    """What papers are usually like: tf-idf rows of the candidates, their mean, and their vectors. Immutable."""

    def __init__(self, bags: Sequence[Bag], vectors: _Vector | None = None) -> None:
        """`vectors` (papers, dimensions), all zero where a paper has none; None without a model."""
        self._count = len(bags)
        self._weights = TfIdf(bags)
        self._places = {stem: place for place, stem in enumerate(self._weights.idf)}
        self._known: dict[str, dict[str, float]] = {}
        self._spelt: dict[str, _Spelt] = {}
        self.rows = [self._weights.vector(bag) for bag in bags]
        self._dimensions = 0 if vectors is None else vectors.shape[1]
        self._table = self._laid_out()
        self._latent = LatentSpace(self._table)
        meanings = _beside(np.zeros((self._count, 0), np.float32) if vectors is None else vectors, self._latent.rows)
        self.centre: _Vector = meanings.sum(axis=0) / np.float32(max(self._count, 1))
        self._apart = meanings - self.centre

    @cached_property
    def usual(self) -> Mapping[str, float]:
        """The mean weight of each stem."""
        total: dict[str, float] = defaultdict(float)
        for row in self.rows:
            for stem, weight in row.items():
                total[stem] += weight
        return {stem: weight / self._count for stem, weight in total.items()}

    def _laid_out(self) -> TermMatrix:
        papers = np.repeat(np.arange(self._count, dtype=np.int32), [len(row) for row in self.rows])
        places = np.fromiter((self._places[stem] for row in self.rows for stem in row), np.int32, len(papers))
        weights = np.fromiter((weight for row in self.rows for weight in row.values()), np.float32, len(papers))
        return TermMatrix(papers, places, weights, (self._count, len(self._places)))

    def meaning_of(self, paper: Paper, vector: _Vector | None) -> _Vector:
        """Where a paper lies by its vector, if it has one, and by the company its words keep."""
        known = np.zeros(self._dimensions, np.float32) if vector is None else vector
        row = {self._places[stem]: weight for stem, weight in self.row_of(paper).items() if stem in self._places}
        return _beside(known, self._latent.of(row))

    def row_of(self, paper: Paper) -> dict[str, float]:
        """tf-idf of a paper, of the corpus or not, as a vector of length 1; remembered."""
        if paper.id not in self._known:
            self._known[paper.id] = self._weights.vector(bag_of(paper))
        return self._known[paper.id]

    def spelt(self, paper: Paper) -> _Spelt:
        """Every word of a paper and its stem; remembered, for channels like the same papers."""
        if paper.id not in self._spelt:
            self._spelt[paper.id] = _spelt(paper)
        return self._spelt[paper.id]

    def scores(self, weights: Mapping[str, float], direction: _Vector | None) -> NDArray[np.float64]:
        """How much each paper of the corpus has of these, (papers,)."""
        wanted = np.zeros(len(self._places), dtype=np.float32)
        for stem, weight in weights.items():
            if (place := self._places.get(stem)) is not None:
                wanted[place] = weight
        found = np.bincount(
            self._table.papers, weights=self._table.weights * wanted[self._table.stems], minlength=self._count
        )
        by_words = found.astype(np.float64)
        if direction is not None:
            by_words += self._apart @ direction
        return by_words


def _beside(vectors: _Vector, latent: _Vector) -> _Vector:
    """Two views of the same papers as one, whose dot product is the sum of both, weighed."""
    parts = (np.float32(MEANING**0.5) * vectors, np.float32(COMPANY**0.5) * latent)
    return np.asarray(np.concatenate(parts, axis=-1), dtype=np.float32)


class Example(NamedTuple):
    """A paper that somebody gave a sign about: what it counts, and its vector (zeros, or None without a model)."""

    paper: Paper
    weight: float
    vector: _Vector | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a channel's signs have taught."""

    examples: tuple[Example, ...] = ()
    """The latest first."""
    words: Mapping[str, float] = field(default_factory=dict)
    """Stem -> weight."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Stem -> how the papers write it."""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """Stems that stand side by side in a paper that taught something."""
    direction: _Vector | None = None

    @property
    def confidence(self) -> float:
        """How far the profile may move papers, 0 to 1."""
        signs = sum(min(abs(example.weight), 1.0) for example in self.examples)
        return signs / (signs + SIGNS_FOR_HALF)


def learn_profile(examples: Iterable[Example], corpus: Corpus, *, forgotten: frozenset[str] = frozenset()) -> Profile:
    """The profile of these examples among such papers; `forgotten` stems do not count."""
    examples = tuple(examples)
    weights: dict[str, float] = defaultdict(float)
    for example, part in zip(examples, _parts(examples), strict=True):
        for stem, weight in corpus.row_of(example.paper).items():
            weights[stem] += part * weight
    both = sum(_parts(examples))
    kept = {stem: weight - both * corpus.usual.get(stem, 0.0) for stem, weight in weights.items()}
    known = {stem: weight for stem, weight in kept.items() if stem not in forgotten}
    spelt = [corpus.spelt(example.paper) for example in examples]
    pairs = frozenset((one, other) for text in spelt for (_, one), (_, other) in pairwise(text))
    return Profile(examples, known, _names(spelt), pairs, _direction(examples, corpus))


def _parts(examples: Sequence[Example]) -> list[float]:
    """Each example's share in the mean of its side, signed; sides sum to 1 and to -0.5."""
    liked = sum(example.weight for example in examples if example.weight > 0) or 1.0
    disliked = -sum(example.weight for example in examples if example.weight < 0) or 1.0
    return [e.weight / liked if e.weight > 0 else AGAINST * e.weight / disliked for e in examples]


def _direction(examples: Sequence[Example], corpus: Corpus) -> _Vector:
    """The same mean of the papers' places in meaning; a place that is unknown pulls nowhere."""
    direction: _Vector = np.zeros_like(corpus.centre)
    for example, part in zip(examples, _parts(examples), strict=True):
        place = corpus.meaning_of(example.paper, example.vector)
        direction += np.float32(part) * np.where(place == 0, 0, place - corpus.centre)
    return direction


def _names(texts: Iterable[_Spelt]) -> dict[str, str]:
    """For each stem the word most often written for it."""
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for word, stem in chain.from_iterable(texts):
        written[stem][word] += 1
    return {stem: counts.most_common(1)[0][0] for stem, counts in written.items()}


def _spelt(paper: Paper) -> _Spelt:
    """Every word of a paper and its stem, in order; what is no single word is passed over."""
    found = ((word, stems(word)) for word in words(f"{paper.title} . {paper.abstract}"))
    return [(word, stem[0]) for word, stem in found if len(stem) == 1]


class WordEffect(NamedTuple):
    """A word or a phrase of a paper, and what it adds to the paper's standing."""

    words: str
    weight: float


class ProfileMatch:
    """A profile held against the candidates of a moment."""

    def __init__(self, profile: Profile, corpus: Corpus) -> None:
        self.profile = profile
        self._corpus = corpus
        scores = corpus.scores(profile.words, profile.direction)
        spread = float(scores.std()) if len(scores) else 0.0
        self._step = profile.confidence * STEP / spread if spread > 1e-9 else 0.0
        middle = float(scores.mean()) if len(scores) else 0.0
        most = profile.confidence * MOST
        self.influence: NDArray[np.float64] = np.clip(self._step * (scores - middle), -most, most)
        """What is added to each candidate's standing, (candidates,)."""

    def why(self, position: int, paper: Paper) -> tuple[WordEffect, ...]:
        """The few words of a candidate that speak most for it, and against it; phrases where they stand together."""
        adds = {
            stem: self._step * self.profile.words[stem] * weight
            for stem, weight in self._corpus.rows[position].items()
            if stem in self.profile.words
        }
        spelt = _spelt(paper)
        pairs = self.profile.pairs
        against = _strongest(spelt, {stem: -weight for stem, weight in adds.items()}, pairs)
        return (*_strongest(spelt, adds, pairs), *(WordEffect(each.words, -each.weight) for each in against))

    def liked(self, position: int, paper: Paper) -> tuple[str, ...]:
        """The words for which it raises a candidate; none where it does not."""
        if self.influence[position] <= 0:
            return ()
        return tuple(because.words for because in self.why(position, paper) if because.weight > 0)

    def moves(self, stem: str) -> float:
        """What a word adds to the standing of a paper that has it as the channel's examples have it, on average."""
        rows = (self._corpus.row_of(example.paper) for example in self.profile.examples)
        found = [row[stem] for row in rows if stem in row]
        return self._step * self.profile.words.get(stem, 0.0) * sum(found) / max(len(found), 1)


def _strongest(spelt: _Spelt, adds: Mapping[str, float], pairs: frozenset[tuple[str, str]]) -> list[WordEffect]:
    least = TELLING * max(adds.values(), default=0.0)
    telling = {stem: weight for stem, weight in adds.items() if weight >= least and weight > 0}
    found: dict[tuple[str, ...], WordEffect] = {}
    for row in _rows(spelt, telling, pairs):
        key = tuple(stem for _, stem in row)
        phrase = " ".join(word for word, _ in row)
        found.setdefault(key, WordEffect(phrase, sum(telling[stem] for stem in set(key))))
    best: list[WordEffect] = []
    said: set[str] = set()
    for key, because in sorted(found.items(), key=lambda pair: (-pair[1].weight, pair[0])):
        if len(best) < REASONS and said.isdisjoint(key):
            said.update(key)
            best.append(because)
    return best


def _rows(
    spelt: _Spelt, telling: Mapping[str, float], pairs: frozenset[tuple[str, str]]
) -> Iterable[tuple[tuple[str, str], ...]]:
    """Telling words, and two of them side by side if the papers that taught them have them so."""
    for one in spelt:
        if one[1] in telling and one[0] not in STOP_WORDS:
            yield (one,)
    for one, other in pairwise(spelt):
        pair = (one[1], other[1])
        if pair in pairs and one[1] != other[1] and telling.keys() >= set(pair):
            yield (one, other)
