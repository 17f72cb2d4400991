"""Candidates of a search, best first: lexical scores and cosines of the few hundred best of each, fused.

Both scores are standardised over the candidates and added (Montague & Aslam, "Relevance score normalization for
metasearch", 2001); fusing ranks instead did worse in every measurement we know of. The best are scored once more by
the proximity of the query's words in them (`bot.search.proximity`). Pure, but for the index it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from bot.query.semantic import IN_SEARCH, matches
from bot.search.plan import StemGroup
from bot.search.postings import Postings, best
from bot.search.proximity import LOOKED_AT, nearness, pairs_of
from bot.search.segment import NAME
from bot.search.snapshot import Snapshot
from bot.search.vectors import Vectors

CANDIDATES = 300
"""Papers from the lexical index, and as many from the vectors."""
MANY = 200_000
"""Papers from which on the vectors are compared on another core while the words are scored."""
_OTHER_CORE = ThreadPoolExecutor(1, "search-meaning")
"""One thread, started by the first search that uses it: of several searches at once each has a core of its own."""


@dataclass(frozen=True, slots=True)
class FusedCandidates:
    """Some candidates, best first."""

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


def fuse(
    snapshot: Snapshot, request: FusionRequest, mask: NDArray[np.bool_] | None = None
) -> Iterator[FusedCandidates]:
    """Candidates of one alternative among all papers or those in `mask` (room,): a page or two, then the others."""
    postings = snapshot.postings
    words = [_Word.of(group, postings) for group in request.groups]
    nearest = None
    # Words that are in no paper have no meaning that could be compared.
    if request.vector is not None and snapshot.vectors.papers and any(word.is_indexed for word in words):
        nearest = _begun(snapshot.vectors, request.vector, mask)
    scores = postings.score([stem for word in words for stem in word.scored])
    if mask is not None:
        scores *= mask[: postings.room]
    numbers, closeness = best(scores, CANDIDATES), None
    if request.vector is None or nearest is None:
        lexical = scores[numbers]
        fused = _with_proximity(snapshot, request, numbers, lexical, lexical)
    else:
        numbers = np.union1d(numbers, nearest())
        lexical = np.where(numbers < postings.room, scores.take(numbers, mode="clip"), np.float32(0))
        cosines = snapshot.vectors.cosines(request.vector, numbers)
        dense = request.weight * _standardised(cosines)
        first = (1 - request.weight) * _standardised(lexical) + dense
        lexical = _with_proximity(snapshot, request, numbers, lexical, first)
        fused = (1 - request.weight) * _standardised(lexical) + dense
        closeness = snapshot.vectors.moments.spread(request.vector).standardised(cosines)
    for some in np.split(np.lexsort((-numbers, -fused)), [LOOKED_AT]):
        having = _count_words(words, postings, numbers[some])
        if closeness is not None:
            matched = matches(IN_SEARCH, having / len(request.groups), closeness[some])
            some, having = some[matched], having[matched]  # noqa: PLW2901 - those of them that match
        yield FusedCandidates(numbers[some], fused[some], having)


def _begun(
    vectors: Vectors, vector: NDArray[np.float32], mask: NDArray[np.bool_] | None
) -> Callable[[], NDArray[np.int64]]:
    """The nearest papers, looked for on another core from now on if one is free, else by the caller."""
    look = partial(vectors.nearest, vector, CANDIDATES, mask)
    if vectors.papers < MANY:
        return look
    other = _OTHER_CORE.submit(look)
    return lambda: look() if other.cancel() else other.result()


def complete(postings: Postings, groups: Sequence[StemGroup]) -> NDArray[np.bool_]:
    """Mask of the papers that have every word, (postings.room,)."""
    words = list(dict.fromkeys(_Word.of(group, postings) for group in groups))
    mask = postings.having([stem for word in words if len(word.ways) == 1 for stem in word.ways[0]])
    for word in words:
        if len(word.ways) > 1:
            mask &= postings.having_any(word.ways)
    return mask


class _Word(NamedTuple):
    """A word of a query in one index. A word that is a name at least as often as a word of a text is a name too."""

    scored: tuple[str, ...]
    """Stems that count."""
    ways: tuple[tuple[str, ...], ...]
    """A paper has the word if it has all stems of one of these."""
    is_indexed: bool
    """Whether some papers have the stems of one of the ways, if not the same papers."""

    @classmethod
    def of(cls, group: StemGroup, postings: Postings) -> Self:
        """The word of a group of stems."""
        rarest = min(map(postings.holders, group.stems), default=0)
        names = [NAME + part for part in group.names if postings.holders(NAME + part) >= max(rarest, 1)]
        others = [stem for stem in (*group.joined, *names) if postings.holders(stem)]
        ways = (*([group.stems] if group.stems else []), *((stem,) for stem in others))
        return cls((*group.stems, *others), ways, bool(others) or rarest > 0)


def _count_words(words: Sequence[_Word], postings: Postings, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Number of the words that each of some papers has."""
    having = np.zeros(len(numbers), dtype=np.uint8)
    places = postings.places(numbers)
    for word, times in Counter(words).items():
        having += np.uint8(times) * postings.has_any(word.ways, places)
    return having


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
    top = np.argsort(-first, kind="stable")[:LOOKED_AT]
    orders = request.orders(numbers[top].tolist())
    more = nearness([orders.get(number, b"") for number in numbers[top].tolist()], pairs, snapshot.postings.average)
    lexical = lexical.copy()
    lexical[top] += more
    return lexical


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    deviation = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / deviation if deviation else np.zeros_like(values)
