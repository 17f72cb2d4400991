"""Digests by mail to a local server, ledger on disk, beside a loop of aiosmtplib that sends the same bytes."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import gcd
from pathlib import Path
from typing import Any

from aiosmtplib import SMTP

from adapters.email import EmailOutlet, Sender, Server, SmtpClient, compose
from adapters.email.client import CONNECTIONS
from bot.app.collect import describe
from bot.delivery.mail.bounces import BounceLimitedOutlet
from bot.delivery.mail.links import Links
from bot.delivery.mail.signup import SubscriberMailboxes
from bot.model import Channel, Digest, Mailbox
from bot.store.encryption import new_key
from bot.store.sqlite import SqliteStore
from bot.summaries.extractive import tldr
from bot.wording.mail_digest import digest_message
from tests.bench.figures import Row, Times, rate, seconds, timed, times_as_long
from tests.bench.papers import NOW, findings, papers
from tests.bench.scale import Scale
from tests.bench.side_process import ROOT
from tests.bench.wiring import House, digest
from tests.email.server import PASSWORD, USER
from tests.fakes import FakeClock

SENDER = Sender("Paperboy", "papers@example.org")
BOX = Mailbox(
    "r@example.com",
    "https://p.example.org/preferences/" + "x" * 60,
    "https://p.example.org/unsubscribe/x",
    "https://p.example.org/reader/" + "x" * 60,
)
READERS_A_DIGEST = 10
"""Subscribers with the same subscription share a digest."""


class ServerProcess:
    """The mail server in a process of its own, apart from what is measured."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        facts = self.received(None)
        self.server = Server("127.0.0.1", facts["port"], tls=True, user=USER, password=PASSWORD)
        os.environ["SSL_CERT_FILE"] = facts["certificate"]

    def received(self, line: str | None = "\n") -> Any:
        """Number of mails received since the last call."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if line:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def server_process() -> Iterator[ServerProcess]:
    """Start the server; it ends when its input is closed."""
    words = [sys.executable, "-m", "tests.bench.mail_server"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield ServerProcess(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def measure(scale: Scale) -> Iterator[Row]:
    """Many readers of few digests, then each reader one of their own, each beside the bare loop; in turn."""
    listed = [replace(each, tldr=tldr(each.title, each.abstract)) for each in papers(60, days=3.0)]
    shared, own, bare, makes = Times(), Times(), Times(), Times()
    with server_process() as server:
        for _ in range(scale.runs):
            contents = _composed(listed, scale.mails, makes)
            for times, readers in ((shared, READERS_A_DIGEST), (own, 1)):
                with tempfile.TemporaryDirectory() as folder:
                    asyncio.run(
                        _delivered(Path(folder) / "mail.db", listed, scale.mails, readers, server.server, times)
                    )
                assert server.received() == scale.mails
            with timed(bare):
                asyncio.run(_send_bare(server.server, contents))
            assert server.received() == scale.mails
    loop = f"a bare aiosmtplib loop, mails made beforehand: {rate(scale.mails, bare)}"
    what = f"{scale.mails:,} mails, {CONNECTIONS} connections, TLS, ledger on disk"
    few = f"{READERS_A_DIGEST} readers a digest"
    yield Row("mail", f"{what}, {few}", rate(scale.mails, shared), "", loop, times_as_long(shared.median, bare.median))
    yield Row(
        "mail",
        "the same, every digest another",
        rate(scale.mails, own),
        "",
        loop,
        times_as_long(own.median, bare.median),
    )
    yield Row("mail", "one mail made: text, HTML with its styles, headers", seconds(makes.median / scale.mails))


def _digests(listed: Sequence[Any], number: int, readers: int) -> list[Digest]:
    """Digests of five papers, equal for so many readers; nearly all others differ in a paper or in the order."""
    size = len(listed)
    steps = [step for step in range(1, size) if gcd(step, size) == 1]

    def chosen(n: int) -> list[Any]:
        return [listed[(n + k * steps[n // size % len(steps)]) % size] for k in range(5)]

    return [digest(Channel(f"mail:{n + 1}"), chosen(n // readers), NOW) for n in range(number)]


def _composed(listed: Sequence[Any], number: int, times: Times) -> list[bytes]:
    digests = [digest_message(each) for each in _digests(listed, number, 1)]
    with timed(times):
        return [
            compose(each, "r@example.com", SENDER, key=f"pb{n}", now=NOW, mailbox=BOX) for n, each in enumerate(digests)
        ]


async def _delivered(
    path: Path, listed: Sequence[Any], number: int, readers: int, server: Server, times: Times
) -> None:
    clock, client = FakeClock(NOW), SmtpClient(server)
    with SqliteStore(path, write=True) as store:
        await store.papers.add(findings(list(listed), ()), "huggingface", NOW)
        await describe(store)
        rows = [(n + 1, f"r{n}@example.com", f"r{n}@example.com") for n in range(number)]
        sql = (
            "INSERT INTO mail_subscribers (id, address, name, wish, asked_at, confirmed_at, not_before)"
            " VALUES (?, ?, ?, '{}', 1, 1, 1)"
        )
        await store.connection.write(lambda db: db.executemany(sql, rows))
        mailboxes = SubscriberMailboxes(store, Links((new_key(),), "https://papers.example.org", clock))
        house = House(store, outlet=BounceLimitedOutlet(EmailOutlet(client, SENDER, mailboxes, clock), store))
        await store.ledger.keep(_digests(listed, number, readers), {})
        with timed(times):
            await house.queue.drain()
        await client.close()


async def _send_bare(server: Server, contents: Sequence[bytes]) -> None:
    waiting = list(contents)
    context = ssl.create_default_context()

    async def send_all() -> None:
        client = SMTP(hostname=server.host, port=server.port, use_tls=True, tls_context=context, username=USER,
                      password=PASSWORD)  # fmt: skip
        async with client:
            while waiting:
                await client.sendmail(SENDER.address, ["r@example.com"], waiting.pop())

    await asyncio.gather(*(send_all() for _ in range(CONNECTIONS)))
