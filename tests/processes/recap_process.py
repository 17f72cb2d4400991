"""Scenarios of processes that are killed, one at every step of an edit of a card and of a weekly recap.

A digest of one paper is delivered, which two people had liked or want to discuss: its card is edited, and on Friday a
recap follows. The process is killed at a numbered step of the edit or of the recap, and a second one goes on, until one
runs to the end of the next week. `tests/contracts/kill_recap.py` checks the messages that the platform has.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from bot.app.engine import DigestEngine
from bot.app.recap import RecapRoutine
from bot.delivery.counts import CardCounts
from bot.model import ChannelSettings, Subscription
from bot.model.counts import CountsDue
from bot.ports import Outlet
from bot.store import Store
from tests.fakes import MONDAY, paper
from tests.harness.delivery import Delivery
from tests.processes.crash_points import CrashingOutlet, Steps, count_writes
from tests.processes.delivery_process import ExternalPlatform, Story, moments_left, write_result
from tests.processes.watch_process import count_keeping

PAPERS = [paper(1)]
FRIDAY = datetime(2025, 11, 28, 16, 0, tzinfo=UTC)
MOMENTS = (MONDAY + timedelta(minutes=5), FRIDAY, FRIDAY + timedelta(days=7))
"""Hours at which it is looked at what is due."""
MINUTES = 4
"""Ticks at each of them."""


async def prepare(platform: ExternalPlatform, folder: Path) -> None:
    """Make a store with a digest to deliver in every channel, what people said of its paper, and a recap to come."""
    delivery = Delivery(folder / "paperboy.db")
    store = delivery.store
    with store:
        for channel in platform.channels:
            setter, due = platform.setter(channel), FRIDAY + timedelta(days=30)
            await store.subscriptions.put(Subscription(channel, set_by=setter, next_due=due))
            settings = ChannelSettings(recap_day=4, recap_at=time(16), recap_from=MONDAY)
            await store.channels.change(channel, ChannelSettings(), settings)
            await delivery.keep(channel, PAPERS)
            await store.people.react(channel, setter, PAPERS[0].id, 1, MONDAY)
            await store.feedback.toggle(channel, setter, PAPERS[0].id, "discuss", MONDAY)


async def recap_all(platform: ExternalPlatform, folder: Path, crash_at: int | None) -> None:
    """Deliver the digest, edit its card and post the recap, or go on until step `crash_at` of the last two."""
    watched = platform.channels[-1]
    steps = Steps(crash_at, (watched, platform.setter(watched)), folder / "crash_log")
    async with platform.outlet(steps) as outlet:
        if not (folder / "clock").exists():
            await _deliver_digests(folder, outlet, steps)
        delivery = Delivery(folder / "paperboy.db", crashing := CrashingOutlet(outlet, steps))
        count_writes(delivery.store, steps)
        count_keeping(delivery.store, steps)
        _count_recording(delivery.store, steps)
        with delivery.store:
            counts = CardCounts(delivery.store, {outlet.name: crashing}, delivery.clock, lambda: nullcontext(True))
            engine = DigestEngine(delivery.store, [], delivery.clock, notices=delivery.notices, queue=delivery.queue)
            routine = RecapRoutine(delivery.store, engine)
            for _ in moments_left(delivery, folder, MOMENTS):
                for _ in range(MINUTES):
                    await routine.run(delivery.clock())
                    await counts.edit_due()
                    await delivery.deliver_after(minutes=1)
            if crash_at is None:
                await write_result(platform, delivery, folder, PAPERS, steps)


async def _deliver_digests(folder: Path, outlet: Outlet, steps: Steps) -> None:
    """Deliver the digests, which counts no steps."""
    delivery = Delivery(folder / "paperboy.db", outlet)
    with delivery.store, steps.around("the digests", "no channel"):
        await delivery.deliver()


def _count_recording(store: Store, steps: Steps) -> None:
    """Count two steps where it is recorded what a card shows."""
    shown = store.counts.shown

    async def shown_in_steps(due: CountsDue, now: datetime) -> None:
        with steps.around("the counts are recorded", due.channel):
            await shown(due, now)

    store.counts.shown = shown_in_steps  # type: ignore[method-assign]  # the same, counted


RECAP = Story(prepare, recap_all, twice=False)
