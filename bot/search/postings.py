"""The lexical half of the index, in memory: which papers hold a stem, and how often. Packed and immutable. Pure.

A `Segment` is a block of papers turned inside out: stems as sorted 64-bit hashes, and for each the papers that hold it.
It goes into the database and comes back as the bytes of its arrays, so opening 100,000 papers costs a read.
`Postings` scores several packs as one corpus by BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework",
2009); an impact (what a posting adds, before idf) is kept in a byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.model.segment import PostingsEntry, StoredSegment

K1 = 1.2
B = 0.75
"""BM25's constants, as Robertson & Zaragoza give them."""
TITLE_COUNTS = 3
"""Times a stem of the title counts."""
_STEPS = 255
_MOST = (K1 + 1) / _STEPS
"""What one step of an impact is worth: tf·(k1 + 1)/(tf + …) never reaches k1 + 1."""
NAME = "@"
"""Before a part of an author's name: no stem begins with it."""


@lru_cache(maxsize=200_000)
def key(stem: str) -> int:
    """A stem as a number of 64 bits; among a million stems two share one in 1 of 37 million corpora."""
    return int.from_bytes(blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def stem_counts(entry: PostingsEntry) -> Counter[str]:
    """How often each stem counts, and each part of a name."""
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
        """Segment papers, by row number."""
        keys: list[int] = []
        counts: list[int] = []
        sizes: list[int] = []
        lengths: list[int] = []
        for number in sorted(entries):
            bag = stem_counts(entries[number])
            keys += map(key, bag)
            counts += bag.values()
            sizes.append(len(bag))
            lengths.append(sum(count for stem, count in bag.items() if stem[0] != NAME))
        numbers = np.array(sorted(entries), dtype=np.int32)
        return cls._sorted(
            np.array(keys, dtype=np.uint64),
            np.repeat(numbers, sizes),
            np.minimum(counts, 255).astype(np.uint8),
            numbers,
            np.minimum(lengths, 65_535).astype(np.uint16),
        )

    @classmethod
    def merged(cls, packs: Sequence[Segment]) -> Segment:
        """Several packs as one; of a paper that is in more than one, the last counts."""
        kept = [pack.without(_later(packs, at)) for at, pack in enumerate(packs)]
        numbers = np.concatenate([pack.numbers for pack in kept])
        order = np.argsort(numbers, kind="stable")
        return cls._sorted(
            np.concatenate([np.repeat(pack.keys, np.diff(pack.starts)) for pack in kept]),
            np.concatenate([pack.papers for pack in kept]),
            np.concatenate([pack.counts for pack in kept]),
            numbers[order],
            np.concatenate([pack.lengths for pack in kept])[order],
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
        """The pack less some papers."""
        gone = np.isin(self.numbers, numbers)
        if not gone.any():
            return self
        dead = np.zeros(int(self.numbers[-1]) + 1, dtype=bool)
        dead[self.numbers[gone]] = True
        keep = ~dead[self.papers]
        left = np.add.reduceat(keep, self.starts[:-1], dtype=np.int64) if len(self.papers) else np.zeros(0, np.int64)
        some = left > 0
        starts = np.concatenate([[0], np.cumsum(left[some])]).astype(np.int64)
        return Segment(
            self.keys[some], starts, self.papers[keep], self.counts[keep], self.numbers[~gone], self.lengths[~gone]
        )

    def to_stored(self) -> StoredSegment:
        """Arrays as bytes."""
        return StoredSegment(*(getattr(self, name).tobytes() for name in StoredSegment._fields))

    @classmethod
    def from_stored(cls, stored: StoredSegment) -> Segment:
        """Arrays over stored bytes, without a copy."""
        return cls(*(np.frombuffer(array, dtype=kind) for array, kind in zip(stored, _KINDS, strict=True)))

    @property
    def size(self) -> int:
        """How many papers."""
        return len(self.numbers)


_KINDS: tuple[Any, ...] = (np.uint64, np.int64, np.int32, np.uint8, np.int32, np.uint16)
"""Of a segment's arrays, in the order of its fields."""


def _later(packs: Sequence[Segment], at: int) -> NDArray[np.int32]:
    after = [pack.numbers for pack in packs[at + 1 :]]
    return np.concatenate(after) if after else np.zeros(0, np.int32)


class Postings:
    """Packs as one corpus. Papers are their row numbers, so scores are arrays over all of them."""

    def __init__(self, packs: Sequence[Segment], *, before: Postings | None = None) -> None:
        """Of a paper that is in more than one pack, the last counts. What `before` worked out is not done again."""
        alive = [pack.without(_later(packs, at)) for at, pack in enumerate(packs)]
        self.papers = sum(pack.size for pack in alive)
        self.room = 1 + max((int(pack.numbers[-1]) for pack in alive if pack.size), default=-1)
        """Row numbers are below this."""
        words = sum(int(pack.lengths.sum(dtype=np.int64)) for pack in alive)
        self.average = _rounded(words / self.papers) if words else 1.0
        """Stems in a paper."""
        known = before.blocks if before is not None and before.average == self.average else []
        done = {id(pack): impacts for pack, impacts in known}
        self.blocks: list[tuple[Segment, NDArray[np.uint8]]] = [
            (pack, done[id(pack)] if id(pack) in done else _impacts(pack, self.average)) for pack in alive if pack.size
        ]
        """Packs, and the impact of each of their postings."""

    def of(self, stem: str) -> list[tuple[NDArray[np.int32], NDArray[np.uint8]]]:
        """(papers, impacts) of a stem, pack by pack."""
        wanted = np.uint64(key(stem))
        found = []
        for pack, impacts in self.blocks:
            at = int(np.searchsorted(pack.keys, wanted))
            if at < len(pack.keys) and pack.keys[at] == wanted:
                span = slice(int(pack.starts[at]), int(pack.starts[at + 1]))
                found.append((pack.papers[span], impacts[span]))
        return found

    def holders(self, stem: str) -> int:
        """How many papers hold it."""
        return sum(len(papers) for papers, _ in self.of(stem))

    def idf(self, holders: int) -> float:
        """How much a stem tells: ln(1 + (N − df + 0.5) / (df + 0.5))."""
        return float(np.log1p((self.papers - holders + 0.5) / (holders + 0.5)))

    def score(self, stems: Iterable[str]) -> NDArray[np.float32]:
        """BM25 of every paper, (room,); 0 for those that hold none of the stems."""
        scores = np.zeros(self.room, dtype=np.float32)
        for stem, times in Counter(stems).items():
            found = self.of(stem)
            weight = np.float32(times * _MOST * self.idf(sum(len(papers) for papers, _ in found)))
            for papers, impacts in found:
                scores[papers] += weight * impacts
        return scores

    def score_of(self, bag: Counter[str], stems: Iterable[str]) -> float:
        """BM25 for these stems of a text that may not be stored, from how often it holds each of its stems."""
        norm = K1 * (1 - B + B * bag.total() / self.average)
        return sum(self.idf(self.holders(stem)) * bag[stem] * (K1 + 1) / (bag[stem] + norm) for stem in stems)

    def having(self, stems: Sequence[str]) -> NDArray[np.bool_]:
        """Which papers hold all of them, (room,)."""
        held = np.ones(self.room, dtype=bool)
        for stem in stems:
            here = np.zeros(self.room, dtype=bool)
            for papers, _ in self.of(stem):
                here[papers] = True
            held &= here
        return held


def _rounded(average: float) -> float:
    """In steps of a fiftieth, so that a few new papers leave all impacts as they are."""
    return float(1.02 ** round(np.log(average) / np.log(1.02)))


def _impacts(pack: Segment, average: float) -> NDArray[np.uint8]:
    """tf·(k1 + 1)/(tf + k1·(1 − b + b·length/average)), in steps."""
    norms = np.zeros(int(pack.numbers[-1]) + 1 if pack.size else 0, dtype=np.float32)
    norms[pack.numbers] = K1 * (1 - B + B * pack.lengths / average)
    impacts = np.empty(len(pack.papers), dtype=np.uint8)
    for start in range(0, len(impacts), _AT_ONCE):
        span = slice(start, start + _AT_ONCE)
        tf = pack.counts[span].astype(np.float32)
        exact = tf * (_STEPS / 1.0) / (tf + norms[pack.papers[span]])
        impacts[span] = np.maximum(exact.round(), 1)
    return impacts


_AT_ONCE = 1_000_000
"""Postings whose impacts are worked out in one go: small enough to cost no memory."""
