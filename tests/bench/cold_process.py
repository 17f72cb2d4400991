"""One step in a process of its own: how long it took and how much memory the process ever held.

`python -m tests.bench.cold_process tick|shortlist|search DATABASE NOW` prints that as JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.app import runtime
from bot.model.database import Database, DatabaseUrl, read_database
from bot.search import Search
from bot.store import Store
from tests.bench.figures import Times, peak_memory, timed
from tests.bench.wiring import House, opened

ROOT = Path(__file__).parents[2]
TWO_WORDS = ("video diffusion", "language models", "protein structure", "speech synthesis", "graph learning") * 10


@dataclass(frozen=True)
class ColdRun:
    """Result of a step in its own process."""

    count: int
    """Channels chosen for, candidates ranked, or papers found."""
    seconds: float
    peak: float
    """Peak memory in MB."""
    processor: float = 0.0
    """Seconds on all threads, which other processes lengthen less; 0 for searches."""


def run(step: str, place: Database, now: datetime) -> ColdRun:
    """Start the process and read its figures."""
    command = [sys.executable, "-m", "tests.bench.cold_process", step, written(place), now.isoformat()]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return ColdRun(**json.loads(done.stdout))


def written(place: Database) -> str:
    """The argument of a process that opens this store."""
    return place.reveal() if isinstance(place, DatabaseUrl) else str(place)


async def _step(step: str, place: Database, now: datetime) -> ColdRun:
    runtime.tune()
    times = Times()
    with opened(place) as store:
        if step == "search":
            return await _searches(store, now)
        engine = House(store, now=now).engine
        if step == "tick":
            await engine.fresh_shortlist(now)  # collecting ends with this, long before a channel is due
        before = time.process_time()
        with timed(times):
            count = await engine.tick() if step == "tick" else len(await engine.fresh_shortlist(now))
    return ColdRun(count, times.median, peak_memory(), time.process_time() - before)


async def _searches(store: Store, now: datetime) -> ColdRun:
    """Searches by two words; the first, which loads the index, is not timed."""
    search, times = Search(store), Times()
    for words in TWO_WORDS:
        with timed(times):
            results = await search.search(words, limit=10, now=now)
    return ColdRun(len(results.hits), Times(times[1:]).median, peak_memory())


if __name__ == "__main__":
    print(
        json.dumps(
            vars(asyncio.run(_step(sys.argv[1], read_database(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))))
        )
    )
