"""How surely one paper is of each topic, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.query.strictness import steps_of


@dataclass(frozen=True, slots=True)
class TopicOdds:
    """The probability that one paper is of a topic, and that from which it matches."""

    topic: str
    probability: float
    threshold: float
    matches: bool


def odds_text(odds: Sequence[TopicOdds]) -> str:
    """`Its probability for “robotics” is 0.71; it takes 0.62 (stricter than usual).`, or that of the nearest."""
    if not odds[0].matches:
        nearest = odds[0]
        return (
            f"The nearest is “{nearest.topic}”, with probability {nearest.probability:.2f}:"
            f" it takes {nearest.threshold:.2f}{_than_usual(nearest)}."
        )
    return " ".join(
        f"Its probability for “{each.topic}” is {each.probability:.2f};"
        f" it takes {each.threshold:.2f}{_than_usual(each)}."
        for each in odds
    )


def _than_usual(odds: TopicOdds) -> str:
    """` (slightly stricter than usual)`; empty at the usual threshold."""
    steps = steps_of(odds.threshold)
    if not steps:
        return ""
    slightly = "slightly " if abs(steps) < 1 else "much " if abs(steps) >= 2 else ""
    return f" ({slightly}{'stricter' if steps > 0 else 'wider'} than usual)"
