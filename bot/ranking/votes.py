"""Weights of papers from reactions, saves, shares and wishes to discuss. Pure.

    latest feedback of a person on a paper ─► bounded by person ─► corrected for position ─► sum over persons, bounded

Readers start at the top, so feedback on a paper further down weighs more: by the inverse of the probability that the
position is examined, (1/rank)^η with η = 1, the position bias model of Joachims, Swaminathan & Schnabel,
"Unbiased learning-to-rank with biased feedback" (WSDM 2017), clipped from below (as in Strehl et al., "Learning from
logged implicit exploration data", 2010). η is fixed: tens of reactions could not separate the effects of position and
paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.model import Channel, Feedback

STRENGTH: Mapping[str, float] = {"reaction": 1.0, "save": 0.5, "share": 0.5, "discuss": 0.5}
"""A save or a share weighs less than a reaction: it may be for somebody else. So does a wish to discuss: what is
doubted is discussed too."""
EXAMINATION_MIN = 2 / 3
"""Least examination probability: without it, little feedback from far down would decide everything."""
PERSON_LEAST = 5.0
"""Feedback of one person that counts in any case; above it, no person counts more than all others together."""
PAPER_MOST = 3.0
"""Largest weight of a paper."""
PAPERS_MOST = 200
"""Papers that count, those with the latest feedback."""


def votes(feedback: Iterable[Feedback]) -> dict[str, float]:
    """Weight of each paper, -3 to 3, the latest first; papers whose feedback sums to 0 are left out."""
    # One gesture by person and paper: a reaction rather than another, and of equal ones the latest.
    ordered = sorted(feedback, key=lambda each: (STRENGTH[each.gesture], each.at))
    latest = {(each.user, each.paper_id): each for each in ordered}.values()
    shares = _shares(latest)
    sums: dict[str, float] = defaultdict(float)
    for each in sorted(latest, key=lambda each: each.at, reverse=True):
        if each.paper_id in sums or len(sums) < PAPERS_MOST:
            sums[each.paper_id] += _strength(each) * shares[each.user] / examination(each.place)
    bounded = {paper_id: min(max(weight, -PAPER_MOST), PAPER_MOST) for paper_id, weight in sums.items()}
    return {paper_id: weight for paper_id, weight in bounded.items() if abs(weight) > 1e-9}


def examination(place: int | None) -> float:
    """Probability that a position of a thread is examined; 1 for a paper outside a digest."""
    return 1.0 if place is None else max(1 / place, EXAMINATION_MIN)


def _strength(each: Feedback) -> float:
    return each.value * STRENGTH[each.gesture]


def _shares(feedback: Iterable[Feedback]) -> dict[Channel, float]:
    """Share of each person's feedback that counts, 0 to 1."""
    strengths: dict[Channel, float] = defaultdict(float)
    for each in feedback:
        strengths[each.user] += abs(_strength(each))
    total = sum(strengths.values())
    return {
        user: min(1.0, max(PERSON_LEAST, total - own) / own) if total > own else 1.0 for user, own in strengths.items()
    }
