"""Candidates of a search, best first: lexical scores and cosines of the few hundred best of each, fused.

Both scores are standardised over the candidates and added (Montague & Aslam, "Relevance score normalization for
metasearch", 2001); fusing ranks instead did worse in every measurement we know of. The best are scored once more by
the proximity of the query's words in them (`bot.search.proximity`). Pure, but for the index it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.query.semantic import IN_SEARCH, matches
from bot.search.plan import StemGroup
from bot.search.postings import NAME
from bot.search.proximity import LOOKED_AT, nearness, pairs_of
from bot.search.snapshot import Snapshot

CANDIDATES = 300
"""Papers from the lexical index, and as many from the vectors."""


@dataclass(frozen=True, slots=True)
class FusedCandidates:
    """Candidates, best first."""

    numbers: NDArray[np.int64]
    """Row numbers of the papers."""
    scores: NDArray[np.float32]
    words: NDArray[np.uint8]
    """Number of the words that each has."""


@dataclass(frozen=True, slots=True)
class FusionRequest:
    """The words of one alternative to rank by."""

    groups: Sequence[StemGroup]
    vector: NDArray[np.float32] | None
    """Vector of the words; None: rank by the words alone."""
    weight: float
    """Weight of the cosine, 0 to 1."""
    orders: Callable[[Sequence[int]], Mapping[int, bytes]]
    """Row numbers -> stems of each paper in their order."""


def fuse(snapshot: Snapshot, request: FusionRequest, mask: NDArray[np.bool_] | None = None) -> FusedCandidates:
    """Candidates of one alternative among all papers or those in `mask` (room,)."""
    lexical, words = lexical_scores(snapshot, request.groups)
    if mask is not None:
        lexical = np.where(mask, lexical, np.float32(0))
    numbers = _best(lexical)
    # Words that are in no paper have no meaning that could be compared.
    if request.vector is None or not snapshot.vectors.papers or not words.any():
        scores = _with_proximity(snapshot, request, numbers, lexical[numbers], lexical[numbers])
        return _ordered(numbers, scores, words[numbers])
    numbers = np.union1d(numbers, snapshot.vectors.nearest(request.vector, CANDIDATES, mask))
    cosines = snapshot.vectors.cosines(request.vector, numbers)
    dense = request.weight * _standardised(cosines)
    first = (1 - request.weight) * _standardised(lexical[numbers]) + dense
    lexical = _with_proximity(snapshot, request, numbers, lexical[numbers], first)
    fused = (1 - request.weight) * _standardised(lexical) + dense
    closeness = snapshot.vectors.moments.spread(request.vector).standardised(cosines)
    matched = matches(IN_SEARCH, words[numbers] / len(request.groups), closeness)
    return _ordered(numbers[matched], fused[matched], words[numbers[matched]])


def _with_proximity(
    snapshot: Snapshot,
    request: FusionRequest,
    numbers: NDArray[np.int64],
    lexical: NDArray[np.float32],
    first: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Lexical scores, raised where the words stand close together in the best papers by `first` score."""
    stems = [stem for group in request.groups for stem in group.stems]
    pairs = pairs_of(stems, {stem: snapshot.postings.idf(snapshot.postings.holders(stem)) for stem in stems})
    if not pairs:
        return lexical
    best = np.argsort(-first, kind="stable")[:LOOKED_AT]
    orders = request.orders(numbers[best].tolist())
    more = nearness([orders.get(number, b"") for number in numbers[best].tolist()], pairs, snapshot.postings.average)
    lexical = lexical.copy()
    lexical[best] += more
    return lexical


def lexical_scores(snapshot: Snapshot, groups: Sequence[StemGroup]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """BM25 of every paper, and the number of words that it has, (room,) each.

    A word that is a name at least as often as a word of a text counts as a name too.
    """
    postings = snapshot.postings
    scores = np.zeros(postings.room, dtype=np.float32)
    words = np.zeros(postings.room, dtype=np.uint8)
    for group in groups:
        rarest = min(map(postings.holders, group.stems), default=0)
        names = [NAME + part for part in group.names if postings.holders(NAME + part) >= max(rarest, 1)]
        others = [stem for stem in (*group.joined, *names) if postings.holders(stem)]
        postings.add_scores(scores, [*group.stems, *others])
        if len(group.stems) == 1 and not others:
            for papers, _ in postings.of(group.stems[0]):
                words[papers] += 1
        else:
            words += postings.having_any([group.stems, *((stem,) for stem in others)])
    if snapshot.room == postings.room:  # as ever, but while vectors and words of new papers are stored
        return scores, words
    added = (0, snapshot.room - postings.room)
    return np.pad(scores, added), np.pad(words, added)


def _best(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    most = float(scores.max(initial=0.0))
    high = (scores > share * most for share in (0.75, 0.5, 0.25, 0.0))  # partitioning all of them is slow
    numbers = next((np.flatnonzero(mask) for mask in high if np.count_nonzero(mask) >= CANDIDATES), None)
    if numbers is None:
        return np.flatnonzero(scores)
    return numbers[np.argpartition(-scores[numbers], CANDIDATES - 1)[:CANDIDATES]]


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    deviation = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / deviation if deviation else np.zeros_like(values)


def _ordered(numbers: NDArray[np.int64], scores: NDArray[np.float32], words: NDArray[np.uint8]) -> FusedCandidates:
    order = np.lexsort((-numbers, -scores))
    return FusedCandidates(numbers[order], scores[order], words[order])
