"""`paperboy run` as a process of its own, through two days, a crash and a restart, against servers on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.model import Channel, digest_key
from bot.store.sqlite import SqliteStore
from tests.fakes.http_server import Answer, Loopback, Seen, json_answer
from tests.harness.recordings import real, recorded, unpacked

CONSOLE = Channel("console:local")
PATIENCE = 120.0
"""Seconds for a line of the log or an answer: a start takes 2 to 5, and 30 where ten processes share two cores."""
DAY_1, DAY_2 = "2026-06-16", "2026-06-17"

Listing = list[dict[str, object]]


def item(number: int, day: str, upvotes: int, title: str) -> dict[str, object]:
    """One entry of a day's list in Hugging Face's shape, with invented text."""
    paper = {
        "id": f"2606.{number:05d}",
        "authors": [{"name": "Ada Press", "hidden": False}, {"name": "Omar Column", "hidden": False}],
        "publishedAt": f"{day}T00:00:00.000Z",
        "submittedOnDailyAt": f"{day}T01:00:00.000Z",
        "title": title,
        "summary": f"Papers are late. We present {title.partition(':')[0]}, which brings them {number} min sooner.",
        "upvotes": upvotes,
    }
    return {"paper": paper, "title": title, "publishedAt": paper["publishedAt"], "numComments": 1}


def invented() -> dict[str, Listing]:
    """Two days' lists; on the second morning one paper of the first has risen."""
    subjects = ("Couriers", "Presses", "Headlines", "Ink", "Bicycles", "Crosswords", "Archives", "Proofs")
    first = [item(100 + i, DAY_1, 40 - 4 * i, f"{name}: a study of number {i}") for i, name in enumerate(subjects)]
    second = [
        item(200 + i, DAY_2, 50 - 5 * i, f"{name} again: what changed in year {i}") for i, name in enumerate(subjects)
    ]
    return {DAY_1: first, DAY_2: second}


def recorded_real() -> dict[str, Listing]:
    """The real list of the first day, where the data is at hand; the second day's is invented."""
    paths = [path for path in real("hf_daily_papers") if DAY_1 in path.name]
    if not paths:
        pytest.skip("needs ../shared/data (PAPERBOY_DATA)")
    return {DAY_1: json.loads(unpacked(paths[0])), DAY_2: invented()[DAY_2]}


class Process:
    """A running Paperboy; its log is read line by line, so that waiting for a fact is waiting for its line."""

    def __init__(self, process: asyncio.subprocess.Process, printed: Path) -> None:
        self.process, self._printed = process, printed
        self.log: list[str] = []

    async def until(self, *words: str) -> str:
        """The next log line that has all these words."""
        assert self.process.stderr is not None
        try:
            async with asyncio.timeout(PATIENCE):
                while line := (await self.process.stderr.readline()).decode():
                    self.log.append(line)
                    if all(word in line for word in words):
                        return line
        except TimeoutError:
            raise AssertionError(f"no line with {words} in time:\n{''.join(self.log[-40:])}") from None
        raise AssertionError(
            f"the process ended ({await self.process.wait()}) without {words}:\n{chr(10).join(self.log)}"
        )

    @property
    def printed(self) -> str:
        """All that the console was given so far, by this process and those before it."""
        return self._printed.read_text(encoding="utf-8")


@asynccontextmanager
async def paperboy(folder: Path, server: Loopback, port: int, **more: str) -> AsyncIterator[Process]:
    """`paperboy run` with every source on loopback, the clock in a file, and more settings."""
    settings = {
        "PAPERBOY_DB": str(folder / "paperboy.db"),
        "PAPERBOY_CLOCK": str(folder / "clock"),
        "PAPERBOY_HUGGINGFACE_URL": server.url,
        "PAPERBOY_ARXIV_API_URL": server.url,
        "PAPERBOY_ARXIV_FEED_URL": server.url,
        "PAPERBOY_HACKERNEWS_URL": server.url,
        "PAPERBOY_ARXIV_INTERVAL": "0",
        "PAPERBOY_TICK_SECONDS": "0.1",
        "PAPERBOY_COLLECT_MINUTES": "0.01",
        "PAPERBOY_CONTACT": "desk@example.org",
        "PORT": str(port),
    }
    async with started(folder, settings | more) as process:
        yield process


@asynccontextmanager
async def started(folder: Path, settings: dict[str, str], *options: str) -> AsyncIterator[Process]:
    """`paperboy run` with these settings and no others."""
    with (folder / "printed").open("ab") as printed:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run", *options),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=printed,
            stderr=asyncio.subprocess.PIPE,
            env={k: v for k, v in os.environ.items() if not k.startswith("PAPERBOY_")} | settings,
        )
    try:
        yield Process(process, folder / "printed")
    finally:
        if process.returncode is None:
            process.kill()
        assert process.stderr is not None
        while await process.stderr.read(65_536):  # to its end, so that the transport closes before the loop does
            pass
        await process.wait()


def serve(server: Loopback, lists: dict[str, Listing], folder: Path) -> None:
    """Hugging Face's lists as they stood at the clock's time, arXiv's feed and details, Hacker News' stories."""

    def daily(request: Seen) -> Answer:
        now = (folder / "clock").read_text()
        day = request.query.get("date", now[:10])
        if day > now[:10]:
            return json_answer({"error": "not yet"}, status=400)
        return json_answer(lists.get(day, []) if request.query.get("p", "0") == "0" else [])

    server.on("/api/daily_papers", daily)
    server.on("/atom/*", Answer(body=recorded("arxiv_feed.xml")))
    server.on("/api/query", Answer(body=recorded("arxiv_query.xml")))
    server.on("/api/v1/search_by_date", Answer(body=recorded("hackernews.json")))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def browser(port: int) -> httpx.AsyncClient:
    """A client of a process that may not listen yet: it tries to connect for a minute."""
    transport = httpx.AsyncHTTPTransport(retries=8)
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, transport=transport)


def at(folder: Path, moment: str) -> None:
    """Set the clock atomically for its readers."""
    (folder / "clock.new").write_text(moment)
    (folder / "clock.new").rename(folder / "clock")


async def subscribe(folder: Path) -> None:
    """Subscribe the console to everything, three papers a day at nine, by `paperboy subscriptions import`."""
    line = {"channel": CONSOLE, "size": 3, "at": "09:00", "timezone": "UTC", "set_by": CONSOLE}
    (folder / "subscriptions.jsonl").write_text(json.dumps(line))
    await run_command(folder, "subscriptions", "import", str(folder / "subscriptions.jsonl"))


async def run_command(folder: Path, *arguments: str, **settings: str) -> None:
    """Run a command of `paperboy` on the folder's database and clock."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments, "--db", str(folder / "paperboy.db")),
        stdout=asyncio.subprocess.DEVNULL,
        env=os.environ | {"PAPERBOY_CLOCK": str(folder / "clock")} | settings,
    )
    assert await process.wait() == 0


@pytest.mark.usefixtures("measured_processes")
@pytest.mark.parametrize("lists", [invented, recorded_real], ids=["invented", "real"])
async def test_two_days_a_crash_and_a_restart_bring_each_digest_once(tmp_path: Path, lists) -> None:
    """Day one is delivered, the process is killed, another one goes on: no second opener, no paper twice."""
    port = free_port()
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    await subscribe(tmp_path)
    async with Loopback() as server:
        serve(server, lists(), tmp_path)
        async with paperboy(tmp_path, server, port) as first:
            await first.until("collected", "huggingface")
            async with browser(port) as client:
                assert (await client.get("/healthz")).text == "ok\n"
            at(tmp_path, f"{DAY_1}T09:00:30+00:00")
            await first.until("delivered", f"day={DAY_1}")
            first.process.send_signal(signal.SIGKILL)
            await first.process.wait()
        async with paperboy(tmp_path, server, port) as second:
            await second.until("collected", "huggingface")
            at(tmp_path, f"{DAY_2}T08:30:00+00:00")
            for _ in range(2):  # the first of these looks may have begun on the day before
                await second.until("collected", "huggingface")
            at(tmp_path, f"{DAY_2}T09:00:30+00:00")
            await second.until("delivered", f"day={DAY_2}")
            second.process.terminate()
            async with asyncio.timeout(PATIENCE):
                await second.until("stopped")
                assert await second.process.wait() == 0
        assert any("desk@example.org" in request.headers["user-agent"] for request in server.seen("/api/daily_papers"))
        printed = second.printed
    assert printed.count("Trending papers · Tue 16 Jun") == 1
    assert printed.count("Trending papers · Wed 17 Jun") == 1
    await no_paper_was_shown_twice(tmp_path)


async def no_paper_was_shown_twice(folder: Path) -> None:
    """And each day has three, all of them delivered, as the ledger says."""
    picked: list[str] = []
    with SqliteStore(folder / "paperboy.db", write=False) as store:
        for day in (DAY_1, DAY_2):
            digest = await store.ledger.digest(CONSOLE, datetime.fromisoformat(day).date())
            assert digest is not None
            rows = await store.ledger.deliveries(digest_key(CONSOLE, digest.day))
            assert [row.state for row in rows.values()] == ["posted"] * 4
            assert digest.chosen_at - digest.due_at < timedelta(hours=1)
            picked += [pick.paper.id for pick in digest.picks]
    assert len(picked) == len(set(picked)) == 6


async def test_a_source_that_is_down_is_named_in_the_digest_and_spoils_nothing(tmp_path: Path) -> None:
    """Hacker News answers with a web page; the digest comes, and says so."""
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    await subscribe(tmp_path)
    async with Loopback() as server:
        serve(server, invented(), tmp_path)
        server.on("/api/v1/search_by_date", Answer(body=b"<html>maintenance</html>"))
        async with paperboy(tmp_path, server, free_port()) as process:
            await process.until("collected", "huggingface")
            await process.until("collected", "huggingface")  # a second look: all sources of the first one have reported
            at(tmp_path, f"{DAY_1}T09:00:30+00:00")
            await process.until("delivered", f"day={DAY_1}")
            assert "hackernews" in process.printed.lower().replace(" ", "")
            assert "Couriers" in process.printed


async def test_a_second_writer_says_so_and_stops(tmp_path: Path) -> None:
    """The database has one writer; the second process names the remedy on one line."""
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    async with Loopback() as server:
        serve(server, invented(), tmp_path)
        async with paperboy(tmp_path, server, free_port()) as first:
            await first.until("running")
            async with paperboy(tmp_path, server, free_port()) as second:
                line = await second.until("another Paperboy is writing")
                assert "--db" in line
                assert await second.process.wait() == 2
