"""One side of a comparison in a process of its own, which waits for a start signal and reports time and memory.

    process:   await on_start(work())
    parent:    async with side("tests.bench.bare", job) as process: usage = await process.start()

The job is JSON in the first argument. This module imports little, because the memory of the
importing process is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.figures import peak_memory

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Usage:
    """Time and memory of the work."""

    seconds: float
    cpu: float
    """Seconds, of all threads."""
    peak: float
    """MB, from the start of the process."""


async def on_start(work: Coroutine[Any, Any, None]) -> None:
    """In the process: wait for a line, do the work, report, and return when the parent closes stdin."""
    await asyncio.to_thread(sys.stdin.readline)
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    usage = Usage(time.perf_counter() - wall, time.process_time() - cpu, peak_memory())
    print(json.dumps(asdict(usage)), flush=True)
    await asyncio.to_thread(sys.stdin.read)


class Side:
    """Handle of the process in the parent."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def start(self) -> Usage:
        """Start the work and wait for its report."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"go\n")
        line = await self._process.stdout.readline()
        assert line, "the process died; its output is above"
        return Usage(**json.loads(line))


@asynccontextmanager
async def side(module: str, job: dict[str, Any]) -> AsyncIterator[Side]:
    """Start a process; it ends with the block."""
    pipe = asyncio.subprocess.PIPE
    words = (sys.executable, "-m", module, json.dumps(job))
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, cwd=ROOT)
    assert process.stdin is not None
    try:
        yield Side(process)
        process.stdin.close()
        assert await process.wait() == 0, f"{module} failed; its output is above"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
