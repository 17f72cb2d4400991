"""Proximity: BM25 of the pairs of words that stand side by side, or near each other, in a paper. Pure.

The sequential dependence model of Metzler & Croft ("A Markov random field model for term dependencies", SIGIR 2005),
with BM25 as its potential: each pair of neighbouring words counts like a word of its own, once where they stand in
order and once where they are within eight words, each with a fifth of a word's weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.query.word_places import contains
from bot.search.segment import K1, B, key

LOOKED_AT = 50
"""Best candidates whose stems are read in order."""
WINDOW = 8
"""Words, from Metzler & Croft."""
IN_ORDER = NEAR = 0.2
"""Weights beside a word's 1; chosen on keywords of Hugging Face's summaries, on which no figure is reported."""
_BITS = 0xFFFFFFFF
_GAP = 0
GAP_BYTES = bytes(4 * WINDOW)
"""What stands in an order between title and abstract."""
_BETWEEN = np.full(WINDOW, _GAP, dtype=np.uint32)


def order_of(title: Sequence[str], abstract: Sequence[str]) -> bytes:
    """Stems of a paper in their order as bytes, four each, with a gap between title and abstract."""
    return b"".join([*map(_short_bytes, title), GAP_BYTES, *map(_short_bytes, abstract)])


def order_hashes(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Stems in an order by their keys."""
    short = (keys & np.uint64(_BITS)).astype("<u4")
    short[short == 0] = 1
    return short


def pairs_of(stems: Sequence[str], idf: Mapping[str, float]) -> dict[tuple[int, int], float]:
    """Neighbouring stems of a query as short hashes, and the idf of a pair: that of the rarer stem."""
    return {
        (_short(left), _short(right)): max(idf[left], idf[right]) for left, right in pairwise(stems) if left != right
    }


def nearness(orders: Sequence[bytes], pairs: Mapping[tuple[int, int], float], average: float) -> NDArray[np.float32]:
    """Score of the pairs in each paper, (papers,); `average` is the average number of stems in a paper."""
    parts = [np.frombuffer(each, dtype="<u4") for each in orders]
    scores = np.zeros(len(parts), dtype=np.float32)
    if not pairs or not parts:
        return scores
    whole = np.concatenate([piece for part in parts for piece in (part, _BETWEEN)])
    sizes = np.array([len(part) for part in parts])
    owners = np.repeat(np.arange(len(parts)), sizes + WINDOW)
    norms = K1 * (1 - B + B * sizes / average)
    places = {stem: np.flatnonzero(whole == stem) for pair in pairs for stem in pair}
    for (first, second), idf in pairs.items():
        left, right = places[first], places[second]
        if not len(left) or not len(right):
            continue
        in_order = contains(right, left + 1)
        near = np.searchsorted(right, left + WINDOW, "left") > np.searchsorted(right, left - WINDOW, "right")
        for weight, pair in ((IN_ORDER, in_order), (NEAR, near)):
            tf = np.bincount(owners[left[pair]], minlength=len(parts))
            scores += (weight * idf * tf * (K1 + 1) / (tf + norms)).astype(np.float32)
    return scores


def in_a_row(orders: Sequence[bytes], rows: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
    """(papers,): whether a paper may have the stems of one of these rows side by side, stop words aside.

    A paper that lacks a stem of the first row may have it in a hyphenated word, of which the order has the parts.
    """
    parts = [np.frombuffer(each, dtype="<u4") for each in orders]
    possible = np.zeros(len(parts), dtype=bool)
    if not parts:
        return possible
    whole = np.concatenate([piece for part in parts for piece in (part, _BETWEEN)])
    owners = np.repeat(np.arange(len(parts)), [len(part) + WINDOW for part in parts])
    for at, row in enumerate(rows):
        starts = np.ones(len(whole), dtype=bool)
        for distance, stem in enumerate(map(_short, row)):
            here = whole == stem
            starts &= np.pad(here, (0, distance))[distance:]
            if at == 0:
                having = np.zeros(len(parts), dtype=bool)
                having[owners[here]] = True
                possible |= ~having
        possible[owners[starts]] = True
    return possible


@lru_cache(maxsize=65_536)
def _short_bytes(stem: str) -> bytes:
    return _short(stem).to_bytes(4, "little")


def _short(stem: str) -> int:
    return key(stem) & _BITS or 1
