"""Papers like a given one, by its most distinctive stems and by meaning; for `like:` and `/papers similar`."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import embedding_text
from bot.model import Paper
from bot.model.segment import PostingsEntry
from bot.query.semantic import LIKE_IN_SEARCH, matches
from bot.search.cost import NUMBER, TEXT, Meter, per_alternative
from bot.search.postings import Postings, best
from bot.search.segment import stem_counts
from bot.search.segments import index_entry
from bot.search.snapshot import SnapshotCache
from bot.store import IndexView

STEMS = 40
"""Most distinctive stems of a paper, by which others are scored; with fewer the neighbours are worse (README)."""
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
    """Numbers of papers like one and their closeness, best first; and the distinctive stems of that one."""

    numbers: NDArray[np.int64]
    closeness: NDArray[np.float64]
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
    near = (closeness >= LEAST) & (numbers != view.numbers_of([paper.id]).get(paper.id, -1))
    order = np.lexsort((numbers[near], -closeness[near]))
    return SimilarPapers(numbers[near][order], closeness[near][order], stems[:STEMS_SHOWN])


def alike(similar: SimilarPapers) -> dict[int, float]:
    """Closeness of the neighbours that match `like:`, by number, best first."""
    matched = matches(LIKE_IN_SEARCH, np.zeros(len(similar.closeness)), similar.closeness)
    return dict(zip(similar.numbers[matched].tolist(), similar.closeness[matched].tolist(), strict=True))


def read_page(view: IndexView, postings: Postings, similar: SimilarPapers, page: slice) -> tuple[list[Neighbour], bool]:
    """A page of neighbours, and whether there are more. Only they are read: reading all two hundred took 100 ms."""
    numbers = similar.numbers[: page.stop + 1]
    stored = view.ids(numbers.tolist())
    if len(stored) < len(numbers):  # papers were removed since their segment was made
        numbers = similar.numbers
        stored = view.ids(numbers.tolist())
    closeness = dict(zip(similar.numbers.tolist(), similar.closeness.tolist(), strict=True))
    shown = [number for number in numbers.tolist() if number in stored]
    papers = view.papers_by_number(shown[page])
    having = {stem: postings.has_any([(stem,)], np.array(shown[page], dtype=np.int64)) for stem in similar.stems}
    page_of = [
        Neighbour(papers[number], closeness[number], tuple(stem for stem, have in having.items() if have[at]))
        for at, number in enumerate(shown[page])
    ]
    return page_of, len(shown) > page.stop


def _distinctive(postings: Postings, bag: Counter[str]) -> list[str]:
    """Stems of a paper by weight, highest first, without the too common ones and those that no paper has.

    The weight has the idf of BM25, by which the stems are scored afterwards.
    """
    postings.look_up(bag)
    holders = {stem: postings.holders(stem) for stem in bag}
    most = max(postings.papers * TOO_COMMON, 3)
    weights = {
        stem: (1 + np.log(tf)) * postings.idf(holders[stem]) for stem, tf in bag.items() if 0 < holders[stem] <= most
    }
    return sorted(weights, key=lambda stem: (-weights[stem], stem))[:STEMS]


def _text_of(paper: Paper) -> PostingsEntry:
    """Title and abstract alone: who wrote a paper tells not what it is like."""
    return index_entry(paper).postings._replace(authors="", fields="")
