"""Latent semantic analysis: agreement with exact algebra, determinism, and empty matrices."""

from __future__ import annotations

import numpy as np
import pytest

from bot.ranking.lsa import LatentSpace, TermMatrix


def matrix(dense: np.ndarray) -> TermMatrix:
    papers, stems = np.nonzero(dense)
    weights = dense[papers, stems].astype(np.float32)
    return TermMatrix(papers.astype(np.int32), stems.astype(np.int32), weights, dense.shape)


def random_matrix(papers: int = 60, stems: int = 40) -> np.ndarray:
    dice = np.random.default_rng(1)
    topics = dice.random((papers, 5)) @ dice.random((5, stems))
    return np.where(dice.random((papers, stems)) < 0.5, topics, 0)


def test_a_sparse_product_equals_the_dense_one_also_transposed():
    dense, by_stem, by_paper = random_matrix(), np.eye(40, 7, dtype=np.float32) + 1, np.eye(60, 7, dtype=np.float32) - 2
    dense[3] = 0
    dense[:, 5] = 0
    assert matrix(dense).times(by_stem) == pytest.approx(dense @ by_stem, abs=1e-4)
    assert matrix(dense).transposed.times(by_paper) == pytest.approx(dense.T @ by_paper, abs=1e-4)


def test_a_long_matrix_is_multiplied_in_chunks(monkeypatch: pytest.MonkeyPatch):
    dense, right = random_matrix(), np.ones((40, 2), dtype=np.float32)
    monkeypatch.setattr("bot.ranking.lsa._CHUNK", 17)
    assert matrix(dense).times(right) == pytest.approx(dense @ right, abs=1e-4)


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
    space = LatentSpace(matrix(dense), 3)
    coordinates = dense @ exact.T
    coordinates /= np.linalg.norm(coordinates, axis=1, keepdims=True)
    assert space.rows @ space.rows.T == pytest.approx(coordinates @ coordinates.T, abs=0.02)


def test_a_paper_of_the_matrix_is_projected_to_its_own_coordinates_every_time():
    dense = random_matrix()
    space, again = LatentSpace(matrix(dense)), LatentSpace(matrix(dense))
    row = {int(stem): float(dense[4, stem]) for stem in np.nonzero(dense[4])[0]}
    assert space.project(row) == pytest.approx(space.rows[4], abs=1e-4)
    assert (space.rows == again.rows).all()
    assert np.linalg.norm(space.rows, axis=1) == pytest.approx(np.ones(60), abs=1e-4)


def test_rare_stems_are_left_out():
    dense = np.zeros((20, 30))  # stems at the end that no paper has
    dense[:, 0] = dense[:10, 1] = dense[10:, 2] = 1
    dense[0, 5] = 100
    space = LatentSpace(matrix(dense))
    assert space.rows[0] == pytest.approx(space.rows[1], abs=1e-4)
    assert space.project({0: 1.0}).any()
    assert not space.project({5: 1.0}).any()
    assert not space.project({29: 1.0}).any()


def test_a_stem_of_three_papers_is_frequent_and_a_dimension_needs_four_papers():
    dense = np.eye(40, 40) + 1e-3
    dense[:, 20:] = 0
    dense[:3, 38] = dense[:2, 39] = 1
    space = LatentSpace(matrix(dense))
    assert space.rows.shape == (40, 10)
    assert space.project({38: 1.0}).any()
    assert not space.project({39: 1.0}).any()
    assert LatentSpace(matrix(dense[:39])).rows.shape == (39, 9)
    assert LatentSpace(matrix(np.eye(300, 300) + 1)).rows.shape == (300, 64)


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 3), (3, 3), (8, 0)])
def test_too_few_papers_have_no_directions(shape: tuple[int, int]):
    space = LatentSpace(matrix(np.ones(shape)))
    assert space.rows.shape == (shape[0], 0)
    assert space.project({}).shape == (0,)
