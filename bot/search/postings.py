"""Postings of several segments as one corpus: scores by BM25, masks, ages and frequencies of all papers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.search.segment import (
    AVERAGE_STEP,
    K1,
    MOST_IMPACT,
    B,
    Segment,
    impacts_of,
    owners_of,
    room_of,
    rounded_average,
    rows_of,
)
from bot.search.stem_postings import Block, StemCache, StemPart
from bot.search.vocabulary import Vocabulary, gathered


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
        self.room = max(map(room_of, segments), default=0)
        """Upper bound of paper numbers, exclusive."""
        self._owner = owners_of(segments, self.room)
        self.papers = int(np.count_nonzero(self._owner))
        alive = [self._owner[segment.numbers] == at for at, segment in enumerate(segments, 1)]
        words = sum(int(s.lengths.sum(dtype=np.int64, where=own)) for s, own in zip(segments, alive, strict=True))
        self.average = rounded_average(words, self.papers)
        """Average number of stems in a paper in steps of 2 %."""
        self.ages: NDArray[np.float64] = np.full(self.room, -np.inf)
        """(room,): Unix seconds at which a paper's age starts; minus infinity without a paper."""
        replaced = []
        seen = np.zeros(self.room, dtype=bool)
        for segment in segments:
            replaced.append(segment.numbers[seen[segment.numbers]])
            seen[segment.numbers] = True
            self.ages[segment.numbers] = segment.ages
        blocks: dict[int, Block] = {id(block.segment): block for block in (before.blocks if before else ())}
        self.blocks: list[Block] = [
            _block(segment, blocks.get(id(segment)), self.average, older, segment.numbers[~own])
            for segment, older, own in zip(segments, replaced, alive, strict=True)
        ]
        """The segments with papers, oldest first."""
        self._stems = StemCache(self.blocks)
        self._ages_sample: NDArray[np.float64] | None = None
        self.frequent: tuple[int, Vocabulary] | None = before.frequent if before is not None else None
        """Stems that several papers have, and the number of papers when they were looked for."""
        if self.frequent is not None and not self.papers / GROWN <= self.frequent[0] <= self.papers * GROWN:
            self.frequent = None

    def of(self, stem: str) -> Sequence[StemPart]:
        """Postings of a stem, by block."""
        return self._stems.one(stem).parts

    def holders(self, stem: str) -> int:
        """Document frequency of a stem."""
        return self._stems.one(stem).holders

    def look_up(self, stems: Collection[str]) -> None:
        """Find the postings of many stems at once, which takes a fifth of finding one after another."""
        self._stems.of(stems)

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
        parts: list[list[tuple[np.float32, StemPart]]] = [[] for _ in self.blocks]
        for stem, times in Counter(stems).items():
            weight = np.float32(times * MOST_IMPACT * self.idf(self.holders(stem)))
            for part in self.of(stem):
                parts[part.at].append((weight, part))
        for block, weighted in zip(self.blocks, parts, strict=True):
            scores[block.replaced] = 0
            for weight, part in weighted:
                if part.row is None:
                    np.add.at(scores, part.papers, weight * part.impacts)  # two thirds of the time of `+=`
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
        having = np.zeros(places.size, dtype=bool)
        for stems in alternatives:
            if stems:
                first, *others = dict.fromkeys(stems)
                every = self._has(first, places)
                for stem in others:
                    every &= self._has(stem, places)
                having |= every
        return having

    def places(self, numbers: NDArray[np.integer[Any]]) -> Places:
        """Places of some papers in the index, to ask `has_any` for several words."""
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
        having = np.zeros(places.size, dtype=bool)
        for part in self.of(stem):
            positions, numbers = places.blocks[part.at]
            if len(positions):
                having[positions] = part.has(numbers)
        return having

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
    before: Block | None,
    average: float,
    replaced: NDArray[np.int32],
    dead: NDArray[np.int32],
) -> Block:
    steps = abs(np.log(segment.average / average) / np.log(AVERAGE_STEP))
    if steps < 1.5:  # one step, and what rounding adds
        return Block(segment, segment.impacts, segment.dense, segment.average, replaced, dead)
    if before is not None and before.average == average:
        return Block(segment, before.impacts, before.dense, average, replaced, dead)
    impacts = impacts_of(segment.papers, segment.counts, segment.numbers, segment.lengths, average)
    dense = rows_of(segment.dense_stems, segment.starts, segment.papers, impacts, segment.numbers)
    return Block(segment, impacts, dense, average, replaced, dead)


def _frequent(blocks: Sequence[Block], least: int) -> Vocabulary:
    """Stems, names and terms of fields that so many papers have, gathered from one range of hashes after another."""
    segments = [block.segment for block in blocks if len(block.segment.keys)]
    line_ends = [np.flatnonzero(segment.vocabulary == ord("\n")).astype(np.uint32) for segment in segments]
    bounds = np.arange(_RANGES, dtype=np.uint64) * np.uint64(2**64 // _RANGES)
    cuts = [np.append(segment.keys.searchsorted(bounds), len(segment.keys)).tolist() for segment in segments]
    texts: list[NDArray[np.uint8]] = []
    holders: list[NDArray[np.uint32]] = []
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
                holders.append(totals[have].astype(np.uint32))
                keys, totals = keys[~have], totals[~have]
    texts = [each for text in texts if len(text) for each in (text, _LINE_END)]
    if not texts:
        return Vocabulary.empty()
    text = np.concatenate(texts[:-1])
    del texts, line_ends  # as large as the vocabulary, of which arrays are made now
    return Vocabulary(text, np.concatenate(holders))


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
    sample = scores[:: max(len(scores) // _SCORES_SAMPLED, 1)]
    rank = 4 * count * len(sample) // max(len(scores), 1) + 16
    above = np.partition(sample, -rank)[-rank] if rank < len(sample) // 2 else 0
    numbers = np.flatnonzero(scores >= above if above > 0 else scores > 0)
    if above > 0 and len(numbers) < count:
        numbers = np.flatnonzero(scores > 0)
    if len(numbers) <= count:
        return numbers
    few = scores[numbers]
    least = np.partition(few, len(few) - count)[len(few) - count]
    sure, ties = numbers[few > least], numbers[few == least]
    return np.sort(np.concatenate([sure, ties[len(ties) - (count - len(sure)) :]]))


_SCORES_SAMPLED = 16_384
