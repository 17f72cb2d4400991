"""Processes on one PostgreSQL that are cut off, frozen, asleep, or killed at their most delicate moment.

A scene is two processes and a fake that counts; `kills.py` kills at random moments. Shorter ones are tests:
`tests/processes/test_several_processes.py`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bot.model import Channel, Subscription
from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore
from tests.bench.figures import Row, seconds
from tests.bench.scale import Scale
from tests.discord.fake import TOKEN, FakeDiscord
from tests.fakes.http_server import HANG, Answer, Loopback, Seen
from tests.fakes.process import fake_process
from tests.harness.postgres import own_server, url_of
from tests.harness.recordings import recorded
from tests.harness.tcp_proxy import CutProxy
from tests.processes.test_several_processes import House, until

THREAD = 6
"""Messages of a digest of five papers."""
CHANNELS = 8
SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
RETRY_AFTER = 12.0
"""Seconds that a platform asks to wait; longer than a lease."""
CALMING = 2.0
"""Seconds in which what must not come would have come."""


def measure(scale: Scale) -> Iterator[Row]:
    """All scenes, one after the other."""
    server = own_server()
    try:
        yield asyncio.run(_cut(server, scale.cut_seconds, CHANNELS if scale.frozen_seconds else 1))
        if scale.frozen_seconds:
            yield asyncio.run(_frozen(server, scale.frozen_seconds))
            yield asyncio.run(_asleep(server, is_cut=False))
            yield asyncio.run(_asleep(server, is_cut=True))
            yield from asyncio.run(_leaders(server))
            yield asyncio.run(_arxiv(server))
    finally:
        server.cleanup()


@asynccontextmanager
async def _house(server: Any, name: str) -> AsyncIterator[House]:
    """A database of this name, a fake Slack with twice as many channels as a scene uses at first, and no process."""
    async with AsyncExitStack() as stack:
        with psycopg.connect(server.get_uri(), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name}".encode())
        url = url_of(name, of=server.get_uri())
        PostgresStore(url, write=True).close()
        slack = await stack.enter_async_context(fake_process("tests.slack.fake", latency=0.05))
        channels = [{"id": f"C{number}", "members": ["U1"]} for number in range(1, 2 * CHANNELS + 1)]
        token = (await slack.do("setup", users=[{"id": "U1"}], channels=channels))["bot_token"]
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        yield House(url.reveal(), slack, token, Path(folder), stack)


def _channels(first: int, count: int) -> list[Channel]:
    return [Channel(f"slack:T1/C{number}") for number in range(first, first + count)]


async def _threads(house: House, channels: list[Channel]) -> tuple[int, int]:
    """Wait until the digests of these channels are done; their messages on Slack, and how many came twice."""
    await until(house.asking("SELECT count(*) FROM posts WHERE state = 'open'"), lambda count: count == 0, 120)
    await asyncio.sleep(CALMING)
    posts = Counter[str]()
    for channel in channels:
        posts.update(await house.posts(channel=channel.rpartition("/")[2]))
    return len(posts), posts.total() - len(posts)


def _lease_of(pid: str) -> str:
    """Query for whether a process may post."""
    return f"SELECT count(*) FROM leases WHERE name LIKE 'process %{pid}%' AND until > extract(epoch FROM now())"


@asynccontextmanager
async def _pair(server: Any, name: str, **settings: str) -> AsyncIterator[tuple[House, dict[str, CutProxy]]]:
    """Two processes, each behind a proxy of its own, by the process id as it stands in a lease."""
    socket = f"{conninfo_to_dict(server.get_uri())['host']}/.s.PGSQL.5432"
    async with CutProxy(socket) as first, CutProxy(socket) as second, _house(server, name) as house:
        urls = [url_of(name, of=server.get_uri(), host="127.0.0.1", port=f"{proxy.port}") for proxy in (first, second)]
        processes = await asyncio.gather(*(house.start(PAPERBOY_DB=url.reveal(), **settings) for url in urls))
        yield house, {f"/{each.process.pid}/": proxy for each, proxy in zip(processes, (first, second), strict=True)}


async def _busiest(house: House, proxies: dict[str, CutProxy]) -> str:
    """The process that has most messages in hand, once one has some."""
    sql = "SELECT leased_by FROM deliveries GROUP BY leased_by ORDER BY count(*) DESC LIMIT 1"
    holder = str(await until(house.asking(sql), bool))
    return next(pid for pid in proxies if pid in holder)


async def _cut(server: Any, duration: float, count: int) -> Row:
    """Cut a process off while it posts threads, mend it, and let it post again."""
    async with _pair(server, "cut") as (house, proxies):
        await house.keep_digest(*_channels(1, count))
        pid = await _busiest(house, proxies)
        proxies[pid].cut()
        await asyncio.sleep(duration)
        left = await house.value("SELECT count(*) FROM posts WHERE state = 'open'")
        proxies[pid].mend()
        mended = time.monotonic()
        await until(house.asking(_lease_of(pid)), lambda number: number == 1)
        renewed = time.monotonic() - mended
        os.kill(next(int(other.strip("/")) for other in proxies if other != pid), signal.SIGTERM)
        await house.keep_digest(*_channels(1 + count, count))
        whole, doubled = await _threads(house, _channels(1, 2 * count))
        figure = (
            f"{whole} of {2 * count * THREAD} messages, {doubled} doubled; digests still open at its end: {left};"
            f" may post again {seconds(renewed)} after"
        )
        what = f"a process cut off from the database for {duration:g} s within {count} threads, then alone with {count}"
        return Row("cuts", what, figure, "all, 0; 0")


async def _frozen(server: Any, duration: float) -> Row:
    """Freeze a process between claim and post, in the commit of its claims."""
    async with _house(server, "frozen") as house:
        await house.value(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF NEW.slot = 2 THEN PERFORM pg_sleep(2); END IF; RETURN NULL; END $$;"
            " CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON deliveries DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION slow()"
        )
        frozen = await house.start()
        await house.keep_digest(*_channels(1, CHANNELS))
        claims = await until(house.asking(SLEEPING), lambda number: int(str(number)) >= CHANNELS // 2)
        os.kill(frozen.process.pid, signal.SIGSTOP)
        await house.start()
        await asyncio.sleep(duration)
        await _threads(house, _channels(1, CHANNELS))
        os.kill(frozen.process.pid, signal.SIGCONT)
        await until(house.asking(_lease_of(f"/{frozen.process.pid}/")), lambda number: number == 1)
        await house.value("UPDATE posts SET state = 'open'")  # both look at all of it again
        whole, doubled = await _threads(house, _channels(1, CHANNELS))
        what = f"a process frozen for {duration:.0f} s with {claims} messages between claim and post"
        return Row("cuts", what, f"{whole} of {CHANNELS * THREAD} messages, {doubled} doubled", "all, 0")


async def _asleep(server: Any, *, is_cut: bool) -> Row:
    """Let Discord ask for a pause longer than the lease, of a process that keeps its lease, or is cut off meanwhile.

    This Discord remembers no nonce: whatever is sent twice is there twice.
    """
    async with FakeDiscord(latency=0.05, nonces_last=0.0) as discord:
        discord.guild("1001", "2001")
        settings = {"DISCORD_TOKEN": TOKEN, "PAPERBOY_DISCORD_API_URL": discord.api_url}
        body = {"message": "You are being rate limited.", "retry_after": RETRY_AFTER, "global": False}
        discord.fails("POST", "/messages", 429, body, {"Retry-After": f"{RETRY_AFTER:.0f}", "Via": "1.1 google"})
        async with _pair(server, f"asleep_{int(is_cut)}", **settings) as (house, proxies):
            await house.keep_digest(Channel("discord:1001/2001"))
            await until(lambda: asyncio.sleep(0, discord.faults), lambda faults: not faults)
            began = time.monotonic()
            pid = await _busiest(house, proxies)
            if is_cut:
                proxies[pid].cut()
            await until(lambda: asyncio.sleep(0, discord.posts), bool)
            came = time.monotonic() - began
            await asyncio.sleep(max(0.0, RETRY_AFTER + CALMING - came))
            proxies[pid].mend()
            await until(house.asking(_lease_of(pid)), lambda number: number == 1)
            await _threads(house, [])
        keys = Counter(post.raw["nonce"] for post in discord.posts if "nonce" in post.raw)
        figure = (
            f"{len(keys)} of {THREAD} messages, {keys.total() - len(keys)} doubled; the first after {seconds(came)}"
        )
        why = "and cut off meanwhile" if is_cut else "which keeps its lease"
        return Row("cuts", f"a process asleep for {RETRY_AFTER:.0f} s on Discord's 429, {why}", figure, "all, 0")


async def _leaders(server: Any) -> list[Row]:
    """Kill the process that collects while it does, and the next one within a tick."""
    async with _house(server, "leaders") as house, Loopback() as sources:
        for path, answer in (
            ("/api/daily_papers", HANG),
            ("/atom/*", Answer(body=recorded("arxiv_feed.xml"))),
            ("/api/query", Answer(body=recorded("arxiv_query.xml"))),
            ("/api/v1/search_by_date", Answer(body=recorded("hackernews.json"))),
        ):
            sources.on(path, answer)
        names = ("HUGGINGFACE", "ARXIV_API", "ARXIV_FEED", "HACKERNEWS")
        settings = {f"PAPERBOY_{name}_URL": sources.url for name in names}
        settings["PAPERBOY_SOURCES"] = "huggingface,arxiv,hackernews"
        processes = [await house.start(**settings) for _ in range(3)]
        await until(lambda: asyncio.sleep(0, len(sources.seen("/atom/*"))), lambda number: number > 0)
        rows = []
        for number, what in enumerate(("while collecting", "within a tick")):
            await _due(house, number * CHANNELS + 1)
            if number:
                await until(house.asking(SLEEPING), lambda count: count == 1)
            asked = len(sources.requests)
            died = time.monotonic()
            processes[number].process.kill()
            chosen = f"SELECT count(*) FROM posts WHERE channel = 'slack:T1/C{(number + 1) * CHANNELS}'"
            await until(house.asking(chosen), lambda count: count == 1)
            took = time.monotonic() - died
            count = await house.value("SELECT count(*) FROM posts")
            figure = (
                f"{seconds(took)}; {count} digests of {(number + 1) * CHANNELS};"
                f" requests to sources after its death: {len(sources.requests) - asked}"
            )
            rows.append(Row("cuts", f"the leader killed {what}, until another has chosen", figure, "15 s; all; 0"))
            await house.value(
                "CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN IF NEW.channel = 'slack:T1/C{2 * CHANNELS}' THEN PERFORM pg_sleep(2); END IF;"
                " RETURN NULL; END $$;"
                " CREATE OR REPLACE TRIGGER slow AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION slow()"
            )
        return rows


async def _due(house: House, first: int) -> None:
    """Subscribe channels that are due now."""
    with PostgresStore(DatabaseUrl(house.url), write=True) as store:
        for channel in _channels(first, CHANNELS):
            await store.subscriptions.put(Subscription(channel, next_due=datetime.now(UTC)))


async def _arxiv(server: Any) -> Row:
    """Collect from arXiv by three processes at once, one of which is killed during its request."""
    calls: list[tuple[float, float]] = []

    async def answer(request: Seen) -> Answer:
        began = time.monotonic()
        await asyncio.sleep(0.5)
        calls.append((began, time.monotonic()))
        return Answer(body=recorded("arxiv_query.xml" if request.path == "/api/query" else "arxiv_feed.xml"))

    async with _house(server, "arxiv") as house, Loopback() as arxiv:
        arxiv.on("/api/query", answer)
        arxiv.on("/atom/*", answer)
        settings = {"PAPERBOY_SOURCES": "arxiv", "PAPERBOY_DB": house.url, "PAPERBOY_RETRIES": "1"}
        settings |= {f"PAPERBOY_ARXIV_{name}_URL": arxiv.url for name in ("API", "FEED")}
        processes = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "collect"), env=os.environ | settings, stdout=asyncio.subprocess.DEVNULL
            )
            for _ in range(3)
        ]
        await until(lambda: asyncio.sleep(0, len(arxiv.requests)), lambda number: number > 0)
        processes[0].kill()
        for process in processes:
            await process.wait()
    ordered = sorted(calls)
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(ordered)]
    figure = f"{len(ordered)} requests, at least {seconds(min(gaps))} from the end of one to the next"
    return Row("cuts", "arXiv, asked by three processes at once, one of them killed", figure, "3 s")
