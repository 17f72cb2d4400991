"""Several `paperboy run` on one PostgreSQL, killed at random moments, and the server with them, judged from outside.

Slack, Discord, the mail server and the sources are fakes on loopback in this process. Three processes collect, choose
and deliver; one that ended is started again at once. At random moments one of them is killed (SIGKILL), or the database
server stops at once (`pg_ctl -m immediate`) and starts again. Channels and readers are due a minute of the clock apart,
and each kill moves the clock a minute, so that messages are under way all the time. A last day without kills brings
what readers are owed.

`soak_rows.py` counts what people have. The database is asked for three things: whether a day is over, which digests a
killed process left half posted, and when another one went on with them.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from adapters.slack.manifest import SCOPES
from bot.model import Channel, Subscription
from bot.model.database import DatabaseUrl
from bot.model.mailbox import mail_channel
from bot.model.schedule import with_next_due
from bot.store.postgres import PostgresStore
from tests.bench.figures import Row
from tests.bench.kills_orphans import Orphans
from tests.bench.scale import Scale
from tests.bench.soak import SECONDS_PER_CALL, SIZE, day_list
from tests.bench.soak_mail_server import SlowMailServer
from tests.bench.soak_rows import Week, discord_threads, mail_rows, slack_threads, thread_rows
from tests.discord.fake import TOKEN, FakeDiscord
from tests.email.harness import KEY
from tests.email.server import PASSWORD, certificate
from tests.fakes.http_server import Loopback
from tests.harness.postgres import own_server, restart, url_of
from tests.processes.test_run import Process, at, free_port, serve, started
from tests.slack.fake import FakeSlack

DAYS = [datetime(2026, 6, day, 8, 30, tzinfo=UTC) for day in range(15, 20)]
PAUSE = (1.0, 6.0)
"""Seconds between two kills; a process needs two to start on an idle core."""
MESSAGE_SECONDS = 5.0
"""Longest wait for a message, at which every second kill takes place."""


@dataclass
class Worker:
    """A place for a process, which is started again whenever it ends."""

    killed: bool = False
    process: Process | None = None
    is_up: bool = False
    log: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    """Exit codes of processes that nobody killed."""

    async def run(self, folder: Path, settings: dict[str, str]) -> None:
        """Run processes until cancelled."""
        while True:
            async with started(folder, settings, "--roles", "collect,deliver") as self.process:
                self.killed = False
                assert self.process.process.stderr is not None
                async for line in self.process.process.stderr:
                    self.log.append(line.decode())
                    self.is_up = self.is_up or b"running db=" in line
                code = await self.process.process.wait()
            self.is_up = False
            if not self.killed:
                self.ends.append(code)

    def kill(self) -> int | None:
        """Kill the process that runs now; its id, None if there is none."""
        if self.process is None or self.process.process.returncode is not None or self.killed:
            return None
        self.killed, self.is_up = True, False
        os.kill(self.process.process.pid, signal.SIGKILL)
        return self.process.process.pid


@dataclass
class World:
    """Everything around the processes."""

    folder: Path
    server: Any
    url: DatabaseUrl
    slack: FakeSlack
    discord: FakeDiscord
    mail_server: SlowMailServer
    sources: Loopback
    dice: random.Random
    orphans: Orphans
    workers: list[Worker]
    kills: Counter[str] = field(default_factory=Counter)
    in_flight: set[tuple[str, str]] = field(default_factory=set)
    """Recipients whose mail the server has been given, and the day."""
    down_at: list[float] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """Settings of all processes."""
        return {
            "PAPERBOY_DB": self.url.reveal(),
            "PAPERBOY_CLOCK": str(self.folder / "clock"),
            "PAPERBOY_HUGGINGFACE_URL": self.sources.url,
            "PAPERBOY_SOURCES": "huggingface",
            "PAPERBOY_TICK_SECONDS": "0.5",
            "PAPERBOY_COLLECT_MINUTES": "0.05",
            "SLACK_BOT_TOKEN": self.slack.team("T1").bot_token,
            "SLACK_SIGNING_SECRET": "secret",
            "PAPERBOY_SLACK_API_URL": self.slack.api_url,
            "PAPERBOY_SLACK_INTERNAL_APP": "true",
            "DISCORD_TOKEN": TOKEN,
            "PAPERBOY_DISCORD_API_URL": self.discord.api_url,
            "PAPERBOY_SMTP_URL": self.mail_server.url,
            "PAPERBOY_SMTP_PASSWORD": PASSWORD,
            "PAPERBOY_MAIL_FROM": "papers@example.org",
            "PAPERBOY_WEB": "on",
            "PAPERBOY_PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
            "PAPERBOY_SECRET_KEY": KEY,
            "SSL_CERT_FILE": str(certificate()[0]),
        }

    @property
    def messages(self) -> int:
        """Messages on all platforms, those that the mail server has in hand included."""
        mails = len(self.mail_server.mails) + self.mail_server.thinking
        return len(self.slack.posts) + len(self.discord.posts) + mails

    def set_clock(self, moment: datetime) -> None:
        """Set the clock of all processes."""
        at(self.folder, moment.isoformat())

    def note_mails(self, day: datetime) -> None:
        """Note whose mail the server has in hand."""
        name = f"{day:%a} {day.day} {day:%b}"
        self.in_flight |= {(address, name) for address in self.mail_server.in_hand.values()}


def measure(scale: Scale) -> Iterator[Row]:
    """Messages doubled and lost on all platforms, and how soon others went on."""
    server = own_server()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from asyncio.run(_days(Path(folder), server, scale))
    finally:
        server.cleanup()


async def _days(folder: Path, server: Any, scale: Scale) -> list[Row]:
    days = DAYS[: min(len(DAYS), 1 + scale.kills // 10)]
    dice = random.Random(scale.kills)
    url = url_of("postgres", of=server.get_uri())
    async with (
        FakeSlack(scopes=tuple(SCOPES), latency=SECONDS_PER_CALL) as slack,
        FakeDiscord(latency=SECONDS_PER_CALL) as discord,
        SlowMailServer(dice) as mail_server,
        Loopback() as sources,
        asyncio.TaskGroup() as tasks,
    ):
        workers = [Worker() for _ in range(scale.kill_processes)]
        orphans = Orphans(url, workers)
        world = World(folder, server, url, slack, discord, mail_server, sources, dice, orphans, workers)
        serve(sources, {f"{day:%Y-%m-%d}": day_list(number, day) for number, day in enumerate(days)}, folder)
        killed_on = max(1, len(days) - 1)
        minutes = max(1, scale.kills // killed_on)
        await _subscribe(world, scale.kill_channels, days[0], minutes)
        running = [tasks.create_task(each.run(folder, world.settings)) for each in workers]
        running.append(tasks.create_task(orphans.watch()))
        for number, day in enumerate(days):
            await _day(world, number, day, _events(scale, killed_on, number, dice), minutes)
        for task in running:
            task.cancel()
    return list(_rows(world, scale, days))


def _events(scale: Scale, days: int, number: int, dice: random.Random) -> list[str]:
    """What is killed on a day, in order; nothing on the last one."""
    if number == days:
        return []
    events: list[str] = []
    for name, count in (("process", scale.kills), ("server", scale.kill_restarts)):
        events += [name] * (count * (number + 1) // days - count * number // days)
    return dice.sample(events, len(events))


async def _subscribe(world: World, count: int, moment: datetime, minutes: int) -> None:
    """Subscribe so many channels of each platform, due within so many minutes from nine."""
    world.set_clock(moment)
    team = world.slack.team("T1")
    ada = team.user("U1", tz="UTC")
    with PostgresStore(world.url, write=True) as store:
        for number in range(count):
            team.channel(f"C{number}", members=[ada])
            guild = world.discord.guild(f"{1001 + number}", f"{2001 + number}")
            address = f"reader{number}@example.com"
            await store.subscribers.request_letter(address, address, {}, moment)
            reader = mail_channel((await store.subscribers.due_letters(moment))[0].id)
            await store.subscribers.settle_letter(int(reader.partition(":")[2]), claimed=False)
            due = time(9, number % minutes)
            for channel in (f"slack:T1/C{number}", f"discord:{guild.id}/{2001 + number}"):
                subscription = Subscription(Channel(channel), size=SIZE, at=due, set_by=Channel("slack:T1/U1"))
                await store.subscriptions.put(with_next_due(subscription, moment))
            await store.subscribers.confirm(with_next_due(Subscription(reader, size=SIZE, at=due), moment), moment)


async def _day(world: World, number: int, day: datetime, events: list[str], minutes: int) -> None:
    """Let the day's list be read; kill what is to be killed, a minute of the clock apart; wait until all is posted."""
    world.set_clock(day)
    with PostgresStore(world.url, write=True) as store:
        while day not in [report.succeeded_at for report in await store.papers.reports()]:
            await asyncio.sleep(0.2)
    moment = day + timedelta(minutes=30, seconds=30)
    for event in events:
        world.set_clock(moment)
        await asyncio.sleep(world.dice.uniform(*PAUSE))
        if world.dice.random() < 0.5:
            await _next_message(world)
        await _kill(world, event, day)
        moment += timedelta(minutes=1)
    moment = max(moment, day + timedelta(minutes=31 + minutes))
    with PostgresStore(world.url, write=True) as store:
        while (await store.ledger.next_try()) is not None or await store.subscriptions.due(moment):
            world.set_clock(moment)
            await asyncio.sleep(0.5)
            moment += timedelta(seconds=20)


async def _next_message(world: World) -> None:
    """Wait until a message comes, and a moment more."""
    before, waited = world.messages, 0.0
    while world.messages == before and waited < MESSAGE_SECONDS:
        await asyncio.sleep(0.005)
        waited += 0.005
    await asyncio.sleep(world.dice.uniform(0, 2 * SECONDS_PER_CALL))


async def _kill(world: World, what: str, day: datetime) -> None:
    world.note_mails(day)
    if what == "server":
        world.orphans.server_was_down()
        await asyncio.to_thread(restart, world.server)
        world.orphans.server_was_down()
        world.kills["restarts of the server"] += 1
        return
    running = [worker for worker in world.workers if worker.process is not None and not worker.killed]
    if running and (pid := world.dice.choice(running).kill()) is not None:
        world.kills["SIGKILL"] += 1
        await world.orphans.of(pid)


_END = re.compile(r"[a-zA-Z_.]+(Error|Exception|Timeout|Shutdown)\b")
"""The last line of a traceback."""


def _rows(world: World, scale: Scale, days: list[datetime]) -> Iterator[Row]:
    week = Week(tuple(days), SIZE, scale.kill_channels, scale.kill_channels, world.kills, world.in_flight)
    kills = ", ".join(f"{count} {name}" for name, count in sorted(world.kills.items()))
    size = f"{len(days)} days, {scale.kill_channels} channels each, {len(world.workers)} processes; {kills}"
    yield from thread_rows("kills", f"Slack ({size})", week, slack_threads(world.slack.team("T1")))
    yield from thread_rows("kills", "Discord", week, discord_threads(world.discord))
    yield from mail_rows("kills", week, world.mail_server.mails)
    yield from world.orphans.rows()
    ends = Counter(code for worker in world.workers for code in worker.ends)
    yield Row("kills", "processes that ended by themselves, by exit code", str(dict(ends)), "none but 2, at a restart")
    log = [line for worker in world.workers for line in worker.log]
    (world.folder / "log").write_text("".join(log), encoding="utf-8")
    tracebacks = [line for line in log if line.startswith("Traceback")]
    ends_of_tracebacks = {line.strip() for line in log if _END.match(line)}
    reasons = "; ".join(sorted(ends_of_tracebacks)) if tracebacks else ""
    yield Row("kills", "tracebacks in their logs", str(len(tracebacks)), "0", reasons)
