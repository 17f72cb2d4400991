"""Two processes on one PostgreSQL database: a client gets the rate from both together."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from adapters.shared_rate import SharedRate
from adapters.web import WebFront
from bot.app import http_server
from bot.app.http_proxies import Proxies
from bot.errors import UnavailableStoreError
from bot.store import Store


def asked(rate: SharedRate, client: str, times: int) -> list[bool]:
    """Whether each of so many requests is answered."""
    answered = []
    for _ in range(times):
        answered.append(not rate.refuses(client))
        if answered[-1]:
            rate.count(client)
    return answered


async def test_a_client_that_asks_both_gets_the_rate_once_and_others_theirs(stores: tuple[Store, Store]) -> None:
    first, second = (SharedRate(store.leases, 60, "key") for store in stores)
    assert all(asked(first, "192.0.2.1", 35) + asked(second, "192.0.2.1", 35))
    assert all(asked(first, "192.0.2.2", 30))
    for each in (first, second):
        await each.merge()
    assert asked(first, "192.0.2.1", 1) == [True]  # it does not know yet what was merged after it
    await first.merge()
    assert asked(second, "192.0.2.1", 1) == asked(first, "192.0.2.1", 1) == [False]
    assert asked(first, "192.0.2.2", 1) == [True]
    rows = await stores[0].leases.holders("")
    assert len(rows) == 2
    assert not any("192.0.2" in name for name in rows)


async def test_the_store_is_not_asked_for_readers_of_a_few_pages(stores: tuple[Store, Store]) -> None:
    rate = SharedRate(stores[0].leases, 64, "key")
    asked(rate, "192.0.2.1", 3)
    await rate.merge()
    assert await stores[0].leases.holders("") == {}
    asked(rate, "192.0.2.1", 1)  # a sixteenth: now all four count
    await rate.merge()
    [name] = await stores[0].leases.holders("")
    assert 3 < await stores[0].leases.remaining(name) <= 60 * 4 / 64


async def test_without_the_store_each_process_goes_on_counting_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    merged = asyncio.Event()

    class Away:
        async def turns(self, seconds: object) -> None:
            merged.set()
            raise UnavailableStoreError("it is away")

    monkeypatch.setattr("adapters.shared_rate.MERGE_SECONDS", 0.001)
    rate = SharedRate(Away(), 3, "")  # type: ignore[arg-type] - what is asked of it
    web = WebFront(rate=3, shared=rate)
    serving = asyncio.create_task(web.serve(None))  # type: ignore[arg-type] - no page is asked for
    transport = httpx.ASGITransport(Proxies(http_server.application([web]), (), None), client=("192.0.2.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://paperboy.example") as client:
        assert [(await client.get("/nothing")).status_code for _ in range(4)] == [404, 404, 404, 429]
        async with asyncio.timeout(60):
            await merged.wait()
        assert (await client.get("/nothing")).status_code == 429
    assert not serving.done()
    serving.cancel()


async def test_what_is_merged_at_once_is_bounded(stores: tuple[Store, Store]) -> None:
    rate = SharedRate(stores[0].leases, 16, "key")
    for number in range(60):
        asked(rate, f"192.0.2.{number}", 1)
    await rate.merge()
    assert len(await stores[0].leases.holders("web ")) == 50
