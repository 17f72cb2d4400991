"""Nobody's inbox can be filled through the form, and nobody learns from it who is known."""

from __future__ import annotations

import re

import pytest

from bot.delivery.mail import limits
from bot.errors import UserError
from bot.model import Form, Message
from tests.email.harness import ADA, NINE, MailHouse
from tests.email.server import MailServer

MOST_A_DAY = limits.AN_INBOX[-1].most


async def test_one_inbox_gets_few_letters_however_often_and_from_wherever_one_asks(mail: MailHouse, server: MailServer):
    answers = set()
    for asked in range(40):
        tag = f"ada+{asked}@example.com" if asked % 2 else ADA
        answers.add((await mail.ask(tag, client=f"198.51.100.{asked}")).text)
        await mail.letters.send()
        mail.clock.advance(minutes=20)
    assert len(server.mails) == MOST_A_DAY
    assert len(answers) == 1, "the page says the same each time"


async def test_a_second_request_at_once_sends_no_second_letter(mail: MailHouse, server: MailServer):
    await mail.ask()
    await mail.letters.send()
    await mail.ask()
    await mail.letters.send()
    assert len(server.mails) == 1


async def test_one_client_asks_for_few_addresses_an_hour_and_a_day(mail: MailHouse, server: MailServer):
    hour, day = limits.A_CLIENT
    for asked in range(hour.most):
        await mail.ask(f"reader{asked}@example.com")
    with pytest.raises(UserError, match="in an hour"):
        await mail.ask("one.more@example.com")
    await mail.ask("one.more@example.com", client="192.0.2.2")
    mail.clock.advance(hours=1, minutes=1)
    for asked in range(hour.most, day.most):
        await mail.ask(f"reader{asked}@example.com")
        mail.clock.advance(minutes=15)
    with pytest.raises(UserError, match="in an hour"):
        await mail.ask("one.more@example.com")


async def test_all_together_ask_for_so_many_letters_an_hour(mail: MailHouse, server: MailServer):
    for asked in range(limits.EVERYBODY[0].most):
        await mail.ask(f"reader{asked}@example.com", client=f"10.0.{asked // 250}.{asked % 250}")
    with pytest.raises(UserError, match="Too many people"):
        await mail.ask("one.more@example.com", client="192.0.2.9")


async def test_limits_outlive_a_restart_and_hold_no_address(mail: MailHouse, server: MailServer):
    await mail.ask()
    rows = await mail.store.connection.read(lambda db: [tuple(row) for row in db.execute("SELECT who FROM mail_asks")])
    assert len(rows) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", who) for (who,) in rows)
    mail.clock.advance(days=2)
    await mail.letters._tidy()
    assert await mail.store.connection.read(lambda db: db.execute("SELECT count(*) FROM mail_asks").fetchone()[0]) == 0


async def test_what_is_wrong_is_said_at_its_field_and_counts_nothing(mail: MailHouse, server: MailServer):
    answer = await mail.mailing.request(
        {**NINE, "address": "ada@", "timezone": "Mars/Olympus", "size": "99"}, "192.0.2.1"
    )
    assert isinstance(answer, Form)
    assert {field.name for field in answer.fields if field.error} == {"address", "timezone", "size"}
    assert {field.name: field.value for field in answer.fields}["timezone"] == "Mars/Olympus", "nothing typed is lost"
    assert await mail.store.subscribers.waiting() == []


async def test_an_empty_form_asks_for_the_address(mail: MailHouse):
    answer = await mail.mailing.request({}, "192.0.2.1")
    assert isinstance(answer, Form)
    assert [field.name for field in answer.fields if field.error] == ["address"]


async def test_links_of_somebody_who_left_lead_nowhere(mail: MailHouse):
    await mail.ask()
    await mail.mailing.leave(1)
    for purpose, look in (("confirm", mail.mailing.confirm), ("confirm", mail.mailing.proposal)):
        key = mail.links.url(purpose, 1).rpartition("/")[2]  # type: ignore[arg-type]  # a StrEnum's value
        with pytest.raises(UserError, match="subscribe again"):
            await look(key)
    key = mail.links.url("preferences", 1).rpartition("/")[2]  # type: ignore[arg-type]  # the same
    with pytest.raises(UserError, match="has ended"):
        await mail.mailing.preferences(key)
    gone = await mail.mailing.leaving(mail.links.url("unsubscribe", 1).rpartition("/")[2])  # type: ignore[arg-type]  # the same
    assert isinstance(gone, Message)
    assert "Unsubscribed" in gone.text


async def test_a_number_is_never_given_to_another_address(mail: MailHouse):
    await mail.ask()
    await mail.mailing.leave(1)
    await mail.ask("ben@example.com")
    assert (await mail.store.subscribers.named("ben@example.com")).id == 2  # type: ignore[union-attr]  # just made
