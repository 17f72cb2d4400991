"""Which segments are merged: few are left, and none is written often, however many papers come."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.model.segment import SegmentInfo
from bot.search.segments import LARGEST, TAIL, mergeable


def added(sizes: list[int]) -> tuple[list[int], int]:
    """Papers of the segments that are left after segments of these sizes came, and papers written in all."""
    infos: list[SegmentInfo] = []
    written = 0
    for number, size in enumerate(sizes):
        infos.append(SegmentInfo(number, "words", "", size, ""))
        written += size
        while merged := mergeable(infos):
            assert infos[-len(merged) :] == merged, "the newest, in their order"
            papers = sum(info.papers for info in merged)
            infos[-len(merged) :] = [SegmentInfo(-number, "words", "", papers, "")]
            written += papers
    return [info.papers for info in infos], written


@pytest.mark.parametrize("size", [TAIL, 700, 4_096, 8_192, 8_191])
def test_a_million_papers_are_a_few_segments_that_were_written_a_few_times(size: int) -> None:
    count = 1_000_000 // size
    left, written = added([size] * count)
    assert sum(left) == size * count
    assert max(left) <= LARGEST
    assert len(left) <= 26
    assert written <= 4 * size * count
    assert all(older >= newer for older, newer in pairwise(left))


def test_segments_of_any_sizes_are_not_merged_beyond_the_largest() -> None:
    left, _ = added([LARGEST, LARGEST - 1, 200_000, 150_000, 600, 5_000, 90_000, 512, 512, 40_000])
    assert max(left) <= LARGEST
    assert sum(left) == LARGEST + LARGEST - 1 + 200_000 + 150_000 + 600 + 5_000 + 90_000 + 512 + 512 + 40_000


def test_a_few_small_segments_stay_as_they_are() -> None:
    assert mergeable([]) == []
    assert mergeable([SegmentInfo(1, "words", "", TAIL, "")]) == []
    assert mergeable([SegmentInfo(n, "words", "", TAIL, "") for n in range(7)]) == []
    assert len(mergeable([SegmentInfo(n, "words", "", TAIL, "") for n in range(8)])) == 8
