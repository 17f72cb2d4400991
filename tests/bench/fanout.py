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
from bot.store.protocols import Secrets
from bot.store.sqlite import SqliteStore
from bot.wording.digest import digest_thread
from tests.bench.answers import A_SECOND, questions
from tests.bench.figures import Row, Times, percentile, rate, seconds, times_as_long
from tests.bench.papers import NOW, findings, noticed, papers
from tests.bench.scale import Scale
from tests.bench.side_process import Side, Took, side
from tests.bench.wiring import digest

LATENCY = 0.02
THREAD = 6
"""Messages: an opener and five replies."""
THREADS = 40
"""Different ones; channels take turns."""
PATIENCE = 60.0

Job = dict[str, Any]
Shown = list[Any]
"""What is to be read in a channel."""


@dataclass(frozen=True)
class Reply:
    """To a command."""

    acknowledged: float
    """Seconds, as the platform saw it."""
    text: str


class Place(Protocol):
    """A fake platform in a process of its own."""

    async def setup(self, town: Town) -> Job:
        """Make its channels; returns what a process needs to get there."""
        ...

    async def connected(self) -> bool:
        """Whether Paperboy hears."""
        ...

    async def spent(self) -> float:
        """Seconds of CPU."""
        ...

    async def taken(self) -> int:
        """Messages of digests so far."""
        ...

    async def shown(self, channel: Channel) -> Shown:
        """What is in a channel."""
        ...

    async def command(self, line: str) -> Reply:
        """Somebody types it in a channel without a digest, as the fake cannot tell a post from an answer."""
        ...


class Platform(Protocol):
    """What differs."""

    name: str
    sdk: str
    app: str
    """The module with Paperboy in a process."""
    bare: str
    """The module with the bare loop in a process."""

    def channels(self, number: int) -> tuple[Channel, ...]:
        """So many addresses."""
        ...

    def payload(self, message: Message) -> Job:
        """As the adapter makes it, without a key."""
        ...

    async def prepare(self, safe: Secrets, channels: Sequence[Channel]) -> None:
        """What a process that has run before left in the database."""
        ...

    def apart(self, latency: float) -> AbstractAsyncContextManager[Place]:
        """Start the fake."""
        ...


@dataclass(frozen=True)
class Town:
    """What is posted where, ready on disk."""

    platform: Platform
    folder: Path
    channels: tuple[Channel, ...]
    lines: tuple[str, ...]

    @property
    def messages(self) -> int:
        """In all."""
        return THREAD * len(self.channels)


@dataclass
class Sides:
    """What several runs of one side took."""

    times: Times = field(default_factory=Times)
    took: list[Took] = field(default_factory=list)
    fakes: list[float] = field(default_factory=list)
    """Cores' share that the fake was busy."""
    acks: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    @property
    def busy(self) -> str:
        """How busy this side and the fake were."""
        own = percentile([each.cpu / each.seconds for each in self.took], 0.5)
        return f"{own:.0%} of a core, the fake {percentile(self.fakes, 0.5):.0%}"

    @property
    def peak(self) -> float:
        """MB."""
        return max(each.peak for each in self.took)


def measure(platform: Platform, channels: int, more: Sequence[int], scale: Scale) -> Iterator[Row]:
    """Rate, acknowledgements and memory at the target's size; the rate and memory at others."""
    whole, bare, quiet = Sides(), Sides(), Sides()
    with tempfile.TemporaryDirectory() as folder:
        town = asyncio.run(_town(platform, Path(folder), channels, scale.candidates))
        for _ in range(scale.runs):
            shown = [asyncio.run(_posted(town, whole)), asyncio.run(_looped(town, bare))]
            shown.append(asyncio.run(_posted(replace(town, lines=()), quiet)))
            assert shown[0] == shown[1] == shown[2], "the sides did not post the same"
    yield from _rows(town, whole, bare, quiet)
    for others in more:
        with tempfile.TemporaryDirectory() as folder:
            town, other = asyncio.run(_town(platform, Path(folder), others, scale.candidates)), Sides()
            asyncio.run(_posted(town, other))
        figure = f"{rate(town.messages, other.times)}, {other.peak:.0f} MB; acks {_waits(other.acks)}"
        yield Row(platform.name, f"the same with {others:,} channels", figure)


def _rows(town: Town, whole: Sides, bare: Sides, quiet: Sides) -> Iterator[Row]:
    name, sdk = town.platform.name, town.platform.sdk
    what = f"{len(town.channels):,} channels, {town.messages:,} messages, {LATENCY * 1e3:.0f} ms a call, ledger on disk"
    peer = f"{sdk} alone, {CLAIMED_AT_ONCE} at once: {rate(town.messages, bare.times)}"
    for sides, also in ((quiet, what), (whole, f"the same while {A_SECOND} commands a second are answered")):
        ratio = f"{bare.times.median / sides.times.median:.2f} of its rate"
        yield Row(name, also, rate(town.messages, sides.times), "≥ 0.7 of its rate", peer, ratio)
        yield Row(name, "busy while that ran", sides.busy, "", f"{sdk} alone: {bare.busy}")
    what = f"{len(whole.acks):,} commands meanwhile, {A_SECOND} a second: until acknowledged"
    yield Row(name, what, _waits(whole.acks), "p99 < 500 ms, none > 3 s")
    yield Row(name, "the same until answered", _waits(whole.answers))
    peer = f"{sdk} alone: {bare.peak:.0f} MB"
    yield Row(name, "peak memory", f"{whole.peak:.0f} MB", "", peer, times_as_long(whole.peak, bare.peak))


def _waits(waits: Sequence[float]) -> str:
    half, most = seconds(percentile(waits, 0.5)), seconds(percentile(waits, 0.99))
    return f"p50 {half}, p99 {most}, longest {seconds(max(waits))}"


# --- what is posted ---------------------------------------------------------------------------------------------------


async def _town(platform: Platform, folder: Path, channels: int, candidates: int) -> Town:
    """A ledger with a digest for every channel, and the payloads of the same threads for the bare loop."""
    found = papers(max(candidates, THREADS), days=14.0)
    names = platform.channels(channels)
    kept = [digest(name, [found[(i + k) % THREADS] for k in range(THREAD - 1)], NOW) for i, name in enumerate(names)]
    with SqliteStore(folder / "ready.db", write=True) as store:
        await store.papers.add(findings(found, noticed(found)), "huggingface", NOW)
        await describe(store)
        await store.ledger.keep(kept, {})
        await platform.prepare(store.secrets, names)
        stored = [await store.ledger.digest(each.channel, each.day) for each in kept[:THREADS]]
    threads = [
        [platform.payload(message) for message in digest_thread(each).messages] for each in stored if each is not None
    ]
    (folder / "threads.json").write_text(json.dumps(threads), encoding="utf-8")
    return Town(platform, folder, names, tuple(questions(found)))


# --- a run ------------------------------------------------------------------------------------------------------------


async def _posted(town: Town, into: Sides) -> Shown:
    """Paperboy on a fresh fake, with people who ask if there is anything to ask."""
    database = town.folder / "run.db"
    shutil.copy(town.folder / "ready.db", database)
    async with _fake(town) as (place, job):
        async with side(town.platform.app, job | {"path": str(database)}) as process:
            await _connected(place)
            await _timed(place, process, into, town.lines)
        database.unlink()
        return await _shown(town, place)


async def _looped(town: Town, into: Sides) -> Shown:
    """The bare loop on a fresh fake."""
    async with _fake(town) as (place, job):
        job |= {"threads": str(town.folder / "threads.json"), "channels": town.channels}
        job |= {"day": NOW.date().isoformat(), "at_once": CLAIMED_AT_ONCE}
        async with side(town.platform.bare, job) as process:
            await _timed(place, process, into, ())
        return await _shown(town, place)


@asynccontextmanager
async def _fake(town: Town) -> AsyncIterator[tuple[Place, Job]]:
    async with town.platform.apart(LATENCY) as place:
        yield place, await place.setup(town)


async def _shown(town: Town, place: Place) -> Shown:
    """What the first channel shows, after a look whether everything arrived."""
    taken = await place.taken()
    assert taken == town.messages, f"{taken} of {town.messages} messages were posted"
    return await place.shown(town.channels[0])


async def _connected(place: Place) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await place.connected():
            await asyncio.sleep(0.05)


async def _timed(place: Place, process: Side, into: Sides, lines: Sequence[str]) -> None:
    before = await place.spent()
    going = asyncio.create_task(process.goes())
    asked = asyncio.create_task(_ask(place, lines, into, going)) if lines else None
    took = await going
    into.fakes.append((await place.spent() - before) / took.seconds)
    into.times.append(took.seconds)
    into.took.append(took)
    if asked is not None:
        await asked


async def _ask(place: Place, lines: Sequence[str], into: Sides, until: asyncio.Task[Took]) -> None:
    """Commands at a steady rate, whether the ones before have been answered or not, until all is posted."""
    loop = asyncio.get_running_loop()
    started, asked = loop.time(), []
    for number in count():
        await asyncio.sleep(max(started + number / A_SECOND - loop.time(), 0))
        if number and until.done():
            break
        asked.append(asyncio.create_task(_one(place, lines[number % len(lines)], into)))
    await asyncio.gather(*asked)


async def _one(place: Place, line: str, into: Sides) -> None:
    started = asyncio.get_running_loop().time()
    reply = await place.command(line)
    into.answers.append(asyncio.get_running_loop().time() - started)
    into.acks.append(reply.acknowledged)
    assert "went wrong" not in reply.text, f"{line}: {reply.text}"
