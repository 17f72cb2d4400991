"""Answers to commands while every channel is chosen for and delivered to, in the same process."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from itertools import count
from pathlib import Path

from bot.app import runtime
from bot.app.collect import describe
from bot.model import Caller, Channel, Paper
from bot.store.sqlite import SqliteStore
from tests.bench.figures import Row, peak_memory, percentile, seconds, times_as_long
from tests.bench.scale import Scale
from tests.bench.wiring import House, due_channels

COMMANDS_PER_SECOND = 10
"""The rate is steady, whether earlier commands have been answered or not."""

Timings = list[tuple[str, float]]
"""Commands, each with the seconds from when it was due to its answer."""


def measure(scale: Scale) -> Iterator[Row]:
    """p50 and p99: at rest, while choosing, and until all is delivered or the time is up."""
    runtime.tune()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        size = {"different": scale.selections, "candidates": scale.candidates, "days_shown": scale.days_shown}
        papers = asyncio.run(due_channels(path, channels=scale.channels[-1], **size))
        rest, choosing, delivering, messages = asyncio.run(_load(path, papers, scale))
    base = percentile([wait for _, wait in rest], 0.99)
    channels = f"{scale.channels[-1]:,} channels"
    for name, timings, target in (
        ("at rest", rest, ""),
        (f"while {channels} are chosen", choosing, "p99 < 100 ms"),
        (f"while they are delivered ({messages:,} messages)", delivering, "p99 < 100 ms"),
    ):
        waits = [wait for _, wait in timings]
        p50, p99 = seconds(percentile(waits, 0.5)), seconds(percentile(waits, 0.99))
        figure = f"p50 {p50}, p99 {p99}, longest {seconds(max(waits))}"
        what = f"{len(timings):,} commands, {COMMANDS_PER_SECOND} a second, {name}"
        ratio = "" if timings is rest else times_as_long(percentile(waits, 0.99), base)
        yield Row("answers", what, figure, target, "" if timings is rest else "p99 at rest", ratio)
    yield Row("answers", f"slowest kinds (median) {channels}", _slowest([*choosing, *delivering]))
    yield Row("answers", "peak memory, set-up included", f"{peak_memory():.0f} MB")


def _slowest(timings: Timings) -> str:
    kinds: dict[str, list[float]] = {}
    for line, wait in timings:
        kinds.setdefault(line.split()[0], []).append(wait)
    worst = sorted(((percentile(waits, 0.5), kind) for kind, waits in kinds.items()), reverse=True)
    return ", ".join(f"{kind} {seconds(wait)}" for wait, kind in worst[:3])


async def _load(path: Path, papers: Sequence[Paper], scale: Scale) -> tuple[Timings, Timings, Timings, int]:
    with SqliteStore(path, write=True) as store:
        await describe(store)
        house = House(store)
        lines = command_lines(papers)
        rest, choosing, delivering = Timings(), Timings(), Timings()
        await _send_commands(house, lines, Timings(), asyncio.sleep(scale.seconds / 10))  # fills the caches
        await _send_commands(house, lines, rest, asyncio.sleep(scale.seconds / 5))
        house.clock.advance(seconds=1)  # ranked at the last look at the sources, as in `bot.app.wiring`
        delivery = asyncio.create_task(house.queue.run())
        chosen = house.engine.tick()
        await _send_commands(house, lines, choosing, chosen)
        await _send_commands(house, lines, delivering, _until_delivered(house, scale.seconds))
        delivery.cancel()
        await asyncio.gather(delivery, return_exceptions=True)
        return rest, choosing, delivering, house.outlet.posted


async def _until_delivered(house: House, limit: float) -> None:
    """Wait until the platform has had nothing new for a second, at most `limit` seconds."""
    before, end = -1, asyncio.get_running_loop().time() + limit
    while house.outlet.posted != before and asyncio.get_running_loop().time() < end:
        before = house.outlet.posted
        await asyncio.sleep(min(1.0, limit))


async def _send_commands(
    house: House, lines: Sequence[str], timings: Timings, work: Coroutine[None, None, object]
) -> None:
    """Send commands at a steady rate while `work` runs; at least one."""
    loop = asyncio.get_running_loop()
    background, started, tasks = asyncio.ensure_future(work), loop.time(), []
    for number in count():
        due = started + number / COMMANDS_PER_SECOND
        await asyncio.sleep(max(due - loop.time(), 0))
        if number and background.done():
            break
        tasks.append(asyncio.create_task(_timed_answer(house, lines[number % len(lines)], number, due, timings)))
    await background
    await asyncio.gather(*tasks)


async def _timed_answer(house: House, line: str, number: int, due: float, timings: Timings) -> None:
    caller = Caller(Channel(f"bench:T{number % 97}/C{number}"), Channel("bench:T1/U1"), may_manage=True)
    answer = await house.desk.say(line, caller)
    timings.append((line, asyncio.get_running_loop().time() - due))
    assert "went wrong" not in getattr(answer, "text", ""), f"{line}: {answer}"


def command_lines(papers: Sequence[Paper]) -> list[str]:
    """Commands as people send them: most read, some change something."""
    words = [" ".join(each.title.split()[:2]) for each in papers[:20]]
    lines = [f"search {each}" for each in words] + [
        f"today {each.categories[0] and 'cat:' + each.categories[0]}" for each in papers[:6]
    ]
    lines += [f"paper {each.id}" for each in papers[:6]] + [f"why {each.id}" for each in papers[6:10]]
    lines += [
        f"similar {papers[11 % len(papers)].id}",
        f"save {papers[12 % len(papers)].id}",
        "preview",
        "preview",
        "topics list",
    ]
    lines += ["settings", "status", "help", "digest", "saved list", "topics add diffusion models", "catchup 3"]
    return lines[::7] + [line for i, line in enumerate(lines) if i % 7]
