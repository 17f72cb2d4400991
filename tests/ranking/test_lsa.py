"""Latent directions: what exact algebra says, the same every time, and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from bot.ranking.lsa import LatentSpace, TermMatrix


def table(dense: np.ndarray) -> TermMatrix:
    papers, stems = np.nonzero(dense)
    weights = dense[papers, stems].astype(np.float32)
    return TermMatrix(papers.astype(np.int32), stems.astype(np.int32), weights, dense.shape)


def some(papers: int = 60, stems: int = 40) -> np.ndarray:
    dice = np.random.default_rng(1)
    topics = dice.random((papers, 5)) @ dice.random((5, stems))
    return np.where(dice.random((papers, stems)) < 0.5, topics, 0)


def test_a_product_is_the_dense_one_both_ways_round():
    dense, right, left = some(), np.eye(40, 7, dtype=np.float32) + 1, np.eye(60, 7, dtype=np.float32) - 2
    dense[3] = 0
    dense[:, 5] = 0
    assert table(dense).times(right) == pytest.approx(dense @ right, abs=1e-4)
    assert table(dense).turned.times(left) == pytest.approx(dense.T @ left, abs=1e-4)


def test_a_long_table_is_worked_on_piece_by_piece(monkeypatch: pytest.MonkeyPatch):
    dense, right = some(), np.ones((40, 2), dtype=np.float32)
    monkeypatch.setattr("bot.ranking.lsa._AT_ONCE", 17)
    assert table(dense).times(right) == pytest.approx(dense @ right, abs=1e-4)


def test_the_directions_are_those_of_the_exact_decomposition():
    dense, dice = np.zeros((200, 36)), np.random.default_rng(2)
    for papers, stems in (
        (slice(0, 100), slice(0, 12)),
        (slice(100, 160), slice(12, 24)),
        (slice(160, 200), slice(24, 36)),
    ):
        dense[papers, stems] = 1 + dice.random(dense[papers, stems].shape)
    dense[:, ::7] += 0.2
    exact = np.linalg.svd(dense, full_matrices=False)[2][:3]
    found = LatentSpace(table(dense), 3)
    coordinates = dense @ exact.T
    coordinates /= np.linalg.norm(coordinates, axis=1, keepdims=True)
    assert found.rows @ found.rows.T == pytest.approx(coordinates @ coordinates.T, abs=0.02)


def test_a_paper_of_the_table_lies_where_its_words_put_it_and_always_the_same():
    dense = some()
    found, again = LatentSpace(table(dense)), LatentSpace(table(dense))
    row = {int(stem): float(dense[4, stem]) for stem in np.nonzero(dense[4])[0]}
    assert found.of(row) == pytest.approx(found.rows[4], abs=1e-4)
    assert (found.rows == again.rows).all()
    assert np.linalg.norm(found.rows, axis=1) == pytest.approx(np.ones(60), abs=1e-4)


def test_rare_stems_keep_no_company():
    dense = np.zeros((20, 6))
    dense[:, 0] = dense[:10, 1] = dense[10:, 2] = 1
    dense[0, 5] = 100
    found = LatentSpace(table(dense))
    assert found.rows[0] == pytest.approx(found.rows[1], abs=1e-4)
    assert not found.of({5: 1.0}).any()


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 3), (3, 3)])
def test_of_too_few_papers_there_are_no_directions(shape: tuple[int, int]):
    found = LatentSpace(table(np.ones(shape)))
    assert found.rows.shape == (shape[0], 0)
    assert found.of({}).shape == (0,)
