"""Notices to people: delivered once, to the right person, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import DeliveryError, Failure
from bot.model import Channel, Subscription, delivery_key
from tests.fakes import MONDAY, FakeOutlet, paper
from tests.harness.delivery import HERE, SETTER, TODAY, Delivery, texts

OPERATOR = Channel("fake:T1/OPS")
SUBSCRIPTION = Subscription(HERE, set_by=SETTER)


@pytest.fixture
def delivery(tmp_path: Path, outlet: FakeOutlet) -> Iterator[Delivery]:
    wired = Delivery(tmp_path / "paperboy.db", outlet, operator=OPERATOR)
    with wired.store:
        yield wired


async def queue_notice(
    delivery: Delivery, text: str = "It is paused.", kind: str = "paused", about: Subscription = SUBSCRIPTION
) -> None:
    await delivery.notices.queue(about, kind, delivery.clock(), text)


async def test_a_notice_goes_to_whoever_set_the_channel_up_and_not_to_the_channel(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await queue_notice(delivery)
    await delivery.deliver()
    assert texts(outlet, SETTER) == ["It is paused."]
    assert len(outlet.posts) == 1


async def test_the_same_thing_is_said_once_a_day(delivery: Delivery, outlet: FakeOutlet) -> None:
    await queue_notice(delivery)
    await delivery.deliver()
    await queue_notice(delivery)
    await delivery.deliver_after(hours=1)
    assert len(outlet.posts) == 1
    delivery.clock.advance(days=1)
    await queue_notice(delivery)
    await delivery.deliver()
    assert len(outlet.posts) == 2


async def test_without_a_setter_the_operator_is_told(delivery: Delivery, outlet: FakeOutlet) -> None:
    await queue_notice(delivery, about=Subscription(HERE))
    await delivery.deliver()
    assert texts(outlet, OPERATOR) == ["It is paused."]


@pytest.mark.parametrize(
    "kind", [Failure.CHANNEL_GONE, Failure.WORKSPACE_CLOSED, Failure.WORKSPACE_GONE, Failure.MESSAGE_REFUSED]
)
async def test_a_setter_who_cannot_be_reached_is_replaced_by_the_operator(
    delivery: Delivery, outlet: FakeOutlet, kind: Failure
) -> None:
    outlet.fails_next(kind, channel=SETTER)
    await queue_notice(delivery)
    await delivery.deliver()
    assert texts(outlet, SETTER) == []
    assert texts(outlet, OPERATOR) == ["It is paused."]


async def test_all_notices_of_a_setter_on_a_platform_that_is_not_set_up_go_to_the_operator(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    about = Subscription(HERE, set_by=Channel("slack:T1/U1"))
    await queue_notice(delivery, about=about)
    await queue_notice(delivery, "It was skipped.", kind="skipped", about=about)
    await delivery.deliver()
    assert texts(outlet, OPERATOR) == ["It is paused.", "It was skipped."]


async def test_with_nobody_to_tell_it_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    delivery = Delivery(tmp_path / "paperboy.db")
    with delivery.store:
        await queue_notice(delivery, about=Subscription(HERE))
        await delivery.deliver()
    assert "It is paused." in caplog.text


async def test_an_operator_who_cannot_be_reached_either_is_not_tried_for_ever(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    outlet.fails_next(Failure.CHANNEL_GONE, times=float("inf"))
    await queue_notice(delivery)
    await delivery.deliver()
    await delivery.deliver_after(days=1)
    assert outlet.attempts(SETTER) == outlet.attempts(OPERATOR) == 1


async def test_a_person_who_must_be_waited_for_gets_everything_later_and_in_order(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    outlet.fails_next(Failure.LATER, retry_after=90)
    await queue_notice(delivery, "First.", kind="paused")
    await queue_notice(delivery, "Second.", kind="skipped")
    await delivery.deliver()
    await delivery.deliver_after(seconds=89)
    assert outlet.attempts(SETTER) == 1
    await delivery.deliver_after(seconds=1)
    assert texts(outlet, SETTER) == ["First.", "Second."]


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_notice_without_an_answer_is_looked_for_before_it_is_said_again(
    delivery: Delivery, outlet: FakeOutlet, arrived: bool
) -> None:
    outlet.fails_next(Failure.UNKNOWN, arrived=arrived)
    await queue_notice(delivery)
    await delivery.deliver()
    await delivery.deliver_after(seconds=15)
    assert texts(outlet, SETTER) == ["It is paused."]
    assert len(outlet.find_calls) == 1


@pytest.mark.parametrize("trouble", [DeliveryError(Failure.LATER, "one look a minute"), ValueError("a bug")])
async def test_a_notice_that_cannot_be_looked_for_just_now_is_not_said_again(
    delivery: Delivery, outlet: FakeOutlet, trouble: Exception
) -> None:
    outlet.fails_next(Failure.UNKNOWN, arrived=True)
    outlet.find_fails_next(trouble, times=2)
    await queue_notice(delivery)
    for _ in range(5):
        await delivery.deliver_after(minutes=10)
        delivery.restart()
    assert texts(outlet, SETTER) == ["It is paused."]


async def test_a_notice_nobody_can_vouch_for_goes_to_the_operator_and_is_not_repeated(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    outlet.fails_next(Failure.UNKNOWN, arrived=True)
    outlet.cannot_tell()
    await queue_notice(delivery)
    await delivery.deliver()
    await delivery.deliver_after(seconds=15)
    assert texts(outlet, SETTER) == texts(outlet, OPERATOR) == ["It is paused."]


async def test_a_notice_that_was_claimed_when_the_process_died_is_looked_for(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await queue_notice(delivery)
    [notice] = await delivery.store.people.due_notices(delivery.clock())
    await delivery.store.people.claim_notice(notice.id, delivery.clock())
    delivery.restart()
    await delivery.deliver_after(hours=1)
    assert texts(outlet, SETTER) == ["It is paused."]
    assert [since for _, _, since in outlet.find_calls] == [MONDAY - timedelta(minutes=10)]


async def test_a_notice_is_given_up_after_ten_attempts(delivery: Delivery, outlet: FakeOutlet) -> None:
    outlet.fails_next(Failure.LATER, times=float("inf"), channel=SETTER)
    await queue_notice(delivery)
    for _ in range(20):
        await delivery.deliver_after(hours=1)
    assert outlet.attempts(SETTER) == 10
    assert texts(outlet, OPERATOR) == ["It is paused."]


async def test_a_notice_is_never_taken_for_a_message_of_a_digest(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.keep(SETTER, [paper(1), paper(2)])
    for kind in ("paused", "skipped", "late"):
        await queue_notice(delivery, kind=kind)
    await delivery.deliver()
    keys = [post.key for post in outlet.posts]
    assert len(keys) == len(set(keys)) == 6
    assert {delivery_key(SETTER, TODAY, slot) for slot in range(3)} < set(keys)


async def test_a_notice_written_by_a_clock_that_was_ahead_is_said_when_it_is_corrected(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    delivery.clock.advance(days=365)
    await queue_notice(delivery)
    await delivery.deliver_after(days=-365)
    assert texts(outlet, SETTER) == ["It is paused."]


async def test_a_slow_person_holds_nobody_else(delivery: Delivery, outlet: FakeOutlet) -> None:
    other = Channel("fake:T1/U2")
    outlet.fails_next(Failure.LATER, retry_after=timedelta(hours=1).total_seconds(), channel=SETTER)
    await queue_notice(delivery)
    await queue_notice(delivery, about=Subscription(HERE, set_by=other))
    await delivery.keep(HERE, [paper(1)])
    await delivery.deliver()
    assert texts(outlet, other) == ["It is paused."]
    assert len(outlet.in_channel(HERE)) == 2


async def test_a_notice_that_reaches_nobody_is_kept_until_it_was_shown(delivery: Delivery, outlet: FakeOutlet) -> None:
    outlet.fails_next(Failure.CHANNEL_GONE, channel=SETTER)
    outlet.fails_next(Failure.CHANNEL_GONE, channel=OPERATOR)
    await queue_notice(delivery)
    await delivery.deliver()
    await delivery.deliver()
    assert outlet.posts == []
    [untold] = await delivery.store.people.untold_notices(HERE)
    assert (untold.text, untold.kind, untold.day) == ("It is paused.", "paused", delivery.clock().date())
    await delivery.store.people.settle_untold(HERE)
    assert await delivery.store.people.untold_notices(HERE) == []


async def test_without_an_operator_a_notice_that_cannot_be_delivered_is_kept_for_the_next_manager(
    tmp_path: Path, outlet: FakeOutlet
) -> None:
    delivery = Delivery(tmp_path / "alone.db", outlet)
    with delivery.store:
        outlet.fails_next(Failure.CHANNEL_GONE, channel=SETTER)
        await queue_notice(delivery)
        await delivery.deliver()
        assert outlet.attempts(SETTER) == 1
        assert [each.text for each in await delivery.store.people.untold_notices(HERE)] == ["It is paused."]
        assert await delivery.store.people.due_notices(delivery.clock()) == []


async def test_a_notice_without_anybody_to_tell_is_kept_too(tmp_path: Path, outlet: FakeOutlet) -> None:
    delivery = Delivery(tmp_path / "alone.db", outlet)
    with delivery.store:
        await queue_notice(delivery, about=Subscription(HERE))
        await queue_notice(delivery, about=Subscription(Channel("mail:7")))
        assert [each.text for each in await delivery.store.people.untold_notices(HERE)] == ["It is paused."]
        assert await delivery.store.people.untold_notices(Channel("mail:7")) == []
        await delivery.deliver()
        assert outlet.posts == []
