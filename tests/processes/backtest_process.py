"""A stretch of an archive, replayed by processes that are killed.

`python -m tests.processes.backtest_process ARCHIVE FOLDER FIRST DAYS`

Every third day the process that delivers is killed in mid-thread, each time at another step, and another one goes on.
The platform's messages are written to stdout as JSON; `tests/processes/test_kill_backtest.py` checks them.
"""

from __future__ import annotations

import gc
import json
import logging
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from bot.app.backtest.archive import Archive
from bot.app.backtest.simulation import CHANNELS
from bot.app.engine import DigestEngine
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.model import Channel, Message, Ref
from bot.model.schedule import with_next_due
from bot.queue.in_process import InProcessQueue
from tests.harness.store import new_store
from tests.processes.crash_points import CrashingOutlet, FileOutlet, Steps, count_writes
from tests.processes.delivery_process import in_a_process

WATCHED = (CHANNELS[0].channel, CHANNELS[1].channel)
EVERY = 3


class PaperOutlet(FileOutlet):
    """A FileOutlet that also records the paper of a post, and the day."""

    def __init__(self, path: Path, today: date) -> None:
        super().__init__(path, name="replay")
        self._today = today

    def line(self, channel: Channel, message: Message, ref: Ref, under: Ref | None, key: str) -> dict[str, object]:
        """The recorded part of a message."""
        about = {"paper": message.paper_id, "day": self._today.isoformat()}
        return super().line(channel, message, ref, under, key) | about


async def subscribe(folder: Path, at: datetime) -> None:
    """The replay's five channels."""
    with new_store(folder / "replay.db") as store:
        await store.subscriptions.put(*(with_next_due(replace(each, at=time(9)), at) for each in CHANNELS))


async def one_day(archive: Archive, folder: Path, now: datetime, crash_at: int | None) -> None:
    """Collect, tick and deliver as it was at nine o'clock."""
    steps = Steps(crash_at, WATCHED)
    with new_store(folder / "replay.db") as store:
        count_writes(store, steps)
        outlets = {"replay": CrashingOutlet(PaperOutlet(folder / "posts.jsonl", now.date()), steps)}
        notices = Notices(store, outlets, lambda: now, None)
        engine = DigestEngine(store, (archive,), lambda: now, notices=notices)
        await engine.collect()
        await engine.tick()
        await InProcessQueue(Deliverer(store, outlets, lambda: now, notices)).drain()


def play(archive: Archive, folder: Path, first: date, days: int) -> dict[str, object]:
    """Replay day after day; the number of crashes, the days on which each channel was due, and the posts."""
    start = datetime.combine(first, time(9), UTC)
    assert in_a_process(partial(subscribe, folder, start - timedelta(minutes=1)))
    crashes = 0
    for number in range(days):
        now = start + timedelta(days=number)
        crash_at = 3 + number * 2 % 23 if number % EVERY == 0 else None
        while not in_a_process(partial(one_day, archive, folder, now, crash_at)):
            crashes, crash_at = crashes + 1, None
    due = {
        each.channel: [str(day) for n in range(days) if (day := first + timedelta(days=n)).weekday() in each.days]
        for each in CHANNELS
    }
    return {"crashes": crashes, "due": due, "posts": FileOutlet(folder / "posts.jsonl").posts()}


if __name__ == "__main__":
    logging.disable()
    archive = Archive(Path(sys.argv[1]))
    gc.freeze()  # so that collecting garbage in a child does not copy this process's memory
    sys.stdout.write(json.dumps(play(archive, Path(sys.argv[2]), date.fromisoformat(sys.argv[3]), int(sys.argv[4]))))
