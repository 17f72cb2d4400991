"""Callbacks of the event loop in an hour of running: `python -m tests.bench callbacks`.

An hour of the clock is played minute by minute, as fast as it goes: two looks at a source that brings papers, a tick a
minute with channels due, their threads posted to an outlet that makes Slack's payloads, and commands in between. Each
callback is timed on the loop's own thread (`time.thread_time`), so that other threads and other processes do not count,
and by the wall clock, where they do. Garbage collections that run inside a callback are timed apart: they stop every
thread, wherever they are triggered.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from random import Random

from adapters.slack.blocks import payload
from bot.app import runtime
from bot.model import Caller, Channel, Findings, Message, Ref
from bot.store.sqlite import SqliteStore
from tests.bench.answers import command_lines
from tests.bench.figures import Row, percentile, seconds
from tests.bench.hops import PayloadOutlet
from tests.bench.papers import NOW, findings, noticed, papers
from tests.bench.scale import Scale
from tests.bench.subscriptions import selections, subscriptions
from tests.bench.wiring import House

MINUTES = 60
LONG = 0.010
"""Seconds: a callback that takes longer is counted."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback of the loop; times in seconds."""

    own: float
    """On the loop's thread, without garbage collections."""
    collecting: float
    """Of garbage collections on the loop's thread."""
    wall: float
    name: str


class DiscardingOutlet(PayloadOutlet):
    """An outlet that makes each message's payload and keeps none, so that collections do not visit them."""

    async def post(self, channel: Channel, message: Message, *, under: Ref | None, key: str) -> Ref:
        payload(message)
        return Ref(key)


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
    callbacks.sort(key=attrgetter("own"), reverse=True)
    longest = ", ".join(f"{seconds(each.own)} {each.name}" for each in callbacks[:5])
    long = f"{sum(each.own > LONG for each in callbacks)} over {seconds(LONG)}"
    what = f"{len(callbacks):,} callbacks of an hour with {channels:,} digests"
    yield Row("callbacks", f"{what}, the thread's own time: longest", f"{longest}; {long}", "10 ms")
    pauses = sorted((each.collecting for each in callbacks if each.collecting), reverse=True)
    figure = f"{len(pauses)}: {', '.join(map(seconds, pauses[:5])) or 'none'}"
    yield Row("callbacks", "callbacks with a garbage collection, longest collections", figure)
    walls = sorted((each.wall for each in callbacks), reverse=True)
    figure = f"p99.9 {seconds(percentile(walls, 0.999))}, longest {seconds(walls[0])}"
    yield Row("callbacks", "the same callbacks by the wall clock", figure)


async def _hour(path: Path, channels: int, scale: Scale) -> list[Callback]:
    stored = papers(scale.candidates)
    batches = [findings(part, noticed(part)) for part in (stored[: len(stored) // 2], stored[len(stored) // 2 :])]
    dice, callbacks = Random(7), []
    with SqliteStore(path, write=True) as store:
        subscribed = subscriptions(selections(min(scale.selections, channels), stored), channels)
        due = [
            replace(
                each, channel=Channel(f"slack:T1/C{number}"), next_due=NOW + timedelta(minutes=dice.randrange(MINUTES))
            )
            for number, each in enumerate(subscribed)
        ]
        await store.subscriptions.put(*due)
        house = House(store, now=NOW, outlet=DiscardingOutlet())
        house.engine.sources = (Batches(batches),)
        lines = command_lines(stored)
        await house.engine.refresh()
        with timed_callbacks(callbacks):
            for minute in range(MINUTES):
                if minute % 30 == 15:
                    await asyncio.create_task(house.engine.refresh())
                await asyncio.create_task(house.engine.tick())
                await asyncio.create_task(house.queue.drain())
                caller = Caller(Channel("slack:T1/C1"), Channel("slack:T1/U1"), may_manage=True)
                await asyncio.create_task(house.desk.say(lines[minute % len(lines)], caller))
                house.clock.advance(minutes=1)
        await asyncio.sleep(0)  # this task's next callback closes the store and is not timed
    return callbacks


@contextmanager
def timed_callbacks(callbacks: list[Callback]) -> Iterator[None]:
    """Time every callback that the loop runs inside the block."""
    run, loop_thread = asyncio.Handle._run, threading.get_ident()
    collecting = [0.0]

    def note_collection(phase: str, _: object) -> None:
        if threading.get_ident() == loop_thread:
            collecting[0] += time.thread_time() if phase == "stop" else -time.thread_time()

    def timed(handle: asyncio.Handle) -> None:
        collecting[0] = 0.0
        wall, cpu = time.perf_counter(), time.thread_time()
        run(handle)
        cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
        callbacks.append(Callback(cpu - collecting[0], collecting[0], wall, _name(handle)))

    asyncio.Handle._run = timed  # type: ignore[method-assign]
    gc.callbacks.append(note_collection)
    try:
        yield
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]
        gc.callbacks.remove(note_collection)


def _name(handle: asyncio.Handle) -> str:
    """Name of the coroutine that a task runs, else of the function."""
    task = getattr(handle._callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return str(getattr(task.get_coro(), "__qualname__", task))
    return str(getattr(handle._callback, "__qualname__", "a callback"))
