"""Medians, their spread, memory, and the table."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Row:
    """One line of the table; every cell is text."""

    subject: str
    what: str
    figure: str
    target: str = ""
    peer: str = ""
    ratio: str = ""


class Times(list[float]):
    """Seconds of several runs."""

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self)

    def __str__(self) -> str:
        """The median, and the span where there were several."""
        if len(self) == 1:
            return seconds(self[0])
        return f"{seconds(self.median)} ({seconds(min(self))} … {seconds(max(self))})"


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Append how long the block took."""
    started = time.perf_counter()
    yield
    into.append(time.perf_counter() - started)


def seconds(value: float) -> str:
    """Three digits, in the unit that suits: 1.23 s, 45.6 ms, 7.9 µs."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 1 or unit == "µs":
            return f"{value * factor:.3g} {unit}" if value * factor < 100 else f"{value * factor:,.0f} {unit}"
    raise AssertionError


def rate(count: int, times: Times) -> str:
    """How many a second, by the median, with the span."""
    middle = f"{count / times.median:,.0f}/s"
    return middle if len(times) == 1 else f"{middle} ({count / max(times):,.0f} … {count / min(times):,.0f})"


def times_as_long(own: float, peers: float) -> str:
    """How our time stands to the peer's."""
    factor = own / peers
    return f"{factor:.2g}×" if factor < 10 else f"{factor:,.0f}×"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def peak_memory() -> float:
    """The most memory this process has held, in MB.

    Not `ru_maxrss` where /proc tells it: a child inherits that figure from the process that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def table(rows: Iterable[Row]) -> str:
    """All rows as one Markdown table."""
    lines = [
        "| subject | what | median (min … max) | target | peer, same run | ours : peer |",
        "|---|---|---|---|---|---|",
    ]
    lines += (f"| {r.subject} | {r.what} | {r.figure} | {r.target} | {r.peer} | {r.ratio} |" for r in rows)
    return "\n".join(lines)


def unrest() -> Times:
    """How long the same small calculation takes, again and again: its spread is the machine's noise."""
    times = Times()
    for _ in range(15):
        with timed(times):
            sum(i * i for i in range(200_000))
    return times
