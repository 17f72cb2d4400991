"""The first digest comes when the address is confirmed, and the next one on another day."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.model import Channel
from tests.email.harness import WiredMail
from tests.email.server import MailServer
from tests.email.test_journey import subscribed

ADA = Channel("mail:1")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("at", ["00:30", "09:00", "23:30"])
async def test_it_comes_at_once_and_once_that_day(mail: WiredMail, server: MailServer, at: str):
    await mail.sign_up(at=at)
    await mail.letters.send()
    [letter] = server.mails
    confirm = letter.text.partition("/confirm/")[2].split()[0]
    answer = await mail.mailing.confirm(confirm)
    assert "Your first digest is on its way" in answer.text
    confirmed = mail.clock()
    await mail.deliver(minutes=1)
    assert len(server.mails) == 2
    subscription = await mail.store.subscriptions.get(ADA)
    assert subscription is not None
    assert subscription.next_due is not None
    assert subscription.next_due.astimezone(BERLIN).date() > confirmed.astimezone(BERLIN).date()
    mail.clock.set(subscription.next_due - timedelta(minutes=1))
    await mail.deliver(seconds=1)
    assert len(server.mails) == 2, "no second one on the same day"
    await mail.deliver(minutes=2)
    assert len(server.mails) == 3


async def test_a_weekly_digest_begins_at_once_too(mail: WiredMail, server: MailServer):
    tomorrow = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(mail.clock().weekday() + 1) % 7]
    await subscribed_weekly(mail, server, tomorrow)
    await mail.deliver(minutes=1)
    assert len(server.mails) == 1
    await mail.deliver(days=1)
    assert len(server.mails) == 2, "the day after is its weekday"


async def subscribed_weekly(mail: WiredMail, server: MailServer, weekday: str) -> None:
    await mail.sign_up(days=f"weekly {weekday}")
    await mail.letters.send()
    await mail.mailing.confirm(server.mails[0].text.partition("/confirm/")[2].split()[0])
    server.mails.clear()


async def test_confirmed_twice_it_comes_once(mail: WiredMail, server: MailServer):
    await mail.sign_up()
    await mail.letters.send()
    confirm = server.mails[0].text.partition("/confirm/")[2].split()[0]
    for _ in range(2):
        await mail.mailing.confirm(confirm)
        await mail.deliver(minutes=1)
    assert len(server.mails) == 2, "the letter and one digest"


async def test_a_first_digest_that_nothing_could_send_for_hours_is_skipped(mail: WiredMail, server: MailServer):
    await subscribed(mail, server)
    await mail.deliver(days=2)
    assert len(server.mails) == 1, "the one of that day"
