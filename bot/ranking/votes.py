"""Reactions, saves and shares -> how much each paper counts for or against. Pure.

    a person's latest word on a paper ─► bounded by person ─► corrected for the place ─► net of all persons, bounded

Readers start at the top, so a sign about a paper further down took more looking for. Its weight is the inverse of the
chance that the place was looked at, (1/rank)^η with η = 1, the position model of Joachims, Swaminathan & Schnabel,
"Unbiased learning-to-rank with biased feedback" (WSDM 2017), never taken for less than a bound (as in Strehl et al.,
"Learning from logged implicit exploration data", 2010). It is fixed: tens of reactions could not tell a place's effect
from a paper's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.model import Channel, Feedback

STRENGTH: Mapping[str, float] = {"reaction": 1.0, "save": 0.5, "share": 0.5}
"""A save or a share says less than a thumb: it may be for somebody else."""
LOOKED_AT_LEAST = 2 / 3
"""The chance of a place is never taken for less: without that bound, few signs from far down decide everything."""
PERSON_LEAST = 5.0
"""So many signs of a person count whatever the others do; beyond, no person counts more than all others together."""
PAPER_MOST = 3.0
"""However many agree, one paper counts at most so much."""
PAPERS_MOST = 200
"""The papers with the latest signs; older ones no longer count."""


def votes(feedback: Iterable[Feedback]) -> dict[str, float]:
    """What each paper counts, -3 to 3, the latest first; papers on which people cancel out are left out."""
    said = _latest_word(feedback)
    share = _shares(said.values())
    net: dict[str, float] = defaultdict(float)
    for each in sorted(said.values(), key=lambda each: each.at, reverse=True):
        if each.paper_id in net or len(net) < PAPERS_MOST:
            net[each.paper_id] += _strength(each) * share[each.user] / looked_at(each.place)
    bounded = {paper_id: min(max(weight, -PAPER_MOST), PAPER_MOST) for paper_id, weight in net.items()}
    return {paper_id: weight for paper_id, weight in bounded.items() if abs(weight) > 1e-9}


def looked_at(place: int | None) -> float:
    """The chance that a place of a thread is looked at; 1 for a paper that was found elsewhere."""
    return 1.0 if place is None else max(1 / place, LOOKED_AT_LEAST)


def _strength(each: Feedback) -> float:
    return each.value * STRENGTH[each.gesture]


def _latest_word(feedback: Iterable[Feedback]) -> dict[tuple[Channel, str], Feedback]:
    """One sign a person and paper: a reaction is plainer than a save, and of two alike the later counts."""
    said: dict[tuple[Channel, str], Feedback] = {}
    for each in sorted(feedback, key=lambda each: (STRENGTH[each.gesture], each.at)):
        said[each.user, each.paper_id] = each
    return said


def _shares(said: Iterable[Feedback]) -> dict[Channel, float]:
    """How much of each person's signs counts, 0 to 1."""
    mass: dict[Channel, float] = defaultdict(float)
    for each in said:
        mass[each.user] += abs(_strength(each))
    total = sum(mass.values())
    return {user: _share(own, total - own) for user, own in mass.items()}


def _share(own: float, others: float) -> float:
    return 1.0 if not others else min(1.0, max(PERSON_LEAST, others) / own)
