"""One step in a process of its own: how long it took and how much memory the process ever held.

`python -m tests.bench.cold_process tick|shortlist DATABASE NOW` prints that as JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.app import runtime
from bot.store.sqlite import SqliteStore
from tests.bench.figures import Times, peak_memory, timed
from tests.bench.wiring import House

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class ColdRun:
    """Result of a step in its own process."""

    count: int
    """Channels chosen for, or candidates ranked."""
    seconds: float
    peak: float
    """Peak memory in MB."""


def run(step: str, path: Path, now: datetime) -> ColdRun:
    """Start the process and read its figures."""
    command = [sys.executable, "-m", "tests.bench.cold_process", step, str(path), now.isoformat()]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return ColdRun(**json.loads(done.stdout))


async def _step(step: str, path: Path, now: datetime) -> ColdRun:
    runtime.tune()
    times = Times()
    with SqliteStore(path, write=True) as store:
        engine = House(store, now=now).engine
        if step == "tick":
            await engine.fresh_shortlist(now)  # collecting ends with this, long before a channel is due
        with timed(times):
            count = await engine.tick() if step == "tick" else len(await engine.fresh_shortlist(now))
    return ColdRun(count, times.median, peak_memory())


if __name__ == "__main__":
    print(json.dumps(vars(asyncio.run(_step(sys.argv[1], Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))))))
