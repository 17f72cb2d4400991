"""Tuning of the Python interpreter for the long-running process, also used by the benchmarks."""

from __future__ import annotations

import gc
import sys

GC_THRESHOLDS = (10_000, 500, 100)
"""With Python's own thresholds the collector stopped the process nineteen times for 0.2 to 0.5 s while digests were
chosen for and delivered to 10,000 channels (`python -m tests.bench answers`). A collection of the 10,000 youngest
objects takes 4 to 9 ms, one of 100,000 took 30 to 50 ms (`python -m tests.bench callbacks`)."""
SWITCH_INTERVAL = 0.0005
"""Seconds a busy thread keeps running while the event loop waits for the interpreter lock. Python's default of 0.005
is noticeable at each step of an answer."""


def tune() -> None:
    """Set the garbage collection thresholds and the thread switch interval of this process.

    What is in memory by now, mostly modules, is left out of every later collection.
    """
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    sys.setswitchinterval(SWITCH_INTERVAL)
