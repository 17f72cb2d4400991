"""Segment of the inverted index: the papers of a block that contain a stem, and how often. Pure.

Stems are sorted 64-bit hashes; the arrays are immutable and mapped from files as they are. An impact is what a posting
adds to a score by BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009) before idf, kept in a
byte. Stems that many papers have are kept once more as a row of impacts by number, which a search adds much faster.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import count, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.model.segment import PostingsEntry
from bot.search import segment_file
from bot.search.segment_file import DamagedSegmentError
from bot.search.vocabulary import gathered, spans

K1 = 1.2
B = 0.75
"""BM25's constants, as Robertson & Zaragoza give them."""
TITLE_COUNTS = 3
"""Weight of a stem in the title; in the abstract it is 1."""
NAME = "@"
"""Prefix of a part of an author's name; no stem begins with it."""
DENSE = 8
"""A stem that one in so many papers of a segment has is kept as a row of impacts too."""
DENSE_FROM = 512
"""Papers of a segment from which it has such rows."""
_STEPS = 255
MOST_IMPACT = (K1 + 1) / _STEPS
"""Value of one step of an impact: tf·(k1 + 1)/(tf + …) never reaches k1 + 1."""
AVERAGE_STEP = 1.02
"""Ratio of neighbouring average lengths, so that a few new papers change no impact."""
_AT_ONCE = 1_000_000
"""Postings per block that is computed at once: bounds the memory of intermediate arrays."""
_ENTRIES_AT_ONCE = 8_192
"""Entries that are made a segment at once."""


@lru_cache(maxsize=65_536)
def key(stem: str) -> int:
    """64-bit hash of a stem; among a million stems two share one in 1 of 37 million corpora."""
    return int.from_bytes(blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def stem_counts(entry: PostingsEntry) -> Counter[str]:
    """Weighted frequency of each stem, and 1 for each part of a name and each term of a field."""
    bag = Counter(entry.abstract.split())
    for stem in entry.title.split():
        bag[stem] += TITLE_COUNTS
    bag.update(NAME + part for part in set(entry.authors.split()))
    bag.update(set(entry.fields.split()))
    return bag


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Postings of a block of papers."""

    keys: NDArray[np.uint64]
    """(stems,), ascending hashes."""
    starts: NDArray[np.int64]
    """(stems + 1,): the postings of stem i are `papers[starts[i]:starts[i + 1]]`, ascending."""
    papers: NDArray[np.int32]
    counts: NDArray[np.uint8]
    """Weighted frequencies of the stem, at most 255."""
    impacts: NDArray[np.uint8]
    numbers: NDArray[np.int32]
    """(papers,), ascending."""
    lengths: NDArray[np.uint16]
    """Weighted stems of each paper, at most 65,535."""
    ages: NDArray[np.float64]
    """Unix seconds."""
    dense_stems: NDArray[np.int32]
    """(dense,), positions of frequent stems in `keys`, ascending."""
    dense: NDArray[np.uint8]
    """(dense, span): impacts of those stems by number, from `numbers[0]` on; 0 where the paper lacks the stem."""
    vocabulary: NDArray[np.uint8]
    """The stems in the order of `keys`, UTF-8, joined by line ends."""
    average: float
    """Average length for which the impacts were computed."""

    @classmethod
    def of(cls, entries: Mapping[int, PostingsEntry], average: float | None = None) -> Segment:
        """Segment of entries by paper number; `average` length of the whole corpus, else of these."""
        numbers = sorted(entries)
        if len(numbers) <= _ENTRIES_AT_ONCE:
            return _of(numbers, [entries[number] for number in numbers], average)
        blocks = (numbers[start : start + _ENTRIES_AT_ONCE] for start in range(0, len(numbers), _ENTRIES_AT_ONCE))
        return cls.merged([_of(block, [entries[n] for n in block], average) for block in blocks], average)

    @classmethod
    def merged(cls, segments: Sequence[Segment], average: float | None = None) -> Segment:
        """Segment of all papers of several; of a paper that is in more than one, the last counts."""
        room = max((room_of(segment) for segment in segments), default=0)
        owner = owners_of(segments, room)
        dead = [owner[segment.numbers] != at for at, segment in enumerate(segments, 1)]
        return _merged(segments, dead, average)

    def without(self, numbers: NDArray[np.integer[Any]]) -> Segment:
        """Segment without some papers."""
        removed = np.isin(self.numbers, numbers.astype(np.int32, copy=False))
        return _merged([self], [removed], self.average) if removed.any() else self

    def to_bytes(self) -> memoryview:
        """Bytes in the format of `segment_file`."""
        facts = {"average": self.average, "papers": self.size}
        return memoryview(segment_file.to_bytes({name: getattr(self, name) for name in _ARRAYS}, facts))

    @classmethod
    def from_bytes(cls, data: bytes | bytearray | memoryview) -> Segment:
        """Segment over bytes, without a copy. Raises DamagedSegmentError."""
        arrays, facts = segment_file.from_bytes(data)
        try:
            segment = cls(**{name: arrays[name] for name in _ARRAYS}, average=float(facts["average"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedSegmentError(f"no segment of words: {error}") from None
        stems, postings, papers = len(segment.keys), len(segment.papers), segment.size
        lengths = {
            "starts": stems + 1, "counts": postings, "impacts": postings, "lengths": papers, "ages": papers,
            "dense": len(segment.dense_stems),
        }  # fmt: skip
        wrong = [name for name, kind in _ARRAYS.items() if getattr(segment, name).dtype != kind]
        wrong += [name for name, length in lengths.items() if len(getattr(segment, name)) != length]
        if wrong or int(segment.starts[-1]) != postings:
            raise DamagedSegmentError(f"no segment of words: {', '.join(wrong) or 'starts'}")
        return segment

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(getattr(self, name).nbytes for name in _ARRAYS)

    @property
    def size(self) -> int:
        """Number of papers."""
        return len(self.numbers)


_ARRAYS: dict[str, Any] = {
    "keys": np.uint64, "starts": np.int64, "papers": np.int32, "counts": np.uint8, "impacts": np.uint8,
    "numbers": np.int32, "lengths": np.uint16, "ages": np.float64, "dense_stems": np.int32, "dense": np.uint8,
    "vocabulary": np.uint8,
}  # fmt: skip
"""A segment's arrays and their data types."""


# --- making segments ----------------------------------------------------------------------------------------------


def _of(numbers: Sequence[int], entries: Sequence[PostingsEntry], average: float | None) -> Segment:
    """Segment of a few thousand entries, in the order of their ascending numbers."""
    ids = defaultdict[str, int](count().__next__)
    stems: list[int] = []
    """Ids of the stems of each paper: title, abstract, names, fields."""
    titles, others, lengths = [], [], []
    for entry in entries:
        title, abstract = entry.title.split(), entry.abstract.split()
        rest = [*abstract, *(NAME + part for part in set(entry.authors.split())), *set(entry.fields.split())]
        stems += map(ids.__getitem__, title)
        stems += map(ids.__getitem__, rest)
        titles.append(len(title))
        others.append(len(rest))
        lengths.append(TITLE_COUNTS * len(title) + len(abstract))
    spelled = [stem.encode("utf-8", "surrogatepass") for stem in ids]
    digests = b"".join([blake2b(stem, digest_size=8).digest() for stem in spelled])
    unsorted = np.frombuffer(digests, "<u8").astype(np.uint64, copy=False)
    order = np.argsort(unsorted)
    ranks = np.empty(len(spelled), np.uint64)
    ranks[order] = np.arange(len(spelled), dtype=np.uint64)
    sizes = np.array([titles, others], np.int64).T.reshape(-1)
    return of_occurrences(
        stems=ranks[np.array(stems, np.int64)],
        papers=np.repeat(np.arange(len(entries), dtype=np.uint64), sizes.reshape(-1, 2).sum(axis=1)),
        weights=np.repeat(np.tile(np.array([TITLE_COUNTS, 1], np.uint64), len(entries)), sizes),
        keys=unsorted[order],
        spelled=[spelled[at] for at in order.tolist()],
        numbers=np.array(numbers, np.int32),
        lengths=np.array(lengths, np.int64),
        ages=np.array([entry.age_at for entry in entries], np.float64),
        average=average,
    )


def of_occurrences(  # noqa: PLR0913 - what a segment is made of
    *,
    stems: NDArray[np.uint64],
    papers: NDArray[np.uint64],
    weights: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    spelled: Sequence[bytes],
    numbers: NDArray[np.int32],
    lengths: NDArray[np.int64],
    ages: NDArray[np.float64],
    average: float | None,
) -> Segment:
    """Segment of stems as they occur in papers.

    `stems`, `papers` and `weights` (occurrences,): a position in `keys`, one in `numbers`, and 1 to 3. `keys` ascending
    and `spelled` (stems,); `numbers` ascending, `lengths` and `ages` (papers,).
    """
    # One number for each occurrence: the stem (28 bits), the paper (34), the weight (2).
    packed = stems << np.uint64(36)
    packed |= papers << np.uint64(2)
    packed |= weights
    packed.sort()
    postings = packed >> np.uint64(2)
    firsts = np.flatnonzero(np.diff(postings, prepend=np.uint64(2**63)))
    counts = np.add.reduceat(packed & np.uint64(3), firsts) if len(packed) else packed
    postings = postings[firsts]
    frequencies = np.bincount((postings >> np.uint64(34)).astype(np.int64), minlength=len(keys))
    return _with_impacts(
        keys=keys,
        starts=np.concatenate([[0], np.cumsum(frequencies)]).astype(np.int64),
        papers=numbers[(postings & np.uint64(2**34 - 1)).astype(np.int64)],
        counts=np.minimum(counts, 255).astype(np.uint8),
        numbers=numbers,
        lengths=np.minimum(lengths, 65_535).astype(np.uint16),
        ages=ages,
        vocabulary=np.frombuffer(b"\n".join(spelled), np.uint8),
        average=average,
    )


def _merged(segments: Sequence[Segment], dead: Sequence[NDArray[np.bool_]], average: float | None) -> Segment:
    """Segment of the papers of several that are not dead, (papers of each,); no paper is in two of them.

    The postings of a range of stems at a time are packed into integers (stem, paper, count) and sorted.
    """
    keys = np.unique(np.concatenate([np.zeros(0, np.uint64), *(segment.keys for segment in segments)]))
    places = [keys.searchsorted(segment.keys) for segment in segments]
    totals = np.zeros(len(keys), np.int64)
    for segment, place in zip(segments, places, strict=True):
        np.add.at(totals, place, np.diff(segment.starts))  # two stems may share a hash
    ends = np.cumsum(totals)
    size = int(ends[-1]) if len(ends) else 0
    papers, counts = np.empty(size, np.int32), np.empty(size, np.uint8)
    sizes = np.zeros(len(keys), np.int64)
    alive = [_alive(segment, gone) if gone.any() else None for segment, gone in zip(segments, dead, strict=True)]
    at = 0
    steps = ends.searchsorted(np.arange(_AT_ONCE, size, _AT_ONCE)) + 1
    for first, last in pairwise(np.unique([0, *steps, len(keys)]).tolist()):
        parts = [_packed(*each, first, last) for each in zip(segments, places, alive, strict=True)]
        packed = np.concatenate(parts)
        del parts
        packed.sort()
        span = slice(at, at + len(packed))
        counts[span] = packed.astype(np.uint8)
        packed >>= np.uint64(8)
        papers[span] = packed.astype(np.uint32).view(np.int32)
        packed >>= np.uint64(32)
        sizes[first:last] = np.bincount(packed.view(np.int64), minlength=last - first)
        at += len(packed)
    kept = sizes > 0
    numbers = np.concatenate([np.zeros(0, np.int32), *(s.numbers[~d] for s, d in zip(segments, dead, strict=True))])
    order = np.argsort(numbers, kind="stable")
    lengths = np.concatenate([np.zeros(0, np.uint16), *(s.lengths[~d] for s, d in zip(segments, dead, strict=True))])
    ages = np.concatenate([np.zeros(0, np.float64), *(s.ages[~d] for s, d in zip(segments, dead, strict=True))])
    return _with_impacts(
        keys=keys[kept],
        starts=np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int64),
        papers=papers[:at],
        counts=counts[:at],
        numbers=numbers[order],
        lengths=lengths[order],
        ages=ages[order],
        vocabulary=_merged_vocabulary(segments, places, kept),
        average=average,
    )


def _packed(
    segment: Segment, places: NDArray[np.int64], alive: NDArray[np.bool_] | None, first: int, last: int
) -> NDArray[np.uint64]:
    """Postings of the stems whose merged places are from `first` to `last`: stem (24 bits), paper (32), count (8)."""
    start, end = places.searchsorted([first, last])
    span = slice(int(segment.starts[start]), int(segment.starts[end]))
    stems = (places[start:end] - first).astype(np.uint64) << np.uint64(40)
    packed = np.repeat(stems, np.diff(segment.starts[start : end + 1]))
    papers = segment.papers[span]
    packed |= papers.astype(np.uint64) << np.uint64(8)
    packed |= segment.counts[span]
    return packed if alive is None else packed[alive[papers - segment.numbers[0]]]


def _alive(segment: Segment, dead: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(span,): whether the paper of a number, from `numbers[0]` on, is not dead."""
    first = segment.numbers[0]
    alive = np.zeros(_span(segment.numbers), dtype=bool)
    alive[segment.numbers[~dead] - first] = True
    return alive


def _with_impacts(  # noqa: PLR0913 - a segment is these arrays
    *,
    keys: NDArray[np.uint64],
    starts: NDArray[np.int64],
    papers: NDArray[np.int32],
    counts: NDArray[np.uint8],
    numbers: NDArray[np.int32],
    lengths: NDArray[np.uint16],
    ages: NDArray[np.float64],
    vocabulary: NDArray[np.uint8],
    average: float | None,
) -> Segment:
    """Segment of sorted postings; `average` length of the whole corpus, else of these papers."""
    if average is None:
        average = rounded_average(int(lengths.sum(dtype=np.int64)), len(numbers))
    impacts = impacts_of(papers, counts, numbers, lengths, average)
    dense_stems = np.zeros(0, np.int32)
    if len(numbers) >= DENSE_FROM and _span(numbers) <= 2 * len(numbers):
        dense_stems = np.flatnonzero(np.diff(starts) * DENSE >= len(numbers)).astype(np.int32)
    dense = rows_of(dense_stems, starts, papers, impacts, numbers)
    return Segment(
        keys, starts, papers, counts, impacts, numbers, lengths, ages, dense_stems, dense, vocabulary, average
    )


def impacts_of(
    papers: NDArray[np.int32],
    counts: NDArray[np.uint8],
    numbers: NDArray[np.int32],
    lengths: NDArray[np.uint16],
    average: float,
) -> NDArray[np.uint8]:
    """Impact of each posting, tf·(k1 + 1)/(tf + k1·(1 − b + b·length/average)), in steps of `MOST_IMPACT`."""
    first = int(numbers[0]) if len(numbers) else 0
    norms = np.zeros(_span(numbers), dtype=np.float32)
    norms[numbers - first] = K1 * (1 - B + B * lengths.astype(np.float32) / average)
    impacts = np.empty(len(papers), dtype=np.uint8)
    for start in range(0, len(impacts), _AT_ONCE):
        span = slice(start, start + _AT_ONCE)
        tf = counts[span].astype(np.float32)
        exact = tf * _STEPS / (tf + norms[papers[span] - first])
        impacts[span] = np.maximum(exact.round(), 1)
    return impacts


def rows_of(
    stems: NDArray[np.int32],
    starts: NDArray[np.int64],
    papers: NDArray[np.int32],
    impacts: NDArray[np.uint8],
    numbers: NDArray[np.int32],
) -> NDArray[np.uint8]:
    """Impacts of some stems by number, (stems, span), 0 where a paper lacks the stem."""
    rows = np.zeros((len(stems), _span(numbers) if len(stems) else 0), dtype=np.uint8)
    for row, stem in zip(rows, stems.tolist(), strict=True):
        span = slice(int(starts[stem]), int(starts[stem + 1]))
        row[papers[span] - numbers[0]] = impacts[span]
    return rows


def _span(numbers: NDArray[np.int32]) -> int:
    return int(numbers[-1]) - int(numbers[0]) + 1 if len(numbers) else 0


def room_of(segment: Segment) -> int:
    """Upper bound of a segment's paper numbers, exclusive."""
    return int(segment.numbers[-1]) + 1 if segment.size else 0


def owners_of(segments: Sequence[Segment], room: int) -> NDArray[Any]:
    """(room,): which of the segments, counted from 1, has the paper that counts; 0 without a paper."""
    owner = np.zeros(room, dtype=np.uint8 if len(segments) < 255 else np.uint16)
    for at, segment in enumerate(segments, 1):
        owner[segment.numbers] = at
    return owner


def rounded_average(words: int, papers: int) -> float:
    """Average length of a paper, in steps of 2 %."""
    return float(AVERAGE_STEP ** round(np.log(words / papers) / np.log(AVERAGE_STEP))) if words else 1.0


def _merged_vocabulary(
    segments: Sequence[Segment], places: Sequence[NDArray[np.int64]], kept: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Vocabulary of the merged stems that are kept, each taken from the last segment that has it."""
    sources = np.concatenate([np.zeros(0, np.uint8), *(segment.vocabulary for segment in segments)])
    starts, ends = np.zeros(len(kept), np.int64), np.zeros(len(kept), np.int64)
    offset = 0
    for segment, place in zip(segments, places, strict=True):
        starts[place], ends[place] = (each + offset for each in spans(segment.vocabulary, len(segment.keys)))
        offset += len(segment.vocabulary)
    return gathered(sources, starts[kept], ends[kept])
