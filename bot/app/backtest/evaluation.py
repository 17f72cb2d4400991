"""Quality of an order of papers, ties averaged.

NDCG@5 with linear gain (Järvelin & Kekäläinen 2002), top-5 overlap and Spearman's rank correlation, each as the
expectation over every order of tied papers; differences between two rankings by a paired bootstrap over days.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import log2
from random import Random
from statistics import StatisticsError, correlation, fmean
from typing import NamedTuple

TOP = 5
RESAMPLES = 4_000
"""Resamples of the bootstrap."""
DISCOUNTS = tuple(1 / log2(place + 1) for place in range(1, TOP + 1))


class Figures(NamedTuple):
    """One ranking on one day, or the mean over days."""

    ndcg5: float
    top5: float
    spearman: float

    def rounded(self) -> dict[str, float]:
        """The figures by name, rounded to four digits."""
        return {name: round(figure, 4) for name, figure in self._asdict().items()}


def figures(scores: Sequence[float], gains: Sequence[float]) -> Figures:
    """Quality of the order by `scores` of papers with these `gains`."""
    places, ideal_places = _places(scores), _places(gains)
    dcg = sum(gain * _mean(DISCOUNTS, place) for gain, place in zip(gains, places, strict=True))
    ideal = sum(gain * discount for gain, discount in zip(sorted(gains, reverse=True), DISCOUNTS, strict=False))
    in_top = (1.0,) * TOP
    overlap = sum(_mean(in_top, a) * _mean(in_top, b) for a, b in zip(places, ideal_places, strict=True))
    try:
        spearman = correlation([sum(place) for place in places], [sum(place) for place in ideal_places])
    except StatisticsError:  # fewer than two papers, or all tied
        spearman = 0.0
    return Figures(dcg / ideal if ideal else 1.0, overlap / min(TOP, len(gains)), spearman)


def mean(days: Sequence[Figures]) -> Figures:
    """The mean over days; zeros without any."""
    return Figures(*map(fmean, zip(*days, strict=True))) if days else Figures(0.0, 0.0, 0.0)


def interval(differences: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """Paired 95 % bootstrap interval of a mean difference over days."""
    if not differences:
        return (0.0, 0.0)
    random, n = Random(seed), len(differences)  # noqa: S311 - resampling, no secret
    means = sorted(fmean(random.choices(differences, k=n)) for _ in range(RESAMPLES))
    return means[int(RESAMPLES * 0.025)], means[int(RESAMPLES * 0.975)]


def _places(scores: Sequence[float]) -> list[tuple[int, int]]:
    """For each paper the range of places (from 0, end excluded) that it shares with its ties."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    places, start = [(0, 0)] * len(scores), 0
    for _, tied in groupby(order, key=lambda i: round(scores[i], 9)):
        members = list(tied)
        for i in members:
            places[i] = (start, start + len(members))
        start += len(members)
    return places


def _mean(weights: Sequence[float], place: tuple[int, int]) -> float:
    start, end = place
    return sum(weights[start:end]) / (end - start)
