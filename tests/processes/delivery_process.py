"""Processes that are killed: one at every step of a delivery.

`python -m tests.processes.delivery_process knows FOLDER`

A process delivers a digest of five papers to three channels and dies at a numbered step; a second one takes over (and
may die too), until one lives to the end of the day. What the platform then has, and what the ledger says was shown, is
written to stdout, a line of JSON a story; `tests/contracts/kill.py` judges it. Processes are forks of this one, which
has no threads and never opens the database, so that a death costs milliseconds.
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
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from sqlite_utils.plugins import ensure_plugins_loaded

from bot.app.engine import DigestEngine
from bot.model import Channel
from tests.fakes import MONDAY, FakeSource, paper
from tests.harness.delivery import Delivery
from tests.processes.crash_points import Finding, MortalOutlet, OutsideOutlet, Steps, mortal

if TYPE_CHECKING:
    from bot.ports import Outlet


PAPERS = [paper(number) for number in range(1, 6)]
UNRECORDED = "after the platform keeps the message"
STEPS_AFTER_AN_OPENER, STEPS_AFTER_A_REPLY = 22, 8
"""How far into its life a second process is killed: looking for what the first one left, and what follows from it."""


class Outside(Protocol):
    """The platform, which outlives the processes."""

    channels: tuple[Channel, ...]
    """The last one's steps are counted; the others are wherever they happen to be."""

    def setter(self, channel: Channel) -> Channel:
        """The person who subscribed a channel."""
        ...

    def outlet(self, steps: Steps) -> AbstractAsyncContextManager[Outlet]:
        """The way there, for one process; `steps` may be taken on it."""
        ...

    def posts(self) -> list[dict[str, str]]:
        """All posts in order: channel, ref, under, key and text."""
        ...

    def wipe(self) -> None:
        """Forget all of it, for the next story."""
        ...


class OnDisk:
    """Messages are lines of a file."""

    channels = tuple(Channel(f"fake:T1/C{number}") for number in (1, 2, 3))

    def __init__(self, finding: Finding, folder: Path) -> None:
        self._finding, self._path = finding, folder / "posts.jsonl"

    def setter(self, channel: Channel) -> Channel:
        """`fake:T1/U2` of `fake:T1/C2`."""
        return Channel(channel.replace("/C", "/U"))

    @asynccontextmanager
    async def outlet(self, steps: Steps) -> AsyncIterator[Outlet]:
        """Nothing to close, and no steps on the way."""
        yield OutsideOutlet(self._path, finding=self._finding)

    def posts(self) -> list[dict[str, str]]:
        """The posts in the file."""
        return OutsideOutlet(self._path).posts()

    def wipe(self) -> None:
        """Away with the file."""
        self._path.unlink(missing_ok=True)


async def prepare(outside: Outside, folder: Path) -> None:
    """A store with the day's digests, kept and not yet delivered."""
    delivery = Delivery(folder / "paperboy.db")
    with delivery.store:
        for channel in outside.channels:
            await delivery.subscribe(channel, set_by=outside.setter(channel))
            await delivery.keep(channel, PAPERS)


async def live(outside: Outside, folder: Path, dies_at: int | None) -> None:
    """Deliver until nothing is left, or until step `dies_at`; who lives chooses and delivers the next day's digests."""
    watched = outside.channels[-1]
    steps = Steps(dies_at, (watched, outside.setter(watched)), folder / "epitaphs")
    async with outside.outlet(steps) as outlet:
        delivery = Delivery(folder / "paperboy.db", MortalOutlet(outlet, steps))
        mortal(delivery.store, steps)
        with delivery.store:
            await _live(delivery, outside, folder, steps, last=dies_at is None)


async def _live(delivery: Delivery, outside: Outside, folder: Path, steps: Steps, *, last: bool) -> None:
    while await _something_is_left(delivery):
        await delivery.deliver_after(minutes=1)
    if last:
        shown_papers = {channel: sorted(await delivery.shown(PAPERS, channel)) for channel in outside.channels}
        setters = {channel: outside.setter(channel) for channel in outside.channels}
        story = {"shown": shown_papers, "setters": setters, "steps": steps.taken}
        (folder / "end.json").write_text(json.dumps(story), encoding="utf-8")
        delivery.clock.set(MONDAY + timedelta(days=1))
        await _next_day(delivery)


async def _something_is_left(delivery: Delivery) -> bool:
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


def in_a_process(life: Callable[[], Coroutine[Any, Any, None]]) -> bool:
    """Run in a process of its own; whether it lived to the end. A life that ends in an error is an error here."""
    child = os.fork()
    if not child:
        try:
            asyncio.run(life())
        except BaseException:  # noqa: BLE001 - a child must not come back into the parent's code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in {0, -signal.SIGKILL}:
        raise SystemExit(f"a process failed by itself: {status}")
    return status == 0


def story(outside: Outside, start: Path, deaths: Iterable[int]) -> dict[str, Any]:
    """Processes that die at these steps, one after the other, and a last one that does not."""
    outside.wipe()
    folder = start.with_name("story")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(start, folder)
    died = [step for step in deaths if not in_a_process(partial(live, outside, folder, step))]
    assert in_a_process(partial(live, outside, folder, None))
    end = json.loads((folder / "end.json").read_text(encoding="utf-8"))
    epitaphs = folder / "epitaphs"
    died_at = epitaphs.read_text(encoding="utf-8").splitlines() if died else []
    return {"deaths": died, "died_at": died_at, "posts": outside.posts(), **end}


def stories(outside: Outside, folder: Path) -> Iterable[dict[str, Any]]:
    """Stories without a death, with one at each step, and with a second one while the first is recovered from."""
    start = folder / "start"
    start.mkdir()
    assert in_a_process(partial(prepare, outside, start))
    undisturbed = story(outside, start, [])
    yield undisturbed
    steps = cast("list[str]", undisturbed["steps"])
    for number in range(1, len(steps) + 1):
        yield story(outside, start, [number])
    opener, reply = [number for number, step in enumerate(steps, start=1) if step == UNRECORDED][:2]
    for second in range(1, STEPS_AFTER_AN_OPENER + 1):
        yield story(outside, start, [opener, second])
    for second in range(1, STEPS_AFTER_A_REPLY + 1):
        yield story(outside, start, [reply, second])


def tell(outside: Outside, folder: Path) -> None:
    """Live every story and write it to stdout."""
    logging.disable()
    ensure_plugins_loaded()  # or each process looks through all that is installed
    gc.disable()  # collecting garbage in a child would copy this process's memory; none lives long enough to need it
    for told in stories(outside, folder):
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    tell(OnDisk(cast("Finding", sys.argv[1]), Path(sys.argv[2])), Path(sys.argv[2]))
