"""Messages in flight at a shutdown: each gets seconds to be recorded, and no other leaves."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery.attempts import Stopping
from bot.delivery.in_flight import InFlight
from tests.harness.loop_time import LoopTime


async def test_a_message_in_flight_has_seven_seconds_and_whatever_has_none_is_cancelled_at_once() -> None:
    time, in_flight = LoopTime(), InFlight()

    async def sends(*, leaves: bool) -> None:
        in_flight.enter()
        if leaves:
            in_flight.leave()
        await asyncio.Event().wait()

    flying, recorded = (asyncio.ensure_future(sends(leaves=leaves)) for leaves in (False, True))
    idle = asyncio.ensure_future(asyncio.Event().wait())
    await time.reach(0)
    stopping = asyncio.ensure_future(in_flight.stop([flying, recorded, idle]))
    await time.reach(6.99)
    assert (flying.done(), recorded.cancelled(), idle.cancelled()) == (False, True, True)
    await time.reach(7)
    assert flying.cancelled()
    assert stopping.done()
    assert stopping.exception() is None


async def test_a_message_recorded_in_time_is_not_cancelled_and_the_stop_ends_with_it() -> None:
    in_flight, answer = InFlight(), asyncio.Event()

    async def sends() -> str:
        in_flight.enter()
        await answer.wait()
        in_flight.leave()
        return "recorded"

    task = asyncio.ensure_future(sends())
    await asyncio.sleep(0)
    stopping = asyncio.ensure_future(in_flight.stop([task]))
    await asyncio.sleep(0)
    answer.set()
    await stopping
    assert task.result() == "recorded"


async def test_after_the_stop_no_message_leaves() -> None:
    in_flight = InFlight()
    in_flight.enter()
    in_flight.leave()
    await in_flight.stop([])
    with pytest.raises(Stopping):
        in_flight.enter()


async def test_a_message_that_fails_at_the_stop_ends_no_other_sooner() -> None:
    time, in_flight = LoopTime(), InFlight()
    answer = asyncio.Event()

    async def sends(error: Exception | None) -> None:
        in_flight.enter()
        await answer.wait()
        if error:
            raise error

    async def ends_slowly() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(1)

    tasks = [asyncio.ensure_future(each) for each in (sends(KeyError("a bug")), sends(None), ends_slowly())]
    await time.reach(0)
    stopping = asyncio.ensure_future(in_flight.stop(tasks))
    answer.set()
    await time.reach(0.5)
    assert not stopping.done()
    await time.reach(1)
    assert stopping.done()
    assert stopping.exception() is None
