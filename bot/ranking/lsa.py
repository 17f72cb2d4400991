"""Latent semantic analysis of the candidates. Pure.

Deerwester et al., "Indexing by latent semantic analysis" (1990): the singular directions of the papers' tf-idf rows, so
that papers whose words occur with the same others are near. Found by subspace iteration from a fixed random start
(Halko, Martinsson & Tropp, "Finding structure with randomness", 2011, algorithm 4.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 64
PAPERS_PER_DIMENSION = 4
"""Papers needed for each dimension."""
STEM_PAPERS_MIN = 3
"""Papers that a stem needs; rarer stems are left out."""
_OVERSAMPLING = 10
_ITERATIONS = 2
_SEED = 20_261_126
_CHUNK = 40_000
"""Weights multiplied at once: each becomes a row of dimensions."""

_Matrix = NDArray[np.float32]


class TermMatrix(NamedTuple):
    """Sparse matrix of weights by paper (ascending) and stem."""

    papers: NDArray[np.int32]
    stems: NDArray[np.int32]
    weights: _Matrix
    shape: tuple[int, int]

    @property
    def transposed(self) -> TermMatrix:
        """The matrix with stems as rows."""
        order = np.argsort(self.stems, kind="stable")
        return TermMatrix(self.stems[order], self.papers[order], self.weights[order], self.shape[::-1])

    def times(self, dense: _Matrix) -> _Matrix:
        """The matrix product, (papers, columns of `dense`)."""
        product = np.zeros((self.shape[0], dense.shape[1]), dtype=np.float32)
        at = 0
        while at < len(self.papers):
            end = int(np.searchsorted(self.papers, self.papers[min(at + _CHUNK, len(self.papers)) - 1], "right"))
            rows, starts = np.unique(self.papers[at:end], return_index=True)
            product[rows] = np.add.reduceat(self.weights[at:end, None] * dense[self.stems[at:end]], starts, axis=0)
            at = end
        return product

    def frequent(self, least: int) -> tuple[TermMatrix, NDArray[np.int64]]:
        """The stems of at least so many papers, renumbered; and the new number of each stem, or -1."""
        is_frequent = np.bincount(self.stems, minlength=self.shape[1]) >= least
        numbers = np.where(is_frequent, np.cumsum(is_frequent) - 1, -1)
        inside = is_frequent[self.stems]
        stems = numbers[self.stems[inside]].astype(np.int32)
        shape = (self.shape[0], int(is_frequent.sum()))
        return TermMatrix(self.papers[inside], stems, self.weights[inside], shape), numbers


class LatentSpace:
    """The strongest directions of a matrix, and the coordinates of papers along them."""

    def __init__(self, matrix: TermMatrix, dimensions: int = DIMENSIONS) -> None:
        matrix, self._numbers = matrix.frequent(STEM_PAPERS_MIN)
        count = min(dimensions, matrix.shape[0] // PAPERS_PER_DIMENSION)
        self._basis = _directions(matrix, count) if count else np.zeros((matrix.shape[1], 0), dtype=np.float32)
        self.rows = _unit_rows(matrix.times(self._basis))
        """Coordinates of the papers, (papers, dimensions), of length 1; all zero for a paper without frequent stems."""

    def project(self, row: Mapping[int, float]) -> _Matrix:
        """Coordinates (dimensions,) of any paper, from its weights by stem number of the matrix."""
        numbers = self._numbers[np.fromiter(row, np.int64, len(row))]
        weights = np.fromiter(row.values(), np.float32, len(row))[numbers >= 0]
        return np.asarray(_unit_rows((weights @ self._basis[numbers[numbers >= 0]])[None])[0])


def _directions(matrix: TermMatrix, count: int) -> _Matrix:
    """Approximate `count` strongest right singular vectors, as columns."""
    width = min(count + _OVERSAMPLING, *matrix.shape)
    transposed = matrix.transposed
    start = np.random.default_rng(_SEED).standard_normal((matrix.shape[1], width), dtype=np.float32)
    basis = np.linalg.qr(start)[0]
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(transposed.times(np.linalg.qr(matrix.times(basis))[0]))[0]
    rotation = np.linalg.svd(matrix.times(basis), full_matrices=False)[2]
    return np.asarray(basis @ rotation.T[:, :count], dtype=np.float32)


def _unit_rows(rows: _Matrix) -> _Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-9))
