"""Inverted index in memory: papers that contain a stem, and how often. Immutable arrays. Pure.

A `Segment` is the inverted index of a block of papers: stems as sorted 64-bit hashes, and the papers of each.
The database stores its arrays as bytes, so opening 100,000 papers costs a read.
`Postings` scores several segments as one corpus by BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework",
2009); an impact (what a posting adds, before idf) is kept in a byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.model.segment import PostingsEntry, StoredSegment

K1 = 1.2
B = 0.75
"""BM25's constants, as Robertson & Zaragoza give them."""
TITLE_COUNTS = 3
"""Weight of a stem in the title; in the abstract it is 1."""
_STEPS = 255
_MOST = (K1 + 1) / _STEPS
"""Value of one step of an impact: tf·(k1 + 1)/(tf + …) never reaches k1 + 1."""
NAME = "@"
"""Prefix of a part of an author's name; no stem begins with it."""


@lru_cache(maxsize=200_000)
def key(stem: str) -> int:
    """64-bit hash of a stem; among a million stems two share one in 1 of 37 million corpora."""
    return int.from_bytes(blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def stem_counts(entry: PostingsEntry) -> Counter[str]:
    """Weighted frequency of each stem, and 1 for each part of a name."""
    bag = Counter(entry.abstract.split())
    for stem in entry.title.split():
        bag[stem] += TITLE_COUNTS
    bag.update(NAME + part for part in set(entry.authors.split()))
    return bag


@dataclass(frozen=True, slots=True)
class Segment:
    """Postings of a block of papers.

    `keys` (stems,) ascending; `starts` (stems + 1,): the postings of stem i are `papers[starts[i]:starts[i + 1]]`, with
    `counts` beside them; `numbers` (papers,) ascending, the row numbers of the papers, with `lengths` in stems.
    """

    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    papers: NDArray[np.int32]
    counts: NDArray[np.uint8]
    numbers: NDArray[np.int32]
    lengths: NDArray[np.uint16]

    @classmethod
    def of(cls, entries: Mapping[int, PostingsEntry]) -> Segment:
        """Segment of entries by paper number."""
        numbers = np.array(sorted(entries), dtype=np.int32)
        bags = [stem_counts(entries[number]) for number in sorted(entries)]
        lengths = [sum(count for stem, count in bag.items() if stem[0] != NAME) for bag in bags]
        return cls._sorted(
            np.array([key(stem) for bag in bags for stem in bag], dtype=np.uint64),
            np.repeat(numbers, [len(bag) for bag in bags]),
            np.minimum([count for bag in bags for count in bag.values()], 255).astype(np.uint8),
            numbers,
            np.minimum(lengths, 65_535).astype(np.uint16),
        )

    @classmethod
    def merged(cls, segments: Sequence[Segment]) -> Segment:
        """Segment of all papers of several; of a paper that is in more than one, the last counts."""
        parts = [segment.without(_later(segments, at)) for at, segment in enumerate(segments)]
        numbers = np.concatenate([segment.numbers for segment in parts])
        order = np.argsort(numbers, kind="stable")
        return cls._sorted(
            np.concatenate([np.repeat(segment.keys, np.diff(segment.starts)) for segment in parts]),
            np.concatenate([segment.papers for segment in parts]),
            np.concatenate([segment.counts for segment in parts]),
            numbers[order],
            np.concatenate([segment.lengths for segment in parts])[order],
        )

    @classmethod
    def _sorted(
        cls,
        keys: NDArray[np.uint64],
        papers: NDArray[np.int32],
        counts: NDArray[np.uint8],
        numbers: NDArray[np.int32],
        lengths: NDArray[np.uint16],
    ) -> Segment:
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        firsts = np.flatnonzero(np.diff(keys, prepend=keys[:1] ^ np.uint64(1))) if len(keys) else np.zeros(0, np.int64)
        starts = np.append(firsts, len(keys)).astype(np.int64)
        return cls(keys[firsts], starts, papers[order], counts[order], numbers, lengths)

    def without(self, numbers: NDArray[np.int32]) -> Segment:
        """Segment without some papers."""
        removed = np.isin(self.numbers, numbers)
        if not removed.any():
            return self
        dead = np.zeros(int(self.numbers[-1]) + 1, dtype=bool)
        dead[self.numbers[removed]] = True
        keep = ~dead[self.papers]
        sizes = np.add.reduceat(keep, self.starts[:-1], dtype=np.int64) if len(self.papers) else np.zeros(0, np.int64)
        some = sizes > 0
        starts = np.concatenate([[0], np.cumsum(sizes[some])]).astype(np.int64)
        numbers, lengths = self.numbers[~removed], self.lengths[~removed]
        return Segment(self.keys[some], starts, self.papers[keep], self.counts[keep], numbers, lengths)

    def to_stored(self) -> StoredSegment:
        """Arrays as bytes."""
        return StoredSegment(*(getattr(self, name).tobytes() for name in StoredSegment._fields))

    @classmethod
    def from_stored(cls, stored: StoredSegment) -> Segment:
        """Arrays over stored bytes, without a copy."""
        return cls(*(np.frombuffer(array, dtype=kind) for array, kind in zip(stored, _KINDS, strict=True)))

    @property
    def size(self) -> int:
        """Number of papers."""
        return len(self.numbers)


_KINDS: tuple[Any, ...] = (np.uint64, np.int64, np.int32, np.uint8, np.int32, np.uint16)
"""Data types of a segment's arrays, in the order of its fields."""


def _later(segments: Sequence[Segment], at: int) -> NDArray[np.int32]:
    after = [segment.numbers for segment in segments[at + 1 :]]
    return np.concatenate(after) if after else np.zeros(0, np.int32)


_Block = tuple[Segment, NDArray[np.uint8]]
"""A segment, and the impact of each of its postings."""
_StemPostings = tuple[NDArray[np.int32], NDArray[np.uint8]]
"""Papers of a stem in one segment, and the impacts beside them."""
_STEMS_CACHED = 1_024
"""Stems whose postings are found without looking: about 3 MB of array headers."""


class Postings:
    """Segments as one corpus. Scores are arrays indexed by paper number."""

    def __init__(self, segments: Sequence[Segment], *, before: Postings | None = None) -> None:
        """Of a paper that is in more than one segment, the last counts; impacts are taken over from `before`."""
        alive = [segment.without(_later(segments, at)) for at, segment in enumerate(segments)]
        self.papers = sum(segment.size for segment in alive)
        self.room = 1 + max((int(segment.numbers[-1]) for segment in alive if segment.size), default=-1)
        """Upper bound of paper numbers, exclusive."""
        words = sum(int(segment.lengths.sum(dtype=np.int64)) for segment in alive)
        self.average = float(1.02 ** round(np.log(words / self.papers) / np.log(1.02))) if words else 1.0
        """Average number of stems in a paper in steps of 2 %, so that a few new papers change no impact."""
        reusable = before.blocks if before is not None and before.average == self.average else []
        reused = {id(segment): impacts for segment, impacts in reusable}
        self.blocks: list[_Block] = [
            (segment, reused[id(segment)] if id(segment) in reused else _impacts(segment, self.average))
            for segment in alive
            if segment.size
        ]
        """Segments, and the impact of each of their postings."""
        # A search needs each stem's postings for five things. The cache must not refer to this object: a cycle would
        # keep an old index in memory until the garbage is collected.
        self.of = lru_cache(_STEMS_CACHED)(partial(_postings_of, self.blocks))
        """(papers, impacts) of a stem, by segment."""

    def holders(self, stem: str) -> int:
        """Document frequency of a stem."""
        return sum(len(papers) for papers, _ in self.of(stem))

    def idf(self, frequency: int) -> float:
        """Inverse document frequency: ln(1 + (N − df + 0.5) / (df + 0.5))."""
        return float(np.log1p((self.papers - frequency + 0.5) / (frequency + 0.5)))

    def score(self, stems: Iterable[str]) -> NDArray[np.float32]:
        """BM25 of every paper, (room,); 0 without any of the stems."""
        scores = np.zeros(self.room, dtype=np.float32)
        self.add_scores(scores, stems)
        return scores

    def add_scores(self, scores: NDArray[np.float32], stems: Iterable[str]) -> None:
        """Add the BM25 of some stems to the scores of all papers, (room,)."""
        for stem, times in Counter(stems).items():
            postings = self.of(stem)
            weight = np.float32(times * _MOST * self.idf(sum(len(papers) for papers, _ in postings)))
            for papers, impacts in postings:
                scores[papers] += weight * impacts

    def score_of(self, bag: Counter[str], stems: Iterable[str]) -> float:
        """BM25 for stems of a text that need not be stored; `bag` has the frequencies of its stems."""
        norm = K1 * (1 - B + B * bag.total() / self.average)
        return sum(self.idf(self.holders(stem)) * bag[stem] * (K1 + 1) / (bag[stem] + norm) for stem in stems)

    def having(self, stems: Sequence[str]) -> NDArray[np.bool_]:
        """Mask of the papers that contain all stems, (room,)."""
        if not stems:
            return np.ones(self.room, dtype=bool)
        rarest, *others = sorted(dict.fromkeys(stems), key=self.holders)
        mask = self._mask([papers for papers, _ in self.of(rarest)])
        for stem in others:
            mask = self._mask([papers[mask[papers]] for papers, _ in self.of(stem)])
        return mask

    def having_any(self, alternatives: Iterable[Sequence[str]]) -> NDArray[np.bool_]:
        """Mask of the papers that contain all stems of an alternative, (room,); an alternative without any has none."""
        mask = np.zeros(self.room, dtype=bool)
        for stems in alternatives:
            if stems:
                mask |= self.having(stems)
        return mask

    def _mask(self, papers: Sequence[NDArray[np.int32]]) -> NDArray[np.bool_]:
        mask = np.zeros(self.room, dtype=bool)
        for numbers in papers:
            mask[numbers] = True
        return mask


def _postings_of(blocks: Sequence[_Block], stem: str) -> tuple[_StemPostings, ...]:
    stem_key = np.uint64(key(stem))
    postings = []
    for segment, impacts in blocks:
        at = int(segment.keys.searchsorted(stem_key))
        if at < len(segment.keys) and segment.keys[at] == stem_key:
            span = slice(int(segment.starts[at]), int(segment.starts[at + 1]))
            postings.append((segment.papers[span], impacts[span]))
    return tuple(postings)


def _impacts(segment: Segment, average: float) -> NDArray[np.uint8]:
    """Impact of each posting, tf·(k1 + 1)/(tf + k1·(1 − b + b·length/average)), in steps of `_MOST`."""
    norms = np.zeros(int(segment.numbers[-1]) + 1 if segment.size else 0, dtype=np.float32)
    norms[segment.numbers] = K1 * (1 - B + B * segment.lengths / average)
    impacts = np.empty(len(segment.papers), dtype=np.uint8)
    for start in range(0, len(impacts), _AT_ONCE):
        span = slice(start, start + _AT_ONCE)
        tf = segment.counts[span].astype(np.float32)
        exact = tf * _STEPS / (tf + norms[segment.papers[span]])
        impacts[span] = np.maximum(exact.round(), 1)
    return impacts


_AT_ONCE = 1_000_000
"""Postings per block of computed impacts: bounds the memory of intermediate arrays."""
