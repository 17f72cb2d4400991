"""How long the event loop is held in an hour of running: `python -m tests.bench callbacks`.

An hour of the clock is played minute by minute, as fast as it goes: two looks at a source that brings papers, a tick a
minute with channels due, their threads posted to an outlet that makes Slack's payloads, and commands in between. Each
callback of the loop is timed by the loop's own thread (`time.thread_time`), so that other threads and other processes
do not count, and by the wall clock, where they do.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from random import Random

from bot.app import runtime
from bot.model import Caller, Channel, Findings
from bot.store.sqlite import SqliteStore
from tests.bench.answers import questions
from tests.bench.figures import Row, percentile, seconds
from tests.bench.hops import PayloadOutlet
from tests.bench.papers import NOW, findings, noticed, papers
from tests.bench.scale import Scale
from tests.bench.subscriptions import subscriptions, wishes
from tests.bench.wiring import House

MINUTES = 60
LONG = 0.010
"""Seconds: a callback that takes longer is counted."""


@dataclass(frozen=True)
class Callback:
    """One callback of the loop: seconds of its thread, seconds of the wall clock, and what it was."""

    cpu: float
    wall: float
    name: str


class Batches:
    """A source named `huggingface` that brings a batch of papers at each look."""

    name = "huggingface"

    def __init__(self, batches: list[Findings]) -> None:
        self._batches = batches

    async def fetch(self, since: object, now: object) -> Findings:
        """The next batch; nothing after the last."""
        return self._batches.pop(0) if self._batches else Findings()


def measure(scale: Scale) -> Iterator[Row]:
    """The longest callbacks of an hour, and how many were long."""
    runtime.tune()
    channels = min(scale.channels[-1], 1_000)
    with tempfile.TemporaryDirectory() as folder:
        callbacks = asyncio.run(_hour(Path(folder) / "bench.db", channels, scale))
    by_cpu = sorted(callbacks, key=attrgetter("cpu"), reverse=True)
    walls = sorted((each.wall for each in callbacks), reverse=True)
    longest = ", ".join(f"{seconds(each.cpu)} {each.name}" for each in by_cpu[:5])
    what = f"{len(callbacks):,} callbacks of an hour with {channels:,} digests"
    long = f"{sum(each.cpu > LONG for each in callbacks)} over {seconds(LONG)}"
    yield Row("callbacks", f"{what}, the thread's own time: longest", f"{longest}; {long}", "10 ms")
    figure = f"p99.9 {seconds(percentile(walls, 0.999))}, longest {seconds(walls[0])}"
    yield Row("callbacks", "the same by the wall clock", figure)


async def _hour(path: Path, channels: int, scale: Scale) -> list[Callback]:
    listed = papers(scale.candidates)
    batches = [findings(part, noticed(part)) for part in (listed[: len(listed) // 2], listed[len(listed) // 2 :])]
    dice, callbacks = Random(7), []
    with SqliteStore(path, write=True) as store:
        wanted = subscriptions(wishes(min(scale.wishes, channels), listed), channels)
        due = [
            replace(
                each, channel=Channel(f"slack:T1/C{number}"), next_due=NOW + timedelta(minutes=dice.randrange(MINUTES))
            )
            for number, each in enumerate(wanted)
        ]
        await store.subscriptions.put(*due)
        house = House(store, now=NOW, outlet=PayloadOutlet())
        house.engine.sources = (Batches(batches),)
        lines = questions(listed)
        await house.engine.refresh()
        with timed_callbacks(callbacks):
            for minute in range(MINUTES):
                if minute % 30 == 15:
                    await asyncio.create_task(house.engine.refresh())
                await asyncio.create_task(house.engine.tick())
                await asyncio.create_task(house.deliverer.drain())
                caller = Caller(Channel("slack:T1/C1"), Channel("slack:T1/U1"), may_manage=True)
                await asyncio.create_task(house.desk.say(lines[minute % len(lines)], caller))
                house.clock.advance(minutes=1)
    return callbacks


@contextmanager
def timed_callbacks(into: list[Callback]) -> Iterator[None]:
    """Time every callback that the loop runs inside the block."""
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        run(handle)
        cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
        into.append(Callback(cpu, wall, _name(handle)))

    asyncio.Handle._run = timed  # type: ignore[method-assign]
    try:
        yield
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]


def _name(handle: asyncio.Handle) -> str:
    """Of a task the coroutine that it runs, else the function."""
    task = getattr(handle._callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return str(getattr(task.get_coro(), "__qualname__", task))
    return str(getattr(handle._callback, "__qualname__", "a callback"))
