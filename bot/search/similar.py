"""Papers like a given one: close in meaning, and with the stems that tell most about it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bot.embeddings import embedding_text
from bot.model.segment import PostingsEntry
from bot.search.index import index_entry
from bot.search.postings import stem_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.embeddings import Embedder
    from bot.model import Paper
    from bot.search.snapshot import Snapshot
    from bot.store.protocols import IndexView

TELLING = 40
"""Stems that are looked for, the most telling."""
NAMED = 12
"""Of these, shared ones are shown."""
CANDIDATES = 200
TOO_COMMON = 0.2
"""A stem in more than this share of all papers finds everything, so it finds nothing."""
LEAST = 0.1
"""Closeness under which two papers have no more in common than being papers."""
LIKE = 0.25
"""Closeness from which `like:` takes a paper."""


class Neighbour(NamedTuple):
    """A paper like another: how close, 0 to 1, and the telling stems they share."""

    paper: Paper
    closeness: float
    stems: tuple[str, ...]


class Near(NamedTuple):
    """The ids of papers like one and how close they are, best first; the stems of which they may share some."""

    order: list[tuple[str, float]]
    stems: list[str]


def neighbours(view: IndexView, held: Snapshot, embedder: Embedder, paper: Paper) -> Near:
    """Which papers are most like this one, itself left out.

    Closeness is the share of its stems' BM25 that the other has, and the cosine above what is usual, weighed as in
    search.
    """
    bag = _bag(paper)
    telling = _telling(held, bag)
    shares = held.postings.score(telling) / (held.postings.score_of(bag, telling) or 1.0)
    vector = embedder.embed([embedding_text(paper.title, paper.abstract)])[0]
    meant = vector.any() and held.vectors.papers
    numbers = _best(shares)
    if meant:
        numbers = np.union1d(numbers, held.vectors.nearest(vector, CANDIDATES))
    said = (
        np.where(numbers < len(shares), shares[np.minimum(numbers, max(len(shares) - 1, 0))], 0) if len(shares) else 0
    )
    closeness = np.minimum(said, 1.0)
    if meant:
        usual = held.vectors.moments.spread(vector).mean
        near = np.maximum(held.vectors.cosines(vector, numbers) - usual, 0) / max(1 - usual, 1e-6)
        closeness = (1 - embedder.dense_weight) * closeness + embedder.dense_weight * near
    kept = np.flatnonzero(closeness >= LEAST)
    return Near(_named(view, paper, {int(numbers[at]): float(closeness[at]) for at in kept}), telling[:NAMED])


def like(near: Near) -> dict[str, float]:
    """The neighbours that `like:` means."""
    return {paper_id: closeness for paper_id, closeness in near.order if closeness >= LIKE}


def read(view: IndexView, near: Near, page: slice) -> list[Neighbour]:
    """Some of them, with what they share: to read all two hundred for the eight of a page took a tenth of a second."""
    wanted = dict(near.order[page])
    papers = view.papers(wanted)
    return [
        Neighbour(papers[paper_id], closeness, _shared(papers[paper_id], near.stems))
        for paper_id, closeness in wanted.items()
        if paper_id in papers  # a merge may have taken it meanwhile
    ]


def _best(shares: NDArray[np.float32]) -> NDArray[np.int64]:
    """The papers with the largest shares above none, of equal ones the first."""
    least = np.partition(shares, -CANDIDATES)[-CANDIDATES] if len(shares) > CANDIDATES else 0.0
    numbers = np.flatnonzero((shares >= least) & (shares > 0))
    return numbers[np.argsort(-shares[numbers], kind="stable")][:CANDIDATES]


def _telling(held: Snapshot, bag: Counter[str]) -> list[str]:
    """Its stems by tf-idf, the most telling first; not those that are everywhere, nor those nobody else has."""
    holders = {stem: held.postings.holders(stem) for stem in bag}
    most = max(held.postings.papers * TOO_COMMON, 3)
    useful = [stem for stem in bag if 0 < holders[stem] <= most]
    weights = {stem: (1 + np.log(bag[stem])) * held.postings.idf(holders[stem]) for stem in useful}
    return sorted(useful, key=lambda stem: (-weights[stem], stem))[:TELLING]


def _bag(paper: Paper) -> Counter[str]:
    return stem_counts(PostingsEntry(*index_entry(paper)[:2], ""))


def _named(view: IndexView, paper: Paper, found: dict[int, float]) -> list[tuple[str, float]]:
    near = [(paper_id, found[number]) for number, paper_id in view.ids(found).items() if paper_id != paper.id]
    return sorted(near, key=lambda pair: (-pair[1], pair[0]))


def _shared(other: Paper, telling: list[str]) -> tuple[str, ...]:
    held = set(" ".join(index_entry(other)[:2]).split())
    return tuple(stem for stem in telling if stem in held)
