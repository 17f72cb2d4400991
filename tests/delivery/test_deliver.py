"""An opener at most once, a reply at least once, and each of the eight kinds of failure with its consequence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.delivery import attempts
from bot.errors import Failure
from bot.model import Channel, Ref, State
from tests.fakes import MONDAY, FakeOutlet
from tests.harness.delivery import ELSEWHERE, HERE, IDS, PAPERS, SETTER, THERE, Delivery, slots, texts

# --- when all goes well ----------------------------------------------------------------------------------------


async def test_a_digest_arrives_as_one_opener_and_a_reply_for_each_paper_in_order(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.keep(HERE, PAPERS)
    await delivery.deliver()
    [opener] = outlet.openers(HERE)
    assert [reply.message.paper_id for reply in outlet.replies(opener)] == IDS
    assert await delivery.states() == [State.POSTED] * 6
    assert await delivery.digest_state() == "done"


async def test_replies_keep_the_platforms_pace_and_the_opener_waits_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = FakeOutlet(pace=1.25)
    steps: list[object] = []

    async def sleep(seconds: float) -> None:
        steps.append(seconds)

    monkeypatch.setattr("bot.delivery.deliver.asyncio.sleep", sleep)
    monkeypatch.setattr(outlet, "post", _recorded(outlet.post, steps))
    delivery = Delivery(tmp_path / "p.db", outlet)
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    await delivery.deliver()
    assert steps == ["post", *[1.25, "post"] * 5]
    delivery.store.close()


def _recorded(post: Callable[..., Awaitable[Ref]], steps: list[object]) -> Callable[..., Awaitable[Ref]]:
    async def recorded(*args: Any, **how: Any) -> Ref:
        steps.append("post")
        return await post(*args, **how)

    return recorded


async def test_delivering_again_posts_nothing_new(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.keep(HERE, PAPERS)
    await delivery.deliver()
    delivery.restart()
    await delivery.deliver_after(hours=1)
    assert len(outlet.posts) == 6


async def test_an_outlet_without_threads_gets_the_whole_digest_in_one_message(tmp_path: Path) -> None:
    outlet = FakeOutlet("mail", threads=False)
    delivery = Delivery(tmp_path / "paperboy.db", outlet)
    with delivery.store:
        await delivery.keep(Channel("mail:17"), PAPERS)
        await delivery.deliver()
    [post] = outlet.posts
    assert all(each.title in post.message.text for each in PAPERS)


async def test_a_quiet_day_is_one_message(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.keep(HERE, [])
    await delivery.deliver()
    assert len(outlet.posts) == 1
    assert await delivery.digest_state() == "done"


# --- the eight kinds of failure --------------------------------------------------------------------------------


async def test_a_channel_that_is_gone_is_paused_and_its_setter_told_by_direct_message(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE, THERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.CHANNEL_GONE, "the channel was archived", channel=HERE)
    await delivery.deliver()
    assert await delivery.pause_reason(HERE) == "the channel was archived"
    assert await delivery.pause_reason(THERE) is None
    [notice] = texts(outlet, SETTER)
    assert HERE in notice
    assert "the channel was archived" in notice
    assert outlet.in_channel(HERE) == []
    assert await delivery.shown_papers(PAPERS) == set()
    assert await delivery.store.subscriptions.erase_departed(MONDAY + timedelta(days=999)) == []


async def test_a_channel_that_goes_in_mid_thread_keeps_its_papers_as_shown(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.CHANNEL_GONE, "removed", after=3)
    await delivery.deliver()
    assert slots(outlet) == [None, *IDS[:2]]
    assert await delivery.pause_reason() == "removed"
    assert await delivery.shown_papers(PAPERS) == set(IDS)


@pytest.mark.parametrize("kind", [Failure.WORKSPACE_GONE, Failure.WORKSPACE_CLOSED])
async def test_a_workspace_that_is_gone_pauses_all_its_channels_and_no_other(
    delivery: Delivery, outlet: FakeOutlet, kind: Failure
) -> None:
    await delivery.subscribe(HERE, THERE, set_by=Channel("fake:T2/U9"))
    await delivery.subscribe(ELSEWHERE)
    for channel in (HERE, ELSEWHERE):
        await delivery.keep(channel, PAPERS)
    outlet.fails_next(kind, "the token was revoked", channel=HERE)
    await delivery.deliver()
    assert await delivery.pause_reason(HERE) == await delivery.pause_reason(THERE) == "the token was revoked"
    assert await delivery.pause_reason(ELSEWHERE) is None
    assert len(texts(outlet, Channel("fake:T2/U9"))) == 2
    assert slots(outlet, ELSEWHERE) == [None, *IDS]


@pytest.mark.parametrize("kind", Failure)
async def test_no_failure_but_that_a_workspace_removed_paperboy_erases_it(
    delivery: Delivery, outlet: FakeOutlet, kind: Failure
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(kind, times=float("inf"))
    await delivery.deliver()
    removed = kind is Failure.WORKSPACE_GONE
    departed = await delivery.store.subscriptions.erase_departed(MONDAY + timedelta(seconds=1))
    assert departed == [Channel("fake:T1")] * removed, "what it left is erased some day"
    for _ in range(5):
        await delivery.deliver_after(hours=8)
    assert await delivery.store.subscriptions.erase_departed(delivery.clock() + timedelta(days=1)) == []
    assert (await delivery.store.subscriptions.get(HERE) is None) == removed


async def test_a_refused_opener_ends_the_digest_without_blaming_the_channel(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.MESSAGE_REFUSED, "invalid_blocks")
    await delivery.deliver()
    assert await delivery.pause_reason() is None
    assert await delivery.digest_state() == "abandoned"
    assert await delivery.shown_papers(PAPERS) == set()
    [notice] = texts(outlet, SETTER)
    assert "invalid_blocks" in notice
    delivery.restart()
    await delivery.deliver_after(minutes=1)
    assert outlet.in_channel(HERE) == []


@pytest.mark.parametrize("number", [1, 2, 5])
async def test_a_refused_reply_is_skipped_and_the_others_follow(
    delivery: Delivery, outlet: FakeOutlet, number: int
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.MESSAGE_REFUSED, "invalid_blocks", after=number)
    await delivery.deliver()
    assert slots(outlet) == [None, *IDS[: number - 1], *IDS[number:]]
    assert (await delivery.states())[number] is State.REFUSED
    assert await delivery.digest_state() == "done"
    assert await delivery.pause_reason() is None
    assert texts(outlet, SETTER) == []


async def test_a_thread_that_is_gone_is_left_at_once_and_that_is_said_once(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.THREAD_GONE, "its opener was deleted", channel=HERE, after=2, times=float("inf"))
    await delivery.deliver()
    delivery.restart()
    await delivery.deliver_after(hours=1)
    assert outlet.attempts(HERE) == 3
    assert await delivery.digest_state() == "done"
    assert await delivery.pause_reason() is None
    [notice] = texts(outlet, SETTER)
    assert "its opener was deleted" in notice


async def test_where_replies_are_forbidden_the_digest_becomes_one_compact_message_and_that_is_said_once(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE)
    outlet.forbids_replies("a thread needs a permission")
    days = (PAPERS[:2], PAPERS[2:])
    for n, papers in enumerate(days):
        delivery.clock.set(MONDAY + timedelta(days=n))
        await delivery.keep(HERE, papers, at=delivery.clock())
        await delivery.deliver()
    for post, papers in zip(outlet.in_channel(HERE), days, strict=True):
        assert post.under is None
        assert all(each.abstract.split(". ")[1] in post.text for each in papers)
        buttons = [action.options["paper"] for action in post.message.actions if "paper" in action.options]
        assert buttons == [each.id for each in papers]
    assert len(outlet.in_channel(HERE)) == 2, "one for each day: the openers without replies are deleted"
    assert await delivery.pause_reason() is None
    subscription = await delivery.store.subscriptions.get(HERE)
    assert subscription is not None
    assert subscription.style == "compact"
    assert await delivery.digest_state() == "done"
    assert await delivery.shown_papers(PAPERS) == set(IDS)
    [notice] = texts(outlet, SETTER)
    assert "a thread needs a permission" in notice


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_compact_message_without_an_answer_is_looked_for_and_never_doubled(
    delivery: Delivery, outlet: FakeOutlet, arrived: bool
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.THREAD_FORBIDDEN, after=1, channel=HERE)
    outlet.fails_next(Failure.UNKNOWN, arrived=arrived, channel=HERE, after=1)
    await delivery.deliver()
    delivery.restart()
    await delivery.deliver_after(seconds=15)
    [post] = outlet.in_channel(HERE)
    assert all(each.title in post.text for each in PAPERS)
    assert await delivery.digest_state() == "done"


async def test_replies_that_become_forbidden_in_mid_thread_leave_the_rest_to_one_compact_message(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.THREAD_FORBIDDEN, channel=HERE, after=3)
    await delivery.deliver()
    assert slots(outlet) == [None, *IDS[:2], None]
    rest = outlet.openers(HERE)[-1].text
    assert [each.title in rest for each in PAPERS] == [False, False, True, True, True]


async def test_a_platform_that_asks_for_patience_is_asked_again_no_sooner(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.keep(HERE, PAPERS)
    await delivery.keep(THERE, PAPERS)
    outlet.fails_next(Failure.LATER, retry_after=90, channel=HERE)
    await delivery.deliver()
    assert slots(outlet, THERE) == [None, *IDS], "another channel waits for nobody"
    await delivery.deliver_after(seconds=89)
    assert outlet.attempts(HERE) == 1
    await delivery.deliver_after(seconds=1)
    assert slots(outlet) == [None, *IDS]


async def test_without_a_time_of_its_own_each_failure_waits_longer(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.LATER, times=float("inf"))
    await delivery.deliver()
    for number, wait in enumerate((15, 60, 180, 600, 1_800, 1_800), start=1):
        await delivery.deliver_after(seconds=wait - 1)
        assert outlet.attempts(HERE) == number
        await delivery.deliver_after(seconds=1)
        assert outlet.attempts(HERE) == number + 1


@pytest.mark.parametrize("retry_after", [1e12, float("inf"), -5.0, 0.0])
async def test_an_absurd_waiting_time_neither_overflows_nor_lasts_for_ever(
    delivery: Delivery, outlet: FakeOutlet, retry_after: float
) -> None:
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.LATER, retry_after=retry_after)
    await delivery.deliver()
    await delivery.deliver_after(hours=6, seconds=-1)
    assert outlet.attempts(HERE) == (1 if retry_after > 0 else 7)
    await delivery.deliver_after(seconds=1)
    assert slots(outlet) == [None, *IDS]


@pytest.mark.parametrize("earlier", [0, 2, 5], ids=["opener", "reply", "last"])
@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "did not arrive"])
async def test_a_post_without_an_answer_is_looked_for_before_anything_is_posted_again(
    delivery: Delivery, outlet: FakeOutlet, earlier: int, arrived: bool
) -> None:
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.UNKNOWN, "the connection was dropped", after=earlier, arrived=arrived)
    await delivery.deliver()
    assert slots(outlet) == [None, *IDS][: earlier + arrived]
    await delivery.deliver_after(seconds=15)
    assert slots(outlet) == [None, *IDS]
    assert len(outlet.find_calls) == 1
    assert await delivery.states() == [State.POSTED] * 6
    assert all(reply.under == outlet.openers(HERE)[0].ref for reply in outlet.in_channel(HERE)[1:])
    assert await delivery.digest_state() == "done"


async def test_an_opener_nobody_can_vouch_for_is_given_up_and_its_papers_return(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await delivery.subscribe(HERE)
    await delivery.keep(HERE, PAPERS)
    outlet.fails_next(Failure.UNKNOWN, arrived=True)
    outlet.cannot_tell("missing scope")
    await delivery.deliver()
    await delivery.deliver_after(seconds=15)
    assert slots(outlet) == [None]
    assert await delivery.states() == [State.LOST]
    assert await delivery.shown_papers(PAPERS) == set()
    [notice] = texts(outlet, SETTER)
    assert "missing scope" in notice


async def test_a_reply_nobody_can_vouch_for_is_posted_again(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.keep(HERE, PAPERS)
    outlet.cannot_tell()
    outlet.fails_next(Failure.UNKNOWN, after=3, arrived=True)
    await delivery.deliver()
    await delivery.deliver_after(seconds=15)
    assert slots(outlet) == [None, *IDS[:3], IDS[2], *IDS[3:]]
    assert await delivery.digest_state() == "done"


async def test_an_adapter_that_breaks_leaves_open_whether_the_message_arrived(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    outlet.breaks_next(KeyError("ts"), arrived=True)
    await delivery.keep(HERE, PAPERS)
    await delivery.deliver()
    assert await delivery.states() == [State.UNKNOWN]
    await delivery.deliver_after(seconds=15)
    assert slots(outlet) == [None, *IDS]


async def test_a_post_that_hangs_is_given_up_and_looked_for(
    delivery: Delivery, outlet: FakeOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "POST_TIMEOUT", 0.05)
    await delivery.keep(HERE, PAPERS)
    never = asyncio.Event()
    outlet.is_slow(never)
    await delivery.deliver()
    assert await delivery.states() == [State.UNKNOWN]
    never.set()
    await delivery.deliver_after(seconds=15)
    assert slots(outlet) == [None, *IDS]
