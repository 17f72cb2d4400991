"""Candidates of a search, best first: lexical score and closeness in meaning of the few hundred best of each, fused.

Scores are standardised over the candidates and added (Montague & Aslam, "Relevance score normalization for
metasearch", 2001); fusing ranks instead did worse in every measurement we know of. The best are scored once more by
the proximity of the query's words in them (`bot.search.proximity`). Pure, but for the index it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.query.semantic import IN_SEARCH, matches
from bot.search.plan import StemGroup
from bot.search.postings import NAME
from bot.search.proximity import LOOKED_AT, nearness, pairs_of
from bot.search.snapshot import Snapshot

CANDIDATES = 300
"""Papers that each half brings."""


@dataclass(frozen=True, slots=True)
class FusedCandidates:
    """Candidates, best first."""

    numbers: NDArray[np.int64]
    """Row numbers of the papers."""
    scores: NDArray[np.float32]
    words: NDArray[np.uint8]
    """How many of the words each has."""


@dataclass(frozen=True, slots=True)
class FusionRequest:
    """One alternative of a query, ready to rank by."""

    groups: Sequence[StemGroup]
    vector: NDArray[np.float32] | None
    """Of its words; None: without meaning."""
    weight: float
    """Of meaning, 0 to 1."""
    orders: Callable[[Sequence[int]], Mapping[int, bytes]]
    """Row numbers -> stems of each paper in their order."""


def fuse(snapshot: Snapshot, request: FusionRequest, mask: NDArray[np.bool_] | None = None) -> FusedCandidates:
    """The candidates of one alternative, of all papers or of those in `mask` (room,)."""
    lexical, words = (_padded(each, snapshot.room) for each in lexical_scores(snapshot, request.groups))
    if mask is not None:
        lexical = np.where(mask, lexical, np.float32(0))
    numbers = _best(lexical, CANDIDATES)
    # Words that are in no paper have no meaning that could be compared.
    if request.vector is None or not snapshot.vectors.papers or not words.any():
        scores = _with_proximity(snapshot, request, numbers, lexical[numbers], lexical[numbers])
        return _ordered(numbers, scores, words[numbers])
    numbers = np.union1d(numbers, snapshot.vectors.nearest(request.vector, CANDIDATES, mask))
    cosines = snapshot.vectors.cosines(request.vector, numbers)
    meaning = request.weight * _standardised(cosines)
    first = (1 - request.weight) * _standardised(lexical[numbers]) + meaning
    lexical = _with_proximity(snapshot, request, numbers, lexical[numbers], first)
    fused = (1 - request.weight) * _standardised(lexical) + meaning
    closeness = snapshot.vectors.moments.spread(request.vector).standardised(cosines)
    shown = matches(IN_SEARCH, words[numbers] / len(request.groups), closeness)
    return _ordered(numbers[shown], fused[shown], words[numbers[shown]])


def _with_proximity(
    snapshot: Snapshot,
    request: FusionRequest,
    numbers: NDArray[np.int64],
    lexical: NDArray[np.float32],
    first: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The lexical scores, and more where the words stand together, for the best papers by their `first` scores."""
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


def _padded(values: NDArray[Any], room: int) -> NDArray[Any]:
    return np.pad(values, (0, room - len(values))) if len(values) < room else values


def lexical_scores(snapshot: Snapshot, groups: Sequence[StemGroup]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """BM25 of every paper for the words, and how many of them it has; (room,) each.

    A word that is a name more often than a word of a text counts as a name too.
    """
    postings = snapshot.postings
    scores = np.zeros(postings.room, dtype=np.float32)
    words = np.zeros(postings.room, dtype=np.uint8)
    for group in groups:
        has = postings.having(group.stems) if group.stems else np.zeros(postings.room, dtype=bool)
        for joined in group.joined:
            has |= postings.having((joined,))
        names = [NAME + part for part in group.names if _rather_a_name(snapshot, part, group.stems)]
        for name in names:
            has |= postings.having((name,))
        scores += postings.score([*group.stems, *group.joined, *names])
        words += has
    return scores, words


def _rather_a_name(snapshot: Snapshot, part: str, stems: Sequence[str]) -> bool:
    named = snapshot.postings.holders(NAME + part)
    return named > 0 and named >= min((snapshot.postings.holders(stem) for stem in stems), default=0)


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    numbers = np.argpartition(-scores, count - 1)[:count] if len(scores) > count else np.arange(len(scores))
    return numbers[scores[numbers] > 0]


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    deviation = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / deviation if deviation else np.zeros_like(values)


def _ordered(numbers: NDArray[np.int64], scores: NDArray[np.float32], words: NDArray[np.uint8]) -> FusedCandidates:
    order = np.lexsort((-numbers, -scores))
    return FusedCandidates(numbers[order], scores[order], words[order])
