"""Events of one person about one message keep their order, however long each takes."""

from __future__ import annotations

import asyncio

from adapters.keyed_lock import Turns


async def test_who_comes_first_is_done_first_and_another_key_does_not_wait() -> None:
    turns, done, slow = Turns(), [], asyncio.Event()

    async def event(key: str, name: str, until: asyncio.Event | None = None) -> None:
        async with turns.of(key):
            if until is not None:
                await until.wait()
            done.append(name)

    first = asyncio.create_task(event("a", "first", slow))
    second = asyncio.create_task(event("a", "second"))
    await asyncio.create_task(event("b", "other"))
    assert done == ["other"]
    slow.set()
    await asyncio.gather(first, second)
    assert done == ["other", "first", "second"]


async def test_a_key_nobody_holds_is_forgotten() -> None:
    turns = Turns()
    async with turns.of("a"):
        assert len(turns._locks) == 1
    assert len(turns._locks) == 0
