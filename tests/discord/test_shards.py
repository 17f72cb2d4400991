"""Shards of two processes on one PostgreSQL: shared by leases, taken over from a dead one, never served twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from adapters.discord import DiscordClient, DiscordFront, front, shards
from adapters.discord.shards import Shard, SharedShards
from bot.errors import UnavailableStoreError
from bot.store import Store
from bot.wording.parts import say
from tests.discord.fake import TOKEN, FakeDiscord
from tests.fakes.front import FakeDesk

SECOND = str((1 << 22) + 1)
"""A server of the second shard."""
IDENTIFY = 0.3


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases of a second, looked at ten times as often."""
    monkeypatch.setattr(shards, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(shards, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(shards, "MARGIN_SECONDS", 0.2)
    monkeypatch.setattr(front, "IDENTIFY_SECONDS", IDENTIFY)


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as opened:
        opened.gateway.shards = 2
        opened.guild("1001", "2001")
        opened.guild(SECOND, "2002")
        yield opened


class Process:
    """A front on a store of its own."""

    def __init__(self, store: Store) -> None:
        self.store, self.desk = store, FakeDesk({"today": say("Here they are")})
        connection = DiscordFront(TOKEN, store.secrets, leases=store.leases)
        self.serving = asyncio.create_task(connection.serve(self.desk))

    @property
    def answered(self) -> int:
        return len(self.desk.calls)

    async def stop(self) -> None:
        self.serving.cancel()
        await asyncio.gather(self.serving, return_exceptions=True)

    async def die(self) -> None:
        """As if killed: its connections break, and nothing is given back."""

        async def release(*_names: str) -> None:
            """Not at all."""

        self.store.leases.release = release  # type: ignore[method-assign]
        await self.stop()


async def eventually(condition: object) -> None:
    async with asyncio.timeout(60):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def test_two_processes_share_the_shards_and_a_dead_ones_are_taken_over(
    discord: FakeDiscord, stores: tuple[Store, Store]
) -> None:
    gateway = discord.gateway
    client = DiscordClient(TOKEN, discord.api_url)  # sets the address of the REST API

    async def asks(channel: str) -> None:
        assert (await discord.interactions.command("42", discord.channels[channel], "today")).text == "Here they are"

    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(client.close)
        first = Process(stores[0])
        stack.push_async_callback(first.stop)
        await eventually(lambda: gateway.served == [0, 1])
        for channel in ("2001", "2002"):
            await asks(channel)
        assert first.answered == 2
        second = Process(stores[1])
        stack.push_async_callback(second.stop)
        await eventually(lambda: len(gateway.begun) == 3 and gateway.served == [0, 1])
        for channel in ("2001", "2002"):
            await asks(channel)
        assert (first.answered, second.answered) == (3, 1), "one shard each"
        await first.die()
        await eventually(lambda: len(gateway.begun) == 4 and gateway.served == [0, 1])
        for channel in ("2001", "2002"):
            await asks(channel)
        assert (first.answered, second.answered) == (3, 3)
        assert gateway.doubled == []
        assert {total for _, total, _ in gateway.begun} == {2}
        assert min(later - before for (*_, before), (*_, later) in pairwise(gateway.begun)) >= IDENTIFY - 0.1


async def test_a_shard_is_served_while_the_store_is_away_for_less_than_its_lease(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    served, begun, looked = asyncio.Event(), list[Shard](), asyncio.Event()
    leases = stores[0].leases
    take = leases.take

    async def serve(shard: Shard, _is_held: object) -> None:
        begun.append(shard)
        served.set()
        await asyncio.Event().wait()

    async def looks(name: str, seconds: float) -> bool:
        looked.set()
        return await take(name, seconds)

    async def fails(_name: str, _seconds: float) -> bool:
        monkeypatch.setattr(leases, "take", looks)
        raise UnavailableStoreError("the database was lost while a change was committed")

    async def one() -> int:
        return 1

    shared = SharedShards(leases, serve, one, monotonic=lambda: 0.0)
    running = asyncio.create_task(shared.run())
    await asyncio.wait_for(served.wait(), 60)
    monkeypatch.setattr(leases, "take", fails)
    await eventually(lambda: running.done() or looked.is_set())
    assert (running.done(), begun) == (False, [Shard(0, 1)])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_look_so_slow_that_the_process_is_out_of_its_own_lease_shares_all_the_same(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    leases, served = stores[0].leases, asyncio.Event()
    take = leases.take

    async def take_slowly(name: str, seconds: float) -> bool:
        return await take(name, 0 if name.startswith(shards.PROCESS) else seconds)

    async def serve(_shard: Shard, _is_held: object) -> None:
        served.set()
        await asyncio.Event().wait()

    async def one() -> int:
        return 1

    monkeypatch.setattr(leases, "take", take_slowly)
    running = asyncio.create_task(SharedShards(leases, serve, one).run())
    serving = asyncio.create_task(served.wait())
    await asyncio.wait({running, serving}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    assert not running.done()
    assert served.is_set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_shard_whose_lease_is_out_is_served_no_more(stores: tuple[Store, Store]) -> None:
    """A process that was frozen finds its lease out by its own clock, before it asks the store."""
    now, served, stopped = 0.0, asyncio.Event(), asyncio.Event()

    async def serve(shard: Shard, _is_held: object) -> None:
        served.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async def one() -> int:
        return 1

    shared = SharedShards(stores[0].leases, serve, one, monotonic=lambda: now)
    running = asyncio.create_task(shared.run())
    await asyncio.wait_for(served.wait(), 60)
    assert shared.is_held(Shard(0, 1))
    now = 5.0
    assert not shared.is_held(Shard(0, 1))
    await asyncio.wait_for(stopped.wait(), 60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
