"""Mail as a process wires it, on the sample week: real store, real deliverer, real SMTP, a clock to move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.email import EmailOutlet, Sender, SmtpClient
from adapters.email.client import Server
from bot.delivery.mail import MailSignup, build_mail
from bot.delivery.mail.bounces import BounceLimitedOutlet
from bot.delivery.mail.letters import LetterSender
from bot.delivery.mail.links import Links
from bot.model import EVERY_DAY, Channel, Message
from bot.store import Store
from bot.store.encryption import new_key
from tests.fakes import FakeClock
from tests.harness.engine import Backend, running_backend

BASE_URL = "https://papers.example.org"
SENDER = Sender("Paperboy", "papers@example.org")
ADA = "ada@example.com"
KEY = new_key()
FORM = {"at": "09:00", "timezone": "Europe/Berlin", "days": "daily", "size": "3"}


@dataclass
class WiredMail:
    """Mail, wired, with everything that a test looks at."""

    backend: Backend
    store: Store
    mailing: MailSignup
    letters: LetterSender
    links: Links
    smtp: SmtpClient
    clock: FakeClock

    async def sign_up(self, address: str = ADA, client: str = "192.0.2.1", **settings: str) -> Message:
        """Fill in the sign-up form and send it."""
        answer = await self.mailing.request({"address": address, **FORM, **settings}, client)
        assert isinstance(answer, Message), answer.faults
        return answer

    async def deliver(self, **span: float) -> None:
        """Let time pass, then choose and send what is due."""
        self.clock.advance(**span)
        await self.backend.deliver()


class LateOutlet:
    """The name of an outlet that is made later: it needs the store, which is opened with the outlets."""

    name, threads, pace = "mail", False, 0.0
    real: BounceLimitedOutlet

    async def find(self, *args: Any, **options: Any) -> Any:
        return await self.real.find(*args, **options)

    async def retract(self, *args: Any) -> None:
        await self.real.retract(*args)

    async def prove(self, channel: Channel) -> None:
        await self.real.prove(channel)

    def __getattr__(self, name: str) -> Any:
        if name == "real":  # not made yet: whoever looks what it can do finds nothing
            raise AttributeError(name)
        return getattr(self.real, name)


def token(link: str) -> str:
    """Token of a link."""
    return link.rpartition("/")[2]


@asynccontextmanager
async def wired_mail(path: Path, server: Server, *, base: str = BASE_URL) -> AsyncIterator[WiredMail]:
    """Mail that is sent to this server, with links to pages at `base`."""
    smtp, outlet = SmtpClient(server), LateOutlet()
    with running_backend(path, {"mail": outlet}) as backend:
        store, clock = backend.store, backend.clock
        parts = build_mail(store, (KEY,), base, clock, lambda boxes: EmailOutlet(smtp, SENDER, boxes, clock))
        outlet.real = parts.outlet
        backend.desk.mailing = mailing = MailSignup(
            store, backend.desk, parts.links, parts.letters, clock, KEY, EVERY_DAY
        )
        try:
            yield WiredMail(backend, store, mailing, parts.letters, parts.links, smtp, clock)
        finally:
            await parts.close()
