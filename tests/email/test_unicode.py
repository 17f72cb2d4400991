"""Addresses with letters of any script before the @: reached where the mail server takes them, else refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import DeliveryError, Failure
from bot.model import Channel, Form
from bot.wording.mail import UNICODE_REFUSED
from tests.email.harness import wired_mail
from tests.email.server import MailServer
from tests.email.test_journey import subscribed

JUERGEN = "jürgen@bücher.example.org"
STORED = "jürgen@xn--bcher-kva.example.org"


async def test_a_server_with_smtputf8_gets_the_letter_and_the_digest(tmp_path: Path):
    async with MailServer(unicode=True) as server, wired_mail(tmp_path, server.server()) as mail:
        await mail.sign_up(JUERGEN)
        await mail.letters.send()
        [letter] = server.mails
        assert letter.recipient == STORED
        assert f"\r\nTo: {STORED}\r\n".encode() in letter.raw
        mail.clock.advance(hours=1)
        await subscribed(mail, server, "用户@example.org")
        await mail.deliver(days=1)
        assert [each.recipient for each in server.mails] == ["用户@example.org"]
        mail.clock.advance(hours=1)
        await mail.sign_up("ada@example.org")
        await mail.letters.send()
        assert server.mails[-1].raw.isascii(), "whoever needs no SMTPUTF8 gets a mail without it"


async def test_a_server_without_it_is_no_reason_to_wait_for_a_letter_that_cannot_come(tmp_path: Path):
    async with MailServer() as server, wired_mail(tmp_path, server.server()) as mail:
        form = await mail.mailing.request({"address": JUERGEN}, "192.0.2.1")
        assert isinstance(form, Form)
        assert form.faults == (f"{form.fields[0].label}: {UNICODE_REFUSED}",)
        assert await mail.store.subscribers.waiting_letters() == []
        await mail.sign_up("ada@bücher.example.org")
        await mail.letters.send()
        assert [each.recipient for each in server.mails] == ["ada@xn--bcher-kva.example.org"], "a domain needs none"


async def test_a_server_that_lost_it_skips_the_digest_and_keeps_its_connection(tmp_path: Path):
    async with MailServer() as server, wired_mail(tmp_path, server.server()) as mail:

        async def content() -> bytes:
            return b""

        with pytest.raises(DeliveryError, match="no SMTPUTF8") as caught:
            await mail.smtp.send("papers@example.org", STORED, content)
        assert caught.value.kind is Failure.MESSAGE_REFUSED
        await mail.sign_up()
        await mail.letters.send()
        assert len(server.mails) == 1
        assert mail.smtp.opened == 1
        assert await mail.store.subscriptions.get(Channel("mail:1")) is None


async def test_a_server_that_is_away_is_asked_when_the_letter_leaves(tmp_path: Path):
    async with MailServer() as server, wired_mail(tmp_path, server.server(port=1)) as mail:
        await mail.sign_up(JUERGEN)
        assert len(await mail.store.subscribers.waiting_letters()) == 1
        assert server.mails == []
