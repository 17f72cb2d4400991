"""Tuning of the Python interpreter for the long-running process, also used by the benchmarks."""

from __future__ import annotations

import gc
import sys

GC_THRESHOLDS = (100_000, 50, 100)
"""With Python's own thresholds the collector stopped the process nineteen times for 0.2 to 0.5 s while digests were
chosen for and delivered to 10,000 channels (`python -m tests.bench answers`)."""
SWITCH_INTERVAL = 0.0005
"""Seconds a busy thread keeps running while the event loop waits for the interpreter lock. Python's default of 0.005
is noticeable at each step of an answer."""


def tune() -> None:
    """Set the garbage collection thresholds and the thread switch interval of this process."""
    gc.set_threshold(*GC_THRESHOLDS)
    sys.setswitchinterval(SWITCH_INTERVAL)
