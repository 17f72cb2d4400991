"""Failures of a mail server: no digest is sent twice, and none is lost without a notice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.email import SmtpClient, client
from bot.delivery import attempts
from bot.delivery.mail.bounces import MAX_BOUNCES
from bot.delivery.mail.links import Purpose
from bot.errors import DeliveryError, Failure
from bot.model import Channel, State, digest_key
from tests.email.harness import ADA, WiredMail, token, wired_mail
from tests.email.server import HANG_UP, MailServer
from tests.email.test_journey import subscribed

CONTENT = b"Subject: Hello\r\n\r\nGood morning\r\n"


async def send(smtp: SmtpClient, to: str = ADA) -> None:
    async def content() -> bytes:
        return CONTENT

    await smtp.send("papers@example.org", to, content)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, a minute at most."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.002)


def mail_channels(number: int) -> list[Channel]:
    """Channels of the first subscribers."""
    return [Channel(f"mail:{n}") for n in range(1, number + 1)]


async def failed(smtp: SmtpClient) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await send(smtp)
    return caught.value


# --- a digest that meets them -----------------------------------------------------------------------------------


async def state(mail: WiredMail, channel: Channel) -> list[str]:
    """Outcomes of the channel's digests, latest first."""
    return [each[2] for each in await mail.store.ledger.last_days(channel)]


async def test_a_greylisted_digest_comes_later_once(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    server.says("RCPT", "451 4.7.1 Greylisted, try again")
    await mail.deliver(days=1)
    assert server.mails == []
    assert await state(mail, channel) == ["open"]
    await mail.deliver(minutes=5)
    assert len(server.mails) == 1
    assert await state(mail, channel) == ["done"]


async def test_a_server_that_says_421_in_the_middle_gets_it_later_once(mail: WiredMail, server: MailServer):
    await subscribed(mail, server)
    server.says("DATA", "421 4.3.2 Shutting down")
    await mail.deliver(days=1)
    assert server.mails == []
    await mail.deliver(minutes=5)
    assert len(server.mails) == 1


async def test_a_digest_whose_answer_was_lost_is_never_sent_again(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    server.says("DATA", HANG_UP)
    await mail.deliver(days=1)
    assert len(server.mails) == 1
    day = (await mail.store.ledger.last_days(channel))[0][0]
    for _ in range(4):
        await mail.deliver(minutes=10)
    assert len(server.mails) == 1, "it may have arrived, and it had"
    assert (await mail.store.ledger.deliveries(digest_key(channel, day)))[0].state is State.LOST
    assert await state(mail, channel) == ["abandoned"]
    await mail.deliver(days=1)
    assert len(server.mails) == 2, "the next day's comes, with the papers that may not have been seen"


async def test_a_digest_claimed_when_the_process_died_is_not_sent_again(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    mail.clock.advance(days=1)
    await mail.backend.engine.tick()
    day = (await mail.store.ledger.last_days(channel))[0][0]
    await mail.store.ledger.claim(digest_key(channel, day), 0, None, mail.clock())
    await mail.backend.queue.drain()
    assert server.mails == []
    assert await state(mail, channel) == ["abandoned"]


async def test_three_permanent_refusals_in_a_row_pause_the_address(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    for count in range(1, MAX_BOUNCES + 1):
        server.says("RCPT", f"550 5.1.1 <{ADA}> No such user")
        await mail.deliver(days=1)
        subscription = await mail.store.subscriptions.get(channel)
        assert subscription is not None
        assert (subscription.paused_at is not None) is (count == MAX_BOUNCES)
    assert ADA not in str(subscription.pause_reason)
    assert "550" in str(subscription.pause_reason)
    await mail.deliver(days=1)
    assert server.mails == []


async def test_a_mail_that_arrives_between_refusals_starts_the_count_again(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    for answer in ("550 5.1.1 No such user", "550 No", None, "550 No", "550 No"):
        if answer:
            server.says("RCPT", answer)
        await mail.deliver(days=1)
    subscription = await mail.store.subscriptions.get(channel)
    assert subscription is not None
    assert subscription.paused_at is None
    assert await mail.store.subscribers.count_bounce(channel) == 3


async def test_a_paused_address_goes_on_from_its_preferences_page(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    server.says("RCPT", "550 5.1.1 No such user", times=MAX_BOUNCES)
    for _ in range(MAX_BOUNCES):
        await mail.deliver(days=1)
    key = mail.links.url("preferences", 1).rpartition("/")[2]  # type: ignore[arg-type]  # a StrEnum's value
    await mail.mailing.change(key, {})
    subscription = await mail.store.subscriptions.get(channel)
    assert subscription is not None
    assert subscription.paused_at is None
    assert await mail.store.subscribers.count_bounce(channel) == 1
    await mail.deliver(days=1)
    assert len(server.mails) == 1


async def test_a_refusal_for_the_senders_standing_never_counts_against_an_address(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    server.says("DATA", "550 5.7.1 Message rejected as spam", times=4)
    for _ in range(4):
        await mail.deliver(days=1)
    subscription = await mail.store.subscriptions.get(channel)
    assert subscription is not None
    assert subscription.paused_at is None
    assert await mail.store.subscribers.count_bounce(channel) == 1


async def test_an_address_is_in_no_line_of_the_log(mail: WiredMail, server: MailServer, caplog):
    caplog.set_level(logging.DEBUG, "paperboy")
    await subscribed(mail, server)
    server.says("RCPT", f"550 5.1.1 <{ADA}>: Recipient address rejected: {ADA} unknown")
    await mail.deliver(days=1)
    await mail.sign_up("ben@example.com")
    server.says("RCPT", "550 5.1.1 <ben@example.com> unknown")
    await mail.letters.send()
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("paperboy")]
    assert any("mail:1" in line and "550" in line for line in ours)
    assert any("letter failed channel=mail:2" in line for line in ours)
    assert not [line for line in ours if "ada" in line or "ben@" in line]


async def test_an_address_that_unsubscribed_meanwhile_gets_nothing_more(mail: WiredMail, server: MailServer):
    await subscribed(mail, server)
    mail.clock.advance(days=1)
    await mail.backend.engine.tick()
    await mail.mailing.unsubscribe(token(mail.links.url(Purpose.UNSUBSCRIBE, 1)))
    await mail.backend.queue.drain()
    assert server.mails == []


# --- the letter ---------------------------------------------------------------------------------------------------


async def test_a_greylisted_letter_is_tried_again_and_sent_once(mail: WiredMail, server: MailServer):
    server.says("RCPT", "451 4.7.1 Greylisted", times=2)
    await mail.sign_up()
    for _ in range(5):
        await mail.letters.send()
        mail.clock.advance(minutes=3)
    assert len(server.mails) == 1


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", HANG_UP])
async def test_a_letter_that_was_refused_or_may_have_arrived_is_not_sent_again(
    mail: WiredMail, server: MailServer, answer: str
):
    server.says("DATA", answer)
    await mail.sign_up()
    for _ in range(3):
        await mail.letters.send()
        mail.clock.advance(hours=1)
    assert len(server.mails) == (answer == HANG_UP)


async def test_a_letter_claimed_when_the_process_died_is_not_sent_again(mail: WiredMail, server: MailServer):
    await mail.sign_up()
    assert await mail.store.subscribers.claim_letter(1)
    await mail.letters.send()
    assert server.mails == []


async def test_a_letter_is_sent_as_soon_as_it_is_requested(mail: WiredMail, server: MailServer):
    running = asyncio.create_task(mail.letters.run())
    await mail.sign_up()
    async with asyncio.timeout(60):
        while not server.mails:
            await asyncio.sleep(0.005)
    running.cancel()
    async with asyncio.timeout(60):
        await asyncio.wait([running])
    assert running.done()


async def test_an_internal_error_is_logged_and_the_letter_is_not_sent_again(
    mail: WiredMail, server: MailServer, caplog
):
    class Broken:
        async def letter(self, *_: object, **__: object) -> None:
            raise RuntimeError("broken")

    await mail.sign_up()
    mail.letters._postman, postman = Broken(), mail.letters._postman
    await mail.letters.send()
    assert "letter failed channel=mail:1" in caplog.text
    mail.letters._postman = postman
    await mail.letters.send()
    assert server.mails == []


async def test_an_unconfirmed_address_is_erased(mail: WiredMail, server: MailServer):
    await mail.sign_up()
    await mail.letters.send()
    assert await mail.letters._erase_expired() == 0
    mail.clock.advance(days=4)
    assert await mail.letters._erase_expired() == 0
    mail.clock.advance(seconds=1)
    assert await mail.letters._erase_expired() == 1
    assert await mail.store.subscribers.by_name(ADA) is None


# --- connections -----------------------------------------------------------------------------------------------------


async def test_a_connection_is_used_again_and_a_closed_one_is_replaced(server: MailServer):
    smtp = SmtpClient(server.server())
    for _ in range(3):
        await send(smtp)
    assert (smtp.opened, len(server.mails)) == (1, 3)
    server.hangs_up()
    await send(smtp)
    await send(smtp)
    assert (smtp.opened, len(server.mails)) == (2, 5)
    await smtp.close()


async def test_an_idle_connection_that_answers_421_is_replaced_at_once(server: MailServer):
    smtp = SmtpClient(server.server())
    await send(smtp)
    server.says("MAIL", "421 4.4.2 Idle too long")
    await send(smtp)
    assert (smtp.opened, len(server.mails)) == (2, 2)
    await smtp.close()


async def test_a_server_without_ehlo_is_greeted_by_helo():
    async with MailServer(tls="none", auth=False) as server:
        server.says("EHLO", "502 5.5.1 Not implemented")
        smtp = SmtpClient(server.server())
        await send(smtp)
        assert len(server.mails) == 1
        await smtp.close()


async def test_a_server_that_refuses_every_greeting_is_no_fault_of_the_recipient():
    async with MailServer(tls="none", auth=False) as server:
        for verb in ("EHLO", "HELO"):
            server.says(verb, "550 5.1.1 Go away")
        assert (await failed(SmtpClient(server.server()))).kind is Failure.LATER


async def test_a_connection_carries_so_many_messages_and_no_more(server: MailServer, monkeypatch):
    monkeypatch.setattr(client, "MESSAGES_PER_CONNECTION", 2)
    smtp = SmtpClient(server.server())
    for _ in range(5):
        await send(smtp)
    assert smtp.opened == 3
    await smtp.close()


async def test_an_unused_connection_is_closed(server: MailServer, monkeypatch):
    monkeypatch.setattr(client, "IDLE_SECONDS", 0.0)
    smtp = SmtpClient(server.server())
    await send(smtp)
    async with asyncio.timeout(60):
        while smtp._idle:
            await asyncio.sleep(0.001)
    await send(smtp)
    assert smtp.opened == 2
    await smtp.close()


async def test_many_messages_share_few_connections(server: MailServer):
    smtp = SmtpClient(server.server(), connections=2)
    await asyncio.gather(*(send(smtp, f"reader{n}@example.com") for n in range(20)))
    assert {mail.recipient for mail in server.mails} == {f"reader{n}@example.com" for n in range(20)}
    assert smtp.opened <= 2
    await smtp.close()


@pytest.mark.parametrize(
    ("verb", "answer", "kind"),
    [
        ("MAIL", "451 4.3.0 Try later", Failure.LATER),
        ("MAIL", "550 5.7.1 Sender not allowed", Failure.LATER),
        ("RCPT", "450 4.2.0 Mailbox busy", Failure.LATER),
        ("RCPT", "421 4.3.2 Shutting down", Failure.LATER),
        ("RCPT", "550 5.1.1 No such user", Failure.CHANNEL_GONE),
        ("RCPT", "550 no such user", Failure.CHANNEL_GONE),
        ("RCPT", "554 5.7.1 Listed at a blocklist", Failure.MESSAGE_REFUSED),
        ("RCPT", HANG_UP, Failure.LATER),
        ("DATA", "452 4.3.1 Out of storage", Failure.LATER),
        ("DATA", "552 5.3.4 Too big", Failure.MESSAGE_REFUSED),
        ("DATA", "552 5.2.2 Mailbox full", Failure.CHANNEL_GONE),
        ("DATA", "550 5.6.0 Content rejected", Failure.MESSAGE_REFUSED),
        ("DATA", HANG_UP, Failure.UNKNOWN),
    ],
)
async def test_every_reply_has_one_consequence_and_the_next_message_goes_through(
    server: MailServer, verb: str, answer: str, kind: Failure
):
    smtp = SmtpClient(server.server())
    server.says(verb, answer)
    error = await failed(smtp)
    assert error.kind is kind
    assert error.reason
    before = len(server.mails)
    await send(smtp)
    assert len(server.mails) == before + 1
    await smtp.close()


async def test_without_an_answer_to_a_message_its_outcome_is_unknown(server: MailServer, monkeypatch):
    monkeypatch.setattr(client, "DATA_TIMEOUT", 0.2)
    server.stalls()
    smtp = SmtpClient(server.server())
    assert (await failed(smtp)).kind is Failure.UNKNOWN
    server.goes_on()


async def test_with_all_connections_busy_a_message_waits_unclaimed_and_is_sent_in_turn(mail: WiredMail, server):
    for number in range(6):
        await subscribed(mail, server, f"r{number}@example.com")
        mail.clock.advance(minutes=15)
    server.mails.clear()
    server.stalls()
    delivering = asyncio.create_task(mail.deliver(days=1))
    await until(lambda: server.stalled == client.CONNECTIONS)
    rows = [
        await mail.store.ledger.deliveries(digest_key(channel, mail.clock().date())) for channel in mail_channels(6)
    ]
    assert sum(map(len, rows)) == client.CONNECTIONS, "no more is claimed than may have left"
    server.goes_on()
    await delivering
    assert len(server.mails) == 6


async def test_nothing_is_sent_without_tls_to_a_server_that_should_have_it():
    async with MailServer(tls="none", auth=False) as plain:
        error = await failed(SmtpClient(plain.server(plain=False)))
    assert error.kind is Failure.LATER
    assert "PAPERBOY_SMTP_URL" in error.reason
    assert plain.mails == []


async def test_an_untrusted_certificate_is_refused(server: MailServer, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    error = await failed(SmtpClient(server.server()))
    assert error.kind is Failure.LATER
    assert "certificate is not trusted" in error.reason
    assert server.mails == []


async def test_a_wrong_password_is_no_bounce(server: MailServer):
    error = await failed(SmtpClient(server.server(password="wrong")))
    assert error.kind is Failure.LATER
    assert "PAPERBOY_SMTP_PASSWORD" in error.reason
    assert "wrong" not in error.reason


async def test_a_server_that_cannot_be_reached_is_tried_later(server: MailServer):
    error = await failed(SmtpClient(server.server(port=1)))
    assert (error.kind, error.reason) == (Failure.LATER, "the mail server cannot be reached")


async def test_tls_from_the_first_byte(tmp_path: Path):
    async with MailServer(tls="smtps") as server, wired_mail(tmp_path, server.server()) as mail:
        await subscribed(mail, server)
        await mail.deliver(days=1)
        assert len(server.mails) == 1


async def test_a_letter_is_given_up_after_a_day_of_trying(mail: WiredMail, server: MailServer):
    server.says("RCPT", "451 4.7.1 Not yet", times=100)
    await mail.sign_up()
    for _ in range(60):
        await mail.letters.send()
        mail.clock.advance(minutes=31)
    assert await mail.store.subscribers.next_letter() is None


def test_timeouts_of_mail_end_before_the_deliverers():
    """Otherwise a mail whose fate the server would have told counts as one of unknown outcome."""
    assert client.DATA_TIMEOUT < attempts.POST_TIMEOUT
    assert client.ENVELOPE_TIMEOUT < attempts.TURN_TIMEOUT
