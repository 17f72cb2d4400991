"""Mail as a process wires it, on the sample week: real store, real deliverer, real SMTP, a clock to move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.email import EmailOutlet, Sender, SmtpClient
from adapters.email.client import Server
from bot.delivery.mail import MailSignup, SubscriberMailboxes
from bot.delivery.mail.bounces import BounceCounter, BounceLimitedOutlet
from bot.delivery.mail.letters import LetterSender
from bot.delivery.mail.links import Links
from bot.model import Message
from bot.store import Store
from bot.store.encryption import new_key
from tests.fakes import FakeClock
from tests.harness.engine import Backend, running_backend

BASE = "https://papers.example.org"
SENDER = Sender("Paperboy", "papers@example.org")
ADA = "ada@example.com"
KEY = new_key()
NINE = {"at": "09:00", "timezone": "Europe/Berlin", "days": "daily", "size": "3"}


@dataclass
class MailHouse:
    """The parts of mail that run behind the pages."""

    house: Backend
    store: Store
    mailing: MailSignup
    letters: LetterSender
    links: Links
    outlet: EmailOutlet
    smtp: SmtpClient
    clock: FakeClock

    async def ask(self, address: str = ADA, client: str = "192.0.2.1", **settings: str) -> Message:
        """Fill in the form."""
        answer = await self.mailing.request({"address": address, **NINE, **settings}, client)
        assert isinstance(answer, Message), answer.faults
        return answer

    async def deliver(self, **span: float) -> None:
        """Let time pass, then choose and send what is due."""
        self.clock.advance(**span)
        await self.house.deliver()


class LateOutlet:
    """Stands in for the outlet until the store exists."""

    name, threads, pace = "mail", False, 0.0
    real: BounceLimitedOutlet

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def token(link: str) -> str:
    """Token of a link."""
    return link.rpartition("/")[2]


@contextmanager
def _wired(path: Path, smtp: SmtpClient, base: str) -> Iterator[MailHouse]:
    late = LateOutlet()
    with running_backend(path, {"mail": late}) as house:
        links = Links((KEY,), base, house.clock)
        outlet = EmailOutlet(smtp, SENDER, SubscriberMailboxes(house.store, links), house.clock)
        bounces = BounceCounter(house.store)
        late.real = BounceLimitedOutlet(outlet, bounces)
        letters = LetterSender(house.store, links, outlet, house.clock)
        mailing = MailSignup(
            house.store, house.desk, links=links, letters=letters, bounces=bounces, clock=house.clock, key=KEY
        )
        house.desk.mailing = mailing
        yield MailHouse(house, house.store, mailing, letters, links, outlet, smtp, house.clock)


@asynccontextmanager
async def mail_house(path: Path, server: Server, *, base: str = BASE) -> AsyncIterator[MailHouse]:
    """A house that sends to this server, with links to pages at `base`."""
    smtp = SmtpClient(server)
    with _wired(path, smtp, base) as wired:
        try:
            yield wired
        finally:
            await smtp.close()
