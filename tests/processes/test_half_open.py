"""1,100 half-sent requests against `paperboy run`: pages and health answer, mail leaves, the log stays short."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.email.harness import ADA
from tests.email.server import MailServer, link_to
from tests.email.test_end_to_end import arrived, running
from tests.fakes.http_server import Loopback
from tests.processes.test_run import DAY_1, PATIENCE, at, browser, free_port, invented, serve

SOCKETS = 1_100
DESCRIPTORS = 1_024


def half_open(port: int) -> list[socket.socket]:
    """Connections that never send the end of their head."""
    sockets = []
    for _ in range(SOCKETS):
        sock = socket.socket()
        sock.settimeout(PATIENCE)
        sock.connect(("127.0.0.1", port))
        with contextlib.suppress(ConnectionError):
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        sockets.append(sock)
    return sockets


async def page_seconds(reader: httpx.AsyncClient) -> float:
    """Seconds until every page has answered."""
    started = time.monotonic()
    for path in ("/healthz", "/readyz", "/"):
        assert (await reader.get(path)).status_code == 200
    return time.monotonic() - started


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
async def test_half_sent_requests_stop_neither_pages_nor_mail(tmp_path: Path):
    port = free_port()
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < SOCKETS + 200:
        pytest.skip("this process may not open so many sockets")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, SOCKETS + 200), hard))
    async with MailServer() as server, Loopback() as sources, browser(port) as reader:
        serve(sources, invented(), tmp_path)
        async with running(tmp_path, sources, server, port, descriptors=DESCRIPTORS) as paperboy:
            await reader.post("/subscribe", data={"address": ADA})
            await arrived(server, 1)
            await reader.post(link_to(server.mails[0], "confirm"))
            lines = len(paperboy.log)
            async with asyncio.timeout(PATIENCE):
                while (await reader.get("/readyz")).status_code != 200:  # what was collected is being ranked
                    await asyncio.sleep(0.05)
            undisturbed = await page_seconds(reader)
            sockets = await asyncio.to_thread(half_open, port)
            try:
                async with browser(port) as late_comer:
                    seconds = await page_seconds(late_comer)
                assert seconds < 5 + 10 * undisturbed, "a head may take ten seconds: nobody waits for the others'"
                at(tmp_path, f"{DAY_1}T09:00:30+00:00")
                await paperboy.until("delivered channel=mail:1", f"day={DAY_1}")
                await arrived(server, 2)
            finally:
                for sock in sockets:
                    sock.close()
            paperboy.process.terminate()
            await paperboy.until("stopped")
    about = [line for line in paperboy.log[lines:] if "connection" in line or "accept" in line or "HTTP" in line]
    assert 1 <= len(about) <= 5, about
