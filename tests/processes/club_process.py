"""Scenarios of processes that are killed, one at every step of a journal club; see `tests.processes.delivery_process`.

`python -m tests.processes.club_process knows FOLDER`

In every channel a vote is opened and two people vote, the result comes, somebody presents, a reminder comes, and the
next vote begins. A process is killed at a numbered step, and a second one takes over; whoever pressed a button that was
not answered presses it again. `tests/contracts/kill_club.py` checks the messages that the platform has.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import cast

from bot.app.club import ClubRoutine
from bot.app.engine import DigestEngine
from bot.digest.club import first_meeting
from bot.model import Channel, Post, PostKey
from bot.model.club import Club
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

PAPERS = [paper(number) for number in range(1, 9)]
THURSDAY = MONDAY.replace(hour=15) + timedelta(days=3)
MOMENTS = (
    MONDAY,
    MONDAY + timedelta(hours=1),
    THURSDAY - timedelta(days=1),
    THURSDAY - timedelta(hours=20),
    THURSDAY - timedelta(hours=1),
    THURSDAY,
)
"""The vote begins, two vote, the result, somebody presents, the reminder, the next vote begins."""
VOTING, PRESENTING = MOMENTS[1], MOMENTS[3]
MINUTES = 2
"""Ticks at each of them: more than one after a fault."""
PEOPLE = (Channel("fake:T1/U7"), Channel("fake:T1/U8"))


def meeting_of(channel: Channel) -> str:
    """Id of a channel's first meeting."""
    return f"meeting-{channel.rpartition('/')[2]}"


async def prepare(platform: ExternalPlatform, folder: Path) -> None:
    """Make a store with a club in every channel, and papers to vote on."""
    delivery = Delivery(folder / "paperboy.db")
    with delivery.store:
        for channel in platform.channels:
            club = Club(channel, 3, time(15), "UTC", 1, platform.setter(channel))
            assert await delivery.store.clubs.start(club, replace(first_meeting(club, MONDAY), id=meeting_of(channel)))
        source = FakeSource()
        for number, each in enumerate(PAPERS):
            source.notices(each, upvotes=10 + number)
        await DigestEngine(delivery.store, [source], delivery.clock, notices=delivery.notices).collect()


async def meet(platform: ExternalPlatform, folder: Path, crash_at: int | None) -> None:
    """Run the clubs until the next vote has begun, or until step `crash_at`."""
    watched = platform.channels[-1]
    steps = Steps(crash_at, (watched, platform.setter(watched), meeting_of(watched)), folder / "crash_log")
    async with platform.outlet(steps) as outlet:
        delivery = Delivery(folder / "paperboy.db", CrashingOutlet(outlet, steps))
        count_writes(delivery.store, steps)
        _count_keeping(delivery.store, steps)
        with delivery.store:
            engine = DigestEngine(delivery.store, [], delivery.clock, notices=delivery.notices, queue=delivery.queue)
            engine.routines = (ClubRoutine(delivery.store, engine),)
            for moment in moments_left(delivery, folder, MOMENTS):
                await _press(platform, delivery.store, moment)
                for _ in range(MINUTES):
                    await engine.tick()
                    await delivery.deliver_after(minutes=1)
            if crash_at is None:
                await write_result(platform, delivery, folder, PAPERS, steps)


async def _press(platform: ExternalPlatform, store: Store, now: datetime) -> None:
    """Press the buttons of the moment, again where a process died before it answered."""
    for channel in platform.channels:
        meeting = meeting_of(channel)
        if now == VOTING:
            for person in PEOPLE:
                assert await store.clubs.vote(channel, meeting, person, 2, now) in {"voted", "same"}
        if now == PRESENTING:
            assert await store.clubs.present(channel, meeting, PEOPLE[0], "Ada", now) in {"presents", "same"}


def _count_keeping(store: Store, steps: Steps) -> None:
    """Count two steps where posts of a channel are stored."""
    keep = store.ledger.keep_posts

    async def keep_in_steps(posts: Sequence[Post], now: datetime, openers: Mapping[Channel, int]) -> frozenset[PostKey]:
        if not posts:
            return frozenset()
        with steps.around("the posts are stored", posts[0].channel):
            return await keep(posts, now, openers)

    store.ledger.keep_posts = keep_in_steps  # type: ignore[method-assign]  # the same, counted


CLUB = Story(prepare, meet, twice=False)


if __name__ == "__main__":
    write_scenarios(FilePlatform(cast("Finding", sys.argv[1]), Path(sys.argv[2])), Path(sys.argv[2]), CLUB)
