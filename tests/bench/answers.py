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

A_SECOND = 10
"""Commands, at a steady rate whether the ones before have been answered or not."""

Answered = list[tuple[str, float]]
"""A command and the seconds from when it was due to its answer."""


def measure(scale: Scale) -> Iterator[Row]:
    """p50 and p99: at rest, while choosing, and until all is delivered or the time is up."""
    runtime.tune()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        size = {"different": scale.wishes, "candidates": scale.candidates, "days_shown": scale.days_shown}
        found = asyncio.run(due_channels(path, channels=scale.channels[-1], **size))
        rest, choosing, delivering, taken = asyncio.run(_load(path, found, scale))
    base = percentile([wait for _, wait in rest], 0.99)
    channels = f"{scale.channels[-1]:,} channels"
    for name, answered, target in (
        ("at rest", rest, ""),
        (f"while {channels} are chosen", choosing, "p99 < 100 ms"),
        (f"while they are delivered ({taken:,} messages)", delivering, "p99 < 100 ms"),
    ):
        waits = [wait for _, wait in answered]
        half, most = seconds(percentile(waits, 0.5)), seconds(percentile(waits, 0.99))
        figure = f"p50 {half}, p99 {most}, longest {seconds(max(waits))}"
        what = f"{len(answered):,} commands, {A_SECOND} a second, {name}"
        ratio = "" if answered is rest else times_as_long(percentile(waits, 0.99), base)
        yield Row("answers", what, figure, target, "" if answered is rest else "p99 at rest", ratio)
    yield Row("answers", f"slowest kinds (median) {channels}", _slowest([*choosing, *delivering]))
    yield Row("answers", "peak memory, set-up included", f"{peak_memory():.0f} MB")


def _slowest(answered: Answered) -> str:
    kinds: dict[str, list[float]] = {}
    for line, wait in answered:
        kinds.setdefault(line.split()[0], []).append(wait)
    worst = sorted(((percentile(waits, 0.5), kind) for kind, waits in kinds.items()), reverse=True)
    return ", ".join(f"{kind} {seconds(wait)}" for wait, kind in worst[:3])


async def _load(path: Path, found: Sequence[Paper], scale: Scale) -> tuple[Answered, Answered, Answered, int]:
    with SqliteStore(path, write=True) as store:
        await describe(store)
        house = House(store)
        lines = questions(found)
        rest, choosing, delivering = Answered(), Answered(), Answered()
        await _ask(house, lines, Answered(), asyncio.sleep(scale.seconds / 10))  # what is kept in memory, is
        await _ask(house, lines, rest, asyncio.sleep(scale.seconds / 5))
        house.clock.advance(seconds=1)  # ranked at the last look at the sources, as in `bot.app.wiring`
        delivery = asyncio.create_task(house.deliverer.run())
        chosen = house.engine.tick()
        await _ask(house, lines, choosing, chosen)
        await _ask(house, lines, delivering, _delivered(house, scale.seconds))
        delivery.cancel()
        await asyncio.gather(delivery, return_exceptions=True)
        return rest, choosing, delivering, house.outlet.taken


async def _delivered(house: House, most: float) -> None:
    """Until the platform has had nothing new for a moment, at most so long."""
    seen, end = -1, asyncio.get_running_loop().time() + most
    while house.outlet.taken != seen and asyncio.get_running_loop().time() < end:
        seen = house.outlet.taken
        await asyncio.sleep(min(1.0, most))


async def _ask(house: House, lines: Sequence[str], into: Answered, until: Coroutine[None, None, object]) -> None:
    """Commands at a steady rate while something else goes on; at least one."""
    loop = asyncio.get_running_loop()
    going, started, asked = asyncio.ensure_future(until), loop.time(), []
    for number in count():
        due = started + number / A_SECOND
        await asyncio.sleep(max(due - loop.time(), 0))
        if number and going.done():
            break
        asked.append(asyncio.create_task(_one(house, lines[number % len(lines)], number, due, into)))
    await going
    await asyncio.gather(*asked)


async def _one(house: House, line: str, number: int, due: float, into: Answered) -> None:
    caller = Caller(Channel(f"bench:T{number % 97}/C{number}"), Channel("bench:T1/U1"), may_manage=True)
    answer = await house.desk.say(line, caller)
    into.append((line, asyncio.get_running_loop().time() - due))
    assert "went wrong" not in getattr(answer, "text", ""), f"{line}: {answer}"


def questions(found: Sequence[Paper]) -> list[str]:
    """What people ask: mostly to read, sometimes to change something."""
    words = [" ".join(each.title.split()[:2]) for each in found[:20]]
    lines = [f"search {each}" for each in words] + [
        f"today {each.categories[0] and 'cat:' + each.categories[0]}" for each in found[:6]
    ]
    lines += [f"paper {each.id}" for each in found[:6]] + [f"why {each.id}" for each in found[6:10]]
    lines += [
        f"similar {found[11 % len(found)].id}",
        f"save {found[12 % len(found)].id}",
        "preview",
        "preview",
        "topics list",
    ]
    lines += ["settings", "status", "help", "digest", "saved list", "topics add diffusion models", "catchup 3"]
    return lines[::7] + [line for i, line in enumerate(lines) if i % 7]
