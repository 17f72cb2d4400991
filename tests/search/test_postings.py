"""The index in memory: postings against a naive BM25, vectors against exact products."""

from __future__ import annotations

import gc
import math
import weakref
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.segment import PostingsEntry
from bot.search.postings import K1, NAME, TITLE_COUNTS, B, Postings, Segment
from bot.search.vectors import Vectors, quantise

ENTRIES = {
    1: PostingsEntry("video diffus", "video model train", "ada press"),
    2: PostingsEntry("heat", "diffus heat heat heat", "bo column"),
    5: PostingsEntry("survey", "video video survey model model", ""),
    9: PostingsEntry("", "", "ada"),
}
words = st.lists(st.sampled_from(["video", "heat", "model", "train", "survey", "ada"]), max_size=8).map(" ".join)
collections = st.dictionaries(
    st.integers(0, 40), st.builds(PostingsEntry, words, words, words), min_size=1, max_size=12
)


def naive(entries: dict[int, PostingsEntry], stem: str, average: float) -> dict[int, float]:
    """BM25 as the textbook has it, but for the average length, which the index rounds."""
    bags = {}
    for number, entry in entries.items():
        bags[number] = Counter(entry.abstract.split())
        for each in entry.title.split():
            bags[number][each] += TITLE_COUNTS
    holders = sum(stem in bag for bag in bags.values())
    idf = math.log(1 + (len(entries) - holders + 0.5) / (holders + 0.5))
    scores = {}
    for number, bag in bags.items():
        tf, length = bag[stem], bag.total()
        scores[number] = idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average))
    return scores


@given(collections, st.sampled_from(["video", "heat", "model"]))
def test_scores_are_bm25_within_the_step_of_a_byte(entries: dict[int, PostingsEntry], stem: str) -> None:
    postings = Postings([Segment.of(entries)])
    scores = postings.score([stem])
    step = postings.idf(postings.holders(stem)) * (K1 + 1) / 255
    for number, expected in naive(entries, stem, postings.average).items():
        assert float(scores[number]) == pytest.approx(expected, abs=step + 1e-6)


@given(collections, collections)
def test_two_segments_answer_as_one_and_of_a_paper_in_both_the_later_counts(
    older: dict[int, PostingsEntry], newer: dict[int, PostingsEntry]
) -> None:
    separate = Postings([Segment.of(older), Segment.of(newer)])
    whole = Postings([Segment.of(older | newer)])
    merged = Postings([Segment.merged([Segment.of(older), Segment.of(newer)])])
    for stem in ("video", "heat", "train", NAME + "ada"):
        assert separate.holders(stem) == whole.holders(stem) == merged.holders(stem)
        assert separate.score([stem]).tolist() == whole.score([stem]).tolist() == merged.score([stem]).tolist()
        assert separate.having([stem]).tolist() == whole.having([stem]).tolist()


@given(collections)
def test_a_segment_comes_back_from_its_bytes(entries: dict[int, PostingsEntry]) -> None:
    segment = Segment.of(entries)
    again = Segment.from_stored(segment.to_stored())
    for name in segment.to_stored()._fields:
        assert getattr(again, name).tolist() == getattr(segment, name).tolist()


def test_names_are_not_words_and_a_paper_without_words_scores_nothing() -> None:
    postings = Postings([Segment.of(ENTRIES)])
    assert postings.holders("ada") == 0
    assert np.flatnonzero(postings.having([NAME + "ada"])).tolist() == [1, 9]
    assert postings.score(["video", "heat"])[9] == 0


def test_an_empty_index_answers_with_nothing() -> None:
    postings = Postings([])
    assert postings.score(["video"]).tolist() == []
    assert postings.having(["video"]).tolist() == []
    assert Segment.of({}).size == 0


def test_new_papers_leave_what_was_worked_out_before_as_long_as_the_average_hardly_moves() -> None:
    first = Segment.of(dict.fromkeys(range(500), ENTRIES[1]))
    before = Postings([first])
    after = Postings([first, Segment.of({500: ENTRIES[1]})], before=before)
    assert after.blocks[0][1] is before.blocks[0][1]
    other = Postings([first, Segment.of({500: PostingsEntry("", "word " * 60_000, "")})], before=before)
    assert other.blocks[0][1] is not before.blocks[0][1]


# --- vectors -----------------------------------------------------------------------------------------------------


def directions(count: int, dimensions: int = 64, seed: int = 3) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_nearest_papers_are_among_the_candidates_and_their_cosines_are_nearly_exact() -> None:
    rows = directions(2_000)
    vectors = Vectors(np.arange(2_000), quantise(rows))
    vector = rows[7] * 0.8 + rows[11] * 0.6
    vector /= np.linalg.norm(vector)
    near = vectors.nearest(vector, 100)
    exact = rows @ vector
    assert {7, 11} <= set(near.tolist())
    assert np.allclose(vectors.cosines(vector, near), exact[near], atol=0.01)


def test_vectors_added_later_are_found_and_who_looked_before_sees_the_old_ones() -> None:
    rows = directions(300)
    before = Vectors(np.arange(200), quantise(rows[:200]))
    after = before.with_more(np.array([5, 250]), quantise(rows[[298, 299]]))
    assert after.nearest(rows[299], 1).tolist() == [250]
    assert after.nearest(rows[298], 1).tolist() == [5]
    assert before.nearest(rows[5], 1).tolist() == [5]
    assert (before.papers, after.papers) == (200, 201)


def test_a_mask_keeps_others_out_and_papers_without_a_vector_are_near_to_nothing() -> None:
    rows = directions(50)
    vectors = Vectors(np.arange(0, 100, 2), quantise(rows))
    mask = np.zeros(vectors.room, dtype=bool)
    mask[[4, 5, 8]] = True
    assert sorted(vectors.nearest(rows[0], 10, mask).tolist()) == [4, 8]
    assert vectors.cosines(rows[0], np.array([5, 999])).tolist() == [0, 0]
    assert vectors.has(np.array([4, 5, -1, 999])).tolist() == [True, False, False, False]
    assert np.allclose(np.linalg.norm(vectors.of([4, 5, -1]), axis=1), [1, 0, 0], atol=1e-5)


def test_without_any_vector_nothing_is_near() -> None:
    nothing = Vectors(np.zeros(0, np.int64), np.zeros((0, 64), np.int8))
    vector = directions(1)[0]
    assert nothing.nearest(vector, 5).tolist() == []
    assert nothing.cosines(vector, np.array([0])).tolist() == [0]
    assert nothing.moments.spread(vector)[1:] == (0.0, 0.0)


def test_the_mean_cosine_of_many_papers_is_nearly_exact() -> None:
    rows = directions(5_000)
    vectors = Vectors(np.arange(5_000), quantise(rows))
    exact = rows @ rows[0]
    assert vectors.moments.spread(rows[0]).mean == pytest.approx(float(exact.mean()), abs=0.02)


def test_a_stems_postings_are_looked_up_once() -> None:
    postings = Postings([Segment.of(ENTRIES)])
    postings.score(["video"])
    assert postings.having(["video"]).sum() == postings.holders("video") == 2
    assert postings.of.cache_info().misses == 1


def test_an_index_that_nobody_uses_leaves_the_memory_at_once() -> None:
    postings = Postings([Segment.of(ENTRIES)])
    postings.score(["video"])
    still_there = weakref.ref(postings)
    gc.disable()  # a cycle would be found by a collection alone
    try:
        del postings
        assert still_there() is None
    finally:
        gc.enable()
