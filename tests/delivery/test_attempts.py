"""One attempt to post, to prove or to find: how long it may take, and what is known when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from bot.delivery import attempts
from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref
from bot.ports import Claim, no_claim
from tests.fakes import MONDAY, FakeOutlet
from tests.harness.delivery import HERE
from tests.harness.loop_time import LoopTime


class WaitingOutlet(FakeOutlet):
    """A platform that waits for a turn before the claim, and for an answer after it."""

    def __init__(self) -> None:
        super().__init__()
        self.turn, self.answer = asyncio.Event(), asyncio.Event()

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        await self.turn.wait()
        await claim()
        await self.answer.wait()
        return Ref("r1")

    async def prove(self, channel: Channel) -> None:
        await self.answer.wait()

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        await self.answer.wait()
        return Ref("r1")


def post(outlet: FakeOutlet) -> Awaitable[Ref]:
    return attempts.post(outlet, HERE, Message(()), under=None, key="pb1")


def prove(outlet: FakeOutlet) -> Awaitable[None]:
    return attempts.prove(outlet, HERE)


def find(outlet: FakeOutlet) -> Awaitable[Ref | None]:
    return attempts.find(outlet, HERE, "pb1", None, MONDAY)


@pytest.mark.parametrize(
    ("attempt", "has_turn", "seconds", "kind", "reason"),
    [
        (post, True, 60, Failure.UNKNOWN, "no answer within 60 seconds"),
        (post, False, 900, Failure.LATER, "no turn within 15 minutes"),
        (prove, True, 60, Failure.LATER, "no answer within 60 seconds"),
        (find, True, 900, Failure.LATER, "took too long"),
    ],
    ids=["post", "turn", "prove", "find"],
)
async def test_an_attempt_without_an_answer_ends_after_so_many_seconds_and_not_before(
    attempt: Callable[[FakeOutlet], Awaitable[object]], has_turn: bool, seconds: int, kind: Failure, reason: str
) -> None:
    time, outlet = LoopTime(), WaitingOutlet()
    if has_turn:
        outlet.turn.set()
    task = asyncio.ensure_future(attempt(outlet))
    await time.reach(seconds - 1)
    assert not task.done()
    await time.reach(seconds)
    assert task.done()
    error = task.exception()
    assert isinstance(error, DeliveryError)
    assert error.kind is kind
    assert reason in error.reason


async def test_the_minute_for_an_answer_starts_at_the_claim_however_long_the_turn_took() -> None:
    time, outlet = LoopTime(), WaitingOutlet()
    task = asyncio.ensure_future(post(outlet))
    await time.reach(899)
    outlet.turn.set()
    await time.reach(899)
    await time.reach(958)
    outlet.answer.set()
    assert await task == Ref("r1")


@pytest.mark.parametrize(("claims", "kind"), [(False, Failure.LATER), (True, Failure.UNKNOWN)])
async def test_an_adapter_that_breaks_leaves_a_message_in_doubt_only_after_its_claim(
    claims: bool, kind: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, claim: Claim, **__: object) -> Ref:
        if claims:
            await claim()
        raise KeyError("ts")

    outlet = FakeOutlet()
    monkeypatch.setattr(outlet, "post", breaks)
    with pytest.raises(DeliveryError, match="the adapter failed: KeyError") as caught:
        await post(outlet)
    assert caught.value.kind is kind


async def test_a_claim_that_is_refused_leaves_nothing_in_doubt() -> None:
    async def refuse() -> None:
        raise OSError("the disk is full")

    with pytest.raises(DeliveryError) as caught:
        await attempts.post(FakeOutlet(), HERE, Message(()), under=None, key="pb1", claim=refuse)
    assert caught.value.kind is Failure.LATER


@pytest.mark.parametrize("attempt", [prove, find])
async def test_an_adapter_that_breaks_while_it_looks_is_asked_again(
    attempt: Callable[[FakeOutlet], Awaitable[object]],
) -> None:
    outlet = FakeOutlet()
    outlet.breaks_next(KeyError("ts"), arrived=False)
    outlet.find_fails_next(KeyError("ts"))
    with pytest.raises(DeliveryError, match="the adapter failed.*: KeyError") as caught:
        await attempt(outlet)
    assert caught.value.kind is Failure.LATER
