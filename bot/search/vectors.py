"""Vector index in memory: one vector per paper, one byte per dimension. Pure.

A nearest-neighbour search takes two steps: the Hamming distances of all vectors' signs (one bit per dimension) select a
few hundred candidates, and the bytes give their cosines. At 100,000 papers that takes a seventh of the time of all
cosines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.search.cosine_stats import Moments

_STEPS = 127
SAMPLED = 2_000
"""Papers in the sample whose mean vector is the zero point of the signs."""


def quantise(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Quantise rows of length 1 to int8, each row with its own scale; the lengths are lost."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0.0)
    return np.rint(vectors * (_STEPS / np.where(largest > 0, largest, 1.0))).astype(np.int8)


class Vectors:
    """Vectors by paper number; zero for a paper without one."""

    def __init__(self, numbers: NDArray[np.int64], rows: NDArray[np.int8]) -> None:
        """`rows` (vectors, dimensions), of the papers `numbers`."""
        self.room = int(numbers.max()) + 1 if len(numbers) else 0
        self.dimensions = rows.shape[1]
        self._rows = np.zeros((self.room, self.dimensions), dtype=np.int8)
        self._lengths = np.ones(self.room, dtype=np.float32)
        self._signs = np.zeros((-(-self.dimensions // 64), self.room), dtype=np.uint64)
        sample = rows[:: max(len(rows) // SAMPLED, 1)]
        centre = sample.mean(axis=0) if len(sample) else np.zeros(self.dimensions)
        self._centre = centre.astype(np.float32)
        self._has_vector = np.zeros(self.room, dtype=bool)
        self.papers = 0
        """Number of papers with a vector."""
        self._moments: Moments | None = None
        self._put(numbers, rows)

    def with_more(self, numbers: NDArray[np.int64], rows: NDArray[np.int8]) -> Vectors:
        """Copy with vectors added or replaced; this object stays as it is for the searches that use it."""
        grown = object.__new__(Vectors)
        grown.room = max(self.room, int(numbers.max()) + 1)
        grown.dimensions, grown._centre = self.dimensions, self._centre
        more = grown.room - self.room
        grown._rows = np.pad(self._rows, ((0, more), (0, 0)))
        grown._lengths = np.pad(self._lengths, (0, more), constant_values=1.0)
        grown._signs = np.pad(self._signs, ((0, 0), (0, more)))
        grown._has_vector = np.pad(self._has_vector, (0, more))
        before = self._moments and self._summed(numbers, self._moments, -1)
        grown._moments = None
        grown._put(numbers, rows)
        grown._moments = before and grown._summed(numbers, before)
        return grown

    def _put(self, numbers: NDArray[np.int64], rows: NDArray[np.int8]) -> None:
        for start in range(0, len(numbers), _AT_ONCE):
            at, block = numbers[start : start + _AT_ONCE], rows[start : start + _AT_ONCE]
            exact = block.astype(np.float32)
            lengths = np.sqrt(np.einsum("ij,ij->i", exact, exact))
            self._rows[at] = block
            self._lengths[at] = np.where(lengths > 0, lengths, 1.0)
            self._signs[:, at] = self._bits(exact).T
            self._has_vector[at] = lengths > 0
        self.papers = int(self._has_vector.sum())

    def _bits(self, vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
        packed = np.packbits(vectors > self._centre, axis=1)
        return np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view(np.uint64)

    def cosines(self, vector: NDArray[np.float32], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosines of papers with a vector of length 1; 0 for a paper without a vector."""
        inside = numbers < self.room
        at = np.where(inside, numbers, 0)
        if not self.room:
            return np.zeros(len(numbers), dtype=np.float32)
        dots = self._rows[at].astype(np.float32) @ vector
        return np.where(inside, dots / self._lengths[at], np.float32(0)).astype(np.float32)

    @property
    def moments(self) -> Moments:
        """Moments of all vectors; computed on first use, then updated."""
        if self._moments is None:
            zero = Moments(0, np.zeros(self.dimensions), np.zeros((self.dimensions, self.dimensions)))
            self._moments = self._summed(np.flatnonzero(self._has_vector), zero)
        return self._moments

    def _summed(self, numbers: NDArray[np.int64], moments: Moments, sign: int = 1) -> Moments:
        for start in range(0, len(numbers), _AT_ONCE):
            moments = moments.changed(self.of(numbers[start : start + _AT_ONCE]), sign)
        return moments

    def has(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mask of the papers that have a vector."""
        inside = (numbers >= 0) & (numbers < self.room)
        mask = np.zeros(len(numbers), dtype=bool)
        mask[inside] = self._has_vector[numbers[inside]]
        return mask

    def nearest(
        self, vector: NDArray[np.float32], count: int, mask: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Numbers of about the `count` papers nearest to a vector, of all or of those in `mask`, unordered."""
        if not self.room:
            return np.zeros(0, dtype=np.int64)
        bits = self._bits((vector * (_STEPS / max(float(np.abs(vector).max()), 1e-9)))[None])[0]
        distances = np.zeros(self.room, dtype=np.uint16)
        for signs, own in zip(self._signs, bits, strict=True):
            distances += np.bitwise_count(signs ^ own)
        allowed = self._has_vector if mask is None else self._has_vector & mask[: self.room]
        if mask is not None or self.papers < self.room:
            distances[~allowed] = self._farther
        # Counted by distance: there are few of them, and partitioning so many ties took ten times as long.
        up_to = np.cumsum(np.bincount(distances, minlength=self._farther)[: self._farther])
        last = int(np.searchsorted(up_to, count))
        if last == self._farther:
            return np.flatnonzero(distances < self._farther)
        near = np.flatnonzero(distances <= last)
        return near[np.argsort(distances[near], kind="stable")[:count]]

    @property
    def _farther(self) -> int:
        """A distance that no two vectors have."""
        return 64 * len(self._signs) + 1

    def of(self, numbers: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of length 1 of papers, (papers, dimensions); zero for a paper without one."""
        at = np.asarray(numbers, dtype=np.int64)
        vectors = np.zeros((len(at), self.dimensions), dtype=np.float32)
        inside = (at >= 0) & (at < self.room)
        vectors[inside] = self._rows[at[inside]] / self._lengths[at[inside], None]
        return vectors


_AT_ONCE = 5_000
"""Rows per block: bounds the memory of intermediate float32 arrays."""
