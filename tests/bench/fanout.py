"""A thread for each of a thousand channels, beside a platform's SDK alone, while people ask things and see it answer.

    fake platform (a process, 20 ms a call)  ◄── HTTP ── Paperboy (a process) or the bare loop (a process), in turn
      people type ten commands a second      ──  socket ─►  and Paperboy acknowledges while it posts

Both post the same messages, sixteen at once, each channel's in order. Nobody waits between two of them.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from bot.app.collect import describe
from bot.delivery.deliver import CLAIMED_AT_ONCE
from bot.model import Channel, Message
from bot.store import Secrets
from bot.store.sqlite import SqliteStore
from bot.wording.digest import digest_thread
from tests.bench.answers import COMMANDS_PER_SECOND, command_lines
from tests.bench.figures import Row, Times, percentile, rate, seconds, times_as_long
from tests.bench.papers import NOW, findings, noticed, papers
from tests.bench.scale import Scale
from tests.bench.side_process import Side, Usage, side
from tests.bench.wiring import digest

LATENCY = 0.02
THREAD = 6
"""Messages: an opener and five replies."""
THREADS = 40
"""Different threads; channels take turns."""
TIMEOUT = 60.0

Job = dict[str, Any]
Posts = list[Any]
"""Posts of a channel, comparable between two runs."""


@dataclass(frozen=True)
class Reply:
    """Answer to a command."""

    acknowledged: float
    """Seconds, measured by the platform."""
    text: str


class FakePlatform(Protocol):
    """A fake platform in a process of its own."""

    async def setup(self, workload: Workload) -> Job:
        """Make the channels; returns what a process needs to connect."""

    async def connected(self) -> bool:
        """Whether Paperboy is connected."""

    async def cpu_seconds(self) -> float:
        """CPU seconds the fake has used."""

    async def posted(self) -> int:
        """Number of messages of digests so far."""

    async def posts(self, channel: Channel) -> Posts:
        """Posts of a channel in order."""

    async def command(self, line: str) -> Reply:
        """Send a typed line in a channel without a digest, where an answer cannot be taken for a post."""


class Platform(Protocol):
    """Parts of the measurement that differ between platforms."""

    name: str
    sdk: str
    app: str
    """The module with Paperboy in a process."""
    bare: str
    """The module with the bare loop in a process."""

    def channels(self, number: int) -> tuple[Channel, ...]:
        """So many channel addresses."""

    def payload(self, message: Message) -> Job:
        """The adapter's payload of a message, without a key."""

    async def prepare(self, secrets: Secrets, channels: Sequence[Channel]) -> None:
        """Store what an earlier run would have left in the database."""

    def fake_process(self, latency: float) -> AbstractAsyncContextManager[FakePlatform]:
        """Start the fake in a process."""


@dataclass(frozen=True)
class Workload:
    """Channels, commands and the folder with the ledger and the payloads."""

    platform: Platform
    folder: Path
    channels: tuple[Channel, ...]
    lines: tuple[str, ...]

    @property
    def messages(self) -> int:
        """Number of messages in all channels."""
        return THREAD * len(self.channels)


@dataclass
class Runs:
    """Measurements of several runs of one side."""

    times: Times = field(default_factory=Times)
    usage: list[Usage] = field(default_factory=list)
    fakes: list[float] = field(default_factory=list)
    """Share of a core that the fake was busy, a run."""
    acks: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    @property
    def cores(self) -> str:
        """Share of a core that this side and the fake used."""
        own = percentile([each.cpu / each.seconds for each in self.usage], 0.5)
        return f"{own:.0%} of a core, the fake {percentile(self.fakes, 0.5):.0%}"

    @property
    def peak(self) -> float:
        """Peak memory in MB."""
        return max(each.peak for each in self.usage)


def measure(platform: Platform, channels: int, more: Sequence[int], scale: Scale) -> Iterator[Row]:
    """Rate, acknowledgements and memory at the target's size; the rate and memory at others."""
    busy, bare, idle = Runs(), Runs(), Runs()
    with tempfile.TemporaryDirectory() as folder:
        workload = asyncio.run(_workload(platform, Path(folder), channels, scale.candidates))
        for _ in range(scale.runs):
            posts = [asyncio.run(_run_paperboy(workload, busy)), asyncio.run(_run_bare(workload, bare))]
            posts.append(asyncio.run(_run_paperboy(replace(workload, lines=()), idle)))
            assert posts[0] == posts[1] == posts[2], "the sides did not post the same"
    yield from _rows(workload, busy, bare, idle)
    for others in more:
        with tempfile.TemporaryDirectory() as folder:
            workload, other = asyncio.run(_workload(platform, Path(folder), others, scale.candidates)), Runs()
            asyncio.run(_run_paperboy(workload, other))
        figure = f"{rate(workload.messages, other.times)}, {other.peak:.0f} MB; acks {_waits(other.acks)}"
        yield Row(platform.name, f"the same with {others:,} channels", figure)


def _rows(workload: Workload, busy: Runs, bare: Runs, idle: Runs) -> Iterator[Row]:
    name, sdk = workload.platform.name, workload.platform.sdk
    size = f"{len(workload.channels):,} channels, {workload.messages:,} messages"
    what = f"{size}, {LATENCY * 1e3:.0f} ms a call, ledger on disk"
    peer = f"{sdk} alone, {CLAIMED_AT_ONCE} at once: {rate(workload.messages, bare.times)}"
    for runs, label in ((idle, what), (busy, f"the same while {COMMANDS_PER_SECOND} commands a second are answered")):
        ratio = f"{bare.times.median / runs.times.median:.2f} of its rate"
        yield Row(name, label, rate(workload.messages, runs.times), "≥ 0.7 of its rate", peer, ratio)
        yield Row(name, "busy while that ran", runs.cores, "", f"{sdk} alone: {bare.cores}")
    what = f"{len(busy.acks):,} commands meanwhile, {COMMANDS_PER_SECOND} a second: until acknowledged"
    yield Row(name, what, _waits(busy.acks), "p99 < 500 ms, none > 3 s")
    yield Row(name, "the same until answered", _waits(busy.answers))
    peer = f"{sdk} alone: {bare.peak:.0f} MB"
    yield Row(name, "peak memory", f"{busy.peak:.0f} MB", "", peer, times_as_long(busy.peak, bare.peak))


def _waits(waits: Sequence[float]) -> str:
    p50, p99 = seconds(percentile(waits, 0.5)), seconds(percentile(waits, 0.99))
    return f"p50 {p50}, p99 {p99}, longest {seconds(max(waits))}"


# --- what is posted ---------------------------------------------------------------------------------------------------


async def _workload(platform: Platform, folder: Path, channels: int, candidates: int) -> Workload:
    """A ledger with a digest for every channel, and the payloads of the same threads for the bare loop."""
    listed = papers(max(candidates, THREADS), days=14.0)
    names = platform.channels(channels)
    digests = [
        digest(name, [listed[(i + k) % THREADS] for k in range(THREAD - 1)], NOW) for i, name in enumerate(names)
    ]
    with SqliteStore(folder / "ready.db", write=True) as store:
        await store.papers.add(findings(listed, noticed(listed)), "huggingface", NOW)
        await describe(store)
        await store.ledger.keep(digests, {})
        await platform.prepare(store.secrets, names)
        stored = [await store.ledger.digest(each.channel, each.day) for each in digests[:THREADS]]
    threads = [
        [platform.payload(message) for message in digest_thread(each).messages] for each in stored if each is not None
    ]
    (folder / "threads.json").write_text(json.dumps(threads), encoding="utf-8")
    return Workload(platform, folder, names, tuple(command_lines(listed)))


# --- a run ------------------------------------------------------------------------------------------------------------


async def _run_paperboy(workload: Workload, runs: Runs) -> Posts:
    """Run Paperboy on a fresh fake, with commands meanwhile if there are any."""
    database = workload.folder / "run.db"
    shutil.copy(workload.folder / "ready.db", database)
    async with _fake(workload) as (fake, job):
        async with side(workload.platform.app, job | {"path": str(database)}) as process:
            await _connected(fake)
            await _timed(fake, process, runs, workload.lines)
        database.unlink()
        return await _checked_posts(workload, fake)


async def _run_bare(workload: Workload, runs: Runs) -> Posts:
    """Run the bare loop on a fresh fake."""
    async with _fake(workload) as (fake, job):
        job |= {"threads": str(workload.folder / "threads.json"), "channels": workload.channels}
        job |= {"day": NOW.date().isoformat(), "at_once": CLAIMED_AT_ONCE}
        async with side(workload.platform.bare, job) as process:
            await _timed(fake, process, runs, ())
        return await _checked_posts(workload, fake)


@asynccontextmanager
async def _fake(workload: Workload) -> AsyncIterator[tuple[FakePlatform, Job]]:
    async with workload.platform.fake_process(LATENCY) as fake:
        yield fake, await fake.setup(workload)


async def _checked_posts(workload: Workload, fake: FakePlatform) -> Posts:
    """Posts of the first channel, after a check that everything arrived."""
    posted = await fake.posted()
    assert posted == workload.messages, f"{posted} of {workload.messages} messages were posted"
    return await fake.posts(workload.channels[0])


async def _connected(fake: FakePlatform) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not await fake.connected():
            await asyncio.sleep(0.05)


async def _timed(fake: FakePlatform, process: Side, runs: Runs, lines: Sequence[str]) -> None:
    before = await fake.cpu_seconds()
    running = asyncio.create_task(process.start())
    commands = asyncio.create_task(_send_commands(fake, lines, runs, running)) if lines else None
    usage = await running
    runs.fakes.append((await fake.cpu_seconds() - before) / usage.seconds)
    runs.times.append(usage.seconds)
    runs.usage.append(usage)
    if commands is not None:
        await commands


async def _send_commands(fake: FakePlatform, lines: Sequence[str], runs: Runs, work: asyncio.Task[Usage]) -> None:
    """Send commands at a steady rate, whether earlier ones have been answered or not, until all is posted."""
    loop = asyncio.get_running_loop()
    started, commands = loop.time(), []
    for number in count():
        await asyncio.sleep(max(started + number / COMMANDS_PER_SECOND - loop.time(), 0))
        if number and work.done():
            break
        commands.append(asyncio.create_task(_send(fake, lines[number % len(lines)], runs)))
    await asyncio.gather(*commands)


async def _send(fake: FakePlatform, line: str, runs: Runs) -> None:
    started = asyncio.get_running_loop().time()
    reply = await fake.command(line)
    runs.answers.append(asyncio.get_running_loop().time() - started)
    runs.acks.append(reply.acknowledged)
    assert "went wrong" not in reply.text, f"{line}: {reply.text}"
