"""How much papers say the same: tf-idf cosine over the stems of one corpus. Pure.

Weights are (1 + ln tf) · idf, idf = 1 + ln((N + 1) / (df + 1)), after Salton & Buckley, "Term-weighting approaches in
automatic text retrieval" (1988), smoothed so that a corpus of one paper has weights too.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

Bag = Mapping[str, int]
"""Stems and how often each occurs, stop words left out."""
TELLING = 40
"""Stems kept of a paper, the heaviest.

From one of 1,000 Daily Papers to all: 0.4 ms, against 6.7 ms with all stems, because frequent stems have the long
postings; the nearest 1,000 pairs share hardly fewer keywords (weighted overlap 0.019 against 0.021, at random 0.002).
"""
_KEPT = 100_000
"""Pairs whose cosine is remembered; a digest compares far fewer."""


class Similarity:
    """Cosines within a corpus of bags, and from any bag into it. Everything is worked out when first asked for."""

    def __init__(self, bags: Sequence[Bag]) -> None:
        self._bags = bags
        self._cosines: dict[tuple[int, int], float] = {}

    def cosine(self, a: int, b: int) -> float:
        """0 to 1, of two bags of the corpus."""
        pair = (a, b) if a < b else (b, a)
        known = self._cosines.get(pair)
        if known is None:
            one, other = self._vectors[a], self._vectors[b]
            known = min(sum(weight * other.get(stem, 0.0) for stem, weight in one.items()), 1.0)
            if len(self._cosines) >= _KEPT:
                self._cosines.clear()
            self._cosines[pair] = known
        return known

    def to_all(self, bag: Bag) -> list[float]:
        """The cosine of a bag, of the corpus or not, with every bag of the corpus."""
        cosines = [0.0] * len(self._bags)
        for stem, weight in self._vector(bag).items():
            for position, there in self._postings.get(stem, ()):
                cosines[position] += weight * there
        return cosines

    @cached_property
    def _idf(self) -> dict[str, float]:
        holders = Counter(stem for bag in self._bags for stem in bag)
        return {stem: 1 + math.log((len(self._bags) + 1) / (count + 1)) for stem, count in holders.items()}

    @cached_property
    def _vectors(self) -> list[dict[str, float]]:
        return [self._vector(bag) for bag in self._bags]

    @cached_property
    def _postings(self) -> dict[str, list[tuple[int, float]]]:
        postings: dict[str, list[tuple[int, float]]] = {}
        for position, vector in enumerate(self._vectors):
            for stem, weight in vector.items():
                postings.setdefault(stem, []).append((position, weight))
        return postings

    def _vector(self, bag: Bag) -> dict[str, float]:
        unheard = 1 + math.log(len(self._bags) + 1)
        raw = (((1 + math.log(count)) * self._idf.get(stem, unheard), stem) for stem, count in bag.items())
        heaviest = heapq.nlargest(TELLING, raw)
        length = math.sqrt(sum(weight * weight for weight, _ in heaviest))
        return {stem: weight / length for weight, stem in heaviest}
