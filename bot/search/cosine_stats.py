"""How near all stored papers are to any text, exactly, without looking at each of them. Pure.

The mean of a text's cosines is its product with the middle of all vectors, and their variance follows from the second
moments: once these are summed, another text costs a matrix of dimensions x dimensions, whatever the number of papers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.query.semantic import Spread


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over vectors of length 1."""

    papers: int
    first: NDArray[np.float64]
    """(dimensions,)."""
    second: NDArray[np.float64]
    """(dimensions, dimensions)."""

    @classmethod
    def nothing(cls, dimensions: int) -> Moments:
        """Those of no paper."""
        return cls(0, np.zeros(dimensions), np.zeros((dimensions, dimensions)))

    def changed(self, vectors: NDArray[np.float32], sign: int = 1) -> Moments:
        """With these (papers, dimensions) added, or, with -1, taken away; all-zero rows are no paper's."""
        there = int(vectors.any(axis=1).sum())
        first, second = vectors.sum(axis=0, dtype=np.float64), vectors.T @ vectors
        return Moments(self.papers + sign * there, self.first + sign * first, self.second + sign * second)

    def spread(self, vector: NDArray[np.float32]) -> Spread:
        """Mean and standard deviation of the cosines with a vector of length 1."""
        if not self.papers:
            return Spread(0, 0.0, 0.0)
        mean = float(self.first @ vector) / self.papers
        variance = float(vector @ self.second @ vector) / self.papers - mean * mean
        return Spread(self.papers, mean, float(np.sqrt(max(variance, 0.0))))
