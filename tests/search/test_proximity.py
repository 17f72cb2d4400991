"""Words that stand together: counted as a naive reading of the papers would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.proximity import IN_ORDER, NEAR, WINDOW, nearness, order_of, pairs_of
from bot.search.segment import K1, B

IDF = {"video": 1.0, "model": 2.0, "heat": 0.5}
stems = st.lists(st.sampled_from(["video", "model", "heat", "x", "y"]), max_size=30)


def naive(text: list[str], pair: tuple[str, str], average: float, size: int) -> float:
    left, right = pair
    beside = sum(text[i : i + 2] == [left, right] for i in range(len(text)))
    near = sum(word == left and right in text[max(i - WINDOW + 1, 0) : i + WINDOW] for i, word in enumerate(text))
    norm = K1 * (1 - B + B * size / average)
    idf = max(IDF[left], IDF[right])
    return sum(weight * idf * tf * (K1 + 1) / (tf + norm) for weight, tf in ((IN_ORDER, beside), (NEAR, near)))


@given(st.lists(stems, min_size=1, max_size=4))
def test_each_paper_gets_what_a_naive_count_gives_it(papers: list[list[str]]) -> None:
    pairs = pairs_of(["video", "model", "heat"], IDF)
    scores = nearness([order_of([], paper) for paper in papers], pairs, 10.0)
    for paper, score in zip(papers, scores, strict=True):
        expected = sum(
            naive(paper, pair, 10.0, len(paper) + WINDOW) for pair in (("video", "model"), ("model", "heat"))
        )
        assert float(score) == pytest.approx(expected, rel=1e-4)


def test_a_pair_does_not_stand_across_title_and_abstract_nor_across_papers() -> None:
    pairs = pairs_of(["video", "model"], IDF)
    orders = [order_of(["video"], ["model"]), order_of(["model"], [])]
    assert nearness(orders, pairs, 10.0).tolist() == [0, 0]
    assert nearness([order_of([], ["video"]), order_of(["model"], [])], pairs, 10.0).tolist() == [0, 0]


def test_nothing_comes_of_nothing() -> None:
    assert pairs_of(["video"], IDF) == pairs_of(["video", "video"], IDF) == {}
    assert nearness([b""], pairs_of(["video", "model"], IDF), 10.0).tolist() == [0]
    assert np.array_equal(nearness([], pairs_of(["video", "model"], IDF), 10.0), [])
