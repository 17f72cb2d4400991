"""One side of a comparison in a process of its own: begins when told, says what it took, stays until told to end.

    process:   await turn(work())
    parent:    async with side("tests.bench.bare", job) as process: took = await process.goes()

The job is JSON in the first argument. This imports next to nothing, as the memory of whoever imports it is measured.
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
class Took:
    """What a turn took."""

    seconds: float
    cpu: float
    """Seconds, of all threads."""
    peak: float
    """MB, from the start of the process."""


async def turn(work: Coroutine[Any, Any, None]) -> None:
    """In the process: wait for the word, work, tell, and return when the parent has seen enough."""
    await asyncio.to_thread(sys.stdin.readline)
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    took = Took(time.perf_counter() - wall, time.process_time() - cpu, peak_memory())
    print(json.dumps(asdict(took)), flush=True)
    await asyncio.to_thread(sys.stdin.read)


class Side:
    """In the parent: the process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def goes(self) -> Took:
        """Its turn, from the word to the end of its work."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"go\n")
        line = await self._process.stdout.readline()
        assert line, "the process died; what it said is above"
        return Took(**json.loads(line))


@asynccontextmanager
async def side(module: str, job: dict[str, Any]) -> AsyncIterator[Side]:
    """Start a process, and end it by its id."""
    pipe = asyncio.subprocess.PIPE
    words = (sys.executable, "-m", module, json.dumps(job))
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, cwd=ROOT)
    assert process.stdin is not None
    try:
        yield Side(process)
        process.stdin.close()
        assert await process.wait() == 0, f"{module} failed; what it said is above"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
