"""Vector index: one vector per paper, one byte per dimension, in segments that may lie in mapped files. Pure.

A nearest-neighbour search takes two steps: the Hamming distances of the first 128 signs (one bit per dimension) of all
vectors select a few thousand candidates, and the bytes of these give their cosines. Nothing that is mapped is copied
but the candidates' rows; a place per paper number is what a process holds in its own memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.search import segment_file
from bot.search.cosine_stats import Moments

_STEPS = 127
SAMPLED = 2_000
"""Papers in the sample whose mean vector is the zero point of the signs."""
_AT_ONCE = 5_000
"""Rows per block: bounds the memory of intermediate float32 arrays."""
_SCANNED = 32_768
"""Distances per block: the temporaries of a block stay in the processor's cache."""
_MULTIPLIED = 1_024
"""Rows whose cosines are computed together: 256 KB, and 1 MB as float32."""
_FIRST_WORDS = 2
"""Words of 64 signs that are compared of every vector; four take twice the time."""
_COMPARED = 6_000
"""Papers nearest by signs whose cosines are computed, at least; of fewer papers all are, without their signs."""
_OVERRIDDEN = 16_384
"""Overridden vectors of a segment subtracted from the moments exactly; of more, a sample of so many is, scaled up."""
_FEW = 8
"""Of a mask of less than 1/8 of the papers, the signs are looked up instead of gone through."""
_LEFT_OUT = 255
"""A distance that no two vectors have."""
_DISTANCES_SAMPLED = 65_536


def quantise(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Quantise rows of length 1 to int8, each row with its own scale; the lengths are lost."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0.0)
    return np.rint(vectors * (_STEPS / np.where(largest > 0, largest, 1.0))).astype(np.int8)


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
            signs[:, block] = _bits(exact, centre).T
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
        moments = _without(moments, _units(rows, lengths, np.flatnonzero(left_out)))
        return cls(numbers[order], rows[order], lengths[order], signs[:, order], moments, centre)

    def without(self, numbers: NDArray[np.integer]) -> VectorSegment:
        """The segment without some papers."""
        kept = ~np.isin(self.numbers, numbers)
        if kept.all():
            return self
        moments = _without(self.moments, _units(self.rows, self.lengths, np.flatnonzero(~kept)))
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
            signs[:, block] = _bits(self.rows[block].astype(np.float32), centre).T
        return VectorSegment(self.numbers, self.rows, self.lengths, signs, self.moments, centre)


class Vectors:
    """One searchable set of vectors by paper number; of a paper in several segments the last vector counts."""

    def __init__(
        self, segments: Sequence[VectorSegment], tail_numbers: NDArray[np.integer], tail_rows: NDArray[np.int8]
    ) -> None:
        """`segments`, oldest first, and the tail, whose rows (papers, dimensions) count before theirs.

        Segments of other dimensions than the tail's are left out; an empty tail has dimensions, too.
        """
        self.dimensions = int(tail_rows.shape[1])
        parts = [each for each in segments if each.dimensions == self.dimensions and each.size]
        if len(tail_numbers):
            parts.append(VectorSegment.of(tail_numbers, tail_rows, parts[0].centre if parts else None))
        self._parts = parts
        self._starts = np.cumsum([0, *(each.size for each in parts)])
        self.room = max((int(each.numbers[-1]) + 1 for each in parts), default=0)
        """Upper bound of paper numbers, exclusive."""
        self._places = np.full(self.room, -1, dtype=np.int32)
        """Where each paper's row is, counted through all segments; -1 for a paper without a vector."""
        for start, part in zip(self._starts.tolist(), parts, strict=False):
            places = np.arange(start, start + part.size, dtype=np.int32)
            self._places[part.numbers] = np.where(part.lengths > 0, places, np.int32(-1))
        self._live = [self._live_rows(index) for index in range(len(parts))]
        self.papers = int(np.count_nonzero(self._places >= 0))
        """Number of papers with a vector."""
        self._moments: Moments | None = None

    def _live_rows(self, index: int) -> NDArray[np.bool_] | None:
        """Rows of a segment that are a paper's vector: neither zero nor overridden; None: all of them."""
        part, start = self._parts[index], int(self._starts[index])
        live = self._places[part.numbers] == np.arange(start, start + part.size, dtype=np.int32)
        return None if live.all() else live

    def _located(self, places: NDArray[np.integer]) -> Iterator[tuple[VectorSegment, slice, NDArray[np.int64]]]:
        """The segments in which some of the `places` are: slice of the places, sorted, and row numbers in each."""
        bounds = np.searchsorted(places, self._starts)
        starts = self._starts[:-1].tolist()
        for part, start, (low, high) in zip(self._parts, starts, pairwise(bounds.tolist()), strict=True):
            if high > low:
                yield part, slice(low, high), places[low:high] - start

    def _places_of(self, numbers: Sequence[int] | NDArray[np.integer]) -> NDArray[np.int32]:
        """Place of each paper's row, -1 for a paper without a vector."""
        at = np.asarray(numbers, dtype=np.int64)
        inside = (at >= 0) & (at < self.room)
        places = np.full(len(at), -1, dtype=np.int32)
        places[inside] = self._places[at[inside]]
        return places

    def cosines(self, vector: NDArray[np.float32], numbers: NDArray[np.integer]) -> NDArray[np.float32]:
        """Cosines of papers with a vector of length 1; 0 for a paper without a vector."""
        places = self._places_of(numbers)
        order = np.argsort(places, kind="stable")
        order = order[np.searchsorted(places[order], 0) :]
        cosines = np.zeros(len(places), dtype=np.float32)
        cosines[order] = self._cosines_at(vector, places[order])
        return cosines

    def _cosines_at(self, vector: NDArray[np.float32], places: NDArray[np.integer]) -> NDArray[np.float32]:
        """Cosines of the vectors at some places, sorted."""
        cosines = np.zeros(len(places), dtype=np.float32)
        # Written over for each block: asking the system for as much memory each time takes longer than the products.
        bytes_, values = (np.empty((min(len(places), _MULTIPLIED), self.dimensions), kind) for kind in (np.int8, "f4"))
        for part, of_part, rows in self._located(places):
            products = cosines[of_part]
            for start in range(0, len(rows), _MULTIPLIED):
                some = rows[start : start + _MULTIPLIED]
                part.rows.take(some, axis=0, out=bytes_[: len(some)], mode="clip")
                values[: len(some)] = bytes_[: len(some)]
                np.matmul(values[: len(some)], vector, out=products[start : start + len(some)])
            products /= part.lengths[rows]
        return cosines

    def of(self, numbers: Sequence[int] | NDArray[np.integer]) -> NDArray[np.float32]:
        """Vectors of length 1 of papers, (papers, dimensions); zero for a paper without one."""
        places = self._places_of(numbers)
        order = np.argsort(places, kind="stable")
        order = order[np.searchsorted(places[order], 0) :]
        vectors = np.zeros((len(places), self.dimensions), dtype=np.float32)
        for part, of_part, rows in self._located(places[order]):
            vectors[order[of_part]] = _units(part.rows, part.lengths, rows)
        return vectors

    def has(self, numbers: Sequence[int] | NDArray[np.integer]) -> NDArray[np.bool_]:
        """Mask of the papers that have a vector."""
        return self._places_of(numbers) >= 0

    @property
    def moments(self) -> Moments:
        """Moments of all vectors: the segments' sums without what is overridden; computed on first use."""
        if self._moments is None:
            moments = Moments.none(self.dimensions)
            for part, live in zip(self._parts, self._live, strict=True):
                moments += part.moments
                if live is not None:
                    gone = np.flatnonzero(~live & (part.lengths > 0))
                    moments = _without(
                        moments, _units(part.rows, part.lengths, gone[:: -(-len(gone) // _OVERRIDDEN) or 1]), len(gone)
                    )
            self._moments = moments
        return self._moments

    def nearest(
        self, vector: NDArray[np.float32], count: int, mask: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Numbers of about the `count` papers nearest to a vector, of all or of those in `mask`, unordered.

        A mask that is shorter than `room` leaves out the papers after its end.
        """
        if count <= 0 or len(vector) != self.dimensions:
            return np.zeros(0, dtype=np.int64)
        places = self._near_by_signs(vector, max(count, _COMPARED), mask)
        if len(places) > count:
            cosines = self._cosines_at(vector, places)
            places = places[np.sort(np.argpartition(-cosines, count - 1)[:count])]
        numbers = [part.numbers[rows] for part, _, rows in self._located(places)]
        return np.concatenate(numbers).astype(np.int64) if numbers else np.zeros(0, dtype=np.int64)

    def _near_by_signs(
        self, vector: NDArray[np.float32], least: int, mask: NDArray[np.bool_] | None
    ) -> NDArray[np.integer]:
        """Places, sorted, of the papers whose first signs are nearest: at least so many, if there are."""
        signs = self._signs_of(vector)
        if mask is not None and np.count_nonzero(mask[: self.room]) < self.room // _FEW:
            places = self._places[np.flatnonzero(mask[: self.room])]
            places = np.sort(places[places >= 0])
            if len(places) <= least:
                return places
            distances = np.zeros(len(places), dtype=np.uint8)
            for part, of_part, rows in self._located(places):
                words = [word[rows] for word in part.signs[:_FIRST_WORDS]]
                distances[of_part] = _distances(words, signs[part.centre.tobytes()])
            return places[_smallest(distances, least)]
        distances = np.zeros(int(self._starts[-1]), dtype=np.uint8)
        for index, (part, live) in enumerate(zip(self._parts, self._live, strict=True)):
            block = distances[self._starts[index] : self._starts[index + 1]]
            _distances(part.signs[:_FIRST_WORDS], signs[part.centre.tobytes()], out=block)
            if live is not None:
                _leave_out(block, live)
            if mask is not None:
                _leave_out(block, _of_numbers(mask, part.numbers))
        return _smallest(distances, least)

    def _signs_of(self, vector: NDArray[np.float32]) -> dict[bytes, NDArray[np.uint64]]:
        """Signs of a vector about each centre of the segments, which is one as a rule."""
        scaled = vector * np.float32(_STEPS / max(float(np.abs(vector).max(initial=0.0)), 1e-9))
        centres = {part.centre.tobytes(): part.centre for part in self._parts}
        return {key: _bits(scaled[None], centre)[0] for key, centre in centres.items()}


def _distances(
    signs: Sequence[NDArray[np.uint64]] | NDArray[np.uint64],
    own: NDArray[np.uint64],
    out: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Hamming distances of a vector's first signs, `own`, to those of papers, a run per word of signs."""
    count = len(signs[0]) if len(signs) else 0
    distances = np.zeros(count, dtype=np.uint8) if out is None else out
    differing, added = np.empty(min(count, _SCANNED), np.uint64), np.empty(min(count, _SCANNED), np.uint8)
    for start in range(0, count, _SCANNED):
        block = distances[start : start + _SCANNED]
        size = len(block)
        for number, (word, own_word) in enumerate(zip(signs, own, strict=False)):
            np.bitwise_xor(word[start : start + size], own_word, out=differing[:size])
            np.bitwise_count(differing[:size], out=added[:size] if number else block)
            if number:
                np.add(block, added[:size], out=block)
    return distances


def _leave_out(distances: NDArray[np.uint8], kept: NDArray[np.bool_]) -> None:
    """Set the distances that are not kept to `_LEFT_OUT`; assigning by a mask takes twenty times as long."""
    np.bitwise_or(distances, kept.view(np.uint8) - np.uint8(1), out=distances)


def _smallest(distances: NDArray[np.uint8], least: int) -> NDArray[np.int64]:
    """Positions of about the `least` smallest distances, at least, and of all as large; none that are left out.

    The bound is looked up in a sample, and raised until it holds: counting all distances takes ten times as long.
    """
    step = max(len(distances) // _DISTANCES_SAMPLED, 1)
    up_to = np.cumsum(np.bincount(distances[::step], minlength=_LEFT_OUT + 1)[:_LEFT_OUT])
    bound = min(int(np.searchsorted(up_to, -(-least // step))), _LEFT_OUT - 1)
    near = distances <= bound
    while bound < _LEFT_OUT - 1 and np.count_nonzero(near) < least:
        bound = min(bound + 1, _LEFT_OUT - 1)
        near = distances <= bound
    return np.flatnonzero(near)


def _of_numbers(mask: NDArray[np.bool_], numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
    """A mask's values for ascending numbers; False after its end."""
    inside = int(np.searchsorted(numbers, len(mask)))
    first = int(numbers[0])
    if inside and int(numbers[inside - 1]) - first == inside - 1:  # no number between them is missing
        values = mask[first : first + inside]
    else:
        values = mask[numbers[:inside]]
    return values if inside == len(numbers) else np.pad(values, (0, len(numbers) - inside))


def _bits(vectors: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Signs about a centre, (vectors, words)."""
    packed = np.packbits(vectors > centre, axis=1)
    return np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view("<u8").astype(np.uint64, copy=False)


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


def _units(rows: NDArray[np.int8], lengths: NDArray[np.float32], at: NDArray[np.integer]) -> NDArray[np.float32]:
    """Some rows at length 1; zero stays zero."""
    some = lengths[at]
    return np.asarray(rows[at] / np.where(some > 0, some, np.float32(1))[:, None], dtype=np.float32)


def _without(moments: Moments, vectors: NDArray[np.float32], standing_for: int | None = None) -> Moments:
    """Moments without some vectors, or without so many that these are a sample of."""
    if not len(vectors):
        return moments
    scale = (len(vectors) if standing_for is None else standing_for) / len(vectors)
    gone = Moments.none(vectors.shape[1])
    for start in range(0, len(vectors), _AT_ONCE):
        gone = gone.changed(vectors[start : start + _AT_ONCE])
    return moments + gone.scaled(-scale)
