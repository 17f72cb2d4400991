"""Evidence over time as line charts, one a series, because votes and stars share no scale. Pure.

A chart has lines alone; its labels stand beside it as text, and its values in a table below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Evidence, Signal
from bot.model.signal import MENTIONED_IN, STORY
from bot.wording import evidence, parts

WIDTH, HEIGHT, MARGIN = 600, 90, 5
"""Units of the SVG's view box."""
SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 56, 20, 2
"""Units of the view box of a line beside a paper in a list."""
SPARK_POINTS = 2
"""Fewest observations that make a line."""
MAX_POINTS = 100
"""A phone shows no more."""
MAX_ROWS = 12
"""Rows of the table, evenly taken from the series."""
MAX_CHARTS = 4
NOT_DRAWN = frozenset({"position", STORY})
"""A place in a list is no amount: a falling line would look like bad news. Mentions are told, not drawn."""
BASE_FROM = 0.5
"""A series that never falls below this share of its peak is drawn from its minimum, any other from zero."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A series as a line in a box of WIDTH × HEIGHT, and as text."""

    name: str
    """`upvotes on Hugging Face`."""
    description: str
    """One sentence: from what to what, since when."""
    points: str
    """Points of an SVG polyline; empty for a single value."""
    last_point: tuple[float, float]
    low: str
    high: str
    start: str
    end: str
    rows: tuple[tuple[str, str], ...]
    """Moment and value."""


def charts(signals: Iterable[Signal], now: datetime) -> list[Chart]:
    """Charts of a paper's signals (oldest first): upvotes, then the longest series."""
    series: dict[tuple[str, str], list[Signal]] = {}
    for signal in signals:
        if signal.kind not in NOT_DRAWN and not signal.kind.startswith(MENTIONED_IN):
            series.setdefault((signal.source, signal.kind), []).append(signal)
    longest = sorted(series.values(), key=lambda each: (each[0].kind != "upvotes", -len(each)))
    return [_chart(each, now) for each in longest[:MAX_CHARTS]]


def sparkline(votes: Sequence[tuple[datetime, float]]) -> str:
    """Points of an SVG polyline of a paper's votes, from none to the highest; empty for too few."""
    if len(votes) < SPARK_POINTS:
        return ""
    start, span = votes[0][0], (votes[-1][0] - votes[0][0]).total_seconds() or 1.0
    high = max(value for _, value in votes) or 1.0
    width, height = SPARK_WIDTH - 2 * SPARK_MARGIN, SPARK_HEIGHT - 2 * SPARK_MARGIN
    points = [
        (
            SPARK_MARGIN + width * (at - start).total_seconds() / span,
            SPARK_MARGIN + height * (1 - value / high),
        )
        for at, value in votes
    ]
    return " ".join(f"{x:.0f},{y:.1f}" for x, y in points)


def _chart(series: Sequence[Signal], now: datetime) -> Chart:
    first, last = series[0], series[-1]
    values = [signal.value for signal in series]
    low, high = min(values), max(values)
    base = low if low > high * BASE_FROM else min(0.0, low)
    points = [_point(signal, first, last, base, high) for signal in _sample(series, MAX_POINTS)]
    name = evidence.series_name(first.source, first.kind)
    return Chart(
        name=name,
        description=_description(name, first, last, now),
        points=" ".join(f"{x:g},{y:g}" for x, y in points) if len(points) > 1 else "",
        last_point=points[-1],
        low=parts.compact(base),
        high=parts.compact(high),
        start=parts.moment_text(first.seen_at, "UTC", now),
        end=parts.moment_text(last.seen_at, "UTC", now),
        rows=tuple(
            (parts.moment_text(signal.seen_at, "UTC", now), f"{signal.value:,g}")
            for signal in _sample(series, MAX_ROWS)
        ),
    )


def _description(name: str, first: Signal, last: Signal, now: datetime) -> str:
    if first is last:
        count = evidence.counted_text(Evidence(last.source, last.kind, last.value, last.seen_at))
        return f"{count}, read once, on {parts.moment_text(last.seen_at, 'UTC', now)} UTC."
    return f"From {first.value:,g} to {last.value:,g} {name} in {parts.span_text(last.seen_at - first.seen_at)}."


def _point(signal: Signal, first: Signal, last: Signal, base: float, high: float) -> tuple[float, float]:
    span = (last.seen_at - first.seen_at).total_seconds()
    x = (signal.seen_at - first.seen_at).total_seconds() / span if span else 1.0
    y = (signal.value - base) / (high - base) if high > base else 0.5
    return round(MARGIN + x * (WIDTH - 2 * MARGIN), 1), round(HEIGHT - MARGIN - y * (HEIGHT - 2 * MARGIN), 1)


def _sample(series: Sequence[Signal], most: int) -> list[Signal]:
    """At most so many signals, evenly spaced by index, the first and the last included."""
    if len(series) <= most:
        return list(series)
    return [series[round(i * (len(series) - 1) / (most - 1))] for i in range(most)]
