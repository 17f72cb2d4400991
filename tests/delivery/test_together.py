"""Many channels at once, stopping, and things that happen at the same time: no channel holds another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.desk import FrontDesk
from bot.app.engine import DigestEngine
from bot.delivery import deliver
from bot.errors import Failure
from bot.handlers import Handlers
from bot.model import Caller, Channel, Digest, Message, OpenPost, Ref, State, Style, Thread, digest_key
from bot.search import Search
from bot.wording.digest import digest_thread
from tests.fakes import MONDAY, FakeOutlet, FakeSource
from tests.harness.delivery import HERE, IDS, PAPERS, SETTER, THERE, Delivery, running, slots, texts
from tests.harness.loop_time import LoopTime, counted

# --- one channel does not hold another -------------------------------------------------------------------------


async def test_no_more_than_sixteen_messages_are_claimed_at_once(delivery: Delivery, outlet: FakeOutlet) -> None:
    channels = [Channel(f"fake:T1/C{number}") for number in range(40)]
    for channel in channels:
        await delivery.keep(channel, PAPERS[:1])
    gate = asyncio.Event()
    outlet.is_slow(gate)
    async with running(delivery):
        await outlet.until(lambda: sum(outlet.attempts(c) for c in channels) >= 16)
        rows = [await delivery.states(channel) for channel in channels]
        assert rows.count([State.CLAIMED]) == 16
        assert rows.count([]) == 24
        gate.set()
        await outlet.until(lambda: len(outlet.posts) == 2 * len(channels))


async def test_sixteen_posts_that_hang_hold_the_next_sixteen_for_two_seconds(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    time, never = LoopTime(), asyncio.Event()
    channels = [Channel(f"fake:T1/C{number}") for number in range(40)]
    for channel in channels:
        await delivery.keep(channel, PAPERS[:1])
    outlet.is_slow(never)

    def claimed() -> int:
        return sum(map(outlet.attempts, channels))

    async with running(delivery):
        await time.until(lambda: claimed() == 16)
        await time.reach(1.99)
        assert [len(await delivery.states(channel)) for channel in channels].count(1) == 16
        await time.reach(2)
        await time.until(lambda: claimed() == 32)
        never.set()


@pytest.mark.parametrize(
    ("next_try", "seconds"), [(None, 30), (0.2, 1), (10, 10), (300, 30)], ids=["nothing", "at once", "soon", "later"]
)
async def test_the_ledger_is_looked_at_when_the_next_digest_may_be_tried_and_at_least_twice_a_minute(
    delivery: Delivery, next_try: float | None, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice a minute: another process may have written to it."""
    time = LoopTime()
    looks = counted(monkeypatch, delivery.store.ledger, "next_try")
    if next_try is not None:
        await delivery.keep(HERE, PAPERS)
        await delivery.store.ledger.postpone(
            digest_key(HERE, MONDAY.date()), MONDAY + timedelta(seconds=next_try), "busy"
        )
    async with running(delivery):
        await time.until(lambda: looks() == 1)
        await time.reach(seconds - 0.01)
        for _ in range(30):
            await delivery.states()
        assert looks() == 1
        await time.reach(seconds)
        await time.until(lambda: looks() == 2)


async def test_a_hundred_channels_that_hang_do_not_hold_one_that_does_not(
    tmp_path: Path, outlet: FakeOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "POST_PATIENCE", 0.02)
    delivery = Delivery(tmp_path / "paperboy.db", outlet)
    never = asyncio.Event()
    stuck = [Channel(f"fake:T1/C{number:03}") for number in range(100)]
    with delivery.store:
        for channel in stuck:
            await delivery.keep(channel, PAPERS[:1])
            outlet.is_slow(never, channel)
        await delivery.keep(Channel("fake:T1/Z"), PAPERS)
        async with running(delivery):
            await outlet.until(lambda: len(outlet.in_channel(Channel("fake:T1/Z"))) == 6)
            assert not any(outlet.in_channel(channel) for channel in stuck)
            never.set()
            await outlet.until(lambda: len(outlet.posts) == 2 * len(stuck) + 6)


async def test_channels_that_hang_hold_neither_a_tick_nor_an_answer(delivery: Delivery, outlet: FakeOutlet) -> None:
    never = asyncio.Event()
    stuck = [Channel(f"fake:T1/C{number:03}") for number in range(50)]
    for channel in stuck:
        await delivery.keep(channel, PAPERS)
        outlet.is_slow(never, channel)
    await delivery.subscribe(THERE)
    source = FakeSource()
    source.notices(PAPERS[0], upvotes=9)
    engine = DigestEngine(delivery.store, [source], delivery.clock, notices=delivery.notices, queue=delivery.queue)
    desk = FrontDesk(engine, Handlers(delivery.store, Search(delivery.store), engine), delivery.deliverer)
    async with running(delivery), asyncio.timeout(60):
        await outlet.until(lambda: sum(map(outlet.attempts, stuck)) >= 16)
        delivery.clock.advance(days=1)
        await engine.collect()
        assert await engine.tick() == 1
        answer = await desk.say("status", Caller(THERE, SETTER))
        assert isinstance(answer, Message)
        assert "Status" in answer.text
        assert not any(outlet.in_channel(channel) for channel in stuck)
        never.set()


async def test_a_message_that_arrives_while_others_hang_is_delivered_when_the_deliverer_is_woken(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    never = asyncio.Event()
    outlet.is_slow(never, HERE)
    await delivery.keep(HERE, PAPERS)
    async with running(delivery):
        await outlet.until(lambda: outlet.attempts(HERE) == 1)
        await delivery.keep(THERE, PAPERS)
        delivery.queue.wake()
        await outlet.until(lambda: len(outlet.in_channel(THERE)) == 6)
        assert outlet.attempts(HERE) == 1
        never.set()


async def test_yesterdays_thread_is_finished_before_todays_is_opened(delivery: Delivery, outlet: FakeOutlet) -> None:
    old, new = PAPERS[:2], PAPERS[2:]
    delivery.clock.advance(hours=-20)
    await delivery.keep(HERE, old, at=delivery.clock())
    outlet.fails_next(Failure.LATER, retry_after=3600, after=1, times=2)
    await delivery.deliver()
    delivery.clock.set(MONDAY)
    await delivery.keep(HERE, new)
    await delivery.deliver()
    await delivery.deliver_after(minutes=30)
    assert slots(outlet) == [None], "who waits for one digest waits for all of them"
    await delivery.deliver_after(minutes=30)
    assert slots(outlet) == [None, *IDS[:2], None, *IDS[2:]]


async def test_an_unexpected_fault_in_one_channel_is_its_own(
    delivery: Delivery, outlet: FakeOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    await delivery.keep(HERE, PAPERS)
    await delivery.keep(THERE, PAPERS)

    def breaks(digest: Digest) -> Thread:
        if digest.channel == HERE:
            raise IndexError("a bug")
        return digest_thread(digest)

    monkeypatch.setattr("bot.delivery.worded.digest_thread", breaks)
    await delivery.deliver()
    monkeypatch.undo()
    assert slots(outlet, THERE) == [None, *IDS]
    assert slots(outlet, HERE) == []
    await delivery.deliver_after(seconds=15)
    assert slots(outlet, HERE) == [None, *IDS]


# --- stopping, and things that happen at the same time ---------------------------------------------------------


async def test_a_deliverer_that_is_stopped_records_the_post_under_way_and_leaves_the_rest(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    gate = asyncio.Event()
    outlet.is_slow(gate)
    await delivery.keep(HERE, PAPERS)
    async with running(delivery) as task:
        await outlet.until(lambda: outlet.attempts(HERE) == 1)
        task.cancel()
        asyncio.get_running_loop().call_soon(gate.set)
    assert slots(outlet) == [None]
    assert await delivery.states() == [State.POSTED]


async def test_a_deliverer_that_was_stopped_can_be_started_again(delivery: Delivery, outlet: FakeOutlet) -> None:
    for channel, posts in ((THERE, 6), (HERE, 12)):
        await delivery.keep(channel, PAPERS)
        async with running(delivery):
            await outlet.until(lambda posts=posts: len(outlet.posts) == posts)  # type: ignore[misc]


MANAGER = Caller(HERE, SETTER, may_manage=True)


async def unsubscribed(desk: FrontDesk) -> None:
    await desk.run("unsubscribe", MANAGER, {"confirm": "yes"})


async def paused(desk: FrontDesk) -> None:
    await desk.run("pause", MANAGER, {})


async def left(desk: FrontDesk) -> None:
    await desk.gone(HERE, "Paperboy is no member of the channel")


@pytest.mark.parametrize("stop", [unsubscribed, paused, left])
@pytest.mark.parametrize("style", ["thread", "compact"])
async def test_a_delivery_stops_between_two_messages_and_what_was_posted_stays_in_the_ledger(
    delivery: Delivery,
    outlet: FakeOutlet,
    monkeypatch: pytest.MonkeyPatch,
    stop: Callable[[FrontDesk], Awaitable[None]],
    style: Style,
) -> None:
    engine = DigestEngine(delivery.store, [], delivery.clock, notices=delivery.notices)
    desk = FrontDesk(engine, Handlers(delivery.store, Search(delivery.store), engine), delivery.deliverer)
    await delivery.subscribe(HERE, THERE)
    await delivery.keep(HERE, PAPERS)
    await delivery.keep(THERE, PAPERS)
    if style == "compact":  # a channel without replies: the second message takes the place of all of them
        outlet.forbids_replies("the channel takes no replies")
    post, before = outlet.post, 3 if style == "thread" else 1

    async def post_then_stop(channel: Channel, *args: Any, **options: Any) -> Ref:
        ref = await post(channel, *args, **options)
        if channel == HERE and len(outlet.in_channel(HERE)) == before:
            await stop(desk)
        return ref

    monkeypatch.setattr(outlet, "post", post_then_stop)
    await delivery.deliver()
    await delivery.deliver_after(hours=1)
    assert slots(outlet) == [None, *IDS][:before]
    assert outlet.attempts(HERE) == before
    assert await delivery.states() == [State.POSTED] * before
    assert await delivery.digest_state() == "done"
    assert [await delivery.store.ledger.paper_of(HERE, each.ref) for each in outlet.in_channel(HERE)] == slots(outlet)
    assert await delivery.digest_state(THERE) == "done"
    assert len(outlet.in_channel(THERE)) == (6 if style == "thread" else 1)


async def test_what_is_left_of_a_thread_follows_its_channel_to_a_new_address(
    delivery: Delivery, outlet: FakeOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    post = outlet.post

    async def move_before_posting(channel: Channel, *args: Any, **options: Any) -> Ref:
        if channel == HERE and len(outlet.posts) == 3:
            assert await delivery.store.subscriptions.move(HERE, THERE)
        return await post(channel, *args, **options)

    monkeypatch.setattr(outlet, "post", move_before_posting)
    await delivery.deliver()
    assert slots(outlet, HERE) + slots(outlet, THERE) == [None, *IDS]
    assert await delivery.states(THERE) == [State.POSTED] * 6
    assert await delivery.digest_state(THERE) == "done"


async def test_papers_count_as_shown_when_the_opener_arrives_after_the_digest_was_given_up(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    gate = asyncio.Event()
    outlet.is_slow(gate)
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    async with running(delivery):
        await outlet.until(lambda: outlet.attempts(HERE) == 1)
        await delivery.deliverer.gone(HERE, "the bot was removed, so the platform said")
        assert await delivery.shown_papers(PAPERS) == set()
        gate.set()
        await outlet.until(lambda: len(outlet.in_channel(HERE)) == 1)
    assert await delivery.shown_papers(PAPERS) == set(IDS)
    assert await delivery.digest_state() == "done", "the next digest does not say that it may not have arrived"


async def test_a_channel_that_is_gone_twice_is_told_once(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.subscribe(HERE)
    await asyncio.gather(*(delivery.deliverer.gone(HERE, "removed") for _ in range(5)))
    await delivery.deliver()
    assert len(texts(outlet, SETTER)) == 1


async def test_a_stale_read_of_the_ledger_does_not_restart_a_channel_that_has_just_ended(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    gate = asyncio.Event()
    outlet.is_slow(gate)
    outlet.fails_next(Failure.LATER, retry_after=3600)
    await delivery.keep(HERE, PAPERS)
    await delivery.queue.start_tasks()
    await outlet.until(lambda: outlet.attempts(HERE) == 1)
    open_posts = delivery.store.ledger.open_posts

    async def slow_read(now: datetime) -> list[OpenPost]:
        digests = await open_posts(now)
        gate.set()
        await delivery.queue.pause()
        return digests

    delivery.store.ledger.open_posts = slow_read  # type: ignore[method-assign]  # the same, slowly
    await delivery.queue.start_tasks()
    delivery.store.ledger.open_posts = open_posts  # type: ignore[method-assign]
    await delivery.deliver()
    assert outlet.attempts(HERE) == 1
