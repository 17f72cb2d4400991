"""A store on disk, a clock, fake platforms and the deliverer between them: what the tests of delivery set up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.model import Channel, Findings, Outcome, Paper, State, Style, Subscription
from bot.ports import Outlet
from bot.store.sqlite import SqliteStore
from tests.fakes import MONDAY, FakeClock, FakeOutlet, digest, paper

TODAY = MONDAY.date()
HERE = Channel("fake:T1/C1")
THERE = Channel("fake:T1/C2")
ELSEWHERE = Channel("fake:T2/C3")
PAPERS = [paper(number) for number in range(1, 6)]
IDS = [each.id for each in PAPERS]
SETTER = Channel("fake:T1/U1")


class Delivery:
    """Wired as in `bot.app.wiring`, on fakes."""

    def __init__(
        self, path: Path, *outlets: Outlet, operator: str | None = None, clock: FakeClock | None = None
    ) -> None:
        self.clock = clock or FakeClock()
        self.store = SqliteStore(path, write=True)
        self._outlets = {outlet.name: outlet for outlet in outlets}
        self.notices = Notices(self.store, self._outlets, self.clock, Channel(operator) if operator else None)
        self.deliverer = self._deliverer()

    def _deliverer(self) -> Deliverer:
        return Deliverer(self.store, self._outlets, self.clock, self.notices)

    async def subscribe(self, *channels: Channel, set_by: Channel | None = SETTER) -> None:
        """These channels' wishes, due tomorrow."""
        wishes = (Subscription(each, set_by=set_by, next_due=MONDAY + timedelta(days=1)) for each in channels)
        await self.store.subscriptions.put(*wishes)

    async def keep(
        self, channel: Channel, papers: list[Paper], *, at: datetime = MONDAY, style: Style = "thread"
    ) -> None:
        """Keep a digest of these papers, as a tick does."""
        await self.store.papers.add(Findings(tuple(papers)), "huggingface", at)
        await self.store.ledger.keep([digest(channel, papers, at=at, style=style)], {})

    async def deliver(self) -> None:
        """Deliver all that can be delivered now."""
        await self.deliverer.drain()

    async def deliver_after(self, **span: float) -> None:
        """Let time pass, then deliver."""
        self.clock.advance(**span)
        await self.deliver()

    def dies(self) -> None:
        """The process ends without a word and another one takes over; only the store is left."""
        self.deliverer = self._deliverer()

    async def ended(self, channel: Channel = HERE, day: date = TODAY) -> str:
        """How a digest ended: open, done or abandoned."""
        states: dict[date, str] = {each[0]: each[2] for each in await self.store.ledger.last_days(channel)}
        return states[day]

    async def outcome(self, channel: Channel = HERE, day: date = TODAY) -> Outcome:
        """Why a digest is as it is."""
        return {each[0]: each[1] for each in await self.store.ledger.last_days(channel)}[day]

    async def states(self, channel: Channel = HERE, day: date = TODAY) -> list[State]:
        """The states of a digest's messages, in order."""
        return [row.state for _, row in sorted((await self.store.ledger.deliveries(channel, day)).items())]

    async def shown(self, papers: list[Paper], channel: Channel = HERE) -> set[str]:
        """Which of these papers count as shown in a channel."""
        return set(await self.store.ledger.shown_in(channel, (each.id for each in papers)))

    async def paused(self, channel: Channel = HERE) -> str | None:
        """Why a channel is paused; None if it runs."""
        wish = await self.store.subscriptions.get(channel)
        assert wish is not None
        return wish.pause_reason if wish.paused_at else None


@asynccontextmanager
async def running(delivery: Delivery) -> AsyncIterator[asyncio.Task[None]]:
    """The deliverer at work, as a task that ends with the block."""
    task = asyncio.create_task(delivery.deliverer.run())
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
