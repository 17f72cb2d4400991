"""Scenarios of processes that are killed, one at every step of a delivery.

`python -m tests.processes.delivery_process knows FOLDER`

A process delivers a digest of three papers to three channels and is killed at a numbered step; a second one takes over
(and may be killed too), until one runs to the end of the day. The platform's messages, and the papers that the ledger
counts as shown, are written to stdout, a line of JSON a scenario; `tests/contracts/kill.py` checks them. Processes are
forks of this one, which has delivered once, so that they load no module and read no table again, and which has neither
a thread nor an open database.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from bot.app.engine import DigestEngine
from bot.model import Channel
from tests.fakes import MONDAY, FakeSource, paper
from tests.harness.delivery import Delivery
from tests.processes.crash_points import CrashingOutlet, FileOutlet, Finding, Steps, count_writes

if TYPE_CHECKING:
    from bot.model import Paper
    from bot.ports import Outlet


PAPERS = [paper(number) for number in range(1, 4)]
"""A first reply, one between others, and a last one."""
UNRECORDED = "after the platform keeps the message"
STEPS_AFTER_AN_OPENER, STEPS_AFTER_A_REPLY = 22, 8
"""Steps at which a second process is killed: while it looks for the message of the first, and just after."""


class ExternalPlatform(Protocol):
    """A platform that outlives the processes."""

    channels: tuple[Channel, ...]
    """Steps are counted for the last one; deliveries to the others run beside it."""
    twice: bool
    """Whether a second process is killed as well, while it looks for what the first one left."""

    def setter(self, channel: Channel) -> Channel:
        """The person who subscribed a channel."""

    def outlet(self, steps: Steps) -> AbstractAsyncContextManager[Outlet]:
        """An outlet for one process, which may count steps of its own."""

    def posts(self) -> list[dict[str, str]]:
        """All posts in order: channel, ref, under, key and text."""

    def wipe(self) -> None:
        """Delete every message, for the next scenario."""


class FilePlatform:
    """A platform whose messages are lines of a file."""

    channels = tuple(Channel(f"fake:T1/C{number}") for number in (1, 2, 3))
    twice = True

    def __init__(self, finding: Finding, folder: Path) -> None:
        self._finding, self._path = finding, folder / "posts.jsonl"

    def setter(self, channel: Channel) -> Channel:
        """`fake:T1/U2` of `fake:T1/C2`."""
        return Channel(channel.replace("/C", "/U"))

    @asynccontextmanager
    async def outlet(self, steps: Steps) -> AsyncIterator[Outlet]:
        """An outlet without steps of its own."""
        yield FileOutlet(self._path, finding=self._finding)

    def posts(self) -> list[dict[str, str]]:
        """The posts in the file."""
        return FileOutlet(self._path).posts()

    def wipe(self) -> None:
        """Delete the file."""
        self._path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Story:
    """What processes do, and are killed at."""

    prepare: Callable[[ExternalPlatform, Path], Coroutine[Any, Any, None]]
    """Make a store in a folder."""
    run: Callable[[ExternalPlatform, Path, int | None], Coroutine[Any, Any, None]]
    """Go on with it until nothing is left, or until a step; without it, write `result.json` into the folder."""
    twice: bool = True
    """Whether a second process is killed as well, where the platform says so."""


async def prepare(platform: ExternalPlatform, folder: Path) -> None:
    """Make a store with the day's digests, kept and not yet delivered."""
    delivery = Delivery(folder / "paperboy.db")
    with delivery.store:
        for channel in platform.channels:
            await delivery.subscribe(channel, set_by=platform.setter(channel))
            await delivery.keep(channel, PAPERS)


async def deliver_all(platform: ExternalPlatform, folder: Path, crash_at: int | None) -> None:
    """Deliver until nothing is left, or until step `crash_at`; without it, the next day's digests too."""
    watched = platform.channels[-1]
    steps = Steps(crash_at, (watched, platform.setter(watched)), folder / "crash_log")
    async with platform.outlet(steps) as outlet:
        delivery = Delivery(folder / "paperboy.db", CrashingOutlet(outlet, steps))
        count_writes(delivery.store, steps)
        with delivery.store:
            while await _is_unfinished(delivery):
                await delivery.deliver_after(minutes=1)
            if crash_at is None:
                await write_result(platform, delivery, folder, PAPERS, steps)
                delivery.clock.set(MONDAY + timedelta(days=1))
                await _next_day(delivery)


async def write_result(
    platform: ExternalPlatform, delivery: Delivery, folder: Path, papers: list[Paper], steps: Steps
) -> None:
    """Write what an undisturbed process leaves: which of the papers count as shown, and the steps it took."""
    shown_ids = {channel: sorted(await delivery.shown_papers(papers, channel)) for channel in platform.channels}
    setters = {channel: platform.setter(channel) for channel in platform.channels}
    result = {"shown": shown_ids, "setters": setters, "steps": steps.taken}
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")


def moments_left(delivery: Delivery, folder: Path, moments: Sequence[datetime]) -> Iterator[datetime]:
    """Set the clock to each moment, from that at which an earlier process died: no clock goes back because of that."""
    clock = folder / "clock"
    begun = moments.index(datetime.fromisoformat(clock.read_text())) if clock.exists() else 0
    for moment in moments[begun:]:
        clock.write_text(moment.isoformat())
        delivery.clock.set(moment)
        yield moment


DIGEST = Story(prepare, deliver_all)


async def _is_unfinished(delivery: Delivery) -> bool:
    later = delivery.clock() + timedelta(hours=1)
    return await delivery.store.ledger.next_try() is not None or bool(await delivery.store.people.due_notices(later))


async def _next_day(delivery: Delivery) -> None:
    source = FakeSource()
    for each in PAPERS:
        source.notices(each, upvotes=10)
    engine = DigestEngine(delivery.store, [source], delivery.clock, notices=delivery.notices)
    await engine.collect()
    await engine.tick()
    await delivery.deliver()


# --- processes -------------------------------------------------------------------------------------------------


def in_a_process(work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
    """Run work in a process of its own; False if that was killed. Any other failure raises SystemExit."""
    child = os.fork()
    if not child:
        try:
            asyncio.run(work())
        except BaseException:  # noqa: BLE001 - a child must not return into the parent's code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in {0, -signal.SIGKILL}:
        raise SystemExit(f"a process failed by itself: {status}")
    return status == 0


def run_scenario(platform: ExternalPlatform, start: Path, crashes: Iterable[int], story: Story) -> dict[str, Any]:
    """Run processes that are killed at these steps, one after the other, and a last one that is not."""
    platform.wipe()
    folder = start.with_name("scenario")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(start, folder)
    crashed = [step for step in crashes if not in_a_process(partial(story.run, platform, folder, step))]
    assert in_a_process(partial(story.run, platform, folder, None))
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    names = (folder / "crash_log").read_text(encoding="utf-8").splitlines() if crashed else []
    return {"crashes": crashed, "crashed_at": names, "posts": platform.posts(), **result}


def scenarios(platform: ExternalPlatform, folder: Path, story: Story) -> Iterable[dict[str, Any]]:
    """Scenarios without a crash, with one at each step, and with a second one while the first is recovered from."""
    start = folder / "start"
    start.mkdir()
    assert in_a_process(partial(story.prepare, platform, start))
    undisturbed = run_scenario(platform, start, [], story)
    yield undisturbed
    steps = cast("list[str]", undisturbed["steps"])
    for number in range(1, len(steps) + 1):
        yield run_scenario(platform, start, [number], story)
    if not (platform.twice and story.twice):
        return
    opener, reply = [number for number, step in enumerate(steps, start=1) if step == UNRECORDED][:2]
    for second in range(1, STEPS_AFTER_AN_OPENER + 1):
        yield run_scenario(platform, start, [opener, second], story)
    for second in range(1, STEPS_AFTER_A_REPLY + 1):
        yield run_scenario(platform, start, [reply, second], story)


def write_scenarios(platform: ExternalPlatform, folder: Path, story: Story = DIGEST) -> None:
    """Run every scenario and write it to stdout."""
    logging.disable()
    _deliver_here(platform, folder / "first", story)
    gc.disable()  # collecting garbage in a child would copy this process's memory; none lives long enough to need it
    for scenario in scenarios(platform, folder, story):
        sys.stdout.write(json.dumps(scenario) + "\n")


def _deliver_here(platform: ExternalPlatform, folder: Path, story: Story) -> None:
    folder.mkdir()
    asyncio.run(story.prepare(platform, folder))
    asyncio.run(story.run(platform, folder, None))
    assert threading.active_count() == 1, "a fork would copy locks that threads hold"


if __name__ == "__main__":
    write_scenarios(FilePlatform(cast("Finding", sys.argv[1]), Path(sys.argv[2])), Path(sys.argv[2]))
