"""A process killed at every step of a mail, as a slow server sees them: given up is only what may have left."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.email.client import CONNECTIONS
from bot.app.engine import DigestEngine
from bot.model import Channel, State, Subscription, digest_key
from tests.email.delivery_process import mail_delivery
from tests.email.server import MailServer
from tests.fakes import MONDAY, FakeClock, FakeSource, paper
from tests.harness.delivery import PAPERS, TODAY, Delivery

READERS = 3 * CONNECTIONS
STEPS = ("EHLO", "MAIL", "RCPT", "DATA", "answered")
TOMORROW = TODAY + timedelta(days=1)
LOST = "The digest of Mon 24 Nov may not have reached you. It had:"


class SteppedServer(MailServer):
    """A server that stops at one step of a mail, on every connection, until it goes on."""

    def __init__(self, step: str) -> None:
        super().__init__(tls="none", auth=False)
        self.reached = asyncio.Event()
        self._step, self._waiting = step, 0

    async def _stop_at(self, step: str) -> None:
        if step == self._step and not self._going.is_set():
            self._waiting += 1
            if self._waiting == CONNECTIONS:
                self.reached.set()
            await self._going.wait()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name, and it counts the parameters
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        await self._stop_at("EHLO")
        return await super().handle_EHLO(server, session, envelope, hostname, responses)

    async def handle_MAIL(self, *arguments: Any) -> Any:  # noqa: N802 - aiosmtpd's name
        await self._stop_at("MAIL")
        return await super().handle_MAIL(*arguments)

    async def handle_RCPT(self, *arguments: Any) -> Any:  # noqa: N802 - aiosmtpd's name
        await self._stop_at("RCPT")
        return await super().handle_RCPT(*arguments)

    async def handle_DATA(self, *arguments: Any) -> Any:  # noqa: N802 - aiosmtpd's name
        if self._step == "DATA":
            await self._stop_at("DATA")
            return await super().handle_DATA(*arguments)
        going, self._going = self._going, asyncio.Event()
        self._going.set()
        try:
            return await super().handle_DATA(*arguments)
        finally:
            self._going = going
            if self._step == "answered":
                self.reached.set()


async def prepare(database: Path) -> None:
    """Confirmed readers, each with a digest that is due."""
    delivery = Delivery(database)
    with delivery.store as store:
        for number in range(1, READERS + 1):
            address = f"r{number}@example.com"
            await store.subscribers.request_letter(address, address, {}, MONDAY)
            channel = Channel(f"mail:{number}")
            await store.subscribers.confirm(Subscription(channel, next_due=MONDAY + timedelta(days=1)), MONDAY)
            await delivery.keep(channel, PAPERS)


async def next_day(delivery: Delivery, clock: FakeClock) -> None:
    """Choose and send the next day's digests, of other papers."""
    clock.set(MONDAY + timedelta(days=1))
    source = FakeSource()
    for number in range(11, 14):
        source.notices(paper(number, at=clock()), upvotes=10)
    engine = DigestEngine(delivery.store, [source], clock, notices=delivery.notices)
    await engine.collect()
    await engine.tick()
    await delivery.deliver()


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize("step", STEPS)
async def test_only_what_may_have_left_is_given_up_nothing_comes_twice_and_papers_return(
    tmp_path: Path, step: str, kill: signal.Signals
) -> None:
    database = tmp_path / "paperboy.db"
    await prepare(database)
    async with SteppedServer(step) as server, asyncio.timeout(60):
        server.stalls()
        command = (sys.executable, "-m", "tests.email.delivery_process", str(database), str(server.port))
        process = await asyncio.create_subprocess_exec(*command)
        await server.reached.wait()
        process.send_signal(kill)
        if kill is signal.SIGKILL:
            await process.wait()
        server.goes_on()
        assert await process.wait() == (-kill if kill is signal.SIGKILL else 0)
        in_the_first_life = len(server.mails)

        clock = FakeClock()
        delivery, smtp = mail_delivery(database, server.port, clock)
        with delivery.store as store:
            await delivery.deliver()
            rows = [
                (await store.ledger.deliveries(digest_key(Channel(f"mail:{number}"), TODAY)))[0]
                for number in range(1, READERS + 1)
            ]
            given_up = {f"r{number}@example.com" for number, row in enumerate(rows, 1) if row.state is State.LOST}
            today = Counter(mail.recipient for mail in server.mails)
            most = CONNECTIONS if kill is signal.SIGKILL and step in {"DATA", "answered"} else 0
            assert len(given_up) <= most
            assert (step, kill) != ("DATA", signal.SIGKILL) or len(given_up) == CONNECTIONS
            assert (step, kill) != ("DATA", signal.SIGTERM) or in_the_first_life == CONNECTIONS
            assert max(today.values()) == 1, "nothing comes twice"
            assert len(set(today) | given_up) == READERS, "nothing else is lost"

            server.mails.clear()
            await next_day(delivery, clock)
            await smtp.close()
        assert len(server.mails) == READERS
        for mail in server.mails:
            text = " ".join(mail.text.split())
            assert (LOST in text) == (mail.recipient in given_up)
            assert all((each.title in text) == (mail.recipient in given_up) for each in PAPERS)
