"""The site of two `paperboy run` behind a balancer, one of them killed in the middle of a reader's way."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import httpx

from bot.app import collect
from bot.model import Findings
from bot.model.database import DatabaseUrl
from bot.store.postgres import PostgresStore
from tests.email.harness import ADA, KEY
from tests.email.server import MailServer, link_to
from tests.email.test_end_to_end import arrived
from tests.fakes import paper
from tests.harness.balancer import haproxy, small_balancer
from tests.harness.postgres import clear_databases, database
from tests.processes.test_run import PATIENCE, free_port, started
from tests.web.harness import Page

PAPER = paper(7)
ROLES = ("--roles", "web,mail")


async def filled(path: Path) -> DatabaseUrl:
    """URL of a database with one paper."""
    with PostgresStore(database(path), write=True) as store:
        await store.papers.add(Findings((PAPER,)), "huggingface", PAPER.published_at)
        await collect.describe(store)
    return database(path)


async def ready(port: int) -> None:
    """Wait until a process says so to a balancer that asks."""
    async with httpx.AsyncClient(timeout=60) as client, asyncio.timeout(PATIENCE):
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def test_forms_links_and_search_go_on_when_a_process_behind_the_balancer_is_killed(tmp_path: Path):
    ports = [free_port(), free_port()]
    balancer = haproxy if shutil.which("haproxy") else small_balancer
    async with (
        MailServer(tls="none", auth=False) as server,
        balancer(ports, tmp_path) as url,
        httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser,
    ):

        async def page(method: str, path: str, **content: Any) -> Page:
            answer = Page(await browser.request(method, path, **content))
            assert answer.status == 200, (path.split("/")[-2:], answer.answer.text[:500])
            return answer

        settings = {
            "PAPERBOY_DB": (await filled(tmp_path)).reveal(),
            "PAPERBOY_SOURCES": "none",
            "PAPERBOY_WEB": "on",
            "PAPERBOY_PUBLIC_URL": url,
            "PAPERBOY_SECRET_KEY": KEY,
            "PAPERBOY_SMTP_URL": server.url,
            "PAPERBOY_MAIL_FROM": "papers@example.org",
        }
        async with (
            started(tmp_path, settings | {"PORT": str(ports[0])}, *ROLES) as first,
            started(tmp_path, settings | {"PORT": str(ports[1])}, *ROLES) as second,
        ):
            await asyncio.gather(*map(ready, ports))
            for _ in ports:
                assert PAPER.title in (await page("GET", "/search?q=quill7x")).text
            await page("POST", "/subscribe", data={"address": ADA})
            await arrived(server, 1)
            confirm = link_to(server.mails[0], "confirm")
            await page("GET", confirm)
            os.kill(first.process.pid, signal.SIGKILL)
            await first.process.wait()
            for _ in range(2):  # whoever has the turn
                confirmed = await page("POST", confirm)
            [preferences] = {link for link in confirmed.links() if "/preferences/" in link}
            form = await page("GET", preferences)
            [unsubscribe] = {link for link in form.links() if "/unsubscribe/" in link}
            assert PAPER.title in (await page("GET", "/search?q=quill7x")).text
            await page("POST", preferences, data={"size": "3", "at": "10:00", "timezone": "UTC", "days": "daily"})
            assert "unsubscribed" in (await page("POST", unsubscribe)).text.lower()
            assert second.process.returncode is None
    clear_databases()
