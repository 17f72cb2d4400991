"""How often two words of a query stand side by side, or near each other, in a paper. Pure.

The sequential dependence model of Metzler & Croft ("A Markov random field model for term dependencies", SIGIR 2005),
with BM25 as its potential: each pair of neighbouring words counts like a word of its own, once where they stand in
order and once where they are within eight words, each with a fifth of a word's weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.search.postings import K1, B, key

LOOKED_AT = 50
"""Candidates whose words are looked at, the best."""
WINDOW = 8
"""Words, as Metzler & Croft have it."""
IN_ORDER = NEAR = 0.2
"""Weights beside a word's; chosen by keywords that summaries of Hugging Face's list go by, which are not reported."""
_BITS = 0xFFFFFFFF
_GAP = 0
_BETWEEN = np.full(WINDOW, _GAP, dtype=np.uint32)


def order_of(title: Sequence[str], abstract: Sequence[str]) -> bytes:
    """The stems of a paper in their order, four bytes each, with a gap between title and abstract."""
    stems = [*map(_short, title), *([_GAP] * WINDOW), *map(_short, abstract)]
    return np.array(stems, dtype="<u4").tobytes()


def pairs_of(stems: Sequence[str], idf: Mapping[str, float]) -> dict[tuple[int, int], float]:
    """Neighbouring stems of a query, and how much a pair tells: as much as the rarer of the two."""
    return {
        (_short(left), _short(right)): max(idf[left], idf[right]) for left, right in pairwise(stems) if left != right
    }


def nearness(orders: Sequence[bytes], pairs: Mapping[tuple[int, int], float], average: float) -> NDArray[np.float32]:
    """What its pairs add to each paper's BM25, (papers,); `average` is the usual number of stems in a paper."""
    parts = [np.frombuffer(each, dtype="<u4") for each in orders]
    scores = np.zeros(len(parts), dtype=np.float32)
    if not pairs or not parts:
        return scores
    whole = np.concatenate([piece for part in parts for piece in (part, _BETWEEN)])
    sizes = np.array([len(part) for part in parts])
    whose = np.repeat(np.arange(len(parts)), sizes + WINDOW)
    norms = K1 * (1 - B + B * sizes / average)
    places = {stem: np.flatnonzero(whole == stem) for pair in pairs for stem in pair}
    for (left, right), idf in pairs.items():
        for weight, found in ((IN_ORDER, _side_by_side), (NEAR, _within)):
            tf = np.bincount(whose[found(places[left], places[right])], minlength=len(parts))
            scores += (weight * idf * tf * (K1 + 1) / (tf + norms)).astype(np.float32)
    return scores


def _side_by_side(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    return left[np.isin(left + 1, right, assume_unique=True)]


def _within(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    after = np.searchsorted(right, left + WINDOW, side="left")
    before = np.searchsorted(right, left - WINDOW, side="right")
    return left[after > before]


def _short(stem: str) -> int:
    return key(stem) & _BITS or 1
