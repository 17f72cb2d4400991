"""Papers like a given one: close in meaning, and with its most telling stems. `like:` and `/papers similar`."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder, embedding_text
from bot.model import Paper
from bot.model.segment import PostingsEntry
from bot.query.semantic import LIKE_IN_SEARCH, matches
from bot.search.index import index_entry
from bot.search.postings import stem_counts
from bot.search.snapshot import Snapshot
from bot.store.protocols import IndexView

TELLING = 40
"""Stems that are looked for, the most telling."""
NAMED = 12
"""Stems of these that are shown where a neighbour shares them."""
CANDIDATES = 200
TOO_COMMON = 0.2
"""Share of all papers above which a stem is too common to find anything by."""
LEAST = 0.1
"""Closeness under which two papers have no more in common than being papers."""


class Neighbour(NamedTuple):
    """A paper like another: how close, 0 to 1, and the telling stems they share."""

    paper: Paper
    closeness: float
    stems: tuple[str, ...]


class SimilarPapers(NamedTuple):
    """Papers like one: ids and closeness, best first; and the stems that they may share."""

    order: list[tuple[str, float]]
    stems: list[str]


def neighbours(view: IndexView, snapshot: Snapshot, embedder: Embedder, paper: Paper) -> SimilarPapers:
    """The papers most like this one, itself left out.

    Closeness is the share of its stems' BM25 that the other has, and the cosine above the mean one, weighed as in
    search.
    """
    postings, vectors = snapshot.postings, snapshot.vectors
    bag = stem_counts(PostingsEntry(*index_entry(paper)[:2], ""))
    telling = _telling(snapshot, bag)
    shares = postings.score(telling) / (postings.score_of(bag, telling) or 1.0)
    vector = embedder.embed([embedding_text(paper.title, paper.abstract)])[0]
    numbers = _best(shares)
    by_meaning = vector.any() and vectors.papers
    if by_meaning:
        numbers = np.union1d(numbers, vectors.nearest(vector, CANDIDATES))
    padded = np.pad(shares, (0, max(snapshot.room - len(shares), 0)))
    closeness = np.minimum(padded[numbers], 1.0)
    if by_meaning:
        mean = vectors.moments.spread(vector).mean
        above = np.maximum(vectors.cosines(vector, numbers) - mean, 0) / max(1 - mean, 1e-6)
        closeness = (1 - embedder.dense_weight) * closeness + embedder.dense_weight * above
    near = {int(number): float(each) for number, each in zip(numbers, closeness, strict=True) if each >= LEAST}
    named = [(paper_id, near[number]) for number, paper_id in view.ids(near).items() if paper_id != paper.id]
    return SimilarPapers(sorted(named, key=lambda pair: (-pair[1], pair[0])), telling[:NAMED])


def alike(similar: SimilarPapers) -> dict[str, float]:
    """The neighbours that match `like:`, and their closeness."""
    closeness = np.array([each for _, each in similar.order])
    matched = matches(LIKE_IN_SEARCH, np.zeros(len(closeness)), closeness)
    return {paper_id: each for (paper_id, each), match in zip(similar.order, matched, strict=True) if match}


def read_page(view: IndexView, similar: SimilarPapers, page: slice) -> list[Neighbour]:
    """A page of neighbours with what they share; reading all two hundred for the eight of a page took 100 ms."""
    closeness = dict(similar.order[page])
    papers = view.papers(closeness)
    return [
        Neighbour(papers[paper_id], each, _shared(papers[paper_id], similar.stems))
        for paper_id, each in closeness.items()
        if paper_id in papers  # a merge may have removed it meanwhile
    ]


def _best(shares: NDArray[np.float32]) -> NDArray[np.int64]:
    """The papers with the largest shares above 0, of equal ones the first."""
    least = np.partition(shares, -CANDIDATES)[-CANDIDATES] if len(shares) > CANDIDATES else 0.0
    numbers = np.flatnonzero((shares >= least) & (shares > 0))
    return numbers[np.argsort(-shares[numbers], kind="stable")][:CANDIDATES]


def _telling(snapshot: Snapshot, bag: Counter[str]) -> list[str]:
    """The stems of a paper by weight, the most telling first, without the too common and those no other paper has.

    Weighed by BM25's idf, as they are scored by BM25 afterwards.
    """
    holders = {stem: snapshot.postings.holders(stem) for stem in bag}
    most = max(snapshot.postings.papers * TOO_COMMON, 3)
    useful = [stem for stem in bag if 0 < holders[stem] <= most]
    weights = {stem: (1 + np.log(bag[stem])) * snapshot.postings.idf(holders[stem]) for stem in useful}
    return sorted(useful, key=lambda stem: (-weights[stem], stem))[:TELLING]


def _shared(other: Paper, telling: list[str]) -> tuple[str, ...]:
    stems = set(" ".join(index_entry(other)[:2]).split())
    return tuple(stem for stem in telling if stem in stems)
