"""What papers are about beyond their very words: latent semantic analysis of the candidates. Pure.

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
PAPERS_A_DIMENSION = 4
"""Fewer papers than this for each dimension have no structure worth the name."""
COMPANY_LEAST = 3
"""A stem that fewer papers have keeps no company to speak of."""
_SPARE = 10
_ROUNDS = 2
_SEED = 20_261_126
_AT_ONCE = 40_000
"""Weights worked on in one go: each becomes a row of dimensions."""

_Matrix = NDArray[np.float32]


class TermMatrix(NamedTuple):
    """A sparse matrix: of which paper (ascending), of which stem, how much."""

    papers: NDArray[np.int32]
    stems: NDArray[np.int32]
    weights: _Matrix
    shape: tuple[int, int]

    @property
    def turned(self) -> TermMatrix:
        """With papers and stems changed about."""
        order = np.argsort(self.stems, kind="stable")
        return TermMatrix(self.stems[order], self.papers[order], self.weights[order], self.shape[::-1])

    def times(self, dense: _Matrix) -> _Matrix:
        """The matrix product, (papers, columns of `dense`)."""
        found = np.zeros((self.shape[0], dense.shape[1]), dtype=np.float32)
        at = 0
        while at < len(self.papers):
            end = int(np.searchsorted(self.papers, self.papers[min(at + _AT_ONCE, len(self.papers)) - 1], "right"))
            rows, starts = np.unique(self.papers[at:end], return_index=True)
            found[rows] = np.add.reduceat(self.weights[at:end, None] * dense[self.stems[at:end]], starts, axis=0)
            at = end
        return found

    def of_company(self, least: int) -> tuple[TermMatrix, NDArray[np.int64]]:
        """The part of the stems that so many papers have, numbered anew; and the new number of each stem, or -1."""
        kept = np.bincount(self.stems, minlength=self.shape[1]) >= least
        numbers = np.where(kept, np.cumsum(kept) - 1, -1)
        inside = kept[self.stems]
        stems = numbers[self.stems[inside]].astype(np.int32)
        shape = (self.shape[0], int(kept.sum()))
        return TermMatrix(self.papers[inside], stems, self.weights[inside], shape), numbers


class LatentSpace:
    """The directions of a table, and where papers lie along them."""

    def __init__(self, table: TermMatrix, dimensions: int = DIMENSIONS) -> None:
        table, self._numbers = table.of_company(COMPANY_LEAST)
        count = min(dimensions, table.shape[0] // PAPERS_A_DIMENSION, table.shape[1])
        self._basis = _directions(table, count) if count else np.zeros((table.shape[1], 0), dtype=np.float32)
        self.rows = _of_length_one(table.times(self._basis))
        """Each paper's place, (papers, dimensions), of length 1; all zero for a paper without words."""

    def of(self, row: Mapping[int, float]) -> _Matrix:
        """Where a paper lies, by its weights of the table's stems."""
        places = self._numbers[np.fromiter(row, np.int64, len(row))]
        weights = np.fromiter(row.values(), np.float32, len(row))[places >= 0]
        return np.asarray(_of_length_one((weights @ self._basis[places[places >= 0]])[None])[0])


def _directions(table: TermMatrix, count: int) -> _Matrix:
    """The `count` strongest right singular vectors, about, as columns."""
    width = min(count + _SPARE, *table.shape)
    turned = table.turned
    start = np.random.default_rng(_SEED).standard_normal((table.shape[1], width), dtype=np.float32)
    basis = np.linalg.qr(start)[0]
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(turned.times(np.linalg.qr(table.times(basis))[0]))[0]
    turn = np.linalg.svd(table.times(basis), full_matrices=False)[2]
    return np.asarray(basis @ turn.T[:, :count], dtype=np.float32)


def _of_length_one(rows: _Matrix) -> _Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-9))
