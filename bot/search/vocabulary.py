"""Vocabulary of the index for spelling correction: a million stems as a few arrays, no object for each. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

LONGEST = 60
"""Most letters of a stem that may be a correction."""
_BLOCK = 8_192
"""Stems whose letters are gathered at once: bounds the memory of intermediate arrays."""


class NearStem(NamedTuple):
    """A stem, its edit distance to another, and how many papers had it when the vocabulary was made."""

    stem: str
    edits: int
    holders: int


class Vocabulary:
    """Stems by position; each has the set of its letters as 32 bits, which rules out nearly all of them at once.

    An edit takes one letter away and adds another at most, so two bits differ. Letters beyond ASCII share a bit.
    """

    def __init__(self, text: NDArray[np.uint8], holders: NDArray[np.integer[Any]]) -> None:
        """`text`: the stems in UTF-8, joined by line ends; `holders` (stems,): the number of papers that have each."""
        ends = np.append(np.flatnonzero(text == ord("\n")).astype(np.uint32), np.uint32(len(text)))
        self._text, self._starts = text, np.zeros(len(holders), np.uint32)
        self._starts[1:] = ends[:-1] + 1
        self._sizes = np.minimum(ends[: len(holders)] - self._starts, 255).astype(np.uint8)
        self._holders = np.minimum(holders, 2**32 - 1).astype(np.uint32, copy=False)
        self._letters = np.zeros(len(holders), np.uint8)
        self._signs = np.zeros(len(holders), np.uint32)
        for start in range(0, len(holders), _BLOCK):
            block = slice(start, start + _BLOCK)
            first, last = int(self._starts[start]), int(ends[block][-1])
            places = np.minimum(self._starts[block] - first, max(last - first - 1, 0))
            codes = text[first:last]
            if len(codes):
                bits = np.uint32(1) << np.where(codes < 128, codes & 31, 0).astype(np.uint32)
                bits[codes == ord("\n")] = 0
                self._signs[block] = np.bitwise_or.reduceat(bits, places)
                letters = ((codes & 0xC0) != 0x80) & (codes != ord("\n"))
                self._letters[block] = np.minimum(np.add.reduceat(letters, places, dtype=np.int64), 255)

    @classmethod
    def empty(cls) -> Self:
        """Vocabulary without stems."""
        return cls(np.zeros(0, np.uint8), np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self._signs)

    def __iter__(self) -> Iterator[str]:
        """The stems; a part of a name has `@` before it, a term of a field `#`."""
        text = self._text.tobytes().decode("utf-8", "surrogatepass")
        return iter(text.split("\n") if len(self) else ())

    def near(self, stem: str, distance: int, prefix: str = "") -> list[NearStem]:
        """Stems within an edit distance of another, nearest first, of equal ones those of most papers.

        Without a `prefix` names and fields are left out; with one only stems that begin with it are compared, after it.
        """
        first = len(prefix.encode())
        own = _sign(prefix + stem)
        near = np.bitwise_count(self._signs ^ own) <= 2 * distance
        letters = len(prefix) + len(stem)
        near &= self._letters >= max(letters - distance, 0)
        near &= self._letters <= min(letters + distance, LONGEST)
        positions = np.flatnonzero(near)
        heads = self._text.take(self._starts[positions], mode="clip") if len(positions) else positions
        positions = positions[heads == ord(prefix) if prefix else (heads != ord("@")) & (heads != ord("#"))]
        text = self._text.data
        near = []
        columns = (self._starts[positions], self._sizes[positions], self._holders[positions])
        for start, size, holders in zip(*(each.tolist() for each in columns), strict=True):
            other = str(text[start + first : start + size], "utf-8", "surrogatepass")
            edits = OSA.distance(stem, other, score_cutoff=distance)
            if edits <= distance:
                near.append(NearStem(other, int(edits), holders))
        return sorted(near, key=lambda each: (each.edits, -each.holders, each.stem))


def _sign(stem: str) -> np.uint32:
    sign = 0
    for code in stem.encode("utf-8", "surrogatepass"):
        sign |= 1 << (code & 31 if code < 128 else 0)
    return np.uint32(sign)


def spans(text: NDArray[np.uint8], stems: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of each of so many stems that are joined by line ends."""
    ends = np.flatnonzero(text == ord("\n"))
    if not stems:
        return ends, ends
    return np.concatenate([[0], ends + 1]), np.concatenate([ends, [len(text)]])


def gathered(text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Some stems of a text, joined by line ends."""
    if not len(starts):
        return text[:0]
    sizes = ends - starts + 1
    ends = np.cumsum(sizes)
    joined = np.empty(int(ends[-1]), np.uint8)
    for start in range(0, len(starts), _BLOCK):
        block = slice(start, start + _BLOCK)
        first, last = int(ends[start] - sizes[start]), int(ends[block][-1])
        # From where a letter comes: its own place, moved by as much as its stem was.
        places = np.arange(first, last) + np.repeat(starts[block] - (ends[block] - sizes[block]), sizes[block])
        joined[first:last] = text.take(places, mode="clip")
    joined[ends - 1] = ord("\n")
    return joined[:-1]
