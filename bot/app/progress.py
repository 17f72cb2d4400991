"""Progress bar on a terminal; silent elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger("paperboy.import")

LOGGED_EVERY = 30.0
"""Seconds between two lines of the log about an import that nobody watches."""


@contextmanager
def progress_bar(label: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal's stderr; yields the function that advances it by so many steps."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - slow to import

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda step: progress.advance(task, step)


@contextmanager
def file_progress() -> Iterator[Callable[[float, int], None]]:
    """Share of a file, papers a second and the time left: a bar on a terminal, elsewhere lines of the log.

    Yields the function that takes the share that was read, 0 to 1, and the number of papers so far.
    """
    start = time.monotonic()
    if not sys.stderr.isatty():
        yield _logged(start)
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[pace]}")
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Importing", total=1.0, pace="")
        yield lambda share, papers: progress.update(task, completed=share, pace=_pace(papers, start))


def _logged(start: float) -> Callable[[float, int], None]:
    last = start

    def show(share: float, papers: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= LOGGED_EVERY:
            last = now
            left = round((now - start) * (1 - share) / max(share, 0.001))
            log.info(
                "importing read=%d%% papers=%d pace=%r seconds_left=%d", 100 * share, papers, _pace(papers, start), left
            )

    return show


def _pace(papers: int, start: float) -> str:
    return f"{papers / max(time.monotonic() - start, 0.001):,.0f} papers/s"
