"""Quality of an order of papers, ties averaged.

NDCG@5 with linear gain (Järvelin & Kekäläinen 2002), top-5 overlap and Spearman's rank correlation, each as the
expectation over every order of tied papers; differences between two rankings by a paired bootstrap over days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log2
from random import Random
from statistics import StatisticsError, correlation, fmean

TOP = 5
RESAMPLES = 4_000
"""Of the bootstrap."""
DISCOUNTS = tuple(1 / log2(place + 1) for place in range(1, TOP + 1))


@dataclass(frozen=True, slots=True)
class Figures:
    """One ranking on one day, or the mean over days."""

    ndcg5: float
    top5: float
    spearman: float

    def rounded(self) -> dict[str, float]:
        """The figures by name, rounded to four digits."""
        return {"ndcg5": round(self.ndcg5, 4), "top5": round(self.top5, 4), "spearman": round(self.spearman, 4)}


def figures(scores: Sequence[float], gains: Sequence[float]) -> Figures:
    """How well an order by `scores` puts the papers with the greatest `gains` first."""
    places = _places(scores)
    dcg = sum(gain * _mean(DISCOUNTS, place) for gain, place in zip(gains, places, strict=True))
    ideal = sum(gain * discount for gain, discount in zip(sorted(gains, reverse=True), DISCOUNTS, strict=False))
    in_top = (1.0,) * TOP
    overlap = sum(_mean(in_top, a) * _mean(in_top, b) for a, b in zip(places, _places(gains), strict=True))
    return Figures(dcg / ideal if ideal else 1.0, overlap / min(TOP, len(gains)), _spearman(places, _places(gains)))


def mean(days: Sequence[Figures]) -> Figures:
    """The mean over days; zeros without any."""
    if not days:
        return Figures(0.0, 0.0, 0.0)
    return Figures(fmean(d.ndcg5 for d in days), fmean(d.top5 for d in days), fmean(d.spearman for d in days))


def interval(differences: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """The paired 95 % bootstrap interval of a mean difference over days."""
    if not differences:
        return (0.0, 0.0)
    random, n = Random(seed), len(differences)  # noqa: S311 - resampling, no secret
    means = sorted(fmean(random.choices(differences, k=n)) for _ in range(RESAMPLES))
    return means[int(RESAMPLES * 0.025)], means[int(RESAMPLES * 0.975)]


def _places(scores: Sequence[float]) -> list[tuple[int, int]]:
    """For each paper the range of places (from 0, end excluded) that it shares with its ties."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    places = [(0, 0)] * len(scores)
    start = 0
    for _, tied in groupby(order, key=lambda i: round(scores[i], 9)):
        members = list(tied)
        for i in members:
            places[i] = (start, start + len(members))
        start += len(members)
    return places


def _mean(weights: Sequence[float], place: tuple[int, int]) -> float:
    start, end = place
    return sum(weights[start:end]) / (end - start)


def _spearman(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]]) -> float:
    try:
        return correlation([sum(place) for place in a], [sum(place) for place in b])
    except StatisticsError:  # fewer than two papers, or all tied
        return 0.0
