"""Closeness in meaning of papers to a topic, and the thresholds of searches and of `like:`. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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

    def standardised(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines in standard deviations above the mean."""
        return np.asarray((cosines - self.mean) / (self.deviation or 1.0), dtype=np.float32)


class Closeness(NamedTuple):
    """Closeness of the papers of one index to a topic's words."""

    cosines: NDArray[np.float32]
    """(papers,); nan where unknown."""
    spread: Spread
    """Of the cosines of all stored papers."""
    refined: NDArray[np.float32]
    """(papers,): closeness to the text and to the papers nearest to it, in standard deviations of all stored papers."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """(papers,): whether a paper has a vector."""
        return np.isfinite(self.cosines)

    @property
    def is_usable(self) -> bool:
        """Whether enough papers are stored, and not all of them as close as the others."""
        return self.spread.papers >= STORED_LEAST and self.spread.deviation > _ROUNDING
