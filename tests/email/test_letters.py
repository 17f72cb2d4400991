"""The queue of confirmation letters: when it is looked at, how many leave in an hour, how long one is tried."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from bot.delivery.mail.links import Purpose
from bot.delivery.mail.signup import SubscriberMailboxes
from bot.errors import DeliveryError, Failure, UserError
from bot.model import Channel, Message
from bot.ports import Claim
from tests.email.harness import ADA, FORM, WiredMail, token
from tests.harness.loop_time import LoopTime, counted


class Postman:
    """Takes letters, or fails as a test sets it."""

    def __init__(self, mail: WiredMail) -> None:
        self.sent: list[str] = []
        self.messages: list[Message] = []
        self.keys: list[str] = []
        self.fails: DeliveryError | None = None
        self.answered = asyncio.Event()
        self.answered.set()
        mail.letters._postman = self

    async def letter(self, address: str, message: Message, *, key: str, claim: Claim) -> None:
        await claim()
        self.sent.append(address)
        self.messages.append(message)
        self.keys.append(key)
        await self.answered.wait()
        if self.fails:
            raise self.fails


@pytest.fixture
def postman(mail: WiredMail) -> Postman:
    return Postman(mail)


async def many(mail: WiredMail, number: int) -> None:
    """So many people ask for a letter at once."""
    await mail.store.connection.write(
        lambda db: db.executemany(
            "INSERT INTO mail_subscribers (address, name, wish, asked_at, letter, not_before, turn)"
            " VALUES (?1, ?1, '{}', ?2, 'waiting', ?2, 1)",
            [(f"reader{n}@example.com", mail.clock().timestamp()) for n in range(number)],
        )
    )


async def test_two_hundred_letters_leave_in_an_hour_and_the_rest_in_the_next(mail: WiredMail, postman: Postman):
    await many(mail, 201)
    assert not await mail.letters.send()
    assert len(postman.sent) == 200
    mail.clock.advance(hours=1, seconds=-1)
    assert not await mail.letters.send()
    mail.clock.advance(seconds=1)
    assert await mail.letters.send()
    assert len(set(postman.sent)) == len(postman.sent) == 201


async def test_two_thousand_letters_wait_and_the_next_reader_is_asked_to_come_back(mail: WiredMail, postman: Postman):
    await many(mail, 1_999)
    await mail.sign_up()
    with pytest.raises(UserError, match="Very many people"):
        await mail.sign_up("one.more@example.com", client="192.0.2.2")


async def test_a_letter_that_has_to_wait_is_tried_twenty_times_more_and_then_given_up(
    mail: WiredMail, postman: Postman
):
    postman.fails = DeliveryError(Failure.LATER, "451 4.7.1 Not yet")
    await mail.sign_up()
    for _ in range(60):
        await mail.letters.send()
        mail.clock.advance(minutes=30)
    assert postman.sent == [ADA] * 21
    assert len(set(postman.keys)) == 21, "each has a key of its own"
    assert await mail.store.subscribers.next_letter() is None


@pytest.mark.parametrize(
    ("waits", "seconds"),
    [("nothing", 3_600), ("an hour's letters", 60), ("a retry", 15), ("a retry at once", 1)],
)
async def test_the_queue_is_looked_at_when_the_next_letter_may_be_sent_and_each_hour(
    mail: WiredMail, postman: Postman, waits: str, seconds: int, monkeypatch: pytest.MonkeyPatch
):
    """Each hour: addresses that nobody confirmed are erased then."""
    if waits == "an hour's letters":
        await many(mail, 201)
        await mail.letters.send()
    if waits.startswith("a retry"):
        postman.fails = DeliveryError(Failure.LATER, "451", retry_after=0.0 if waits.endswith("once") else None)
        await mail.sign_up()
    time, look = LoopTime(), mail.store.subscribers.next_letter
    looks = counted(monkeypatch, mail.store.subscribers, "next_letter")
    mail.letters._woken.clear()
    running = asyncio.create_task(mail.letters.run())
    await time.until(lambda: looks() == 1)
    await time.reach(seconds - 0.01)
    for _ in range(30):
        await look()
    assert looks() == 1
    await time.reach(seconds)
    await time.until(lambda: looks() == 2)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_stop_waits_for_the_letter_in_flight_and_sends_no_other(mail: WiredMail, postman: Postman):
    await many(mail, 2)
    postman.answered.clear()
    running = asyncio.create_task(mail.letters.run())
    await LoopTime.until(lambda: len(postman.sent) == 1)
    running.cancel()
    await asyncio.sleep(0)
    assert not running.done()
    postman.answered.set()
    with suppress(asyncio.CancelledError):
        await running
    assert len(postman.sent) == 1
    assert len(await mail.store.subscribers.waiting_letters()) == 1, "the other is sent after the next start"


async def test_a_letter_that_was_sent_leaves_nothing_in_flight(mail: WiredMail, postman: Postman):
    await mail.sign_up()
    await mail.letters.send()
    async with asyncio.timeout(60):
        await mail.letters._in_flight.stop([])
    await mail.sign_up("ben@example.com", client="192.0.2.2")
    await mail.letters.send()
    assert postman.sent == [ADA], "nothing leaves after the stop"


async def test_the_letter_names_the_days_that_its_link_is_good_for(mail: WiredMail, postman: Postman):
    await mail.sign_up()
    await mail.letters.send()
    assert "The link is good for 3 days." in postman.messages[0].text


async def test_an_address_is_erased_unless_it_is_confirmed_within_four_days(mail: WiredMail, postman: Postman):
    """A day at most in the queue, and three for the link."""
    asked = mail.clock()
    await mail.sign_up()
    await mail.sign_up("ben@example.com", client="192.0.2.2")
    await mail.mailing.confirm(token(mail.links.url(Purpose.CONFIRM, 2)))
    for after, left in ((timedelta(days=4), ADA), (timedelta(days=4, seconds=1), None)):
        mail.clock.set(asked + after)
        await mail.letters._erase_expired()
        found = await mail.store.subscribers.by_name(ADA)
        assert (found and found.address) == left
    assert await mail.store.subscribers.by_name("ben@example.com") is not None


async def test_a_request_is_forgotten_after_a_day(mail: WiredMail, postman: Postman):
    async def requests() -> int:
        return await mail.store.connection.read(
            lambda db: int(db.execute("SELECT count(*) FROM mail_asks").fetchone()[0])
        )

    assert isinstance(await mail.mailing.request({"address": ADA, **FORM}, "192.0.2.1"), Message)
    mail.clock.advance(days=1, seconds=-1)
    await mail.letters._erase_expired()
    assert await requests() == 2
    mail.clock.advance(seconds=1)
    await mail.letters._erase_expired()
    assert await requests() == 0


async def test_an_operators_request_comes_before_strangers_and_a_site_counts_as_one_stranger(
    mail: WiredMail, postman: Postman
):
    for number, client in enumerate(("2001:db8:7:1::1", "2001:db8:7:2::1", "192.0.2.1"), start=1):
        await mail.sign_up(f"reader{number}@example.com", client=client)
        mail.clock.advance(seconds=1)
    await mail.mailing.request({"address": ADA, **FORM}, None)
    await mail.letters.send()
    assert postman.sent == [ADA, *(f"reader{number}@example.com" for number in (1, 3, 2))]


async def test_only_a_confirmed_address_has_a_mailbox_and_only_where_links_can_be_signed(mail: WiredMail):
    await mail.sign_up()
    boxes = SubscriberMailboxes(mail.store, mail.links)
    assert await boxes.mailbox(Channel("mail:1")) is None
    await mail.mailing.confirm(token(mail.links.url(Purpose.CONFIRM, 1)))
    box = await boxes.mailbox(Channel("mail:1"))
    assert box is not None
    assert box.address == ADA
    assert await boxes.mailbox(Channel("mail:2")) is None
    assert await SubscriberMailboxes(mail.store).mailbox(Channel("mail:1")) is None
