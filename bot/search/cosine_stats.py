"""Mean and deviation of the cosines of all stored papers with a text, exact, in constant time. Pure.

The mean of a text's cosines is its product with the mean of all vectors, and their variance follows from the second
moments: once these are summed, another text costs a product with a matrix of dimensions x dimensions, whatever the
number of papers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.query.semantic import Spread


@dataclass(frozen=True, slots=True)
class Moments:
    """First and second moments of vectors of length 1, as sums."""

    papers: int
    first: NDArray[np.float64]
    """(dimensions,)."""
    second: NDArray[np.float64]
    """(dimensions, dimensions)."""

    def changed(self, vectors: NDArray[np.float32], sign: int = 1) -> Moments:
        """Moments with vectors (papers, dimensions) added, or removed if `sign` is -1; zero rows do not count."""
        count = int(vectors.any(axis=1).sum())
        first, second = vectors.sum(axis=0, dtype=np.float64), vectors.T @ vectors
        return Moments(self.papers + sign * count, self.first + sign * first, self.second + sign * second)

    def spread(self, vector: NDArray[np.float32]) -> Spread:
        """Mean and standard deviation of the cosines with a vector of length 1."""
        if not self.papers:
            return Spread(0, 0.0, 0.0)
        mean = float(self.first @ vector) / self.papers
        variance = float(vector @ self.second @ vector) / self.papers - mean * mean
        return Spread(self.papers, mean, float(np.sqrt(max(variance, 0.0))))
