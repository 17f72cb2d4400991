"""Posts that are no digests: delivered like one, each failure with its own consequence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import Failure
from bot.model import Message, Post, PostKey, Ref, State
from bot.model.post import UPDATE, WATCH
from bot.wording.parts import say
from tests.fakes import MONDAY, FakeOutlet
from tests.harness.delivery import HERE, PAPERS, Delivery, texts

MANY = {HERE: 9}


def message(text: str) -> Message:
    return say(text)


def post(key: str, *messages: str, kind: str = WATCH, under: str | None = None) -> Post:
    ref = None if under is None else Ref(under)
    worded = tuple(map(message, messages or (key,)))
    return Post(PostKey(HERE, kind, key), MONDAY.date(), worded, MONDAY, MONDAY + timedelta(hours=2), ref)


async def keep(delivery: Delivery, *posts: Post) -> None:
    await delivery.store.ledger.keep_posts(posts, MONDAY, MANY)


async def states(delivery: Delivery, made: Post) -> list[State]:
    rows = await delivery.store.ledger.deliveries(made.key)
    return [rows[slot].state for slot in sorted(rows)]


async def is_open(delivery: Delivery) -> bool:
    return bool(await delivery.store.ledger.open_posts(MONDAY + timedelta(days=3)))


async def test_the_first_message_opens_and_the_others_reply_to_it(delivery: Delivery, outlet: FakeOutlet) -> None:
    await keep(delivery, post("a", "first", "second"))
    await delivery.deliver()
    [opener] = outlet.openers(HERE)
    assert [each.message.text for each in outlet.replies(opener)] == ["second"]
    assert not await is_open(delivery)
    delivery.restart()
    await delivery.deliver_after(hours=1)
    assert texts(outlet, HERE) == ["first", "second"]


async def test_under_a_message_all_are_replies_to_it(delivery: Delivery, outlet: FakeOutlet) -> None:
    await delivery.keep(HERE, PAPERS)
    await delivery.deliver()
    [opener] = outlet.openers(HERE)
    await keep(delivery, post("a", "first", "second", kind=UPDATE, under=opener.ref))
    await delivery.deliver()
    assert [each.message.text for each in outlet.replies(opener)][-2:] == ["first", "second"]
    assert len(outlet.openers(HERE)) == 1


async def test_what_could_not_be_posted_in_time_is_given_up_without_a_notice(
    delivery: Delivery, outlet: FakeOutlet
) -> None:
    await keep(delivery, post("a"))
    await delivery.deliver_after(hours=2, seconds=1)
    assert (outlet.posts, await is_open(delivery)) == ([], False)
    assert not await delivery.store.people.untold_notices(HERE)


@pytest.mark.parametrize("kind", [Failure.THREAD_GONE, Failure.THREAD_FORBIDDEN, Failure.MESSAGE_REFUSED])
async def test_a_reply_that_is_refused_is_given_up_and_the_next_post_follows(
    delivery: Delivery, outlet: FakeOutlet, kind: Failure
) -> None:
    outlet.fails_next(kind)
    await keep(delivery, post("a", kind=UPDATE, under="gone"), post("b"))
    await delivery.deliver()
    assert texts(outlet, HERE) == ["b"]
    assert not await is_open(delivery)


async def test_an_opener_that_may_have_arrived_is_never_posted_again(delivery: Delivery, outlet: FakeOutlet) -> None:
    outlet.fails_next(Failure.UNKNOWN)
    outlet.cannot_tell()
    await keep(delivery, post("a"), post("b"))
    await delivery.deliver()
    await delivery.deliver_after(minutes=5)
    assert texts(outlet, HERE) == ["b"]
    assert await states(delivery, post("a")) == [State.LOST]


async def test_a_reply_that_may_have_arrived_is_posted_again(delivery: Delivery, outlet: FakeOutlet) -> None:
    outlet.fails_next(Failure.UNKNOWN)
    outlet.cannot_tell()
    await keep(delivery, post("a", kind=UPDATE, under="r1"))
    await delivery.deliver()
    await delivery.deliver_after(minutes=5)
    assert texts(outlet, HERE) == ["a"]
    assert await states(delivery, post("a", kind=UPDATE)) == [State.POSTED]
