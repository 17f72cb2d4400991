"""The vectors of all papers: nearest ones, cosines and moments, over segments of which the last counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.search.segment_file import DamagedSegmentError, to_bytes
from bot.search.vector_segment import VectorSegment, quantise
from bot.search.vectors import Vectors

NO_NUMBERS = np.zeros(0, np.int64)
NO_TAIL = NO_NUMBERS, np.zeros((0, 64), np.int8)


def directions(count: int, dimensions: int = 64, seed: int = 3) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def segment(numbers: NDArray[np.int64], rows: NDArray[np.float32], centre: NDArray[np.float32] | None = None):
    return VectorSegment.of(numbers, quantise(rows), centre)


def stored(each: VectorSegment) -> VectorSegment:
    return VectorSegment.from_bytes(bytes(each.to_bytes({"model": "m"})))


def of_one_segment(rows: NDArray[np.float32]) -> Vectors:
    return Vectors([stored(segment(np.arange(len(rows)), rows))], np.zeros(0, np.int64), quantise(rows[:0]))


# --- one set ---------------------------------------------------------------------------------------------------


def test_the_nearest_papers_are_among_the_candidates_and_their_cosines_are_nearly_exact():
    rows = directions(2_000)
    vectors = of_one_segment(rows)
    vector = rows[7] * 0.8 + rows[11] * 0.6
    vector /= np.linalg.norm(vector)
    near = vectors.nearest(vector, 100)
    exact = rows @ vector
    assert {7, 11} <= set(near.tolist())
    assert len(set(near.tolist())) == 100
    assert np.allclose(vectors.cosines(vector, near), exact[near], atol=0.01)


def test_cosines_of_many_papers_of_several_segments_in_any_order_are_those_of_their_rows():
    rows = directions(3_000)
    parts = [
        segment(np.arange(start, start + size), rows[start : start + size])
        for start, size in ((0, 2_500), (2_500, 500))
    ]
    vectors = Vectors(parts, *NO_TAIL)
    asked = np.random.default_rng(2).permutation(3_200)
    cosines = vectors.cosines(rows[5], asked)
    assert np.allclose(cosines[asked < 3_000], (rows @ rows[5])[asked[asked < 3_000]], atol=0.01)
    assert not cosines[asked >= 3_000].any()


def test_of_more_papers_than_are_compared_nearly_all_of_the_nearest_are_found():
    rows = directions(60_000, 256)
    rows = rows + 2 * rows[np.arange(len(rows)) % 600]
    vectors = of_one_segment(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    vector = vectors.of([17])[0]
    exact = vectors.cosines(vector, np.arange(len(rows)))
    best = set(np.argsort(-exact)[:100].tolist())
    assert len(best & set(vectors.nearest(vector, 100).tolist())) >= 95


def test_a_mask_keeps_others_out_and_papers_without_a_vector_are_near_to_nothing():
    rows = directions(50)
    vectors = Vectors([], np.arange(0, 100, 2), quantise(rows))
    mask = np.zeros(vectors.room, dtype=bool)
    mask[[4, 5, 8]] = True
    assert sorted(vectors.nearest(rows[0], 10, mask).tolist()) == [4, 8]
    assert vectors.cosines(rows[0], np.array([5, 999, -1])).tolist() == [0, 0, 0]
    assert vectors.has(np.array([4, 5, -1, 999])).tolist() == [True, False, False, False]
    assert np.allclose(np.linalg.norm(vectors.of([4, 5, -1]), axis=1), [1, 0, 0], atol=1e-5)


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5, 1.0])
def test_with_a_mask_of_any_size_only_its_papers_are_near(share: float):
    dice = np.random.default_rng(1)
    rows = directions(50_000)
    numbers = np.sort(dice.choice(70_000, len(rows), replace=False))
    vectors = Vectors([segment(numbers, rows)], *NO_TAIL)
    mask = dice.random(70_000) < share
    near = vectors.nearest(rows[0], 100, mask)
    allowed = np.intersect1d(np.flatnonzero(mask), numbers)
    assert np.isin(near, allowed).all()
    assert len(near) == min(100, len(allowed))
    cosines = vectors.cosines(rows[0], allowed)
    assert float(vectors.cosines(rows[0], near).max()) == pytest.approx(float(cosines.max()))


# --- segments ----------------------------------------------------------------------------------------------------


def test_of_a_paper_in_several_segments_the_last_vector_counts_and_the_tails_most():
    rows = directions(300)
    parts = [segment(np.arange(200), rows[:200]), segment(np.array([5, 250]), rows[[298, 297]])]
    vectors = Vectors([stored(each) for each in parts], np.array([250]), quantise(rows[[299]]))
    assert vectors.nearest(rows[299], 1).tolist() == [250]
    assert vectors.nearest(rows[298], 1).tolist() == [5]
    for overridden in (5, 297):
        assert float(vectors.cosines(rows[overridden], vectors.nearest(rows[overridden], 1))[0]) < 0.9
    assert vectors.papers == 201
    assert vectors.room == 251


def test_a_zero_vector_takes_a_papers_vector_away():
    rows = directions(20)
    zero = np.zeros((1, 64), np.float32)
    vectors = Vectors([segment(np.arange(20), rows), segment(np.array([3]), zero)], *NO_TAIL)
    assert vectors.papers == vectors.moments.papers == 19
    assert not vectors.has([3])[0]
    assert 3 not in vectors.nearest(rows[3], 20)
    assert not vectors.of([3]).any()
    assert vectors.cosines(rows[3], np.array([3])).tolist() == [0]


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 40), min_size=1, max_size=4))
def test_several_segments_answer_like_the_one_that_they_are_merged_into(seed: int, sizes: list[int]):
    dice = np.random.default_rng(seed)
    parts = []
    for size in sizes:
        rows = dice.normal(size=(size, 64)).astype(np.float32) * (dice.random((size, 1)) < 0.9)
        parts.append(segment(dice.choice(60, size, replace=False), rows))
    merged = stored(VectorSegment.merged(parts))
    assert (np.diff(merged.numbers) > 0).all()
    several, one = Vectors(parts, *NO_TAIL), Vectors([merged], *NO_TAIL)
    everyone, vector = np.arange(-1, 70), directions(1, seed=seed % 100)[0]
    assert (several.of(everyone) == one.of(everyone)).all()
    assert (several.has(everyone) == one.has(everyone)).all()
    assert np.allclose(several.cosines(vector, everyone), several.of(everyone) @ vector, atol=1e-5)
    assert set(several.nearest(vector, 70).tolist()) == set(np.flatnonzero(one.has(np.arange(70))).tolist())
    assert several.papers == one.papers == several.moments.papers == one.moments.papers == merged.moments.papers
    cosines = one.of(everyone)[one.has(everyone)] @ vector
    expected = (float(cosines.mean()), float(cosines.std())) if len(cosines) else (0, 0)
    for each in (several, one):
        assert each.moments.spread(vector)[1:] == pytest.approx(expected, abs=1e-4)


def test_signs_about_another_centre_are_made_anew_when_segments_are_merged():
    rows = directions(100)
    first, second = segment(np.arange(50), rows[:50]), segment(np.arange(50, 100), rows[50:])
    assert not np.array_equal(first.centre, second.centre)
    merged = VectorSegment.merged([first, second])
    assert np.array_equal(merged.signs, segment(np.arange(100), rows, first.centre).signs)
    assert np.array_equal(merged.centre, first.centre)


def test_a_segment_without_some_papers_has_neither_their_rows_nor_their_moments():
    rows = directions(100)
    whole = segment(np.arange(100), rows)
    left = whole.without(np.array([3, 50, 500]))
    expected = segment(np.delete(np.arange(100), [3, 50]), np.delete(rows, [3, 50], axis=0), whole.centre)
    assert left.numbers.tolist() == expected.numbers.tolist()
    for name in ("rows", "lengths", "signs"):
        assert np.array_equal(getattr(left, name), getattr(expected, name))
    assert left.moments.papers == 98
    assert np.allclose(left.moments.second, expected.moments.second, atol=1e-4)
    assert whole.without(np.array([500])) is whole
    assert whole.without(np.arange(100)).size == 0


def test_the_moments_of_many_overridden_vectors_are_close_enough():
    rows = directions(40_000, 16)
    vectors = Vectors(
        [segment(np.arange(40_000), rows), segment(np.arange(40_000), -rows)], NO_NUMBERS, np.zeros((0, 16), np.int8)
    )
    spread, exact = vectors.moments.spread(rows[0]), -rows @ rows[0]
    assert spread.papers == vectors.papers == 40_000
    assert spread.mean == pytest.approx(float(exact.mean()), abs=0.02)
    assert spread.deviation == pytest.approx(float(exact.std()), abs=0.02)


def test_arrays_of_a_segment_in_bytes_are_views_of_the_bytes():
    data = segment(np.arange(100), directions(100)).to_bytes()
    read = VectorSegment.from_bytes(data)
    assert not any(each.flags.owndata for each in (read.numbers, read.rows, read.lengths, read.signs))


# --- bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("segments", [[], [VectorSegment.of(*NO_TAIL)]])
def test_without_any_vector_nothing_is_near(segments: list[VectorSegment]):
    nothing = Vectors(segments, *NO_TAIL)
    vector = directions(1)[0]
    assert nothing.nearest(vector, 5).tolist() == []
    assert nothing.nearest(vector, 5, np.ones(9, dtype=bool)).tolist() == []
    assert nothing.cosines(vector, np.array([0])).tolist() == [0]
    assert nothing.of([]).shape == (0, 64)
    assert nothing.has([]).shape == (0,)
    assert nothing.moments.spread(vector) == (0, 0.0, 0.0)


def test_masks_shorter_or_longer_than_the_papers_and_empty_ones_are_understood():
    rows = directions(6_000)
    vectors = Vectors([segment(np.arange(6_000), rows)], *NO_TAIL)
    assert max(vectors.nearest(rows[0], 6_000, np.ones(5_500, dtype=bool)).tolist()) == 5_499
    assert len(vectors.nearest(rows[0], 7_000, np.ones(9_000, dtype=bool))) == 6_000
    assert vectors.nearest(rows[0], 10, np.zeros(6_000, dtype=bool)).tolist() == []
    assert vectors.nearest(rows[0], 10, np.zeros(0, dtype=bool)).tolist() == []
    assert vectors.nearest(rows[0], 0).tolist() == []


def test_the_opposite_of_a_vector_is_the_farthest_and_a_zero_vector_is_near_to_something():
    rows = np.concatenate([directions(5_000, 256), -directions(1, 256, seed=4)])
    vectors = of_one_segment(rows)
    assert 5_000 not in vectors.nearest(directions(1, 256, seed=4)[0], 300)
    assert len(vectors.nearest(np.zeros(256, np.float32), 10)) == 10


def test_a_segment_of_another_dimension_is_left_out_and_a_vector_of_another_is_near_to_nothing():
    rows = directions(10)
    vectors = Vectors([segment(np.arange(5), directions(5, 128))], np.arange(10), quantise(rows))
    assert vectors.papers == 10
    assert vectors.nearest(directions(1, 128)[0], 5).tolist() == []


@pytest.mark.parametrize("broken", ["numbers", "rows", "lengths", "signs", "first", "second", "centre"])
def test_a_segment_with_an_array_missing_or_of_another_shape_is_damaged(broken: str):
    whole = segment(np.arange(10), directions(10))
    arrays = {
        "numbers": whole.numbers, "rows": whole.rows, "lengths": whole.lengths, "signs": whole.signs,
        "first": whole.moments.first, "second": whole.moments.second,
    }  # fmt: skip
    facts = {"papers": 10, "centre": whole.centre.tolist()}
    for change in ("missing", "shorter"):
        some, more = dict(arrays), dict(facts)
        holder = some if broken in some else more
        holder[broken] = holder[broken][:-1]
        if change == "missing":
            del holder[broken]
        with pytest.raises(DamagedSegmentError):
            VectorSegment.from_bytes(to_bytes(some, more))


def test_rows_are_quantised_by_their_own_scale_and_zero_stays_zero():
    rows = directions(200, 256)
    rows[7] = 0
    largest = np.abs(rows).max(axis=1, keepdims=True)
    assert np.array_equal(quantise(rows), np.rint(rows * (127 / np.where(largest > 0, largest, 1))).astype(np.int8))
    assert quantise(rows[:0]).shape == (0, 256)
