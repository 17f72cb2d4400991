"""Scenarios of processes that are killed, one at every step of a second look; see `tests.processes.delivery_process`.

`python -m tests.processes.update_process knows FOLDER`

A digest has been delivered. On the next day the paper was accepted, and on the day after it is withdrawn; a process is
killed at a numbered step of telling so, and a second one takes over, until one runs to the end.
`tests/contracts/kill_update.py` checks the messages that the platform has.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

from bot.app.routines import keep_posts
from bot.app.second_look import SecondLook
from bot.model import Findings, Post, SourceReport
from tests.fakes import MONDAY, paper
from tests.harness.delivery import Delivery
from tests.processes.crash_points import CrashingOutlet, Finding, Steps, count_writes
from tests.processes.delivery_process import ExternalPlatform, FilePlatform, Story, moments_left, write_scenarios

SHOWN = replace(paper(1), comment="12 pages", version=1)
ACCEPTED = replace(SHOWN, comment="Accepted at ICLR 2026")
WITHDRAWN = replace(SHOWN, comment="Withdrawn by the authors.", withdrawn=True, version=2)
DAYS = {MONDAY + timedelta(days=1): ACCEPTED, MONDAY + timedelta(days=2): WITHDRAWN}
MINUTES = 4
"""Ticks of a day: one for the look and its message, and more after a fault."""


async def prepare(platform: ExternalPlatform, folder: Path) -> None:
    """Make a store with a digest that is still to be delivered, and a first look."""
    delivery = Delivery(folder / "paperboy.db")
    with delivery.store:
        await delivery.store.papers.add(Findings((SHOWN,)), "arxiv", MONDAY)
        for channel in platform.channels:
            await delivery.subscribe(channel, set_by=platform.setter(channel))
            await delivery.keep(channel, [SHOWN])
        await _look(delivery, _routine(delivery))


async def update_all(platform: ExternalPlatform, folder: Path, crash_at: int | None) -> None:
    """Tell what has changed on two days, or until step `crash_at`."""
    watched: list[object] = []
    steps = Steps(crash_at, watched, folder / "crash_log")
    async with platform.outlet(steps) as outlet:
        delivery = Delivery(folder / "paperboy.db", CrashingOutlet(outlet, steps))
        with delivery.store:
            if not (folder / "clock").exists():
                await delivery.deliver()
            watched.append(platform.channels[-1])
            count_writes(delivery.store, steps)
            routine = _routine(delivery)
            for day in moments_left(delivery, folder, list(DAYS)):
                await delivery.store.papers.add(Findings((DAYS[day],)), "arxiv", day)
                for _ in range(MINUTES):
                    await _look(delivery, routine)
                    await delivery.deliver_after(minutes=1)
            if crash_at is None:
                result = {"shown": {channel: [SHOWN.id] for channel in platform.channels}, "steps": steps.taken}
                (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")


def _routine(delivery: Delivery) -> SecondLook:
    async def post(posts: Sequence[Post]) -> None:
        await keep_posts(delivery.store, None, posts, delivery.clock())

    return SecondLook(delivery.store, post, ["fake", "slack", "discord"])


async def _look(delivery: Delivery, routine: SecondLook) -> None:
    now = delivery.clock()
    await delivery.store.papers.report(SourceReport("arxiv", now, now))
    await routine.run(now)


UPDATE = Story(prepare, update_all, twice=False)


if __name__ == "__main__":
    write_scenarios(FilePlatform(cast("Finding", sys.argv[1]), Path(sys.argv[2])), Path(sys.argv[2]), UPDATE)
