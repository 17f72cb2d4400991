"""Two processes on one PostgreSQL database send mail over no more connections than the server grants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.email import SmtpClient, client, shared_connections
from adapters.email.shared_connections import WANTED, SharedConnections
from bot.store import Store
from tests.email.server import MailServer
from tests.email.test_faults import send, until


@pytest.fixture
async def smtp(
    server: MailServer, stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[SmtpClient]]:
    """The client of each process."""
    monkeypatch.setattr(client, "SHARED_IDLE_SECONDS", 0.05)
    clients = [SmtpClient(server.server(), leases=store.leases) for store in stores]
    yield clients
    for each in clients:
        await each.close()
    assert await stores[0].leases.holders("smtp ") == {}, "a connection that was closed is still held"


@pytest.fixture
async def shared(stores: tuple[Store, Store]) -> list[SharedConnections]:
    """Two connections of each process."""
    return [SharedConnections(store.leases, 2) for store in stores]


async def is_wanted(store: Store) -> None:
    """Wait until a process without a connection waits for one."""
    async with asyncio.timeout(60):
        while not await store.leases.remaining(WANTED):
            await asyncio.sleep(0.01)


async def test_a_process_waits_until_another_has_closed_a_connection(
    server: MailServer, stores: tuple[Store, Store], smtp: list[SmtpClient]
) -> None:
    first, second = smtp
    server.stalls()
    sending = [asyncio.create_task(send(first)) for _ in range(5)]
    await until(lambda: server.stalled == 4)
    late = asyncio.create_task(send(second))
    await is_wanted(stores[0])
    assert (first.opened, second.opened) == (4, 0)
    server.goes_on()
    await asyncio.gather(late, *sending)
    assert (len(server.mails), second.opened) == (6, 1)


async def test_who_has_none_comes_before_who_has_one(
    shared: list[SharedConnections], stores: tuple[Store, Store]
) -> None:
    first, second = shared
    one, other = await first.take(), await first.take()
    waiting = asyncio.create_task(second.take())
    await is_wanted(stores[0])
    first.free(one)
    again = asyncio.create_task(first.take())
    assert await waiting == one
    assert not again.done()
    first.free(other)
    assert await again == other


async def test_connections_of_a_process_that_died_are_free_when_its_lease_is_out(
    shared: list[SharedConnections], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_connections, "LEASE_SECONDS", 2.0)
    monkeypatch.setattr(shared_connections, "RENEW_SECONDS", 0.1)
    dead, living = shared
    held = {await dead.take(), await dead.take()}
    waiting = asyncio.create_task(living.take())
    await asyncio.sleep(2.2)
    assert not waiting.done(), "held for as long as it lives"
    await dead.close()  # renews no longer
    async with asyncio.timeout(60):
        assert await waiting in held
    await living.close()
