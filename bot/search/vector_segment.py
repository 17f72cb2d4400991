"""A segment of vectors: one byte per dimension, and one bit for its sign, of some papers; immutable. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.search import segment_file
from bot.search.cosine_stats import Moments

STEPS = 127
"""Largest absolute value of a quantised row."""
SAMPLED = 2_000
"""Papers in the sample whose mean vector is the zero point of the signs."""
_AT_ONCE = 5_000
"""Rows per block: bounds the memory of intermediate float32 arrays."""


def quantise(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Quantise rows of length 1 to int8, each row with its own scale; the lengths are lost."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0.0)
    return np.rint(vectors * (STEPS / np.where(largest > 0, largest, 1.0))).astype(np.int8)


@dataclass(frozen=True, slots=True)
class VectorSegment:
    """Vectors of some papers, immutable: arrays of a mapped file, or in memory."""

    numbers: NDArray[np.int32]
    """Paper numbers, ascending."""
    rows: NDArray[np.int8]
    """(papers, dimensions)."""
    lengths: NDArray[np.float32]
    """Length of each row; 0 for a paper that has no vector."""
    signs: NDArray[np.uint64]
    """(words, papers): a bit per dimension, whether the value is above the centre's."""
    moments: Moments
    """Moments of the vectors at length 1."""
    centre: NDArray[np.float32]
    """Zero point of the signs; distances compare among segments that have the same."""

    @classmethod
    def of(
        cls, numbers: NDArray[np.integer], rows: NDArray[np.int8], centre: NDArray[np.float32] | None = None
    ) -> VectorSegment:
        """Segment of rows (papers, dimensions); of a number that is given twice the last row counts.

        Without a `centre` it is the mean of a sample of the rows.
        """
        order = _last_of_each(numbers)
        if order is not None:
            numbers, rows = numbers[order], rows[order]
        if centre is None or centre.shape != rows.shape[1:]:
            centre = _centre(rows)
        moments = Moments.none(rows.shape[1])
        lengths = np.zeros(len(rows), dtype=np.float32)
        signs = np.zeros((-(-rows.shape[1] // 64), len(rows)), dtype=np.uint64)
        for start in range(0, len(rows), _AT_ONCE):
            block = slice(start, start + _AT_ONCE)
            exact = rows[block].astype(np.float32)
            lengths[block] = np.sqrt(np.einsum("ij,ij->i", exact, exact))
            signs[:, block] = sign_bits(exact, centre).T
            exact /= np.where(lengths[block] > 0, lengths[block], np.float32(1))[:, None]
            moments = moments.changed(exact)
        return cls(numbers.astype(np.int32), rows, lengths, signs, moments, centre)

    @classmethod
    def merged(cls, segments: Sequence[VectorSegment]) -> VectorSegment:
        """One segment of several, at least one, of the same dimensions, oldest first: of a paper the last counts.

        The centre is the oldest one's. Signs are computed again only where a segment has another.
        """
        centre = segments[0].centre
        alike = [each if np.array_equal(each.centre, centre) else each.centred(centre) for each in segments]
        numbers = np.concatenate([each.numbers for each in alike])
        order = _last_of_each(numbers)
        rows = np.concatenate([each.rows for each in alike])
        lengths = np.concatenate([each.lengths for each in alike])
        signs = np.concatenate([each.signs for each in alike], axis=1)
        moments = sum((each.moments for each in alike), Moments.none(alike[0].dimensions))
        if order is None:
            return cls(numbers, rows, lengths, signs, moments, centre)
        left_out = np.ones(len(numbers), dtype=bool)
        left_out[order] = False
        moments = moments_without(moments, unit_rows(rows, lengths, np.flatnonzero(left_out)))
        return cls(numbers[order], rows[order], lengths[order], signs[:, order], moments, centre)

    def without(self, numbers: NDArray[np.integer]) -> VectorSegment:
        """The segment without some papers."""
        kept = ~np.isin(self.numbers, numbers)
        if kept.all():
            return self
        moments = moments_without(self.moments, unit_rows(self.rows, self.lengths, np.flatnonzero(~kept)))
        return VectorSegment(
            self.numbers[kept], self.rows[kept], self.lengths[kept], self.signs[:, kept], moments, self.centre
        )

    def to_bytes(self, facts: Mapping[str, Any] | None = None) -> bytearray:
        """The segment in the format of `segment_file`, with more facts, such as the model."""
        arrays: dict[str, NDArray[Any]] = {
            "numbers": self.numbers,
            "rows": self.rows,
            "lengths": self.lengths,
            "signs": self.signs,
            "first": self.moments.first,
            "second": self.moments.second,
        }
        own = {"papers": self.moments.papers, "centre": [float(value) for value in self.centre]}
        return segment_file.to_bytes(arrays, {**(facts or {}), **own})

    @classmethod
    def from_bytes(cls, data: bytes | bytearray | memoryview) -> VectorSegment:
        """Segment of bytes, as views of them. Raises DamagedSegmentError."""
        arrays, facts = segment_file.from_bytes(data)
        try:
            moments = Moments(int(facts["papers"]), arrays["first"], arrays["second"])
            centre = np.array(facts["centre"], dtype=np.float32)
            segment = cls(arrays["numbers"], arrays["rows"], arrays["lengths"], arrays["signs"], moments, centre)
            segment._check()
        except (KeyError, TypeError, ValueError) as error:
            raise segment_file.DamagedSegmentError(str(error)) from None
        return segment

    @property
    def dimensions(self) -> int:
        """Dimensions of a vector."""
        return int(self.rows.shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays that grow with the papers."""
        return self.numbers.nbytes + self.rows.nbytes + self.lengths.nbytes + self.signs.nbytes

    @property
    def size(self) -> int:
        """Number of papers, also those without a vector."""
        return len(self.numbers)

    def _check(self) -> None:
        papers, dimensions = self.rows.shape
        words = -(-dimensions // 64)
        shapes = (self.numbers.shape, self.lengths.shape, self.signs.shape, self.centre.shape)
        moments = (self.moments.first.shape, self.moments.second.shape)
        if shapes != ((papers,), (papers,), (words, papers), (dimensions,)):
            raise ValueError(f"arrays of other shapes: {shapes}")
        if moments != ((dimensions,), (dimensions, dimensions)):
            raise ValueError(f"moments of other shapes: {moments}")

    def centred(self, centre: NDArray[np.float32]) -> VectorSegment:
        """The segment with signs about another centre."""
        signs = np.zeros_like(self.signs)
        for start in range(0, self.size, _AT_ONCE):
            block = slice(start, start + _AT_ONCE)
            signs[:, block] = sign_bits(self.rows[block].astype(np.float32), centre).T
        return VectorSegment(self.numbers, self.rows, self.lengths, signs, self.moments, centre)


def sign_bits(vectors: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Signs about a centre, (vectors, words)."""
    packed = np.packbits(vectors > centre, axis=1)
    return np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view("<u8").astype(np.uint64, copy=False)


def unit_rows(rows: NDArray[np.int8], lengths: NDArray[np.float32], at: NDArray[np.integer]) -> NDArray[np.float32]:
    """Some rows at length 1; zero stays zero."""
    some = lengths[at]
    return np.asarray(rows[at] / np.where(some > 0, some, np.float32(1))[:, None], dtype=np.float32)


def moments_without(moments: Moments, vectors: NDArray[np.float32], standing_for: int | None = None) -> Moments:
    """Moments without some vectors, or without so many that these are a sample of."""
    if not len(vectors):
        return moments
    scale = (len(vectors) if standing_for is None else standing_for) / len(vectors)
    gone = Moments.none(vectors.shape[1])
    for start in range(0, len(vectors), _AT_ONCE):
        gone = gone.changed(vectors[start : start + _AT_ONCE])
    return moments + gone.scaled(-scale)


def _centre(rows: NDArray[np.int8]) -> NDArray[np.float32]:
    """Mean of a sample of rows."""
    sample = rows[:: max(len(rows) // SAMPLED, 1)]
    return np.asarray(sample.mean(axis=0) if len(sample) else np.zeros(rows.shape[1]), dtype=np.float32)


def _last_of_each(numbers: NDArray[np.integer]) -> NDArray[np.int64] | None:
    """Positions of the last of each number, by number; None where they ascend as they are."""
    if (numbers[1:] > numbers[:-1]).all():
        return None
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    last = np.ones(len(order), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=last[:-1])
    return np.asarray(order[last])
