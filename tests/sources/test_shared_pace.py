"""The pace of a source over two processes that share a PostgreSQL database."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from bot.errors import StoreError
from bot.sources import limiter
from bot.sources.closed_hosts import ClosedHosts
from bot.sources.limiter import Limiter, SharedTurns
from bot.store import Store

INTERVAL = 0.15


async def test_two_processes_make_one_request_at_a_time_the_interval_apart(stores: tuple[Store, Store]) -> None:
    now, requests = asyncio.get_running_loop().time, []

    async def request(limiter: Limiter) -> None:
        async with limiter.turn():
            started = now()
            await asyncio.sleep(0.03)
            requests.append((started, now()))

    limiters = [Limiter(INTERVAL, shared=SharedTurns(each.leases, "source arxiv", INTERVAL)) for each in stores]
    await asyncio.gather(*(request(each) for each in limiters for _ in range(3)))
    assert len(requests) == 6
    gaps = [start - end for (_, end), (start, _) in pairwise(requests)]
    assert min(gaps) >= INTERVAL - 0.005, "the server's clock and ours are read at different moments"


async def test_a_process_that_ends_leaves_the_interval_after_its_request(stores: tuple[Store, Store]) -> None:
    first, second = (SharedTurns(each.leases, "source arxiv", 60) for each in stores)
    async with first.turn():
        assert not await stores[1].leases.take("source arxiv", 1)
    await stores[0].leases.release()
    waiting = asyncio.create_task(second.turn().__aenter__())
    await asyncio.wait({waiting}, timeout=0.3)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_turn_is_renewed_after_a_renewal_that_the_store_did_not_answer(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "RENEW_SECONDS", 0.01)
    take, calls, renewed = stores[0].leases.take, list[str](), asyncio.Event()

    async def fails_at_the_second_call(name: str, seconds: float) -> bool:
        calls.append(name)
        if len(calls) == 2:
            raise StoreError("the server is gone")
        is_taken = await take(name, seconds)
        if len(calls) > 2:
            renewed.set()
        return is_taken

    monkeypatch.setattr(stores[0].leases, "take", fails_at_the_second_call)
    async with SharedTurns(stores[0].leases, "source arxiv", INTERVAL).turn():
        await asyncio.wait_for(renewed.wait(), 60)


async def test_a_host_that_told_one_process_to_leave_it_alone_is_left_alone_by_the_other(
    stores: tuple[Store, Store],
) -> None:
    first, second = (ClosedHosts(lambda: 0.0, each.leases) for each in stores)
    assert await second.remaining("huggingface.co") == 0
    await first.close("huggingface.co", 600)
    assert 590 < await second.remaining("huggingface.co") <= 600
    assert await second.remaining("export.arxiv.org") == 0
