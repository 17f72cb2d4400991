"""`paperboy run` with the site switched on, as a process: pages, numbers and Slack's endpoint on one port."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.http_server import Loopback
from tests.processes.test_run import DAY_1, PATIENCE, at, free_port, invented, paperboy, serve, subscribe


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
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
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


async def _numbers(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    text = (await client.get("/metrics")).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
