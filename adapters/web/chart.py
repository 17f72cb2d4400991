"""Evidence over time as small drawings: one a series, because votes and stars share no scale. Pure.

A drawing is lines alone; everything there is to read stands beside it as text, and all values in a table below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.model import Evidence, Signal
from bot.wording import evidence, parts

WIDTH, HEIGHT, EDGE = 600, 90, 5
MOST_POINTS = 100
"""A phone shows no more."""
MOST_ROWS = 12
"""Rows of the table: the rest is between them."""
MOST_CHARTS = 4
NOT_DRAWN = frozenset({"position"})
"""A place in a list is no amount: a line that falls would look like bad news."""
BASE_FROM = 0.5
"""A series that never falls below so large a share of its peak is drawn from its lowest value, not from nothing."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A series: its line in a box of WIDTH × HEIGHT, and the same in words."""

    name: str
    """`upvotes on Hugging Face`."""
    said: str
    """One sentence: from what to what, since when."""
    line: str
    """Points of an SVG polyline; empty where a single value makes none."""
    last: tuple[float, float]
    low: str
    high: str
    start: str
    end: str
    rows: tuple[tuple[str, str], ...]
    """Moment and value."""


def charts(signals: Iterable[Signal]) -> list[Chart]:
    """A chart for each series, the longest first. `signals` are of one paper, oldest first."""
    series: dict[tuple[str, str], list[Signal]] = {}
    for signal in signals:
        if signal.kind not in NOT_DRAWN:
            series.setdefault((signal.source, signal.kind), []).append(signal)
    longest = sorted(series.values(), key=lambda each: (each[0].kind != "upvotes", -len(each)))
    return [_chart(each) for each in longest[:MOST_CHARTS]]


def _chart(series: Sequence[Signal]) -> Chart:
    first, last = series[0], series[-1]
    values = [signal.value for signal in series]
    low, high = min(values), max(values)
    base = low if low > high * BASE_FROM else min(0.0, low)
    points = [_place(signal, first, last, base, high) for signal in _thinned(series, MOST_POINTS)]
    name = evidence.series_name(first.source, first.kind)
    start, end = (parts.moment_text(signal.seen_at, "UTC") for signal in (first, last))
    return Chart(
        name=name,
        said=_said(name, first, last),
        line=" ".join(f"{x:g},{y:g}" for x, y in points) if len(points) > 1 else "",
        last=points[-1],
        low=parts.compact(base),
        high=parts.compact(high),
        start=start,
        end=end,
        rows=tuple(
            (parts.moment_text(signal.seen_at, "UTC"), f"{signal.value:,g}") for signal in _thinned(series, MOST_ROWS)
        ),
    )


def _said(name: str, first: Signal, last: Signal) -> str:
    if first is last:
        counted = evidence.counted_text(Evidence(last.source, last.kind, last.value, last.seen_at))
        return f"{counted}, read once, on {parts.moment_text(last.seen_at, 'UTC')} UTC."
    span = parts.span_text(last.seen_at - first.seen_at)
    return f"From {first.value:,g} to {last.value:,g} {name} in {span}."


def _place(signal: Signal, first: Signal, last: Signal, base: float, high: float) -> tuple[float, float]:
    span = (last.seen_at - first.seen_at).total_seconds()
    across = (signal.seen_at - first.seen_at).total_seconds() / span if span else 1.0
    up = (signal.value - base) / (high - base) if high > base else 0.5
    return round(EDGE + across * (WIDTH - 2 * EDGE), 1), round(HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE), 1)


def _thinned(series: Sequence[Signal], most: int) -> list[Signal]:
    """At most so many, evenly taken, the first and the last among them."""
    if len(series) <= most:
        return list(series)
    return [series[round(i * (len(series) - 1) / (most - 1))] for i in range(most)]
