"""Words -> papers, best first: the lexical score and the closeness in meaning of the few hundred best of each, fused.

Scores are standardised over the candidates and added (Montague & Aslam, "Relevance score normalization for
metasearch", 2001); fusing ranks instead did worse in every measurement we know of. The best are looked at once more:
words that stand together in the query should in the paper (`nearness`). Pure, but for the index it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bot.search.postings import NAME
from bot.search.proximity import LOOKED_AT, nearness, pairs_of

if TYPE_CHECKING:
    from bot.search.plan import Group
    from bot.search.snapshot import Snapshot

CANDIDATES = 300
"""Papers that each half brings."""
MEANT = 2.5
"""Standard deviations above the usual cosine from which a paper without any of the words is shown."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates, best first: row numbers, fused scores, how many of the words each has, and how close it is."""

    numbers: NDArray[np.int64]
    scores: NDArray[np.float32]
    words: NDArray[np.uint8]
    closeness: NDArray[np.float32]
    """In standard deviations above what is usual."""


Orders = Callable[[Sequence[int]], Mapping[int, bytes]]
"""The stems of papers in their order, by row number."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One alternative of a query, ready to rank by."""

    groups: Sequence[Group]
    vector: NDArray[np.float32] | None
    """Of its words; None: without meaning."""
    weight: float
    """Of meaning, 0 to 1."""
    orders: Orders


def rank(snapshot: Snapshot, wanted: Wanted, mask: NDArray[np.bool_] | None = None) -> Ranked:
    """The candidates of one alternative, of all papers or of those in `mask` (room,)."""
    lexical, words = (_padded(each, snapshot.room) for each in score(snapshot, wanted.groups))
    if mask is not None:
        lexical = np.where(mask, lexical, np.float32(0))
    numbers = _best(lexical, CANDIDATES)
    # What nobody ever wrote a word of has no meaning that could be looked for.
    if wanted.vector is None or not snapshot.vectors.papers or not words.any():
        said = _with_nearness(snapshot, wanted, numbers, lexical[numbers], lexical[numbers])
        return _ordered(numbers, said, words[numbers], np.zeros(len(numbers), dtype=np.float32))
    numbers = np.union1d(numbers, snapshot.vectors.nearest(wanted.vector, CANDIDATES, mask))
    cosines = snapshot.vectors.cosines(wanted.vector, numbers)
    usual = snapshot.vectors.moments.spread(wanted.vector)
    closeness = (cosines - usual.mean) / (usual.deviation or 1.0)
    meaning = wanted.weight * _standard(cosines)
    said = lexical[numbers]
    said = _with_nearness(snapshot, wanted, numbers, said, (1 - wanted.weight) * _standard(said) + meaning)
    fused = (1 - wanted.weight) * _standard(said) + meaning
    shown = (words[numbers] > 0) | (closeness >= MEANT)
    return _ordered(numbers[shown], fused[shown], words[numbers[shown]], closeness[shown])


def _with_nearness(
    snapshot: Snapshot, wanted: Wanted, numbers: NDArray[np.int64], said: NDArray[np.float32], by: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The lexical scores, and more where the words stand together; of the best papers `by` another score."""
    stems = [stem for group in wanted.groups for stem in group.stems]
    pairs = pairs_of(stems, {stem: snapshot.postings.idf(snapshot.postings.holders(stem)) for stem in stems})
    if not pairs:
        return said
    best = np.argsort(-by, kind="stable")[:LOOKED_AT]
    orders = wanted.orders(numbers[best].tolist())
    more = nearness([orders.get(number, b"") for number in numbers[best].tolist()], pairs, snapshot.postings.average)
    said = said.copy()
    said[best] += more
    return said


def _padded(values: NDArray[Any], room: int) -> NDArray[Any]:
    return np.pad(values, (0, room - len(values))) if len(values) < room else values


def score(snapshot: Snapshot, groups: Sequence[Group]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
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


def _best(scores: NDArray[np.float32], wanted: int) -> NDArray[np.int64]:
    found = np.argpartition(-scores, wanted - 1)[:wanted] if len(scores) > wanted else np.arange(len(scores))
    return found[scores[found] > 0]


def _standard(values: NDArray[np.float32]) -> NDArray[np.float32]:
    deviation = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / deviation if deviation else np.zeros_like(values)


def _ordered(
    numbers: NDArray[np.int64], scores: NDArray[np.float32], words: NDArray[np.uint8], closeness: NDArray[np.float32]
) -> Ranked:
    order = np.lexsort((-numbers, -scores))
    return Ranked(numbers[order], scores[order], words[order], closeness[order])
