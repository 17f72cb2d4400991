"""Postings of a stem in the blocks of a corpus, found once for all that a search needs them for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.query.word_places import contains
from bot.search.segment import DENSE, Segment, key

_STEMS_CACHED = 1_024
"""Stems whose postings are found without looking: about 3 MB of array headers."""


class Block(NamedTuple):
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


class StemPart(NamedTuple):
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
        return contains(self.papers, numbers)


class StemPostings(NamedTuple):
    """Postings of a stem in all blocks."""

    parts: tuple[StemPart, ...]
    holders: int
    """Document frequency."""


class StemCache:
    """Postings of the stems that were asked for lately.

    It must not refer to the index: a cycle would keep an old one in memory until the garbage is collected.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._cached: dict[str, StemPostings] = {}

    def one(self, stem: str) -> StemPostings:
        """Postings of a stem."""
        return self._cached.get(stem) or self.of((stem,))[0]

    def of(self, stems: Collection[str]) -> list[StemPostings]:
        """Postings of each stem."""
        cached = self._cached
        missing = [stem for stem in stems if stem not in cached]
        if missing:
            recent = {stem: cached[stem] for stem in stems if stem in cached}
            recent |= zip(missing, self._looked_up(missing), strict=True)
            # Other threads read the dict that was there before.
            self._cached = recent if len(cached) + len(missing) > _STEMS_CACHED else cached | recent
            cached = recent
        return [cached[stem] for stem in stems]

    def _looked_up(self, stems: Sequence[str]) -> Iterator[StemPostings]:
        keys = np.array([key(stem) for stem in stems], dtype=np.uint64)
        parts: list[list[StemPart]] = [[] for _ in stems]
        dead = np.zeros(len(stems), dtype=np.int64)
        for at, block in enumerate(self._blocks):
            segment = block.segment
            places = segment.keys.searchsorted(keys)
            inside = np.flatnonzero(places < len(segment.keys))
            inside = inside[segment.keys[places[inside]] == keys[inside]]
            places = places[inside]
            bounds = (segment.starts[places].tolist(), segment.starts[places + 1].tolist())
            first = int(segment.numbers[0])
            for number, place, start, end in zip(inside.tolist(), places.tolist(), *bounds, strict=True):
                row = _row_of(block, place) if (end - start) * DENSE >= segment.size else None
                part = StemPart(at, first, segment.papers[start:end], block.impacts[start:end], row)
                parts[number].append(part)
                if len(block.dead):
                    dead[number] += np.count_nonzero(part.has(block.dead))
        for each, removed in zip(parts, dead.tolist(), strict=True):
            yield StemPostings(tuple(each), sum(len(part.papers) for part in each) - removed)


def _row_of(block: Block, place: int) -> NDArray[np.uint8] | None:
    """Impacts by number of a stem at a place of `keys`, if it has a row."""
    stems = block.segment.dense_stems
    row = int(stems.searchsorted(np.int32(place)))
    return block.dense[row] if row < len(stems) and int(stems[row]) == place else None
