"""A simulated week of `paperboy run` with Slack, mail and pages, killed at random moments and judged from the outside.

Slack, the mail server and the sources are fakes on loopback in this process; Paperboy runs in one of its own, is killed
(four times by SIGKILL, the fifth by SIGTERM), and started again. The rows count what people have: openers, replies,
mails, pages. Nothing is read from the database but whether a day is over.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from adapters.slack.manifest import SCOPES
from bot.store.sqlite import SqliteStore
from tests.bench.figures import Row
from tests.bench.scale import Scale
from tests.email.harness import KEY
from tests.email.server import PASSWORD, MailServer, certificate, link_to
from tests.fakes.http_server import Loopback
from tests.processes.test_run import Process, at, free_port, item, paperboy, run_command, serve
from tests.slack.fake import FakeSlack

DAYS = [datetime(2026, 6, day, 9, 0, 30, tzinfo=UTC) for day in range(15, 22)]
SIZE = 5
SECONDS_PER_CALL = 0.02
"""Of Slack's Web API."""
SECONDS_PER_MAIL = 0.4
"""Between a message and the mail server's answer to it."""
LIFE = (0.3, 8.0)
"""Seconds between start and kill: from before the store is open to after most of a day's messages."""
PAPER = re.compile(r"arxiv\.org/abs/(\d{4}\.\d{5})")


@dataclass
class SoakTest:
    """The world around the process, and what was seen of the process."""

    folder: Path
    slack: FakeSlack
    mail_server: MailServer
    sources: Loopback
    port: int = field(default_factory=free_port)
    kills: Counter[str] = field(default_factory=Counter)
    pages: Counter[int] = field(default_factory=Counter)
    mails_in_flight: int = 0
    """Mails that the server had begun to take when the process was killed."""

    @property
    def settings(self) -> dict[str, str]:
        """Settings of the process, beside those that `tests.processes.test_run` makes."""
        return {
            "SLACK_BOT_TOKEN": self.slack.team("T1").bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "PAPERBOY_SLACK_API_URL": self.slack.api_url,
            "PAPERBOY_SLACK_INTERNAL_APP": "true",
            "PAPERBOY_SMTP_URL": self.mail_server.url,
            "PAPERBOY_SMTP_PASSWORD": PASSWORD,
            "PAPERBOY_MAIL_FROM": "papers@example.org",
            "PAPERBOY_WEB": "on",
            "PAPERBOY_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "PAPERBOY_SECRET_KEY": KEY,
            "SSL_CERT_FILE": str(certificate()[0]),
        }

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Process]:
        """A running process; its log is drained, so that it never waits for a reader."""
        async with paperboy(self.folder, self.sources, self.port, **self.settings) as process:
            assert process.process.stderr is not None
            drain = asyncio.create_task(_drain(process.process.stderr))
            yield process
            if process.process.returncode is None:
                process.process.kill()
            await drain

    def set_clock(self, moment: datetime) -> None:
        """Set the clock of the process."""
        at(self.folder, moment.isoformat())


class SlowMailServer(MailServer):
    """A mail server that thinks before it answers a message; counts the messages it is thinking about."""

    thinking = 0

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the message after a while."""
        self.thinking += 1
        try:
            await asyncio.sleep(SECONDS_PER_MAIL)
            return await super().handle_DATA(*arguments)
        finally:
            self.thinking -= 1


def measure(scale: Scale) -> Iterator[Row]:
    """Messages doubled and lost in a week with `soak_kills` kills."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_week(Path(folder), scale))


async def _week(folder: Path, scale: Scale) -> list[Row]:
    days = DAYS[: max(1, min(len(DAYS), scale.soak_kills))]
    async with (
        FakeSlack(scopes=tuple(SCOPES), latency=SECONDS_PER_CALL) as slack,
        SlowMailServer() as mail_server,
        Loopback() as sources,
    ):
        soak = SoakTest(folder, slack, mail_server, sources)
        serve(sources, {f"{day:%Y-%m-%d}": _list(number, day) for number, day in enumerate(days)}, folder)
        await _subscribe(soak, scale.soak_channels, days[0] - timedelta(minutes=30))
        dice = random.Random(scale.soak_kills)
        for number, day in enumerate(days):
            kills = scale.soak_kills * (number + 1) // len(days) - scale.soak_kills * number // len(days)
            await _day(soak, day, kills, dice)
        return list(_rows(soak, days, scale.soak_channels))


def _list(number: int, day: datetime) -> list[dict[str, object]]:
    """A day's list of twelve papers in Hugging Face's shape."""
    text, first = f"{day:%Y-%m-%d}", 100 * (number + 1)
    return [item(first + i, text, 60 - 4 * i, f"Study{number}x{i}: {_subject(number, i)}") for i in range(12)]


def _subject(number: int, i: int) -> str:
    """A title of its own, unlike the others', so that none is left out as a near-duplicate."""
    return " ".join(f"{word}{number}{i}" for word in ("alpha", "beta", "gamma", "delta"))


async def _subscribe(soak: SoakTest, count: int, moment: datetime) -> None:
    """Subscribe so many channels, and as many readers through letter and link."""
    soak.set_clock(moment)
    team = soak.slack.team("T1")
    ada = team.user("U1", tz="UTC")
    lines = [
        {"channel": f"slack:T1/{channel.id}", "size": SIZE, "at": "09:00", "timezone": "UTC", "set_by": "slack:T1/U1"}
        for channel in (team.channel(f"C{number}", members=[ada]) for number in range(1, count + 1))
    ]
    (soak.folder / "subscriptions.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for number in range(count):
        await run_command(soak.folder, "mail", "subscribe", f"reader{number}@example.com", **soak.settings)
    await run_command(soak.folder, "subscriptions", "import", str(soak.folder / "subscriptions.jsonl"))
    letters = list(soak.mail_server.mails)
    async with soak.process(), httpx.AsyncClient(timeout=30) as browser:
        await _get(soak, browser, "/healthz")
        for letter in letters:
            await browser.post(link_to(letter, "confirm"))
    soak.mail_server.mails.clear()


async def _day(soak: SoakTest, day: datetime, kills: int, dice: random.Random) -> None:
    """Kill the process so often, a minute of its clock apart; then let it live until the day is over."""
    moment = day
    for _ in range(kills):
        soak.set_clock(moment)
        async with soak.process() as process:
            await asyncio.sleep(dice.uniform(*LIFE))
            how = signal.SIGTERM if soak.kills.total() % 5 == 4 else signal.SIGKILL
            soak.mails_in_flight += soak.mail_server.thinking
            process.process.send_signal(how)
            await process.process.wait()
        soak.kills[how.name] += 1
        while soak.mail_server.thinking:  # what the server has begun to take, it takes
            await asyncio.sleep(0.01)
        moment += timedelta(minutes=1)
    async with soak.process(), httpx.AsyncClient(timeout=30) as browser:
        for page in ("/healthz", "/", "/search?q=study"):
            await _get(soak, browser, page)
        while not await _is_over(soak.folder, moment):
            moment += timedelta(minutes=1)
            soak.set_clock(moment)
            await asyncio.sleep(0.5)


async def _get(soak: SoakTest, browser: httpx.AsyncClient, page: str) -> None:
    """Open a page; wait until somebody answers."""
    while True:
        with suppress(httpx.TransportError):
            response = await browser.get(f"http://127.0.0.1:{soak.port}{page}")
            soak.pages[response.status_code] += 1
            return
        await asyncio.sleep(0.05)


async def _is_over(folder: Path, moment: datetime) -> bool:
    """Whether nothing is due and no digest is open."""
    with SqliteStore(folder / "paperboy.db", write=False) as store:
        return await store.ledger.next_try() is None and not await store.subscriptions.due(moment)


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass


def _rows(soak: SoakTest, days: list[datetime], channels: int) -> Iterator[Row]:
    names = [f"{day:%a} {day.day} {day:%b}" for day in days]
    kills = ", ".join(f"{count} {name}" for name, count in sorted(soak.kills.items()))
    size = f"{len(days)} days, {channels} Slack channels, {channels} readers by mail; killed by {kills}"
    openers, replies, again = Counter[str](), Counter[str](), 0
    for channel in soak.slack.team("T1").channels.values():
        papers: list[str] = []
        for root in channel.roots:
            day = next((name for name in names if f"Trending papers · {name}" in root.shown), None)
            if day is None:
                continue
            thread = channel.thread(root.ts)
            openers["doubled"] += sum(f"Trending papers · {day}" in other.shown for other in channel.roots) > 1
            openers["there"] += 1
            replies["there"] += len(thread)
            shown = [PAPER.findall(json.dumps(post.raw))[0] for post in thread]
            replies["doubled"] += len(shown) - len(set(shown))
            papers += set(shown)
        again += len(papers) - len(set(papers))
    due = len(days) * channels
    yield Row("soak", f"Slack openers ({size})", f"{openers['there']} of {due}, {openers['doubled']} doubled", "all, 0")
    figure = f"{replies['there']} of {due * SIZE}, {replies['doubled']} doubled; papers shown twice: {again}"
    yield Row("soak", "replies", figure, "all, 0; 0")
    mails = Counter((mail.recipient, _day_of(mail.message["Subject"], names)) for mail in soak.mail_server.mails)
    digests = {key: count for key, count in mails.items() if key[1]}
    lost, doubled = due - len(digests), sum(count > 1 for count in digests.values())
    figure = f"{len(digests)} of {due}, {doubled} doubled, {lost} given up; in flight at a kill: {soak.mails_in_flight}"
    yield Row("soak", "mails, by a server that takes 0.4 s each", figure, "0 doubled; given up ≤ in flight")
    yield Row("soak", "pages opened after a restart, by status", str(dict(soak.pages)), "200 only")


def _day_of(subject: str, names: list[str]) -> str | None:
    return next((name for name in names if name in str(subject)), None)
