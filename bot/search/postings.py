"""Inverted index: papers that contain a stem, and how often. Immutable arrays, mapped from files as they are. Pure.

A `Segment` is the inverted index of a block of papers: stems as sorted 64-bit hashes, and the ascending numbers of the
papers that have each. `Postings` scores several segments as one corpus by BM25 (Robertson & Zaragoza, "The
Probabilistic Relevance Framework", 2009); an impact (what a posting adds, before idf) is kept in a byte. Stems that
many papers have are kept once more as a row of impacts by paper number, which a search adds much faster than postings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.model.segment import PostingsEntry
from bot.search import segment_file
from bot.search.segment_file import DamagedSegmentError
from bot.search.vocabulary import Vocabulary, gathered, spans

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
_MOST = (K1 + 1) / _STEPS
"""Value of one step of an impact: tf·(k1 + 1)/(tf + …) never reaches k1 + 1."""
_AVERAGE_STEP = 1.02
"""Ratio of neighbouring average lengths, so that a few new papers change no impact."""
_AT_ONCE = 1_000_000
"""Postings per block that is computed at once: bounds the memory of intermediate arrays."""
_ENTRIES_AT_ONCE = 8_192
"""Entries that are made a segment at once."""
_STEMS_CACHED = 1_024
"""Stems whose postings are found without looking: about 3 MB of array headers."""


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
        room = max((_room(segment) for segment in segments), default=0)
        owner = _owners(segments, room)
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
    ids = _Ids()
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
    known = [stem.encode("utf-8", "surrogatepass") for stem in ids]
    digests = b"".join([blake2b(stem, digest_size=8).digest() for stem in known])
    unsorted = np.frombuffer(digests, "<u8").astype(np.uint64, copy=False)
    order = np.argsort(unsorted)
    ranks = np.empty(len(known), np.uint64)
    ranks[order] = np.arange(len(known), dtype=np.uint64)
    sizes = np.array([titles, others], np.int64).T.reshape(-1)
    # One number for each stem of a paper: rank of the stem (28 bits), place of the paper (34), weight (2).
    packed = ranks[np.array(stems, np.int64)] << np.uint64(36)
    packed |= np.repeat(np.arange(len(entries), dtype=np.uint64) << np.uint64(2), sizes.reshape(-1, 2).sum(axis=1))
    packed |= np.repeat(np.tile(np.array([TITLE_COUNTS, 1], np.uint64), len(entries)), sizes)
    packed.sort()
    postings = packed >> np.uint64(2)
    firsts = np.flatnonzero(np.diff(postings, prepend=np.uint64(2**63)))
    counts = np.add.reduceat(packed & np.uint64(3), firsts) if len(packed) else packed
    postings = postings[firsts]
    every = np.array(numbers, np.int32)
    held = np.bincount((postings >> np.uint64(34)).astype(np.int64), minlength=len(known))
    return with_impacts(
        keys=unsorted[order],
        starts=np.concatenate([[0], np.cumsum(held)]).astype(np.int64),
        papers=every[(postings & np.uint64(2**34 - 1)).astype(np.int64)],
        counts=np.minimum(counts, 255).astype(np.uint8),
        numbers=every,
        lengths=np.minimum(lengths, 65_535).astype(np.uint16),
        ages=np.array([entry.age_at for entry in entries], np.float64),
        vocabulary=np.frombuffer(b"\n".join([known[at] for at in order.tolist()]), np.uint8),
        average=average,
    )


class _Ids(dict[str, int]):
    """Numbers of stems, given as they are first asked for."""

    def __missing__(self, stem: str) -> int:
        number = self[stem] = len(self)
        return number


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
    return with_impacts(
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


def with_impacts(  # noqa: PLR0913 - a segment is these arrays
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
        average = _rounded(int(lengths.sum(dtype=np.int64)), len(numbers))
    impacts = _impacts(papers, counts, numbers, lengths, average)
    dense_stems = np.zeros(0, np.int32)
    if len(numbers) >= DENSE_FROM and _span(numbers) <= 2 * len(numbers):
        dense_stems = np.flatnonzero(np.diff(starts) * DENSE >= len(numbers)).astype(np.int32)
    dense = _rows(dense_stems, starts, papers, impacts, numbers)
    return Segment(
        keys, starts, papers, counts, impacts, numbers, lengths, ages, dense_stems, dense, vocabulary, average
    )


def _impacts(
    papers: NDArray[np.int32],
    counts: NDArray[np.uint8],
    numbers: NDArray[np.int32],
    lengths: NDArray[np.uint16],
    average: float,
) -> NDArray[np.uint8]:
    """Impact of each posting, tf·(k1 + 1)/(tf + k1·(1 − b + b·length/average)), in steps of `_MOST`."""
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


def _rows(
    stems: NDArray[np.int32],
    starts: NDArray[np.int64],
    papers: NDArray[np.int32],
    impacts: NDArray[np.uint8],
    numbers: NDArray[np.int32],
) -> NDArray[np.uint8]:
    rows = np.zeros((len(stems), _span(numbers) if len(stems) else 0), dtype=np.uint8)
    for row, stem in zip(rows, stems.tolist(), strict=True):
        span = slice(int(starts[stem]), int(starts[stem + 1]))
        row[papers[span] - numbers[0]] = impacts[span]
    return rows


def _span(numbers: NDArray[np.int32]) -> int:
    return int(numbers[-1]) - int(numbers[0]) + 1 if len(numbers) else 0


def _room(segment: Segment) -> int:
    return int(segment.numbers[-1]) + 1 if segment.size else 0


def _owners(segments: Sequence[Segment], room: int) -> NDArray[Any]:
    """(room,): which of the segments, counted from 1, has the paper that counts; 0 without a paper."""
    owner = np.zeros(room, dtype=np.uint8 if len(segments) < 255 else np.uint16)
    for at, segment in enumerate(segments, 1):
        owner[segment.numbers] = at
    return owner


def _rounded(words: int, papers: int) -> float:
    """Average length of a paper, in steps of 2 %."""
    return float(_AVERAGE_STEP ** round(np.log(words / papers) / np.log(_AVERAGE_STEP))) if words else 1.0


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


# --- many segments as one corpus ----------------------------------------------------------------------------------


class _Block(NamedTuple):
    """A segment of a corpus, with impacts for the average length of that corpus."""

    segment: Segment
    impacts: NDArray[np.uint8]
    dense: NDArray[np.uint8]
    average: float
    """Average length for which these impacts were computed."""
    replaced: NDArray[np.int32]
    """Numbers of its papers that an older segment has too."""
    dead: NDArray[np.int32]
    """Numbers of its papers that a newer segment has too: they do not count here."""


class _Stem(NamedTuple):
    """Postings of a stem in one block."""

    at: int
    """Position of the block."""
    first: int
    """Number to which the first place of `row` belongs."""
    papers: NDArray[np.int32]
    impacts: NDArray[np.uint8]
    row: NDArray[np.uint8] | None
    """Impacts by number, of a frequent stem."""

    def has(self, numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of some papers of the block have the stem."""
        if self.row is not None:
            return self.row[numbers - self.first] > 0
        return _contains(self.papers, numbers)


class Places(NamedTuple):
    """Some papers by the block that has them."""

    size: int
    """Number of papers."""
    blocks: list[tuple[NDArray[np.int64], NDArray[np.int32]]]
    """For each block the positions of its papers among them, and their numbers."""


class Postings:
    """Segments as one corpus. Scores and masks are arrays indexed by paper number."""

    def __init__(self, segments: Sequence[Segment], *, before: Postings | None = None) -> None:
        """Segments oldest first: of a paper that is in more than one, the last counts.

        Impacts for another average length than the segments' own are taken over from `before`.
        """
        segments = [segment for segment in segments if segment.size]
        self.room = max(map(_room, segments), default=0)
        """Upper bound of paper numbers, exclusive."""
        self._owner = _owners(segments, self.room)
        self.papers = int(np.count_nonzero(self._owner))
        alive = [self._owner[segment.numbers] == at for at, segment in enumerate(segments, 1)]
        words = sum(int(s.lengths.sum(dtype=np.int64, where=own)) for s, own in zip(segments, alive, strict=True))
        self.average = _rounded(words, self.papers)
        """Average number of stems in a paper in steps of 2 %."""
        self.ages: NDArray[np.float64] = np.full(self.room, -np.inf)
        """(room,): Unix seconds at which a paper's age starts; minus infinity without a paper."""
        replaced = []
        seen = np.zeros(self.room, dtype=bool)
        for segment in segments:
            replaced.append(segment.numbers[seen[segment.numbers]])
            seen[segment.numbers] = True
            self.ages[segment.numbers] = segment.ages
        known: dict[int, _Block] = {id(block.segment): block for block in (before.blocks if before else ())}
        self.blocks: list[_Block] = [
            _block(segment, known.get(id(segment)), self.average, older, segment.numbers[~own])
            for segment, older, own in zip(segments, replaced, alive, strict=True)
        ]
        """The segments with papers, oldest first."""
        # A search needs each stem's postings for several things. The caches must not refer to this object: a cycle
        # would keep an old index in memory until the garbage is collected.
        self.of = lru_cache(_STEMS_CACHED)(partial(_postings_of, self.blocks))
        """Postings of a stem, by block."""
        self.holders = lru_cache(_STEMS_CACHED)(partial(_holders, self.blocks, self.of))
        """Document frequency of a stem."""
        self._ages_sample: NDArray[np.float64] | None = None
        self.frequent: tuple[int, Vocabulary] | None = before.frequent if before is not None else None
        """Stems that several papers have, and the number of papers when they were looked for."""
        if self.frequent is not None and not self.papers / GROWN <= self.frequent[0] <= self.papers * GROWN:
            self.frequent = None

    def idf(self, frequency: int) -> float:
        """Inverse document frequency: ln(1 + (N − df + 0.5) / (df + 0.5))."""
        return float(np.log1p((self.papers - frequency + 0.5) / (frequency + 0.5)))

    def score(self, stems: Iterable[str]) -> NDArray[np.float32]:
        """BM25 of every paper, (room,); 0 without any of the stems."""
        scores = np.zeros(self.room, dtype=np.float32)
        self.add_scores(scores, stems)
        return scores

    def add_scores(self, scores: NDArray[np.float32], stems: Iterable[str]) -> None:
        """Set the scores of all papers, (room,), which are 0, to the BM25 of some stems."""
        parts: list[list[tuple[np.float32, _Stem]]] = [[] for _ in self.blocks]
        for stem, times in Counter(stems).items():
            weight = np.float32(times * _MOST * self.idf(self.holders(stem)))
            for part in self.of(stem):
                parts[part.at].append((weight, part))
        for block, weighted in zip(self.blocks, parts, strict=True):
            scores[block.replaced] = 0
            for weight, part in weighted:
                if part.row is None:
                    numbers = part.papers.astype(np.intp)  # once: indexing does it when reading and when writing
                    scores[numbers] += weight * part.impacts
                else:
                    scores[part.first : part.first + len(part.row)] += weight * part.row

    def score_of(self, bag: Counter[str], stems: Iterable[str]) -> float:
        """BM25 for stems of a text that need not be stored; `bag` has the frequencies of its stems."""
        norm = K1 * (1 - B + B * bag.total() / self.average)
        return sum(self.idf(self.holders(stem)) * bag[stem] * (K1 + 1) / (bag[stem] + norm) for stem in stems)

    def work(self, stem: str) -> int:
        """Postings that take as long as scoring a stem does: the row of a frequent stem is cheap."""
        return sum(
            len(p.papers) if p.row is None else min(len(p.papers), len(p.row) // ROW_SHARE) for p in self.of(stem)
        )

    def having(self, stems: Sequence[str]) -> NDArray[np.bool_]:
        """Mask of the papers that contain all stems, (room,)."""
        if not stems:
            return self._owner > 0
        rarest, *others = sorted(dict.fromkeys(stems), key=self.holders)
        mask = self._mask(rarest, None)
        for stem in others if self.holders(rarest) else ():
            mask = self._mask(stem, mask)
        return mask

    def having_any(self, alternatives: Iterable[Sequence[str]]) -> NDArray[np.bool_]:
        """Mask of the papers that contain all stems of an alternative, (room,); an alternative without any has none."""
        masks = [self.having(stems) for stems in alternatives if stems]
        mask = masks[0] if masks else np.zeros(self.room, dtype=bool)
        for other in masks[1:]:
            mask |= other
        return mask

    def has_any(
        self, alternatives: Iterable[Sequence[str]], numbers: NDArray[np.integer[Any]] | Places
    ) -> NDArray[np.bool_]:
        """Which of some papers contain all stems of an alternative; as `having_any`, without a pass over all."""
        places = numbers if isinstance(numbers, Places) else self.places(numbers)
        found = np.zeros(places.size, dtype=bool)
        for stems in alternatives:
            if stems:
                first, *others = dict.fromkeys(stems)
                every = self._has(first, places)
                for stem in others:
                    every &= self._has(stem, places)
                found |= every
        return found

    def places(self, numbers: NDArray[np.integer[Any]]) -> Places:
        """Where some papers are in the index, to ask `has_any` for several words."""
        inside = (numbers >= 0) & (numbers < self.room)
        owner = np.zeros(len(numbers), dtype=self._owner.dtype)
        owner[inside] = self._owner[numbers[inside]]
        positions = [np.flatnonzero(owner == at) for at in range(1, len(self.blocks) + 1)]
        return Places(len(numbers), [(each, numbers[each].astype(np.int32)) for each in positions])

    def newest(self, mask: NDArray[np.bool_], few: int = 1_000) -> Iterator[NDArray[np.int64]]:
        """Numbers of the papers in a mask, (room,), newest first, of equal ones the highest number; about `few` first.

        Each part is found by the ages between two bounds, so that only what is asked for is sorted.
        """
        papers = int(np.count_nonzero(mask))
        if self._ages_sample is None:
            self._ages_sample = np.sort(self.ages[:: max(self.room // _AGES_SAMPLED, 1)])
        sample, above, share = self._ages_sample, np.inf, few / max(papers, 1)
        while papers > 0:
            place = round((1 - share) * len(sample))
            least = float(sample[place]) if 0 < place < len(sample) and share < 1 / 2 else -np.inf
            inside = self.ages < above
            inside &= self.ages >= least
            inside &= mask
            numbers = np.flatnonzero(inside)
            papers -= len(numbers)
            if len(numbers):
                numbers = numbers[self._owner[numbers] > 0][::-1]
                yield numbers[np.argsort(-self.ages[numbers], kind="stable")]
            if least == -np.inf:
                return
            above, share = least, share * 8

    def vocabulary(self) -> Vocabulary:
        """Stems and names that several papers have, for spelling correction.

        Taken over from the index before while there are not 2 % more papers.
        """
        if self.frequent is None:
            self.frequent = self.papers, _frequent(self.blocks, max(1, round(self.papers / RARE)))
        return self.frequent[1]

    def _has(self, stem: str, places: Places) -> NDArray[np.bool_]:
        found = np.zeros(places.size, dtype=bool)
        for part in self.of(stem):
            positions, numbers = places.blocks[part.at]
            if len(positions):
                found[positions] = part.has(numbers)
        return found

    def _mask(self, stem: str, among: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        mask = np.zeros(self.room, dtype=bool)
        parts = {part.at: part for part in self.of(stem)}
        for at, block in enumerate(self.blocks):
            mask[block.replaced] = False
            if (part := parts.get(at)) is None:
                continue
            if part.row is None:
                mask[part.papers if among is None else part.papers[among[part.papers]]] = True
            else:
                mask[part.first : part.first + len(part.row)] |= part.row > 0
        if among is not None:
            mask &= among
        return mask


ROW_SHARE = 17
"""Papers of a frequent stem's row that are scored in the time of one posting (0.35 ns, 6 ns)."""
GROWN = 1.02
"""Ratio of papers from which the vocabulary is gathered again."""
RARE = 200_000
"""Spelling is corrected to stems that one in so many papers has."""
_AGES_SAMPLED = 4_096


def _block(
    segment: Segment,
    before: _Block | None,
    average: float,
    replaced: NDArray[np.int32],
    dead: NDArray[np.int32],
) -> _Block:
    steps = abs(np.log(segment.average / average) / np.log(_AVERAGE_STEP))
    if steps < 1.5:  # one step, and what rounding adds
        return _Block(segment, segment.impacts, segment.dense, segment.average, replaced, dead)
    if before is not None and before.average == average:
        return _Block(segment, before.impacts, before.dense, average, replaced, dead)
    impacts = _impacts(segment.papers, segment.counts, segment.numbers, segment.lengths, average)
    dense = _rows(segment.dense_stems, segment.starts, segment.papers, impacts, segment.numbers)
    return _Block(segment, impacts, dense, average, replaced, dead)


def _postings_of(blocks: Sequence[_Block], stem: str) -> tuple[_Stem, ...]:
    stem_key = np.uint64(key(stem))
    postings = []
    for at, (segment, impacts, dense, *_) in enumerate(blocks):
        place = int(segment.keys.searchsorted(stem_key))
        if place < len(segment.keys) and segment.keys[place] == stem_key:
            span = slice(int(segment.starts[place]), int(segment.starts[place + 1]))
            row = int(segment.dense_stems.searchsorted(np.int32(place)))
            is_dense = row < len(segment.dense_stems) and int(segment.dense_stems[row]) == place
            first = int(segment.numbers[0])
            postings.append(_Stem(at, first, segment.papers[span], impacts[span], dense[row] if is_dense else None))
    return tuple(postings)


def _holders(blocks: Sequence[_Block], of: Any, stem: str) -> int:
    parts: tuple[_Stem, ...] = of(stem)
    dead = ((part, blocks[part.at].dead) for part in parts)
    return sum(len(part.papers) for part in parts) - sum(int(part.has(each).sum()) for part, each in dead if len(each))


def _contains(papers: NDArray[np.int32], numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which numbers are among ascending papers, of which there is one at least."""
    places = papers.searchsorted(numbers)
    found: NDArray[np.bool_] = papers.take(places, mode="clip") == numbers
    return found


def _frequent(blocks: Sequence[_Block], least: int) -> Vocabulary:
    """Stems, names and terms of fields that so many papers have, gathered from one range of hashes after another."""
    segments = [block.segment for block in blocks if len(block.segment.keys)]
    line_ends = [np.flatnonzero(segment.vocabulary == ord("\n")).astype(np.uint32) for segment in segments]
    bounds = np.arange(_RANGES, dtype=np.uint64) * np.uint64(2**64 // _RANGES)
    cuts = [np.append(segment.keys.searchsorted(bounds), len(segment.keys)).tolist() for segment in segments]
    texts: list[NDArray[np.uint8]] = []
    holders: list[NDArray[np.int64]] = []
    for at in range(_RANGES):
        here = [slice(cut[at], cut[at + 1]) for cut in cuts]
        own_keys = [segment.keys[span] for segment, span in zip(segments, here, strict=True)]
        keys = np.unique(np.concatenate([np.zeros(0, np.uint64), *own_keys]))
        totals = np.zeros(len(keys), np.int64)
        for segment, span, own in zip(segments, here, own_keys, strict=True):
            totals[keys.searchsorted(own)] += np.diff(segment.starts[span.start : span.stop + 1])
        keys, totals = keys[totals >= least], totals[totals >= least]
        for segment, span, own, ends in zip(segments, here, own_keys, line_ends, strict=True):
            if len(own) and len(keys):
                places = own.searchsorted(keys)
                have = own.take(places, mode="clip") == keys
                starts, stops = _letters(segment.vocabulary, ends, places[have] + span.start)
                texts.append(gathered(segment.vocabulary, starts, stops))
                holders.append(totals[have])
                keys, totals = keys[~have], totals[~have]
    texts = [each for text in texts if len(text) for each in (text, _LINE_END)]
    return Vocabulary(np.concatenate(texts[:-1]), np.concatenate(holders)) if texts else Vocabulary.empty()


def _letters(
    vocabulary: NDArray[np.uint8], line_ends: NDArray[np.uint32], positions: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of the stems at some positions of a vocabulary."""
    if not len(line_ends):
        return np.zeros(len(positions), np.int64), np.full(len(positions), len(vocabulary))
    starts = line_ends.take(positions - 1, mode="clip").astype(np.int64) + 1
    ends = line_ends.take(positions, mode="clip").astype(np.int64)
    return np.where(positions > 0, starts, 0), np.where(positions < len(line_ends), ends, len(vocabulary))


_RANGES = 32
"""Parts in which a vocabulary is gathered: bounds the memory of intermediate arrays."""
_LINE_END = np.array([ord("\n")], np.uint8)


def best(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Numbers of the `count` highest scores above 0, of equal ones the highest number; ascending.

    A sample tells above which score a few more than these are, so that not all of them are partitioned.
    """
    few = scores
    sample = scores[:: max(len(scores) // _SCORES_SAMPLED, 1)]
    rank = 4 * count * len(sample) // max(len(scores), 1) + 16
    numbers: NDArray[np.int64] | None = None
    if rank < len(sample) // 2:
        above = float(np.partition(sample, len(sample) - rank)[len(sample) - rank])
        if above > 0:
            numbers = np.flatnonzero(scores >= above)
            if len(numbers) < count:
                numbers = None
    if numbers is None:
        numbers = np.flatnonzero(scores > 0)
    if len(numbers) <= count:
        return numbers
    few = scores[numbers]
    least = np.partition(few, len(few) - count)[len(few) - count]
    sure, ties = numbers[few > least], numbers[few == least]
    return np.sort(np.concatenate([sure, ties[len(ties) - (count - len(sure)) :]]))


_SCORES_SAMPLED = 16_384
