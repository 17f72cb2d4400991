"""Events of one person about one message are handled in the order they came in, however long each takes."""

from __future__ import annotations

import asyncio

from adapters.keyed_lock import KeyedLock


async def test_events_of_one_key_are_handled_in_order_and_another_key_does_not_wait() -> None:
    locks, finished, slow = KeyedLock(), [], asyncio.Event()

    async def event(key: str, name: str, release: asyncio.Event | None = None) -> None:
        async with locks.of(key):
            if release is not None:
                await release.wait()
            finished.append(name)

    first = asyncio.create_task(event("a", "first", slow))
    second = asyncio.create_task(event("a", "second"))
    await asyncio.create_task(event("b", "other"))
    assert finished == ["other"]
    slow.set()
    await asyncio.gather(first, second)
    assert finished == ["other", "first", "second"]


async def test_a_key_is_forgotten_once_no_task_holds_its_lock() -> None:
    locks = KeyedLock()
    async with locks.of("a"):
        assert len(locks._locks) == 1
    assert len(locks._locks) == 0
