"""How well a rule tells that two papers are close: the pairs of `judged_pairs.csv`, half of which chose the threshold.

The pairs are Daily Papers of May 2024 to August 2025: a paper, and one listed before it. Some are the nearest or
nearly so by vectors, words, titles or keywords, of all papers of a year or of sixty; others share a rare word of the
title, or the category. They were read twice before any rule was tried: the title and 400 characters of the abstract
(110 of those drawn by a word or the category), then in another order and the other way round the title with the
abstract's beginning and end (of the latter the title alone). Would somebody who liked the earlier one want to be told
“close to” it, because both work on the same specific task? Both readings are by one language model, and no person has
judged them.
"""

from __future__ import annotations

import csv
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot import embeddings
from bot.digest.memory import CLOSE, Closeness
from bot.embeddings import embedding_text
from bot.model import Paper
from bot.query.matcher import bag_of
from bot.text.tfidf import TfIdf
from tests.bench.figures import Row
from tests.bench.scale import Scale
from tests.bench.topic_families import paper_of, read_rows
from tests.harness.recordings import DATA

SUBJECT = "closeness"
PRECISION, RECALL = 0.9, 0.5
"""Aimed at."""
CANDIDATES = 1_000
"""Papers whose words are weighed by, as many as a shortlist has; the latest of those that the pairs are of."""


@dataclass(frozen=True)
class Pairs:
    """What rules make of the judged pairs, and what the readings did."""

    scores: dict[str, NDArray[np.float64]]
    close: NDArray[np.bool_]
    second_half: NDArray[np.bool_]


def measure(_scale: Scale) -> Iterator[Row]:
    """Precision and recall of each rule on the half that chose the threshold, and of ours on the other."""
    pairs = read_pairs(DATA)
    if pairs is None:
        yield Row(SUBJECT, "judged pairs", f"no data in {DATA}")
        return
    yield Row(SUBJECT, "judged pairs: close, not close", f"{pairs.close.sum()}, {(~pairs.close).sum()}")
    for rule, scores in pairs.scores.items():
        chosen = scores[~pairs.second_half], pairs.close[~pairs.second_half]
        figure = f"{recall_at(*chosen, PRECISION):.2f}, {precision_at(*chosen, RECALL):.2f}"
        yield Row(SUBJECT, f"first half, {rule}: recall at precision 0.9, precision at recall 0.5", figure)
    ours = pairs.scores["vectors + words"]
    for half, name in ((~pairs.second_half, "first half"), (pairs.second_half, "second half, looked at once")):
        told, close = ours[half] >= CLOSE, pairs.close[half]
        right = int((told & close).sum())
        figure = f"{right / told.sum():.2f} ({right} of {told.sum()}), {right / close.sum():.2f}"
        yield Row(SUBJECT, f"{name}, threshold {CLOSE}: precision, recall", figure, f"{PRECISION}, {RECALL}")


def read_pairs(data: Path) -> Pairs | None:
    """The pairs with the scores of each rule; None without the papers."""
    rows = read_rows(data)
    if rows is None:
        return None
    papers = {row["id"]: paper_of(row) for row in sorted(rows.listed, key=lambda row: str(row["list_date"]))}
    table = Path(__file__).with_name("judged_pairs.csv").read_text(encoding="utf-8").splitlines()
    judged = [(papers[row["new"]], papers[row["earlier"]], row["close"] == "1") for row in csv.DictReader(table)]
    both = {paper.id: paper for new, earlier, _ in judged for paper in (new, earlier)}
    corpus = [paper for paper_id, paper in papers.items() if paper_id in both][-CANDIDATES:]
    vectors, closeness = _vectors(list(both.values())), Closeness([bag_of(paper) for paper in corpus])
    titles = TfIdf([bag_of(Paper(paper.id, paper.title)) for paper in corpus])
    cosines = np.array([float(vectors[new.id] @ vectors[old.id]) for new, old, _ in judged])
    words = np.array([closeness.words(new, old) for new, old, _ in judged])
    by_title = np.array([_title_cosine(titles, new, old) for new, old, _ in judged])
    scores = {"titles": by_title, "vectors": cosines, "words": words, "vectors + words": cosines + words}
    halves = np.array([zlib.crc32(new.id.encode()) % 2 == 1 for new, *_ in judged])
    return Pairs(scores, np.array([each for *_, each in judged]), halves)


def recall_at(scores: NDArray[np.float64], close: NDArray[np.bool_], precision: float) -> float:
    """The most recall at which the precision is still this much; 0 where it never is."""
    precisions, recalls = _curve(scores, close)
    enough = precisions >= precision
    return float(recalls[enough].max()) if enough.any() else 0.0


def precision_at(scores: NDArray[np.float64], close: NDArray[np.bool_], recall: float) -> float:
    """The precision where the recall first is this much."""
    precisions, recalls = _curve(scores, close)
    return float(precisions[np.argmax(recalls >= recall)])


def _curve(scores: NDArray[np.float64], close: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Precision and recall after each pair, the closest first."""
    hits = np.cumsum(close[np.argsort(-scores, kind="stable")])
    return hits / np.arange(1, len(hits) + 1), hits / close.sum()


def _vectors(papers: list[Paper]) -> dict[str, NDArray[np.float32]]:
    embedder = embeddings.load(os.environ.get("PAPERBOY_EMBEDDINGS", embeddings.DEFAULT))
    rows = embedder.embed([embedding_text(paper.title, paper.abstract) for paper in papers])
    return {paper.id: row for paper, row in zip(papers, rows, strict=True)}


def _title_cosine(weights: TfIdf, one: Paper, other: Paper) -> float:
    first, second = (Counter(bag_of(Paper(paper.id, paper.title))) for paper in (one, other))
    row, others = weights.vector(first), weights.vector(second)
    return sum(weight * others.get(stem, 0.0) for stem, weight in row.items())
