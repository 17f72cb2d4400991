"""Mean and deviation of the cosines of all stored papers with a text, in constant time. Pure.

The mean of a text's cosines is its product with the mean of all vectors, and their variance follows from the second
moments: once these are summed, another text costs a product with a matrix of dimensions x dimensions, whatever the
number of papers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.query.semantic import Closeness, Spread

NEAREST = 20
"""Papers nearest to a text whose mean refines it, at most."""
_ONE_IN = 25
"""Of how many papers one is among the nearest, where there are few."""
_PULL = 2.0
"""Weight of their mean beside the text."""


@dataclass(frozen=True, slots=True)
class Moments:
    """First and second moments of vectors of length 1, as sums."""

    papers: int
    first: NDArray[np.float64]
    """(dimensions,)."""
    second: NDArray[np.float64]
    """(dimensions, dimensions)."""

    @classmethod
    def none(cls, dimensions: int) -> Moments:
        """Moments of no vectors."""
        return cls(0, np.zeros(dimensions), np.zeros((dimensions, dimensions)))

    def __add__(self, other: Moments) -> Moments:
        """Moments of the vectors of both."""
        return Moments(self.papers + other.papers, self.first + other.first, self.second + other.second)

    def scaled(self, factor: float) -> Moments:
        """Moments of `factor` times as many vectors; below 0 they are taken away where they are added."""
        return Moments(round(factor * self.papers), factor * self.first, factor * self.second)

    def changed(self, vectors: NDArray[np.float32]) -> Moments:
        """Moments with vectors (papers, dimensions) added; zero rows do not count."""
        count = int(vectors.any(axis=1).sum())
        return self + Moments(count, vectors.sum(axis=0, dtype=np.float64), (vectors.T @ vectors).astype(np.float64))

    def spread(self, vector: NDArray[np.float32]) -> Spread:
        """Mean and standard deviation of the cosines with a vector of length 1."""
        if not self.papers:
            return Spread(0, 0.0, 0.0)
        mean = float(self.first @ vector) / self.papers
        variance = float(vector @ self.second @ vector) / self.papers - mean * mean
        return Spread(self.papers, mean, float(np.sqrt(max(variance, 0.0))))

    def closeness(self, vectors: NDArray[np.float32], text: NDArray[np.float32]) -> Closeness:
        """Closeness of vectors of length 1, (papers, dimensions), to a text's; zero rows are papers without one.

        Refined by feedback: the direction from the mean of all vectors to the text, and on to the nearest papers.
        """
        cosines = np.asarray(vectors @ text, dtype=np.float32)
        cosines[~vectors.any(axis=1)] = np.nan
        spread = self.spread(text)
        if not len(vectors) or not self.papers or not spread.deviation:
            return Closeness(cosines, spread, np.zeros_like(cosines))
        count = min(NEAREST, 1 + len(cosines) // _ONE_IN)
        ranked = np.nan_to_num(-cosines, nan=2.0)
        nearest = np.argpartition(ranked, count)[:count] if len(cosines) > count else np.arange(len(cosines))
        centre = self.first / self.papers
        direction = (_unit(text - centre) + _PULL * _unit(vectors[nearest].mean(axis=0) - centre)).astype(np.float32)
        refined = self.spread(direction).standardised(vectors @ direction)
        refined[np.isnan(cosines)] = np.nan
        return Closeness(cosines, spread, refined)


def _unit(vector: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(vector / (np.linalg.norm(vector) or 1.0))
