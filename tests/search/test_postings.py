"""The lexical index: segments, and postings against a naive BM25."""

from __future__ import annotations

import gc
import math
import weakref
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.segment import PostingsEntry
from bot.search.postings import Postings, best
from bot.search.segment import DENSE_FROM, K1, NAME, TITLE_COUNTS, B, Segment
from bot.search.segment_file import DamagedSegmentError, to_bytes

ENTRIES = {
    1: PostingsEntry("video diffus", "video model train", "ada press", "#cat:cs #cat:cs.cl", 300.0),
    2: PostingsEntry("heat", "diffus heat heat heat", "bo column", "#cat:cs", 100.0),
    5: PostingsEntry("survey", "video video survey model model", "", "", 200.0),
    9: PostingsEntry("", "", "ada", "", 300.0),
}
WORDS = ("video", "heat", "model", "train", "survey", "ada", "模型", "\ud800")
words = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
fields = st.sampled_from(["", "#cat:cs", "#cat:cs #org:a"])
entries_of = st.builds(PostingsEntry, words, words, words, fields, st.just(0.0))
collections = st.dictionaries(st.integers(0, 40), entries_of, min_size=1, max_size=12)
STEMS = ("video", "heat", "train", "模型", NAME + "ada", "#cat:cs", "#org:a")


def naive(entries: Mapping[int, PostingsEntry], stem: str, average: float) -> dict[int, float]:
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


def many(count: int, seed: int = 5) -> dict[int, PostingsEntry]:
    """Papers with frequent and rare stems, so that some stems have rows."""
    random = np.random.default_rng(seed)
    stems = np.array([f"w{i}" for i in range(400)])
    share = 1 / np.arange(1, 401)
    share /= share.sum()
    return {
        int(number): PostingsEntry(
            " ".join(random.choice(stems, 4, p=share)),
            " ".join(random.choice(stems, 30, p=share)),
            "a press",
            "#cat:cs",
            float(number % 50),
        )
        for number in random.choice(count * 3 // 2, count, replace=False)
    }


@given(collections, st.sampled_from(["video", "heat", "model"]))
def test_scores_are_bm25_within_two_steps_of_a_byte(entries: dict[int, PostingsEntry], stem: str) -> None:
    """One step is what a byte rounds, and one what an average rounds to 2 %."""
    postings = Postings([Segment.of(entries)])
    scores = postings.score([stem])
    step = postings.idf(postings.holders(stem)) * (K1 + 1) / 255
    for number, expected in naive(entries, stem, postings.average).items():
        assert float(scores[number]) == pytest.approx(expected, abs=step + 1e-6)


@given(collections, collections, collections)
def test_several_segments_answer_as_one_and_of_a_paper_in_several_the_last_counts(
    oldest: dict[int, PostingsEntry], older: dict[int, PostingsEntry], newer: dict[int, PostingsEntry]
) -> None:
    segments = [Segment.of(each) for each in (oldest, older, newer)]
    separate = Postings(segments)
    entries = oldest | older | newer
    whole, merged = Postings([Segment.of(entries)]), Postings([Segment.merged(segments)])
    assert separate.papers == whole.papers == len(entries)
    assert separate.average == whole.average
    numbers = np.arange(-1, whole.room + 2)
    for stem in STEMS:
        assert separate.holders(stem) == whole.holders(stem) == merged.holders(stem)
        assert merged.score([stem]).tolist() == whole.score([stem]).tolist()
        step = 2 * whole.idf(whole.holders(stem)) * (K1 + 1) / 255
        assert np.allclose(separate.score([stem]), whole.score([stem]), atol=2 * step)
        assert separate.having([stem]).tolist() == whole.having([stem]).tolist()
    for alternatives in ([("video", "heat")], [("video",), ("heat", "model")], [()], [("nowhere",)]):
        having = whole.having_any(alternatives)
        assert separate.having_any(alternatives).tolist() == having.tolist()
        inside = np.isin(numbers, np.flatnonzero(having))
        assert separate.has_any(alternatives, numbers).tolist() == inside.tolist()
    assert sorted(filter(separate.holders, separate.vocabulary())) == sorted(whole.vocabulary())
    assert sorted(merged.vocabulary()) == sorted(whole.vocabulary())


@given(collections, collections)
def test_a_merged_segment_is_the_segment_of_all_entries(
    older: dict[int, PostingsEntry], newer: dict[int, PostingsEntry]
) -> None:
    merged = Segment.merged([Segment.of(older), Segment.of(newer)], 7.0)
    assert bytes(merged.to_bytes()) == bytes(Segment.of(older | newer, 7.0).to_bytes())


@given(collections, st.lists(st.integers(0, 45)))
def test_a_segment_without_some_papers_is_the_segment_of_the_others(
    entries: dict[int, PostingsEntry], removed: list[int]
) -> None:
    segment = Segment.of(entries, 7.0).without(np.array(removed, np.int64))
    rest = {number: entry for number, entry in entries.items() if number not in removed}
    assert bytes(segment.to_bytes()) == bytes(Segment.of(rest, 7.0).to_bytes())


@given(collections)
def test_a_segment_comes_back_from_its_bytes(entries: dict[int, PostingsEntry]) -> None:
    segment = Segment.of(entries)
    again = Segment.from_bytes(segment.to_bytes())
    assert bytes(again.to_bytes()) == bytes(segment.to_bytes())
    assert again.average == segment.average
    assert Postings([again]).score(["video"]).tolist() == Postings([segment]).score(["video"]).tolist()


def test_bytes_of_something_else_are_no_segment() -> None:
    data = bytes(Segment.of(ENTRIES).to_bytes())
    other = to_bytes({"numbers": np.zeros(3, np.int32)}, {"average": 1.0})
    for damaged in (b"", b"PBINDEX0" + data[8:], data[:-1], bytes(other), bytes(to_bytes({}, {}))):
        with pytest.raises(DamagedSegmentError):
            Segment.from_bytes(damaged)


def test_names_and_fields_are_not_words_and_a_paper_without_words_scores_nothing() -> None:
    postings = Postings([Segment.of(ENTRIES)])
    assert postings.holders("ada") == 0
    assert np.flatnonzero(postings.having([NAME + "ada"])).tolist() == [1, 9]
    assert np.flatnonzero(postings.having(["#cat:cs"])).tolist() == [1, 2]
    assert postings.score(["video", "heat"])[9] == 0
    assert Segment.of(ENTRIES).lengths.tolist() == [9, 7, 8, 0]
    assert {"video", "#cat:cs", "@ada"} <= set(postings.vocabulary())


def test_an_empty_index_answers_with_nothing() -> None:
    for postings in (Postings([]), Postings([Segment.of({})]), Postings([Segment.merged([])])):
        assert postings.score(["video"]).tolist() == []
        assert postings.having(["video"]).tolist() == postings.having([]).tolist() == []
        assert postings.has_any([("video",)], np.array([0, 3])).tolist() == [False, False]
        assert list(postings.newest(postings.having([]))) == []
        assert (list(postings.vocabulary()), len(postings.vocabulary())) == ([], 0)
        assert (postings.papers, postings.room) == (0, 0)


def test_frequent_stems_have_rows_and_score_as_others_do() -> None:
    entries = many(DENSE_FROM * 2)
    segment = Segment.of(entries)
    assert 0 < len(segment.dense_stems) < len(segment.keys)
    whole = Postings([segment])
    small = [{n: entries[n] for n in entries if n % 8 == part} for part in range(8)]
    separate = Postings([Segment.of(each, whole.average) for each in small])
    assert not any(len(block.segment.dense_stems) for block in separate.blocks)
    for stem in ("w0", "w1", "w50", "#cat:cs", NAME + "press"):
        assert np.allclose(whole.score([stem, stem]), separate.score([stem, stem]))
        assert whole.having([stem, "w2"]).tolist() == separate.having([stem, "w2"]).tolist()
    numbers = np.arange(whole.room + 3)
    alternatives = [("w0", "w1"), ("w50",)]
    assert whole.has_any(alternatives, numbers).tolist() == separate.has_any(alternatives, numbers).tolist()
    assert whole.work("w0") < separate.work("w0") == whole.holders("w0")


def test_a_newer_entry_of_a_paper_counts_in_rows_too() -> None:
    entries = many(DENSE_FROM)
    number = next(iter(entries))
    newer = {number: PostingsEntry("", "something else", "", "", 1e9)}
    separate, whole = Postings([Segment.of(entries), Segment.of(newer)]), Postings([Segment.of(entries | newer)])
    for stem in ("w0", "w1", "els", "else"):
        assert separate.holders(stem) == whole.holders(stem)
        assert separate.having([stem]).tolist() == whole.having([stem]).tolist()
        assert np.flatnonzero(separate.score([stem])).tolist() == np.flatnonzero(whole.score([stem])).tolist()
    assert separate.score(["w0"])[number] == 0
    assert next(iter(separate.newest(separate.having([]))))[0] == number


def test_a_very_long_paper_saturates() -> None:
    entries = {3: PostingsEntry("word " * 10_000, "long " * 100_000, "", "#cat:cs"), 4: ENTRIES[1]}
    segment = Segment.of(entries)
    assert segment.lengths.tolist() == [65_535, 9]
    assert segment.counts.max() == 255
    assert np.isfinite(Postings([segment]).score(["word", "long"])).all()


def test_the_newest_papers_come_first_and_of_equal_ones_the_highest_number() -> None:
    entries = many(3_000)
    postings = Postings([Segment.of(entries)])
    expected = sorted(entries, key=lambda number: (-entries[number].age_at, -number))
    for few in (1, 10, 100, 10_000):
        parts = list(postings.newest(postings.having([]), few))
        assert np.concatenate(parts).tolist() == expected
        assert len(parts) > 1 or few > 1_000
    mask = np.zeros(postings.room, dtype=bool)
    mask[expected[7]] = mask[expected[2_000]] = True
    assert np.concatenate(list(postings.newest(mask))).tolist() == [expected[7], expected[2_000]]


@given(st.lists(st.integers(0, 6), max_size=300), st.integers(1, 40), st.integers(1, 3))
def test_the_best_scores_are_the_highest_and_of_equal_ones_the_highest_numbers(
    steps: list[int], count: int, repeated: int
) -> None:
    scores = np.array(steps * repeated, np.float32)
    expected = sorted(np.flatnonzero(scores).tolist(), key=lambda number: (-scores[number], -number))[:count]
    assert best(scores, count).tolist() == sorted(expected)


def test_the_best_of_many_are_found_by_a_sample() -> None:
    random = np.random.default_rng(1)
    rare = np.where(random.random(300_000) < 0.001, random.random(300_000), 0)
    for scores in (random.random(300_000), np.round(random.random(300_000) * 9), rare, np.sort(random.random(300_000))):
        exact = np.lexsort((np.arange(300_000), scores))[-300:]
        exact = exact[scores[exact] > 0]
        assert best(scores.astype(np.float32), 300).tolist() == sorted(exact.tolist())


def test_new_papers_leave_what_was_worked_out_before_as_long_as_the_average_hardly_moves() -> None:
    first = Segment.of(dict.fromkeys(range(500), ENTRIES[1]))
    before = Postings([first])
    after = Postings([first, Segment.of({500: ENTRIES[1]})], before=before)
    assert after.blocks[0].impacts is before.blocks[0].impacts is first.impacts
    words_before = before.vocabulary()
    assert Postings([first, Segment.of({500: ENTRIES[2]})], before=before).vocabulary() is words_before
    other = Postings([first, Segment.of({500: PostingsEntry("", "word " * 60_000, "")})], before=before)
    assert other.blocks[0].impacts is not first.impacts
    again = Postings(
        [first, Segment.of({500: PostingsEntry("", "word " * 60_000, "")}), Segment.of({501: ENTRIES[1]})], before=other
    )
    assert again.blocks[0].impacts is other.blocks[0].impacts


def test_a_stems_postings_are_looked_up_once() -> None:
    postings = Postings([Segment.of(ENTRIES)])
    postings.look_up(["diffus", "video"])
    video = postings.of("video")
    assert postings.having(["video"]).sum() == postings.holders("video") == 2
    assert postings.of("video") is video
    for number in range(3_000):
        postings.holders(f"unknown{number}")
    assert postings.of("video") is not video, "the cache is bounded"
    assert postings.holders("video") == 2


def test_an_index_that_nobody_uses_leaves_the_memory_at_once() -> None:
    postings = Postings([Segment.of(ENTRIES)])
    postings.score(["video"])
    postings.vocabulary()
    still_there = weakref.ref(postings)
    gc.disable()  # a cycle would be found by a collection alone
    try:
        del postings
        assert still_there() is None
    finally:
        gc.enable()
