"""Thresholds from which free words and `like:` match a paper: a share of the words, or closeness in meaning. Pure.

Topics, mutes, previews and searches call `matches` with a threshold each. A cosine of 0.4 is near for “protein
folding” and far for “machine learning”, so a topic's threshold is computed from the papers that have most of its words.
A paper matches if it is as close as the nearer two fifths of them, and clearly closer than stored papers are on
average. Where too few papers have the words, only outliers among all stored papers match.

The constants were chosen on Daily Papers, for two kinds of topics: arXiv's names of their categories, and the commonest
of their keywords. None of those papers is among the ones on which `bot/query/README.md` reports.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.query.paper_set import PaperSet
from bot.text.tfidf import idf

MOST_WORDS = 0.65
"""Share of the words, weighted by idf, from which a paper is an example of them."""
TYPICAL = 0.6
"""Share of the examples that may be below the threshold."""
EXAMPLES = 5
"""Examples below which the threshold is that of outliers."""
CLEAR = 1.0
"""Least threshold, in standard deviations above the mean cosine of all stored papers."""
OUTLYING = 3.0
"""Threshold without examples, in standard deviations above the mean: 1 in 700 of a normal distribution."""
WORDS = 2.0
"""Part of all the words in a score, in standard deviations of closeness."""
STORED_LEAST = 50
"""Stored papers below which mean and deviation are not used, so that nothing matches by meaning."""
_ROUNDING = 1e-4
"""Largest deviation that may be rounding of 32-bit floats."""


class Threshold(NamedTuple):
    """Least share of the words and least closeness of a match; either is enough."""

    words: float = math.inf
    """Share of the free words, 0 to 1."""
    closeness: float = math.inf
    """Closeness in meaning, on the scale of the values that are compared with it."""


ALL_WORDS = Threshold(words=1.0)
"""Threshold of mutes; topics add the closeness that is computed for their words."""
IN_SEARCH = Threshold(words=1e-6, closeness=2.5)
"""Any of the words, or closeness in standard deviations above the mean cosine of all stored papers."""
LIKE_IN_TOPICS = Threshold(closeness=0.15)
"""Cosine of tf-idf from which a candidate is `like:` a paper.

Read off 1,000 Daily Papers: above it pairs share their task (two or three such neighbours a paper), below it a method
or only a fashionable word.
"""
LIKE_IN_SEARCH = Threshold(closeness=0.25)
"""Closeness as in `bot.search.similar` from which a stored paper is `like:` another."""


def matches(threshold: Threshold, words: NDArray[np.floating], closeness: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(papers,): which papers match, by their share of the words and their closeness; nan is unknown closeness."""
    return np.asarray((words >= threshold.words) | (closeness >= threshold.closeness))


class Spread(NamedTuple):
    """Cosines of all stored papers with a text: how many papers have a vector, mean and standard deviation."""

    papers: int
    mean: float
    deviation: float

    def above(self, deviations: float) -> float:
        """The cosine so many standard deviations above the mean."""
        return self.mean + deviations * self.deviation

    def standardised(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines in standard deviations above the mean."""
        return np.asarray((cosines - self.mean) / (self.deviation or 1.0), dtype=np.float32)


class SemanticMatches(NamedTuple):
    """Cosines of the papers of one index with some words, and the least cosine of a match."""

    cosines: NDArray[np.float32]
    """(papers,); nan where unknown."""
    threshold: float
    """Infinite if the cosines are not usable."""
    closeness: NDArray[np.float32]
    """(papers,): standard deviations above the mean of all stored papers; 0 where unknown."""

    @classmethod
    def of(cls, stored: Spread, cosines: NDArray[np.float32], examples: PaperSet) -> SemanticMatches:
        """`stored`: of all stored papers; `cosines`: of the index; `examples`: the papers with most of the words."""
        finite = np.isfinite(cosines)
        threshold = topic_threshold(stored, cosines[examples.flags(len(cosines)) & finite])
        if threshold is None:
            return cls(cosines, math.inf, np.zeros(len(cosines), dtype=np.float32))
        return cls(cosines, threshold, np.where(finite, stored.standardised(cosines), np.float32(0)))


NO_MATCHES = SemanticMatches(np.zeros(0, np.float32), math.inf, np.zeros(0, np.float32))
"""Value for words that are matched literally: a name, or words that are in no paper."""


def topic_threshold(stored: Spread, examples: NDArray[np.float32]) -> float | None:
    """Least cosine of a topic, from the cosines of its examples; None if the stored cosines are not usable."""
    if stored.papers < STORED_LEAST or not stored.deviation > _ROUNDING:
        return None
    if len(examples) < EXAMPLES:
        return stored.above(OUTLYING)
    return max(float(np.quantile(examples, TYPICAL)), stored.above(CLEAR))


def word_shares(holders: Sequence[PaperSet], papers: int) -> NDArray[np.float32]:
    """(papers,): the share of the words, weighted by idf, that each paper has, 0 to 1; `holders` by word."""
    shares = np.zeros(papers, dtype=np.float32)
    total = 0.0
    for holding in holders:
        weight = idf(papers, len(holding))
        total += weight
        shares[holding.flags(papers)] += weight
    return np.asarray(shares / total) if total else shares


def topic_scores(shares: NDArray[np.float32], meaning: SemanticMatches) -> NDArray[np.float32]:
    """(papers,): rank of each paper for a topic, by its share of the words and its closeness together."""
    return WORDS * shares + (meaning.closeness if len(meaning.closeness) else np.float32(0))
