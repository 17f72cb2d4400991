"""`paperboy run` with mail and pages: subscribed in the box, killed while a mail is handed over, restarted."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.email.harness import ADA, KEY
from tests.email.server import PASSWORD, MailServer, certificate, link_to
from tests.fakes.http_server import Loopback
from tests.processes.test_run import DAY_1, DAY_2, PATIENCE, Process, at, browser, free_port, invented, paperboy, serve


@asynccontextmanager
async def running(
    folder: Path, sources: Loopback, server: MailServer, port: int, *, descriptors: int | None = None
) -> AsyncIterator[Process]:
    """A running process that has collected once; it may open so many files."""
    settings = {
        "PAPERBOY_SMTP_URL": server.url,
        "PAPERBOY_SMTP_PASSWORD": PASSWORD,
        "PAPERBOY_MAIL_FROM": "papers@example.org",
        "PAPERBOY_WEB": "on",
        "PAPERBOY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PAPERBOY_SECRET_KEY": KEY,
        "SSL_CERT_FILE": str(certificate()[0]),
    }
    async with paperboy(folder, sources, port, **settings) as process:
        if descriptors is not None:
            limits = (descriptors, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
            resource.prlimit(process.process.pid, resource.RLIMIT_NOFILE, limits)
        await process.until("collected", "huggingface")
        yield process


async def arrived(server: MailServer, number: int) -> None:
    """Wait until so many mails were handed over."""
    async with asyncio.timeout(PATIENCE):
        while len(server.mails) < number:
            await asyncio.sleep(0.01)


LOST = "nobody can tell whether its first message arrived"


async def test_from_the_box_through_a_crash_to_one_click(tmp_path: Path):
    port = free_port()
    at(tmp_path, f"{DAY_1}T08:30:00+00:00")
    async with MailServer() as server, Loopback() as sources, browser(port) as reader:
        serve(sources, invented(), tmp_path)
        async with running(tmp_path, sources, server, port) as first:
            response = await reader.post(f"http://127.0.0.1:{port}/subscribe", data={"address": ADA})
            assert response.status_code == 200
            await arrived(server, 1)
            await reader.post(link_to(server.mails[0], "confirm"))
            server.stalls()  # the message is taken, and the answer never comes
            at(tmp_path, f"{DAY_1}T09:00:30+00:00")
            async with asyncio.timeout(PATIENCE):
                while not server.stalled:
                    await asyncio.sleep(0.01)
            first.process.send_signal(signal.SIGKILL)
            await first.process.wait()
            server.goes_on()
        handed_over = len(server.mails)
        async with running(tmp_path, sources, server, port) as second:
            if not any(LOST in line for line in second.log):
                await second.until(LOST)
            assert len(server.mails) <= handed_over + 1, "the server may have kept the one that was cut off"
            at(tmp_path, f"{DAY_2}T08:30:00+00:00")
            for _ in range(2):  # the first of these looks may have begun on the day before
                await second.until("collected", "huggingface")
            at(tmp_path, f"{DAY_2}T09:00:30+00:00")
            await second.until("delivered channel=mail:1", f"day={DAY_2}")
            digests = [mail for mail in server.mails if mail.message["List-Unsubscribe"]]
            days = [mail.text.splitlines()[3].partition(" · ")[0] for mail in digests]
            assert days.count("Tuesday 16 June") <= 1
            assert days.count("Wednesday 17 June") == 1
            one_click = digests[-1].message["List-Unsubscribe"].strip("<>")
            unsubscribed = await reader.post(one_click, data={"List-Unsubscribe": "One-Click"})
            assert unsubscribed.status_code == 200
            second.process.terminate()
            await second.until("stopped")
        log = "".join((*first.log, *second.log))
        assert ADA not in log
        assert "/unsubscribe/" not in log
