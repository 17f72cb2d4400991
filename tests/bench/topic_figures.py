"""Figures of a topic: F1, precision at recall 0.5, T11SU and F0.5 of TREC's filtering track, and whether it drowns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.query.topic_model import MATCHES

RECALL = 0.5
DROWNS = 3.0
"""Times as many papers as are true from which a topic drowns a channel."""


class Figures(NamedTuple):
    """Figures of one topic, or their means."""

    f1: float
    precision: float
    """Where half of the topic's papers have been ranked."""
    t11su: float
    """Scaled utility: 2 for a paper of the topic, -1 for another (Robertson & Soboroff, TREC 2002), from 0 to 1."""
    f05: float
    drowns: float
    """Whether it matches more than `DROWNS` times as many papers as are of it."""

    def __str__(self) -> str:
        return (
            f"F1 {self.f1:.3f}, precision at recall 0.5 {self.precision:.3f}, T11SU {self.t11su:.3f}, "
            f"F0.5 {self.f05:.3f}, drown {self.drowns:.0%}"
        )


def figures(truth: NDArray[np.bool_], scores: NDArray[np.floating], mark: float = MATCHES) -> Figures:
    """Figures of the papers that score at least `mark`; equal scores rank in the order of the papers."""
    matched, true = scores >= mark, int(truth.sum())
    both, count = int((truth & matched).sum()), int(matched.sum())
    utility = (2 * both - (count - both)) / (2 * true)
    return Figures(
        f1=2 * both / (true + count),
        precision=_precision(truth, scores),
        t11su=(max(utility, -0.5) + 0.5) / 1.5,
        f05=1.25 * both / (0.25 * true + count),
        drowns=float(count > DROWNS * true),
    )


def mean_figures(each: Iterable[Figures]) -> Figures:
    """The means over topics."""
    return Figures(*(float(mean) for mean in np.mean(list(each), axis=0)))


def _precision(truth: NDArray[np.bool_], scores: NDArray[np.floating]) -> float:
    hits = np.cumsum(truth[np.argsort(-scores, kind="stable")])
    place = int(np.searchsorted(hits, np.ceil(RECALL * truth.sum())))
    return float(hits[place] / (place + 1))
