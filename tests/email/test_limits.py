"""Limits on requests: no inbox can be filled through the form, and its answers do not tell who subscribes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.delivery.attempts import retry_delay
from bot.delivery.mail import limits
from bot.delivery.mail.letters import MAX_ATTEMPTS
from bot.delivery.mail.links import Purpose
from bot.errors import DeliveryError, Failure, UserError
from bot.model import Form, Message
from bot.wording.mail import MAIL_DELAY
from tests.email.harness import ADA, FORM, WiredMail, token
from tests.email.server import MailServer, link_to


async def test_one_inbox_gets_few_letters_for_many_requests_of_many_clients(mail: WiredMail, server: MailServer):
    answers = set()
    for number in range(40):
        tag = f"ada+{number}@example.com" if number % 2 else ADA
        answers.add((await mail.sign_up(tag, client=f"198.51.100.{number}")).text.replace(tag, "an address"))
        await mail.letters.send()
        mail.clock.advance(minutes=20)
    assert len(server.mails) == 3
    assert len(answers) == 1, "the page says the same each time"


async def test_a_second_request_at_once_sends_no_second_letter(mail: WiredMail, server: MailServer):
    await mail.sign_up()
    await mail.letters.send()
    await mail.sign_up()
    await mail.letters.send()
    assert len(server.mails) == 1


async def test_one_client_asks_for_few_addresses_an_hour_and_a_day(mail: WiredMail, server: MailServer):
    for number in range(5):
        await mail.sign_up(f"reader{number}@example.com")
    with pytest.raises(UserError, match="in an hour"):
        await mail.sign_up("one.more@example.com")
    await mail.sign_up("one.more@example.com", client="192.0.2.2")
    mail.clock.advance(hours=1, minutes=1)
    for number in range(5, 20):
        await mail.sign_up(f"reader{number}@example.com")
        mail.clock.advance(minutes=15)
    with pytest.raises(UserError, match="in an hour"):
        await mail.sign_up("one.more@example.com")


async def test_many_requests_delay_letters_and_lock_out_nobody(mail: WiredMail, server: MailServer, monkeypatch):
    monkeypatch.setattr("bot.delivery.mail.letters.LETTERS", [limits.LETTERS[0]._replace(most=10)])
    for number in range(30):
        await mail.sign_up(f"reader{number}@example.com", client=f"198.51.100.{number % 6}")
    assert not await mail.letters.send(), "the rest waits"
    assert len(server.mails) == 10
    await mail.sign_up(ADA, client="192.0.2.9")
    mail.clock.advance(minutes=61)
    await mail.letters.send()
    assert [each.recipient for each in server.mails[10:11]] == [ADA], "who asked once comes before who asked often"
    assert len(server.mails) == 20
    for _ in range(2):
        mail.clock.advance(minutes=61)
        await mail.letters.send()
    assert len(server.mails) == 31, "every letter is sent in the end"


async def test_a_full_queue_takes_a_first_request_in_place_of_a_repeated_one(mail: WiredMail, monkeypatch):
    monkeypatch.setattr(limits, "MAX_WAITING", 5)
    for number in range(5):
        await mail.sign_up(f"reader{number}@example.com", client="198.51.100.1")
    await mail.sign_up(ADA, client="192.0.2.9")
    waiting = {each.address for each in await mail.store.subscribers.waiting_letters()}
    assert waiting == {ADA, *(f"reader{number}@example.com" for number in range(4))}
    with pytest.raises(UserError, match="That was a lot"):
        await mail.sign_up("one.more@example.com", client="198.51.100.1")
    for number in range(2, 5):
        await mail.sign_up(f"other{number}@example.com", client=f"192.0.2.{number}")
    with pytest.raises(UserError, match="Very many people"):
        await mail.sign_up("too.many@example.com", client="192.0.2.8")


async def test_a_site_of_ipv6_asks_for_twenty_addresses_an_hour_and_sixty_a_day(mail: WiredMail, server: MailServer):
    async def ask(number: int, site: str = "2001:db8:7") -> None:
        await mail.sign_up(f"reader{number}@example.com", client=f"{site}:{number:x}::1")

    for number in range(60):
        if number and number % 20 == 0:
            with pytest.raises(UserError, match="a lot of requests"):
                await ask(100)
            mail.clock.advance(hours=1)
        await ask(number)
    mail.clock.advance(hours=21)
    with pytest.raises(UserError, match="a lot of requests"):
        await ask(100)
    await ask(101, site="2001:db8:8")
    mail.clock.advance(hours=1)
    await ask(100)


@pytest.mark.parametrize(
    ("address", "client", "allowed"),
    [
        # one inbox, each time from another client: one in ten minutes, three in a day
        ("ada@example.com", None, [(0, True), (599, False), (601, True), (1202, True), (1803, False), (86_401, True)]),
        # one client, each time for another inbox: five in an hour, twenty in a day
        (None, "192.0.2.1", [*((n, True) for n in range(5)), (5, False), (3_599, False), (3_601, True)]),
    ],
    ids=["inbox", "client"],
)
async def test_how_many_letters_in_which_time(
    mail: WiredMail, server: MailServer, address: str | None, client: str | None, allowed: list[tuple[int, bool]]
):
    at = 0
    for number, (seconds, accepted) in enumerate(allowed):
        mail.clock.advance(seconds=seconds - at)
        at = seconds
        sent = len(server.mails)
        try:
            await mail.sign_up(address or f"reader{number}@example.com", client=client or f"198.51.100.{number}")
        except UserError:
            assert not accepted, seconds
        await mail.letters.send()
        assert (len(server.mails) > sent) is accepted, seconds


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("ada@example.com", ["ADA@Example.COM", "ada+x@example.com", "ada+@example.com"], ["a.da@example.com"]),
        (
            "a.d.a@gmail.com",
            ["ada@gmail.com", "ad.a+b@gmail.com", "a.da@googlemail.com"],
            ["adas@gmail.com", "ada@example.com"],
        ),
        ("+ada@example.com", ["+ada@example.com"], ["+ben@example.com", "@example.com"]),
    ],
)
def test_addresses_that_lead_to_one_inbox_share_its_limit(address: str, same: list[str], other: list[str]):
    assert {limits.inbox_key(each) for each in same} == {limits.inbox_key(address)}
    assert limits.inbox_key(address) not in {limits.inbox_key(each) for each in other}


def test_the_answer_to_a_request_says_how_long_a_letter_may_wait():
    (letters,) = limits.LETTERS
    queue = letters.within * limits.MAX_WAITING / letters.most
    later = DeliveryError(Failure.LATER, "busy")
    attempts = sum((retry_delay(later, number) for number in range(MAX_ATTEMPTS)), timedelta())
    assert timedelta(hours=12) < queue + attempts <= limits.LONGEST_WAIT == timedelta(days=1)
    assert "it waits for hours, a day at most" in MAIL_DELAY


async def test_a_link_in_a_letter_that_waited_a_day_is_good_for_three(mail: WiredMail, server: MailServer):
    await mail.sign_up()
    mail.clock.advance(days=1)
    await mail.letters.send()
    confirm = token(link_to(server.mails[0], "confirm"))
    mail.clock.advance(days=3, seconds=-1)
    await mail.letters._erase_expired()
    assert "Confirmed" in (await mail.mailing.confirm(confirm)).text


async def test_limits_outlive_a_restart_and_hold_no_address(mail: WiredMail, server: MailServer):
    await mail.sign_up()
    rows = await mail.store.connection.read(lambda db: [tuple(row) for row in db.execute("SELECT who FROM mail_asks")])
    assert len(rows) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", who) for (who,) in rows)
    mail.clock.advance(days=2)
    await mail.letters._erase_expired()
    assert await mail.store.connection.read(lambda db: db.execute("SELECT count(*) FROM mail_asks").fetchone()[0]) == 0


async def test_a_faulty_field_has_its_error_and_the_request_is_not_counted(mail: WiredMail, server: MailServer):
    answer = await mail.mailing.request(
        {**FORM, "address": "ada@", "timezone": "Mars/Olympus", "size": "99"}, "192.0.2.1"
    )
    assert isinstance(answer, Form)
    assert {field.name for field in answer.fields if field.error} == {"address", "timezone", "size"}
    assert {field.name: field.value for field in answer.fields}["timezone"] == "Mars/Olympus", "nothing typed is lost"
    assert await mail.store.subscribers.waiting_letters() == []


async def test_an_empty_form_asks_for_the_address(mail: WiredMail):
    answer = await mail.mailing.request({}, "192.0.2.1")
    assert isinstance(answer, Form)
    assert [field.name for field in answer.fields if field.error] == ["address"]


async def test_links_of_an_unsubscribed_address_lead_nowhere(mail: WiredMail):
    await mail.sign_up()
    await mail.mailing.unsubscribe(token(mail.links.url(Purpose.UNSUBSCRIBE, 1)))
    confirm, preferences, unsubscribe, reader = (token(mail.links.url(purpose, 1)) for purpose in Purpose)
    for answer_to in (mail.mailing.confirm, mail.mailing.proposal):
        with pytest.raises(UserError, match="subscribe again"):
            await answer_to(confirm)
    with pytest.raises(UserError, match="has ended"):
        await mail.mailing.preferences(preferences)
    with pytest.raises(UserError, match="has ended"):
        await mail.mailing.act(reader, "pause", "", "pause")
    answer = await mail.mailing.unsubscribe_question(unsubscribe)
    assert isinstance(answer, Message)
    assert "Unsubscribed" in answer.text


async def test_a_number_is_never_given_to_another_address(mail: WiredMail):
    await mail.sign_up()
    await mail.mailing.unsubscribe(token(mail.links.url(Purpose.UNSUBSCRIBE, 1)))
    await mail.sign_up("ben@example.com")
    assert (await mail.store.subscribers.by_name("ben@example.com")).id == 2  # type: ignore[union-attr]  # just made
