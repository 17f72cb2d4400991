"""A simulated week of `paperboy run` with Slack, mail and pages, killed at random moments and judged from the outside.

Slack, the mail server and the sources are fakes on loopback in this process; Paperboy runs in one of its own, is killed
(four times by SIGKILL, the fifth by SIGTERM) at a random moment, while the mail server has a mail in hand, or while
pages are read, and started again. Channels and readers are due a minute of its clock apart, so that every life has
something to send. An eighth day without kills brings what readers are owed.

`soak_rows.py` counts what people have: openers, replies, mails, letters, pages, files. Nothing is read from the
database but whether a day is over.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.slack.manifest import SCOPES
from bot.handlers import SignedDownloads
from bot.model import Channel
from bot.store.sqlite import SqliteStore
from tests.bench.figures import Row
from tests.bench.scale import Scale
from tests.bench.soak_mail_server import SECONDS_PER_MAIL, SlowMailServer
from tests.bench.soak_rows import Week, rows
from tests.bench.soak_visitors import Visitors
from tests.email.harness import KEY
from tests.email.server import PASSWORD, Mail, certificate, link_to
from tests.fakes.http_server import Loopback
from tests.processes.test_run import Process, at, free_port, item, paperboy, run_command, serve
from tests.slack.fake import FakeSlack

DAYS = [datetime(2026, 6, day, 9, 0, 30, tzinfo=UTC) for day in range(15, 23)]
SIZE = 5
SECONDS_PER_CALL = 0.02
"""Of Slack's Web API."""
LIFE = (0.1, 3.0)
"""Time between start and kill, in starts of the process as the machine is now: from before the store is open on."""
PATIENCE = 60.0
"""Seconds in which a life that is to be killed at a mail or a page waits for one."""
READER = Channel("slack:T1/U1")
"""Whose reading list is downloaded."""


@dataclass
class SoakTest:
    """The world around the process, and what was seen of the process."""

    folder: Path
    slack: FakeSlack
    mail_server: SlowMailServer
    sources: Loopback
    dice: random.Random
    port: int = field(default_factory=free_port)
    start_seconds: float = 1.0
    """From a start of the process to its first page."""
    kills: Counter[str] = field(default_factory=Counter)
    in_flight: set[tuple[str, str]] = field(default_factory=set)
    """Recipients of mails that the server had in hand at a SIGKILL, and the day."""

    def __post_init__(self) -> None:
        self.visitors = Visitors(self.base)

    @property
    def base(self) -> str:
        """Address of the pages."""
        return f"http://127.0.0.1:{self.port}"

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
            "PAPERBOY_PUBLIC_URL": self.base,
            "PAPERBOY_SECRET_KEY": KEY,
            "SSL_CERT_FILE": str(certificate()[0]),
        }

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Process]:
        """A running process; its log is drained, so that it never waits for a reader."""
        async with paperboy(self.folder, self.sources, self.port, **self.settings) as process:
            assert process.process.stderr is not None
            drain = asyncio.create_task(_drain(process.process.stderr))
            try:
                yield process
            finally:
                if process.process.returncode is None:
                    process.process.kill()
                await drain

    def set_clock(self, moment: datetime) -> None:
        """Set the clock of the process."""
        at(self.folder, moment.isoformat())


def measure(scale: Scale) -> Iterator[Row]:
    """Messages doubled and lost in a week with `soak_kills` kills."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_week(Path(folder), scale))


async def _week(folder: Path, scale: Scale) -> list[Row]:
    days = DAYS[: max(1, min(len(DAYS) - 1, scale.soak_kills)) + 1]
    dice = random.Random(scale.soak_kills)
    async with (
        FakeSlack(scopes=tuple(SCOPES), latency=SECONDS_PER_CALL) as slack,
        SlowMailServer(dice) as mail_server,
        Loopback() as sources,
    ):
        soak = SoakTest(folder, slack, mail_server, sources, dice)
        serve(sources, {f"{day:%Y-%m-%d}": day_list(number, day) for number, day in enumerate(days)}, folder)
        minutes = max(1, scale.soak_kills // (len(days) - 1))
        await _subscribe(soak, scale.soak_channels, scale.soak_readers, days[0] - timedelta(minutes=30), minutes)
        for number, day in enumerate(days):
            before, after = (scale.soak_kills * n // (len(days) - 1) for n in (number, number + 1))
            await _day(soak, day, after - before if day != days[-1] else 0, minutes)
        week = Week(tuple(days), SIZE, scale.soak_channels, scale.soak_readers, soak.kills, soak.in_flight)
        return list(rows(week, slack.team("T1"), mail_server.mails, soak.visitors))


def day_list(number: int, day: datetime) -> list[dict[str, object]]:
    """A day's list of twelve papers in Hugging Face's shape."""
    text, first = f"{day:%Y-%m-%d}", 100 * (number + 1)
    return [item(first + i, text, 60 - 4 * i, f"Study{number}x{i}: {_subject(number, i)}") for i in range(12)]


def _subject(number: int, i: int) -> str:
    """A title of its own, unlike the others', so that none is left out as a near-duplicate."""
    return " ".join(f"{word}{number}{i}" for word in ("alpha", "beta", "gamma", "delta"))


# --- before the week ---------------------------------------------------------------------------------------------


async def _subscribe(soak: SoakTest, channels: int, readers: int, moment: datetime, minutes: int) -> None:
    """Subscribe channels by import and readers through form, letter and link; due within so many minutes."""
    soak.set_clock(moment)
    team = soak.slack.team("T1")
    ada = team.user("U1", tz="UTC")
    lines = [
        {"channel": f"slack:T1/C{n}", "size": SIZE, "at": _minute(n, minutes), "timezone": "UTC", "set_by": READER}
        for n in range(channels)
    ]
    for n in range(channels):
        team.channel(f"C{n}", members=[ada])
    (soak.folder / "subscriptions.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    await run_command(soak.folder, "subscriptions", "import", str(soak.folder / "subscriptions.jsonl"))
    started = time.monotonic()
    async with soak.process() as process:
        await soak.visitors.opened("/")
        soak.start_seconds = time.monotonic() - started
        for n in range(readers):
            answers = {"address": f"reader{n}@example.com", "size": str(SIZE), "at": _minute(n, minutes)}
            response = await soak.visitors.opened("/subscribe", answers)
            assert response.status_code == 200, response.text
        letters = await _mails_so_far(soak, readers)
        for letter in letters:
            await soak.visitors.opened(link_to(letter, "confirm").removeprefix(soak.base), {})
        await _mails_so_far(soak, 2 * readers)  # a first digest comes at once: it is the first day's
        process.process.terminate()  # and is settled
        await process.process.wait()
    soak.mail_server.mails[:] = soak.mail_server.mails[readers:]
    await _save_papers(soak, moment)


async def _mails_so_far(soak: SoakTest, count: int) -> list[Mail]:
    """All mails, once there are so many."""
    while len(soak.mail_server.mails) < count:
        await asyncio.sleep(0.05)
    return list(soak.mail_server.mails)


def _minute(number: int, minutes: int) -> str:
    return f"09:{number % minutes:02d}"


async def _save_papers(soak: SoakTest, moment: datetime) -> None:
    """Put the first papers on somebody's reading list, whose file is downloaded all week."""
    with SqliteStore(soak.folder / "paperboy.db", write=True) as store:
        for number in range(100, 112):
            await store.people.save(READER, f"2606.{number:05d}", moment)


# --- the week ----------------------------------------------------------------------------------------------------


async def _day(soak: SoakTest, day: datetime, kills: int, minutes: int) -> None:
    """Kill the process so often, a minute of its clock apart; then let it live until the day is over."""
    moment = day
    with SqliteStore(soak.folder / "paperboy.db", write=False) as store:
        link = SignedDownloads(store, (KEY,), soak.base, lambda: day).url(READER, "bibtex")
    soak.visitors.download = link.removeprefix(soak.base)
    for _ in range(kills):
        soak.set_clock(moment)
        async with soak.process() as process, soak.visitors.visiting():
            await _life(soak)
            how = signal.SIGTERM if soak.kills.total() % 5 == 4 else signal.SIGKILL
            if how is signal.SIGKILL:
                soak.in_flight |= {
                    (address, f"{day:%a} {day.day} {day:%b}") for address in soak.mail_server.in_hand.values()
                }
            process.process.send_signal(how)
            await process.process.wait()
        soak.kills[how.name] += 1
        await soak.mail_server.settled()
        moment += timedelta(minutes=1)
    moment = max(moment, day + timedelta(minutes=minutes))
    soak.set_clock(moment)
    async with soak.process() as process:
        for page in ("/healthz", "/", "/search?q=study", soak.visitors.preferences, soak.visitors.download):
            if page:
                soak.visitors.restarts[str((await soak.visitors.opened(page)).status_code)] += 1
        while not await _is_over(soak.folder, moment):
            moment += timedelta(minutes=1)
            soak.set_clock(moment)
            await asyncio.sleep(0.5)
        process.process.terminate()  # a letter may be in flight
        await process.process.wait()
    if not soak.visitors.preferences:
        first = next(mail for mail in soak.mail_server.mails if mail.recipient.endswith("@example.com"))
        soak.visitors.preferences = link_to(first, "preferences").removeprefix(soak.base)


async def _life(soak: SoakTest) -> None:
    """Live until a random moment, until the mail server has had a mail in hand for a moment, or pages were read."""
    kind = soak.dice.choice(("any moment", "mail", "mail", "pages"))
    with suppress(TimeoutError):
        if kind == "mail":
            soak.mail_server.began.clear()
            await asyncio.wait_for(soak.mail_server.began.wait(), PATIENCE)
            await asyncio.sleep(soak.dice.uniform(0, SECONDS_PER_MAIL))
        elif kind == "pages":
            await asyncio.wait_for(soak.visitors.is_up.wait(), PATIENCE)
            await asyncio.sleep(soak.dice.uniform(0, 0.5))
        else:
            await asyncio.sleep(soak.dice.uniform(*LIFE) * soak.start_seconds)


async def _is_over(folder: Path, moment: datetime) -> bool:
    """Whether nothing is due, no digest is open and no letter waits."""
    with SqliteStore(folder / "paperboy.db", write=False) as store:
        waiting = await store.ledger.next_try(), await store.subscribers.next_letter()
        return waiting == (None, None) and not await store.subscriptions.due(moment)


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass
