"""The contract of outlets, met by mail over a real server; both bodies of each message are read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest

from adapters.email import EmailOutlet, SmtpClient
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Mailbox, Ref, delivery_key
from tests.contracts.outlet import TODAY, OutletContract, Platform, say
from tests.email.harness import ADA, BASE_URL, SENDER
from tests.email.server import MailServer
from tests.fakes import MONDAY, FakeClock

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class MarkupReader(HTMLParser):
    """Elements that a mail program would run, load or follow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.urls: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.urls += [value or "" for name, value in attrs if name in {"href", "src", "action", "background"}]
        self.urls += ["javascript:" for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class OneMailbox:
    """The mailbox of every channel."""

    async def mailbox(self, channel: Channel) -> Mailbox | None:
        return (
            Mailbox(ADA, f"{BASE_URL}/preferences/x", f"{BASE_URL}/unsubscribe/x", f"{BASE_URL}/reader/x")
            if channel == "mail:17"
            else None
        )


class MailPlatform:
    """The outlet with the mails that arrived, subject, text and HTML."""

    channel = Channel("mail:17")

    def __init__(self, server: MailServer, outlet: EmailOutlet) -> None:
        self.server, self.outlet = server, outlet

    async def roots(self) -> list[str]:
        return [f"{mail.message['Subject']}\n{mail.text}\n{mail.html}" for mail in self.server.mails]

    async def replies(self, root: int) -> list[str]:
        return []

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return False

    def pings(self, text: str) -> bool:
        html = text[max(text.find("<!DOCTYPE html>"), 0) :]  # before that stands text, which nothing reads as HTML
        reader = MarkupReader(html)
        harmful = {"script", "img", "iframe", "form", "object", "link"} & set(reader.tags)
        return bool(
            harmful
            or [url for url in reader.urls if not url.startswith(("https://", "http://"))]
            or CONTROL.search(text.replace("\r\n", "\n"))
        )

    def fails_next(self) -> bool:
        self.server.says("RCPT", "450 4.2.1 Mailbox busy")
        return True


@pytest.fixture
async def outlet(server: MailServer) -> AsyncIterator[EmailOutlet]:
    client = SmtpClient(server.server())
    yield EmailOutlet(client, SENDER, OneMailbox(), FakeClock(MONDAY))
    await client.close()


class TestMail(OutletContract):
    @pytest.fixture
    def platform(self, server: MailServer, outlet: EmailOutlet) -> MailPlatform:
        return MailPlatform(server, outlet)

    async def test_a_retracted_message_is_gone(self, platform: Platform) -> None:
        """A mail cannot be taken back, and the outlet raises."""
        ref = await self.post(platform, "Stays", slot=1)
        with pytest.raises(DeliveryError, match="cannot be taken back"):
            await platform.outlet.retract(platform.channel, ref)

    async def test_what_a_proof_lacks_is_said(self, platform: Platform) -> None:
        """A mail cannot be taken back, so none is sent."""
        with pytest.raises(CannotTell, match="cannot be taken back"):
            await platform.outlet.prove(platform.channel)


async def test_mail_never_says_whether_a_message_arrived(outlet: EmailOutlet):
    with pytest.raises(CannotTell):
        await outlet.find(Channel("mail:17"), "pb1", under=None, since=MONDAY)


@pytest.mark.parametrize("channel", ["mail:18", "mail:", "slack:T1/C1"])
async def test_an_unknown_channel_gets_no_mail(outlet: EmailOutlet, server: MailServer, channel: str):
    with pytest.raises(DeliveryError) as caught:
        await outlet.post(Channel(channel), say("Hello"), under=None, key="pb1")
    assert caught.value.kind is Failure.CHANNEL_GONE
    assert server.mails == []


async def test_the_handle_of_a_mail_is_its_message_id_made_from_the_key(outlet: EmailOutlet, server: MailServer):
    key = delivery_key(Channel("mail:17"), TODAY, 0)
    ref = await outlet.post(Channel("mail:17"), say("Hello"), under=None, key=key)
    assert ref == f"<{key}@example.org>" == server.mails[0].message["Message-ID"]
