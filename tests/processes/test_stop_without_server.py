"""`paperboy run` is stopped while its database server is away."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.harness.postgres import own_server, url_of
from tests.processes.test_run import started


async def test_a_stop_without_the_server_takes_little_longer_than_a_stop_may_take(tmp_path: Path) -> None:
    """It waited half a minute for each thing that it wanted to write at the end."""
    server = own_server()
    try:
        url = url_of("postgres", of=server.get_uri()).reveal()
        settings = {"PAPERBOY_DB": url, "PAPERBOY_SOURCES": "none", "PAPERBOY_STOP_SECONDS": "2"}
        async with started(tmp_path, settings, "--roles", "collect,deliver") as process:
            await process.until("this process keeps the schedule")
            server.stop()
            stopped = time.monotonic()
            process.process.send_signal(signal.SIGTERM)
            assert await process.process.wait() == 0
            assert time.monotonic() - stopped < 28
    finally:
        server.cleanup()
