"""The long-running process: tuning of the Python interpreter (also for benchmarks), and how many files it may open."""

from __future__ import annotations

import gc
import sys

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

FILES_NEEDED = 256
"""Open files: 128 connections of readers (half of all), 64 that are accepted at once before any is looked at, and 64
for the database, the log, mail, sources and platforms. macOS grants 256, systemd 1,024."""
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


def open_files() -> int:
    """Number of files and connections that this process may have open."""
    if resource is None:
        return 1_024
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else 1 << 20


def open_files_fault() -> tuple[str, str] | None:
    """Problem with the limit of open files and the remedy; None if it is high enough."""
    if (limit := open_files()) >= FILES_NEEDED:
        return None
    problem = (
        f"only {limit} files may be open at once, and Paperboy needs {FILES_NEEDED}: for readers' connections, the"
        " database, mail and the sources"
    )
    return problem, "start it after `ulimit -n 1024`, or with LimitNOFILE=1024 in its systemd unit"
