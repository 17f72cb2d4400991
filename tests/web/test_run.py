"""`paperboy run` with the site switched on, as a process: pages, numbers, readiness, Slack's endpoint."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bot.store.sqlite import backup
from tests.fakes.http_server import Loopback
from tests.processes.test_run import DAY_1, PATIENCE, at, browser, free_port, invented, paperboy, serve, subscribe


async def test_the_site_runs_in_the_same_process_beside_slack(tmp_path: Path):
    port = free_port()
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    await subscribe(tmp_path)
    slack = {"SLACK_BOT_TOKEN": "xoxb-" + "1-2-3", "SLACK_SIGNING_SECRET": "s" * 32}
    async with Loopback() as server:
        serve(server, invented(), tmp_path)
        more = {"PAPERBOY_WEB": "on", "PAPERBOY_PUBLIC_URL": "https://papers.example.org", **slack}
        async with paperboy(tmp_path, server, port, **more, PAPERBOY_SLACK_API_URL=f"{server.url}/slack/") as process:
            await process.until("collected", "huggingface")
            at(tmp_path, f"{DAY_1}T09:00:30+00:00")
            await process.until("delivered", f"day={DAY_1}")
            async with browser(port) as client:
                page = await client.get("/")
                assert page.status_code == 200
                assert "Couriers" in page.text
                assert (await client.post("/slack/events")).text == "not signed by Slack, or too long ago\n"
                assert (await client.get("/readyz")).text == "ok\n"
                assert (await client.get("/feed.json")).json()["feed_url"] == "https://papers.example.org/feed.json"
                numbers = await _numbers(client)
            assert numbers["paperboy_post_seconds_count", "console"] == 4
            assert numbers["paperboy_looks_total", "done", "huggingface"] >= 1
            assert numbers["paperboy_collected_papers_total", "huggingface"] >= 3
            process.process.terminate()
            async with asyncio.timeout(PATIENCE):
                await process.until("stopped")
                assert await process.process.wait() == 0


async def test_readiness_follows_a_full_disk_failing_ticks_and_a_replaced_database(tmp_path: Path):
    port = free_port()
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    async with Loopback() as server, browser(port) as client:
        serve(server, invented(), tmp_path)

        async def readiness() -> tuple[int, str]:
            answer = await client.get("/readyz")
            return answer.status_code, answer.text

        async def becomes(status: int, reason: str) -> None:
            async with asyncio.timeout(PATIENCE):
                while await readiness() != (status, reason):
                    await asyncio.sleep(0.05)

        async with paperboy(tmp_path, server, port, PAPERBOY_WEB="on") as process:
            await process.until("collected", "huggingface")
            await becomes(200, "ok\n")
            with limited_file_size(process.process.pid):  # like a full disk: no byte more is written to any file
                status, reason = await readiness()
                assert (status, reason.partition(" (")[0]) == (
                    503,
                    "the database cannot be written: free space on its disk, or see the log",
                )
            await becomes(200, "ok\n")
            (tmp_path / "clock").write_text("noon")
            await becomes(503, "the last look at who is due failed: see the log (ValueError)\n")
            await process.until("a step failed step=tick")
            at(tmp_path, f"{DAY_1}T08:30:30+00:00")
            await becomes(200, "ok\n")
            backup(tmp_path / "paperboy.db", tmp_path / "copy.db")
            (tmp_path / "copy.db").replace(tmp_path / "paperboy.db")
            assert await readiness() == (
                503,
                "the database was deleted or replaced under the running Paperboy: restart it\n",
            )


@contextmanager
def limited_file_size(pid: int) -> Iterator[None]:
    """Let a process write nothing to any file."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


async def _numbers(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    text = (await client.get("/metrics")).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
