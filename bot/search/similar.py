"""Papers like a given one, by its most distinctive stems and by meaning; for `like:` and `/papers similar`."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from bot.embeddings import embedding_text
from bot.model import Paper
from bot.model.segment import PostingsEntry
from bot.query.semantic import LIKE_IN_SEARCH, matches
from bot.search.cost import NUMBER, TEXT, Meter, per_alternative
from bot.search.postings import Postings, best
from bot.search.segment import stem_counts
from bot.search.segments import index_entry
from bot.search.snapshot import SnapshotCache
from bot.store.protocols import IndexView

STEMS = 40
"""Most distinctive stems of a paper, by which others are scored."""
STEMS_SHOWN = 12
"""Those of them that are shown where a neighbour shares them."""
CANDIDATES = 200
"""Papers with the highest scores, and as many with the nearest vectors."""
TOO_COMMON = 0.2
"""Share of all papers above which a stem is too common to be distinctive."""
LEAST = 0.1
"""Closeness of a neighbour at least: any two papers have a little in common."""


class Neighbour(NamedTuple):
    """A paper like another: its closeness, 0 to 1, and the distinctive stems that both have."""

    paper: Paper
    closeness: float
    stems: tuple[str, ...]


class SimilarPapers(NamedTuple):
    """Ids of papers like one and their closeness, best first; and the distinctive stems of that one."""

    order: list[tuple[str, float]]
    stems: list[str]


def neighbours(view: IndexView, cache: SnapshotCache, paper: Paper, meter: Meter | None = None) -> SimilarPapers:
    """Papers most like one, which is left out. Raises QueryError where that is more than a search may cost.

    Closeness: the share of the BM25 of its stems that the other has, and the cosine above the mean, weighed as in
    search.
    """
    snapshot, embedder = cache.current(view), cache.embedder
    postings, vectors = snapshot.postings, snapshot.vectors
    if meter is not None:
        meter.charge(TEXT)
    bag = stem_counts(_text_of(paper))
    stems = _distinctive(postings, bag)
    if meter is not None:
        meter.charge(sum(map(postings.work, stems)) + per_alternative(snapshot.room) + NUMBER * CANDIDATES)
    scores = postings.score(stems)
    vector = embedder.embed([embedding_text(paper.title, paper.abstract)])[0]
    numbers = best(scores, CANDIDATES)
    by_meaning = vector.any() and vectors.papers
    if by_meaning:
        numbers = np.union1d(numbers, vectors.nearest(vector, CANDIDATES))
    shares = scores.take(numbers, mode="clip") / (postings.score_of(bag, stems) or 1.0) if len(scores) else 0.0
    closeness = np.where(numbers < postings.room, np.minimum(shares, 1.0), 0.0)
    if by_meaning:
        mean = vectors.moments.spread(vector).mean
        above = np.maximum(vectors.cosines(vector, numbers) - mean, 0) / max(1 - mean, 1e-6)
        closeness = (1 - embedder.dense_weight) * closeness + embedder.dense_weight * above
    near = {int(number): float(each) for number, each in zip(numbers, closeness, strict=True) if each >= LEAST}
    order = [(paper_id, near[number]) for number, paper_id in view.ids(near).items() if paper_id != paper.id]
    return SimilarPapers(sorted(order, key=lambda pair: (-pair[1], pair[0])), stems[:STEMS_SHOWN])


def alike(similar: SimilarPapers) -> dict[str, float]:
    """Closeness of the neighbours that match `like:`, by id."""
    closeness = np.array([each for _, each in similar.order])
    matched = matches(LIKE_IN_SEARCH, np.zeros(len(closeness)), closeness)
    return {paper_id: each for (paper_id, each), match in zip(similar.order, matched, strict=True) if match}


def read_page(view: IndexView, postings: Postings, similar: SimilarPapers, page: slice) -> list[Neighbour]:
    """A page of neighbours; only they are read, because reading all two hundred took 100 ms."""
    closeness = dict(similar.order[page])
    papers = view.papers(closeness)
    ids = [paper_id for paper_id in closeness if paper_id in papers]  # a merge may have removed it meanwhile
    numbered = view.numbers_of(ids)
    numbers = np.array([numbered.get(paper_id, -1) for paper_id in ids], dtype=np.int64)
    having = {stem: postings.has_any([(stem,)], numbers) for stem in similar.stems}
    return [
        Neighbour(papers[paper_id], closeness[paper_id], tuple(stem for stem, have in having.items() if have[at]))
        for at, paper_id in enumerate(ids)
    ]


def _distinctive(postings: Postings, bag: Counter[str]) -> list[str]:
    """Stems of a paper by weight, highest first, without the too common ones and those that no paper has.

    The weight has the idf of BM25, by which the stems are scored afterwards.
    """
    holders = {stem: postings.holders(stem) for stem in bag}
    most = max(postings.papers * TOO_COMMON, 3)
    weights = {
        stem: (1 + np.log(tf)) * postings.idf(holders[stem]) for stem, tf in bag.items() if 0 < holders[stem] <= most
    }
    return sorted(weights, key=lambda stem: (-weights[stem], stem))[:STEMS]


def _text_of(paper: Paper) -> PostingsEntry:
    """Title and abstract alone: who wrote a paper tells not what it is like."""
    return index_entry(paper).postings._replace(authors="", fields="")
