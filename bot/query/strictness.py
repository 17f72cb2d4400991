"""How strictly topics match: a topic's threshold in steps from the usual one, in odds. Pure."""

from __future__ import annotations

import math

from bot.errors import QueryError
from bot.query.ast import Query, content_text
from bot.query.parser import parse
from bot.query.topic_model import MATCHES

STEP = 0.5
"""Natural logarithm of the odds that one step adds to the threshold."""
LEVELS = ("widest", "much-wider", "wider", "usual", "stricter", "much-stricter", "strictest")
"""Names of the thresholds that a topic can be given, a step from each to the next; the one in the middle is usual."""
USUAL = "usual"
MOST_STEPS = LEVELS.index(USUAL)
"""Steps from the usual threshold to either end."""


def threshold_at(steps: float) -> float:
    """The threshold some steps from the usual one: more of them are stricter, negative ones wider."""
    return round(1 / (1 + math.exp(-_log_odds(MATCHES) - STEP * steps)), 4)


def steps_of(threshold: float) -> float:
    """Steps of a threshold from the usual one, to two decimals."""
    return round((_log_odds(threshold) - _log_odds(MATCHES)) / STEP, 2) + 0.0


def level_of(threshold: float) -> str:
    """Name of the level nearest to a threshold."""
    steps = min(max(steps_of(threshold), -MOST_STEPS), MOST_STEPS)
    return LEVELS[round(steps) + MOST_STEPS]


def threshold_of(level: str) -> float:
    """Threshold of a level."""
    return threshold_at(LEVELS.index(level) - MOST_STEPS)


def beside(level: str, steps: int) -> str | None:
    """The level some steps further; None beyond either end."""
    at = LEVELS.index(level) + steps
    return LEVELS[at] if 0 <= at < len(LEVELS) else None


def has_threshold(query: Query) -> bool:
    """Whether a query has words of its own, whose papers are found by probability; the rest of it is exact."""
    return any(map(content_text, query.alternatives))


def is_movable(topic: str) -> bool:
    """Whether a topic can match more or less strictly; not one that is exact, or cannot be read any more."""
    try:
        return has_threshold(parse(topic))
    except QueryError:
        return False


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))
