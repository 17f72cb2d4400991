"""Scenarios of processes that are killed, one at every step of a watch; see `tests.processes.delivery_process`.

`python -m tests.processes.watch_process knows FOLDER`

A process finds four new papers for the watches of every channel: three come one by one, the fourth with the rest of the
day. It is killed at a numbered step, and a second one takes over, until one runs to the end of the day.
`tests/contracts/kill_watch.py` checks the messages that the platform has.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from bot.app.engine import DigestEngine
from bot.app.watch import WatchRoutine
from bot.model import Channel, Post, PostKey, Watch
from bot.store import Store
from tests.fakes import MONDAY, FakeSource, paper
from tests.harness.delivery import Delivery
from tests.processes.crash_points import CrashingOutlet, Finding, Steps, count_writes
from tests.processes.delivery_process import (
    ExternalPlatform,
    FilePlatform,
    Story,
    moments_left,
    write_result,
    write_scenarios,
)

PAPERS = [replace(paper(number), listed_at=None) for number in range(1, 5)]
LINE = "cat:cs.CL"
MOMENTS = (MONDAY, MONDAY.replace(hour=18), MONDAY.replace(hour=18) + timedelta(days=1))
"""Hours at which it is looked at what is due."""
MINUTES = 4
"""Ticks at each of them: one for the first message of a thread, one for those below, and more after a fault."""


async def prepare(platform: ExternalPlatform, folder: Path) -> None:
    """Make a store with a watch in every channel, and new papers."""
    delivery = Delivery(folder / "paperboy.db")
    with delivery.store:
        for channel in platform.channels:
            made = Watch(channel, LINE, set_by=platform.setter(channel), set_at=MONDAY - timedelta(hours=1))
            assert await delivery.store.watches.put(made, 1)
        source = FakeSource("arxiv")
        source.has(*PAPERS)
        await DigestEngine(delivery.store, [source], delivery.clock, notices=delivery.notices).collect()


async def watch_all(platform: ExternalPlatform, folder: Path, crash_at: int | None) -> None:
    """Post what the watches bring, today and the next day, or until step `crash_at`."""
    watched = platform.channels[-1]
    steps = Steps(crash_at, (watched, platform.setter(watched)), folder / "crash_log")
    async with platform.outlet(steps) as outlet:
        delivery = Delivery(folder / "paperboy.db", CrashingOutlet(outlet, steps))
        count_writes(delivery.store, steps)
        count_keeping(delivery.store, steps)
        with delivery.store:
            engine = DigestEngine(delivery.store, [], delivery.clock, notices=delivery.notices, queue=delivery.queue)
            engine.routines = (WatchRoutine(delivery.store, engine, delivery.notices),)
            for _ in moments_left(delivery, folder, MOMENTS):
                for _ in range(MINUTES):
                    await engine.tick()
                    await delivery.deliver_after(minutes=1)
            if crash_at is None:
                await write_result(platform, delivery, folder, PAPERS, steps)


def count_keeping(store: Store, steps: Steps) -> None:
    """Count two steps where posts are stored, which are of all channels at once."""
    keep = store.ledger.keep_posts

    async def keep_in_steps(posts: Sequence[Post], now: datetime, openers: Mapping[Channel, int]) -> frozenset[PostKey]:
        with steps.around("the posts are stored", None):
            return await keep(posts, now, openers)

    store.ledger.keep_posts = keep_in_steps  # type: ignore[method-assign]  # the same, counted


WATCH = Story(prepare, watch_all, twice=False)


if __name__ == "__main__":
    write_scenarios(FilePlatform(cast("Finding", sys.argv[1]), Path(sys.argv[2])), Path(sys.argv[2]), WATCH)
