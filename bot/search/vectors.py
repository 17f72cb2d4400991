"""Vector index: one vector per paper, one byte per dimension, in segments that may lie in mapped files. Pure.

A nearest-neighbour search takes two steps: the Hamming distances of the first 128 signs (one bit per dimension) of all
vectors select a few thousand candidates, and the bytes of these give their cosines. Nothing that is mapped is copied
but the candidates' rows; a place per paper number is what a process holds in its own memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.search.cosine_stats import Moments
from bot.search.vector_segment import STEPS, VectorSegment, moments_without, sign_bits, unit_rows

_SCANNED = 131_072
"""Distances per block: the temporaries of a block stay in the processor's cache; of smaller ones there are more calls,
each of which may wait for the interpreter's lock that the thread scoring the words has."""
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
            vectors[order[of_part]] = unit_rows(part.rows, part.lengths, rows)
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
                    sample = gone[:: -(-len(gone) // _OVERRIDDEN) or 1]
                    moments = moments_without(moments, unit_rows(part.rows, part.lengths, sample), len(gone))
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
                distances[of_part] = _distances(part.signs[:_FIRST_WORDS, rows], signs[part.centre.tobytes()])
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
        scaled = vector * np.float32(STEPS / max(float(np.abs(vector).max(initial=0.0)), 1e-9))
        centres = {part.centre.tobytes(): part.centre for part in self._parts}
        return {key: sign_bits(scaled[None], centre)[0] for key, centre in centres.items()}


def _distances(
    signs: NDArray[np.uint64], own: NDArray[np.uint64], out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Hamming distances of a vector's first signs, `own`, to those of papers, (words of signs, papers)."""
    count = signs.shape[1]
    distances = np.empty(count, dtype=np.uint8) if out is None else out
    shape = len(signs), min(count, _SCANNED)
    differing, added = np.empty(shape, np.uint64), np.empty(shape, np.uint8)
    for start in range(0, count, _SCANNED):
        block = distances[start : start + _SCANNED]
        size = len(block)
        np.bitwise_xor(signs[:, start : start + size], own[: len(signs), None], out=differing[:, :size])
        np.bitwise_count(differing[:, :size], out=added[:, :size])
        np.add.reduce(added[:, :size], dtype=np.uint8, out=block)
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
