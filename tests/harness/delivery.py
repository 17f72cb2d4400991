"""A deliverer with a store on disk, a fake clock and fake outlets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.model import Channel, Findings, Outcome, Paper, State, Style, Subscription, digest_key
from bot.ports import Outlet
from bot.queue.in_process import InProcessQueue
from tests.fakes import MONDAY, FakeClock, FakeOutlet, digest, paper
from tests.harness.store import new_store

TODAY = MONDAY.date()
HERE = Channel("fake:T1/C1")
THERE = Channel("fake:T1/C2")
ELSEWHERE = Channel("fake:T2/C3")
PAPERS = [paper(number) for number in range(1, 6)]
IDS = [each.id for each in PAPERS]
SETTER = Channel("fake:T1/U1")


class Delivery:
    """The deliverer and its parts, wired as in `bot.app.wiring`."""

    def __init__(
        self, path: Path, *outlets: Outlet, operator: str | None = None, clock: FakeClock | None = None
    ) -> None:
        self.clock = clock or FakeClock()
        self.store = new_store(path)
        self._outlets = {outlet.name: outlet for outlet in outlets}
        self.notices = Notices(self.store, self._outlets, self.clock, Channel(operator) if operator else None)
        self.restart()

    async def subscribe(self, *channels: Channel, set_by: Channel | None = SETTER) -> None:
        """Subscribe these channels, due tomorrow."""
        subscriptions = (Subscription(each, set_by=set_by, next_due=MONDAY + timedelta(days=1)) for each in channels)
        await self.store.subscriptions.put(*subscriptions)

    async def keep(
        self, channel: Channel, papers: list[Paper], *, at: datetime = MONDAY, style: Style = "thread"
    ) -> None:
        """Store a digest of these papers, as a tick does."""
        await self.store.papers.add(Findings(tuple(papers)), "huggingface", at)
        await self.store.ledger.keep([digest(channel, papers, at=at, style=style)], {})

    async def deliver(self) -> None:
        """Deliver everything that is due now."""
        await self.queue.drain()

    async def deliver_after(self, **span: float) -> None:
        """Advance the clock, then deliver."""
        self.clock.advance(**span)
        await self.deliver()

    def restart(self) -> None:
        """Replace the deliverer, as after a crash: nothing but the store is kept."""
        self.deliverer = Deliverer(self.store, self._outlets, self.clock, self.notices)
        self.queue = InProcessQueue(self.deliverer)

    async def digest_state(self, channel: Channel = HERE, day: date = TODAY) -> str:
        """State of a digest: open, done or abandoned."""
        states: dict[date, str] = {each[0]: each[2] for each in await self.store.ledger.last_days(channel)}
        return states[day]

    async def outcome(self, channel: Channel = HERE, day: date = TODAY) -> Outcome:
        """Outcome of a digest."""
        return {each[0]: each[1] for each in await self.store.ledger.last_days(channel)}[day]

    async def states(self, channel: Channel = HERE, day: date = TODAY) -> list[State]:
        """The states of a digest's messages, in order."""
        return [row.state for _, row in sorted((await self.store.ledger.deliveries(digest_key(channel, day))).items())]

    async def shown_papers(self, papers: list[Paper], channel: Channel = HERE) -> set[str]:
        """The ids of these papers that count as shown in a channel."""
        return set(await self.store.ledger.shown_in(channel, (each.id for each in papers)))

    async def pause_reason(self, channel: Channel = HERE) -> str | None:
        """The reason for a channel's pause; None if it is not paused."""
        subscription = await self.store.subscriptions.get(channel)
        assert subscription is not None
        return subscription.pause_reason if subscription.paused_at else None


@asynccontextmanager
async def running(delivery: Delivery) -> AsyncIterator[asyncio.Task[None]]:
    """Run the deliverer as a task that ends with the block."""
    task = asyncio.create_task(delivery.queue.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def texts(outlet: FakeOutlet, channel: Channel) -> list[str]:
    """The texts posted to a channel or person."""
    return [post.message.text for post in outlet.in_channel(channel)]


def slots(outlet: FakeOutlet, channel: Channel = HERE) -> list[str | None]:
    """The posted messages by paper; None is the opener."""
    return [post.message.paper_id for post in outlet.in_channel(channel)]
