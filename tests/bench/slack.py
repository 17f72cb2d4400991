"""A thread for each of a thousand Slack channels, beside slack_sdk alone, while people ask things and see it answer.

    fake Slack (a process, 20 ms a call)  ◄── HTTP ── Paperboy (a process) or the bare loop (a process), in turn
      people type ten commands a second   ──  socket ─►  and Paperboy acknowledges while it posts

Both post the same messages, sixteen at once, each channel's in order. Nobody waits a second between two of them.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from adapters.slack.blocks import payload
from adapters.slack.outlet import EVENT_TYPE
from bot import wording
from bot.collect import describe
from bot.deliver import CLAIMED_AT_ONCE
from bot.model import Channel
from bot.store import Store
from tests.bench.answers import A_SECOND, questions
from tests.bench.figures import Row, Times, percentile, rate, seconds, times_as_long
from tests.bench.papers import NOW, findings, noticed, papers
from tests.bench.scale import Scale
from tests.bench.turn import Side, Took, side
from tests.bench.wiring import digest
from tests.slack.fake import Apart, apart

LATENCY = 0.02
THREAD = 6
"""Messages: an opener and five replies."""
THREADS = 40
"""Different ones; channels take turns."""
ASKED = "C99999"
"""Where people ask: a channel without a digest, as the fake cannot tell a post from an answer."""
PATIENCE = 60.0

Shown = list[tuple[str, dict[str, Any], bool]]
"""Messages: what is read, what they carry, and whether they open a thread."""


@dataclass(frozen=True)
class Town:
    """What is posted where, ready on disk."""

    folder: Path
    channels: tuple[str, ...]
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


def measure(scale: Scale) -> Iterator[Row]:
    """Rate, acknowledgements and memory at the target's size; the rate and memory at others."""
    whole, bare, quiet = Sides(), Sides(), Sides()
    with tempfile.TemporaryDirectory() as folder:
        town = asyncio.run(_town(Path(folder), scale.slack_channels, scale.candidates))
        for _ in range(scale.runs):
            shown = [asyncio.run(_posted(town, whole)), asyncio.run(_looped(town, bare))]
            shown.append(asyncio.run(_posted(replace(town, lines=()), quiet)))
            assert shown[0] == shown[1] == shown[2], "the sides did not post the same"
    yield from _rows(town, whole, bare, quiet)
    for channels in scale.slack_more:
        with tempfile.TemporaryDirectory() as folder:
            town, other = asyncio.run(_town(Path(folder), channels, scale.candidates)), Sides()
            asyncio.run(_posted(town, other))
        figure = f"{rate(town.messages, other.times)}, {other.peak:.0f} MB; acks {_waits(other.acks)}"
        yield Row("slack", f"the same with {channels:,} channels", figure)


def _rows(town: Town, whole: Sides, bare: Sides, quiet: Sides) -> Iterator[Row]:
    what = f"{len(town.channels):,} channels, {town.messages:,} messages, {LATENCY * 1e3:.0f} ms a call, ledger on disk"
    peer = f"slack_sdk alone, {CLAIMED_AT_ONCE} at once: {rate(town.messages, bare.times)}"
    for sides, also in ((quiet, what), (whole, f"the same while {A_SECOND} commands a second are answered")):
        ratio = f"{bare.times.median / sides.times.median:.2f} of its rate"
        yield Row("slack", also, rate(town.messages, sides.times), "≥ 0.7 of its rate", peer, ratio)
        yield Row("slack", "busy while that ran", sides.busy, "", f"slack_sdk alone: {bare.busy}")
    what = f"{len(whole.acks):,} commands meanwhile, {A_SECOND} a second: until acknowledged"
    yield Row("slack", what, _waits(whole.acks), "p99 < 500 ms, none > 3 s")
    yield Row("slack", "the same until answered", _waits(whole.answers))
    peer = f"slack_sdk alone: {bare.peak:.0f} MB"
    yield Row("slack", "peak memory", f"{whole.peak:.0f} MB", "", peer, times_as_long(whole.peak, bare.peak))


def _waits(waits: Sequence[float]) -> str:
    half, most = seconds(percentile(waits, 0.5)), seconds(percentile(waits, 0.99))
    return f"p50 {half}, p99 {most}, longest {seconds(max(waits))}"


# --- what is posted ---------------------------------------------------------------------------------------------------


async def _town(folder: Path, channels: int, candidates: int) -> Town:
    """A ledger with a digest for every channel, and the payloads of the same threads for the bare loop."""
    found = papers(max(candidates, THREADS), days=14.0)
    names = tuple(f"C{number:05d}" for number in range(channels))
    kept = [
        digest(Channel(f"slack:T1/{name}"), [found[(i + k) % THREADS] for k in range(THREAD - 1)], NOW)
        for i, name in enumerate(names)
    ]
    with Store(folder / "ready.db", write=True) as store:
        await store.papers.add(findings(found, noticed(found)), "huggingface", NOW)
        await describe(store)
        await store.ledger.keep(kept, {})
        stored = [await store.ledger.digest(each.channel, each.day) for each in kept[:THREADS]]
    threads = [[payload(message) for message in wording.thread(each).messages] for each in stored if each is not None]
    (folder / "threads.json").write_text(json.dumps(threads), encoding="utf-8")
    return Town(folder, names, tuple(questions(found)))


# --- a run ------------------------------------------------------------------------------------------------------------


async def _posted(town: Town, into: Sides) -> Shown:
    """Paperboy on a fresh fake, with people who ask if there is anything to ask."""
    database = town.folder / "run.db"
    shutil.copy(town.folder / "ready.db", database)
    async with _fake(town) as (slack, job):
        async with side("tests.bench.slack_app", job | {"path": str(database)}) as process:
            await _connected(slack)
            await _timed(slack, process, into, town.lines)
        into.acks += [ack["seconds"] for ack in await slack.see("acks") if ack["kind"] == "slash_commands"]
        database.unlink()
        return await _shown(town, slack)


async def _looped(town: Town, into: Sides) -> Shown:
    """The bare loop on a fresh fake."""
    async with _fake(town) as (slack, job):
        job |= {"threads": str(town.folder / "threads.json"), "channels": town.channels, "event_type": EVENT_TYPE}
        job |= {"day": NOW.date().isoformat(), "at_once": CLAIMED_AT_ONCE}
        async with side("tests.bench.bare", job) as process:
            await _timed(slack, process, into, ())
        return await _shown(town, slack)


@asynccontextmanager
async def _fake(town: Town) -> AsyncIterator[tuple[Apart, dict[str, Any]]]:
    async with apart(latency=LATENCY) as slack:
        rooms = [{"id": name, "members": ["U1"]} for name in (*town.channels, ASKED)]
        tokens = await slack.do("setup", users=[{"id": "U1"}], channels=rooms)
        yield slack, {name: tokens[name] for name in ("bot_token", "app_token")} | {"api_url": slack.api_url}


async def _shown(town: Town, slack: Apart) -> Shown:
    """What the first channel shows, after a look whether everything arrived."""
    taken = (await slack.see("counts"))["calls"]["chat.postMessage"]
    assert taken == town.messages, f"{taken} of {town.messages} messages were posted"
    posts = await slack.see("posts", channel=town.channels[0])
    return [(post["shown"], post["raw"]["metadata"], post["thread_ts"] is None) for post in posts]


async def _connected(slack: Apart) -> None:
    async with asyncio.timeout(PATIENCE):
        while not (await slack.see("spent"))["sockets"]:
            await asyncio.sleep(0.05)


async def _timed(slack: Apart, process: Side, into: Sides, lines: Sequence[str]) -> None:
    before = (await slack.see("spent"))["cpu"]
    going = asyncio.create_task(process.goes())
    asked = asyncio.create_task(_ask(slack, lines, into, going)) if lines else None
    took = await going
    into.fakes.append(((await slack.see("spent"))["cpu"] - before) / took.seconds)
    into.times.append(took.seconds)
    into.took.append(took)
    if asked is not None:
        await asked


async def _ask(slack: Apart, lines: Sequence[str], into: Sides, until: asyncio.Task[Took]) -> None:
    """Commands at a steady rate, whether the ones before have been answered or not, until all is posted."""
    loop = asyncio.get_running_loop()
    started, asked = loop.time(), []
    for number in count():
        await asyncio.sleep(max(started + number / A_SECOND - loop.time(), 0))
        if number and until.done():
            break
        asked.append(asyncio.create_task(_one(slack, lines[number % len(lines)], into)))
    await asyncio.gather(*asked)


async def _one(slack: Apart, line: str, into: Sides) -> None:
    started = asyncio.get_running_loop().time()
    reply = await slack.do("command", user="U1", channel=ASKED, text=line, within=PATIENCE)
    into.answers.append(asyncio.get_running_loop().time() - started)
    assert reply["acked"], f"{line}: {reply['failure']}"
    assert "went wrong" not in reply["text"], f"{line}: {reply['text']}"
