"""Profile of a channel, learnt from its feedback, and its effect on the standing of papers. Pure.

    weight of a word   mean tf-idf over liked papers - 0.5 · mean over disliked ones, both less the corpus mean
    direction          the same means of the papers' vectors and of their coordinates in the latent space
    influence          at most 10 either way, and less with little feedback:
                       n/(n + 3) · 3.5 · how many standard deviations the paper's score is above the candidates' mean

This is Rocchio's relevance feedback (Salton & Buckley, "Improving retrieval performance by relevance feedback", 1990)
on differences from the corpus. The constants were chosen on simulated channels, on other papers and other seeds than
`python -m tests.bench learning` reports.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.model import Paper
from bot.query.matcher import bag_of
from bot.ranking.lsa import LatentSpace, TermMatrix
from bot.ranking.reasons import Tokens, WordEffect, commonest_words, strongest_words
from bot.text.analyzer import stems, words
from bot.text.tfidf import Bag, TfIdf

DISLIKED_PART = 0.5
"""Weight of disliked papers beside liked ones: people dislike for many reasons."""
VECTOR_PART = 0.55
"""Weight of vectors beside words."""
LATENT_PART = 0.8
"""Weight of coordinates in the latent space (`bot.ranking.lsa`) beside words."""
STEP = 3.5
"""Effect of one standard deviation, in units of standing: the logarithm of votes."""
INFLUENCE_MAX = 10.0
"""Largest effect on a paper: more than the strongest trend (about 3 above usual), because much feedback of a channel
says more about its readers than everybody's votes."""
FEEDBACK_FOR_HALF = 3.0
"""Feedback with which a profile has half of its largest effect."""
PEOPLE_PROVEN = 2
SIGNS_PROVEN = 5
"""People, or papers with feedback, from which on a profile may move a paper by more than one place."""
_Vector = NDArray[np.float32]


class Corpus:
    """tf-idf rows and vectors of the candidates, and their means. Immutable but for caches."""

    def __init__(self, bags: Sequence[Bag], vectors: _Vector | None = None) -> None:
        """`vectors` (papers, dimensions), all zero where a paper has none; None without a model."""
        self._weights = TfIdf(bags)
        self._columns = {stem: column for column, stem in enumerate(self._weights.idf)}
        self._rows_by_id: dict[str, dict[str, float]] = {}
        self._tokens_by_id: dict[str, Tokens] = {}
        self.rows = [self._weights.vector(bag) for bag in bags]
        totals: dict[str, float] = defaultdict(float)
        for stem, weight in chain.from_iterable(row.items() for row in self.rows):
            totals[stem] += weight
        self.mean_row: Mapping[str, float] = {stem: weight / len(bags) for stem, weight in totals.items()}
        self._matrix = self._term_matrix()
        self._latent = LatentSpace(self._matrix)
        self._dimensions = 0 if vectors is None else vectors.shape[1]
        embedded = _concatenated(
            np.zeros((len(bags), 0), np.float32) if vectors is None else vectors, self._latent.rows
        )
        self.mean_vector: _Vector = embedded.sum(axis=0) / np.float32(max(len(bags), 1))
        self._centred = embedded - self.mean_vector

    def _term_matrix(self) -> TermMatrix:
        papers = np.repeat(np.arange(len(self.rows), dtype=np.int32), [len(row) for row in self.rows])
        columns = np.fromiter((self._columns[stem] for row in self.rows for stem in row), np.int32, len(papers))
        weights = np.fromiter((weight for row in self.rows for weight in row.values()), np.float32, len(papers))
        return TermMatrix(papers, columns, weights, (len(self.rows), len(self._columns)))

    def vector_of(self, paper: Paper, vector: _Vector | None) -> _Vector:
        """Vector of a paper (zeros if None) with its coordinates in the latent space, both weighted."""
        row = {self._columns[stem]: weight for stem, weight in self.row_of(paper).items() if stem in self._columns}
        embedding = np.zeros(self._dimensions, np.float32) if vector is None else vector
        return _concatenated(embedding, self._latent.project(row))

    def row_of(self, paper: Paper) -> dict[str, float]:
        """tf-idf of a paper, of the corpus or not, as a vector of length 1; cached."""
        if paper.id not in self._rows_by_id:
            self._rows_by_id[paper.id] = self._weights.vector(bag_of(paper))
        return self._rows_by_id[paper.id]

    def tokens(self, paper: Paper) -> Tokens:
        """Words of a paper that have one stem, each with its stem; cached, because channels like the same papers."""
        if paper.id not in self._tokens_by_id:
            stemmed = ((word, stems(word)) for word in words(f"{paper.title} . {paper.abstract}"))
            self._tokens_by_id[paper.id] = [(word, of_word[0]) for word, of_word in stemmed if len(of_word) == 1]
        return self._tokens_by_id[paper.id]

    def scores(self, weights: Mapping[str, float], direction: _Vector | None) -> NDArray[np.float64]:
        """(papers,): dot product of each paper with these weights of stems and this direction."""
        by_column = np.zeros(len(self._columns), dtype=np.float32)
        for stem, weight in weights.items():
            if stem in self._columns:
                by_column[self._columns[stem]] = weight
        products = self._matrix.weights * by_column[self._matrix.stems]
        scores = np.bincount(self._matrix.papers, weights=products, minlength=len(self.rows)).astype(np.float64)
        if direction is not None:
            scores += self._centred @ direction
        return scores


def _concatenated(vectors: _Vector, latent: _Vector) -> _Vector:
    """Both views of the same papers in one array, whose dot product is the weighted sum of both."""
    parts = (np.float32(VECTOR_PART**0.5) * vectors, np.float32(LATENT_PART**0.5) * latent)
    return np.asarray(np.concatenate(parts, axis=-1), dtype=np.float32)


class Example(NamedTuple):
    """A paper with feedback: its weight, and its vector (zeros, or None without a model)."""

    paper: Paper
    weight: float
    vector: _Vector | None = None
    fans: frozenset[str] = frozenset()
    """People who liked or shared it where everybody could see; a save is private and never counts here."""
    critics: frozenset[str] = frozenset()
    """People who disliked it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Preferences of a channel, learnt from its feedback."""

    examples: tuple[Example, ...] = ()
    """The latest first."""
    words: Mapping[str, float] = field(default_factory=dict)
    """Stem -> weight."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Stem -> its commonest word in the examples."""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """Stems that stand side by side in an example."""
    direction: _Vector | None = None
    public: frozenset[str] = frozenset()
    """Stems of papers that two people or more liked openly: the only ones that may be named as liked."""
    shunned: frozenset[str] = frozenset()
    """Stems of papers that two people or more disliked: the only ones that may be named as disliked."""
    proven: bool = False
    """Whether two people or five signs stand behind it; before that it moves no paper by more than one place."""

    @property
    def confidence(self) -> float:
        """Share of the largest effect that the profile has with its feedback, 0 to 1."""
        feedback = sum(min(abs(example.weight), 1.0) for example in self.examples)
        return feedback / (feedback + FEEDBACK_FOR_HALF)


def learn_profile(
    examples: Iterable[Example], corpus: Corpus, *, forgotten: frozenset[str] = frozenset(), people: int = 1
) -> Profile:
    """Profile learnt from examples of so many people, as differences from a corpus; `forgotten` stems do not count."""
    examples = tuple(examples)
    shares = _shares(examples)
    weights: dict[str, float] = defaultdict(float)
    direction: _Vector = np.zeros_like(corpus.mean_vector)
    for example, share in zip(examples, shares, strict=True):
        for stem, weight in corpus.row_of(example.paper).items():
            weights[stem] += share * weight
        vector = corpus.vector_of(example.paper, example.vector)
        direction += np.float32(share) * np.where(vector == 0, 0, vector - corpus.mean_vector)  # zeros are unknown
    total = sum(shares)
    differences = {stem: weight - total * corpus.mean_row.get(stem, 0.0) for stem, weight in weights.items()}
    remaining = {stem: weight for stem, weight in differences.items() if stem not in forgotten}
    texts = [corpus.tokens(example.paper) for example in examples]
    pairs = frozenset((stem, following) for text in texts for (_, stem), (_, following) in pairwise(text))
    proven = people >= PEOPLE_PROVEN or len(examples) >= SIGNS_PROVEN
    public = _agreed(((each.paper, each.fans) for each in examples), corpus)
    shunned = _agreed(((each.paper, each.critics) for each in examples), corpus)
    return Profile(examples, remaining, commonest_words(texts), pairs, direction, public, shunned, proven)


def _agreed(opinions: Iterable[tuple[Paper, frozenset[str]]], corpus: Corpus) -> frozenset[str]:
    """Stems about which two people or more said the same, of one paper or of several."""
    people_by_stem: dict[str, set[str]] = defaultdict(set)
    for paper, people in opinions:
        for stem in corpus.row_of(paper) if people else ():
            people_by_stem[stem] |= people
    return frozenset(stem for stem, people in people_by_stem.items() if len(people) >= PEOPLE_PROVEN)


def _shares(examples: Sequence[Example]) -> list[float]:
    """Signed share of each example in the mean of its side; liked ones sum to 1, disliked ones to -0.5."""
    liked = sum(example.weight for example in examples if example.weight > 0) or 1.0
    disliked = -sum(example.weight for example in examples if example.weight < 0) or 1.0
    return [e.weight / liked if e.weight > 0 else DISLIKED_PART * e.weight / disliked for e in examples]


class ProfileMatch:
    """A profile applied to the candidates: its effect on each, and the reasons."""

    def __init__(self, profile: Profile, corpus: Corpus) -> None:
        self.profile = profile
        self._corpus = corpus
        scores = corpus.scores(profile.words, profile.direction)
        deviation = float(scores.std()) if len(scores) else 0.0
        mean = float(scores.mean()) if len(scores) else 0.0
        self._step = profile.confidence * STEP / deviation if deviation > 1e-9 else 0.0
        most = profile.confidence * INFLUENCE_MAX
        self.influence: NDArray[np.float64] = np.clip(self._step * (scores - mean), -most, most)
        """(candidates,): addition to each candidate's standing."""

    def reasons(self, position: int, paper: Paper) -> tuple[WordEffect, ...]:
        """The words and phrases with the largest effects on a candidate: liked ones, then disliked ones."""
        effects = {
            stem: self._step * self.profile.words[stem] * weight
            for stem, weight in self._corpus.rows[position].items()
            if stem in self.profile.words
        }
        tokens, pairs = self._corpus.tokens(paper), self.profile.pairs
        disliked = {stem: -weight for stem, weight in effects.items() if stem in self.profile.shunned}
        against = strongest_words(tokens, disliked, pairs)
        liked = {stem: weight for stem, weight in effects.items() if stem in self.profile.public}
        return (*strongest_words(tokens, liked, pairs), *(WordEffect(each.words, -each.weight) for each in against))

    def liked(self, position: int, paper: Paper) -> tuple[str, ...]:
        """The words that raise a candidate and that two people liked; none if the profile does not raise it."""
        if self.influence[position] <= 0:
            return ()
        return tuple(effect.words for effect in self.reasons(position, paper) if effect.weight > 0)

    @property
    def proven(self) -> bool:
        """Whether it may move a paper by more than one place."""
        return self.profile.proven

    def word_effect(self, stem: str) -> float:
        """Effect of a stem on the standing of a paper in which it weighs as in the average example that has it."""
        rows = (self._corpus.row_of(example.paper) for example in self.profile.examples)
        weights = [row[stem] for row in rows if stem in row]
        return self._step * self.profile.words.get(stem, 0.0) * sum(weights) / max(len(weights), 1)
