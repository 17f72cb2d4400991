"""Two `paperboy run` on one PostgreSQL database: one is killed, frozen or stopped, and the other goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from bot.model import Channel, Findings, Subscription
from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore
from tests.fakes import digest, paper
from tests.fakes.http_server import HANG, Loopback
from tests.fakes.process import FakeProcess, fake_process
from tests.harness.postgres import clear_databases, database
from tests.processes.test_run import PATIENCE, Process, browser, free_port, started

T = TypeVar("T")
HERE = Channel("slack:T1/C1")
PAPERS = [paper(number) for number in range(1, 6)]


class House:
    """A database, a fake Slack, and the processes on them."""

    def __init__(self, url: str, slack: FakeProcess, token: str, folder: Path, stack: AsyncExitStack) -> None:
        self.url, self.slack, self._folder, self._stack = url, slack, folder, stack
        self._settings = {
            "PAPERBOY_DB": url,
            "PAPERBOY_SOURCES": "none",
            "PAPERBOY_TICK_SECONDS": "1",
            "SLACK_BOT_TOKEN": token,
            "SLACK_SIGNING_SECRET": "secret",
            "PAPERBOY_SLACK_API_URL": slack.api_url,
            "PAPERBOY_SLACK_INTERNAL_APP": "true",
        }

    async def start(self, roles: str = "collect,deliver", **settings: str) -> Process:
        """A process that runs and is known to the others."""
        process = await self._stack.enter_async_context(
            started(self._folder, self._settings | settings, "--roles", roles)
        )
        await process.until("running db=")
        return process

    async def keep_digest(self, *channels: Channel) -> None:
        """What a tick keeps, by a process that dies before it nudges."""
        now = datetime.now(UTC)
        with PostgresStore(DatabaseUrl(self.url), write=True) as store:
            await store.papers.add(Findings(tuple(PAPERS)), "huggingface", now)
            for channel in channels or (HERE,):
                await store.subscriptions.put(Subscription(channel))
                await store.ledger.keep([digest(channel, PAPERS, at=now)], {})

    async def posts(self, **where: str) -> list[str]:
        """The keys of the messages in C1, or in another channel, in order."""
        posts = await self.slack.see("posts", **({"channel": "C1"} | where))
        return [post["raw"]["metadata"]["event_payload"]["key"] for post in posts]

    async def value(self, sql: str) -> object:
        """The first value of a query."""
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as conn:
            cursor = await conn.execute(sql.encode())
            row = await cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    def asking(self, sql: str) -> Callable[[], Awaitable[object]]:
        """A function that makes the query."""
        return lambda: self.value(sql)

    async def whole_thread(self) -> None:
        """Wait for the opener and five replies; each is there once."""
        await until(self.posts, lambda keys: len(keys) >= 6)
        assert set(Counter(await self.posts()).values()) == {1}
        await until(self.asking("SELECT state FROM posts"), lambda state: state == "done")


async def until(ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool], seconds: float = 60) -> T:
    """Ask until it holds."""
    async with asyncio.timeout(seconds):
        while not holds(answer := await ask()):
            await asyncio.sleep(0.05)
    return answer


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(fake_process("tests.slack.fake", latency=0.05))
        setup = {"users": [{"id": "U1"}], "channels": [{"id": "C1", "members": ["U1"]}]}
        token = (await slack.do("setup", **setup))["bot_token"]
        yield House(database(tmp_path).reveal(), slack, token, tmp_path, stack)
    clear_databases()


async def test_a_process_killed_in_a_thread_is_followed_by_the_other_soon(house: House) -> None:
    processes = [await house.start(), await house.start()]
    await house.keep_digest()
    await until(house.posts, lambda keys: len(keys) >= 2)
    who = str(await house.value("SELECT leased_by FROM deliveries ORDER BY slot DESC LIMIT 1"))
    (killed,) = [each for each in processes if f"/{each.process.pid}/" in who]
    os.kill(killed.process.pid, signal.SIGKILL)
    died, posted = time.monotonic(), len(await house.posts())
    await until(house.posts, lambda keys: len(keys) > posted)
    assert time.monotonic() - died < 30, "ten seconds, and time for a busy machine"
    await house.whole_thread()


async def test_a_process_frozen_between_claim_and_post_posts_nothing_when_it_wakes_up(house: House) -> None:
    # At the commit: the claim is kept, and its process does not know yet.
    await house.value(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.slot = 2 THEN PERFORM pg_sleep(2); END IF; RETURN NULL; END $$;"
        " CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON deliveries DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION slow()"
    )
    frozen = await house.start()
    await house.keep_digest()
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    await until(house.asking(sleeping), lambda number: number == 1)
    os.kill(frozen.process.pid, signal.SIGSTOP)
    await house.start()
    await house.whole_thread()
    os.kill(frozen.process.pid, signal.SIGCONT)
    lives = (
        f"SELECT count(*) FROM leases WHERE name LIKE 'process %/{frozen.process.pid}/%'"
        " AND until > extract(epoch FROM now())"
    )
    await until(house.asking(lives), lambda number: number == 1)
    await house.value("UPDATE posts SET state = 'open'")  # both look at it again
    await house.whole_thread()


async def test_a_stopped_process_gives_everything_back_at_once(house: House) -> None:
    first, _second = await house.start(), await house.start()
    await house.keep_digest()
    await until(house.posts, lambda keys: len(keys) >= 2)
    first.process.send_signal(signal.SIGTERM)
    assert await first.process.wait() == 0
    assert await house.value(f"SELECT count(*) FROM leases WHERE holder LIKE '%/{first.process.pid}/%'") == 0
    abandoned = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NULL"
    assert await house.value(abandoned) == 0
    posted = len(await house.posts())
    if posted < 6:
        await until(house.posts, lambda keys: len(keys) > posted)
    await house.whole_thread()


async def test_when_the_process_dies_that_asks_the_sources_another_chooses_and_asks_none_twice(house: House) -> None:
    async with Loopback() as server:
        server.on("/api/daily_papers", HANG)
        settings = {"PAPERBOY_SOURCES": "huggingface", "PAPERBOY_HUGGINGFACE_URL": server.url}
        first, second = await house.start(**settings), await house.start(**settings)
        await until(lambda: asyncio.sleep(0, len(server.requests)), lambda number: number > 0)
        asked = len(server.requests)
        with PostgresStore(DatabaseUrl(house.url), write=True) as store:
            await store.subscriptions.put(Subscription(HERE, next_due=datetime.now(UTC)))
        first.process.kill()
        died = time.monotonic()
        await second.until("this process keeps the schedule")
        await until(house.asking("SELECT count(*) FROM posts"), lambda number: number == 1)
        assert time.monotonic() - died < 45
        assert len(server.requests) == asked


async def test_a_process_with_one_role_does_nothing_else(house: House) -> None:
    port = free_port()
    server = await house.start("web", PAPERBOY_WEB="on", PORT=str(port))
    async with browser(port) as client, asyncio.timeout(PATIENCE):
        while (await client.get("/readyz")).status_code != 200:  # nobody collects
            await asyncio.sleep(0.02)
    await house.keep_digest()
    assert await house.value("SELECT count(*) FROM leases WHERE name = 'schedule'") == 0
    assert await house.value("SELECT count(*) FROM procrastinate_workers") == 0
    assert await house.posts() == []
    server.process.send_signal(signal.SIGTERM)
    assert await server.process.wait() == 0
