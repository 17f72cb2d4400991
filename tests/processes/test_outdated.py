"""`paperboy run` on a database that a newer version migrates meanwhile, or whose server goes away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg

from tests.fakes.http_server import HANG, Loopback
from tests.harness.postgres import new_database, own_server, stop_at_once, url_of
from tests.processes.test_run import PATIENCE, free_port, paperboy


async def test_a_process_that_is_too_old_for_its_database_stops_with_one_line(tmp_path: Path) -> None:
    url = url_of(new_database()).reveal()
    (tmp_path / "clock").write_text("2026-06-16T09:00:00+00:00")
    async with Loopback() as server, paperboy(tmp_path, server, free_port(), PAPERBOY_DB=url) as process:
        await process.until("installation=")
        with psycopg.connect(url) as conn:
            conn.execute("INSERT INTO paperboy_migrations (name, breaking) VALUES ('m999_later', true)")
        line = await process.until("paperboy: the database was written by a newer Paperboy (it has m999_later)")
        assert line.rstrip().endswith("upgrade this one, or restore a backup")
        assert await asyncio.wait_for(process.process.wait(), PATIENCE) == 2
        assert not [each for each in process.log if "Traceback" in each], "".join(process.log[-60:])


async def test_a_process_whose_server_is_away_stops_in_time(tmp_path: Path) -> None:
    ours = own_server()
    (tmp_path / "clock").write_text("2026-06-16T09:00:00+00:00")
    async with Loopback() as server, paperboy(tmp_path, server, free_port(), PAPERBOY_DB=ours.get_uri()) as process:
        server.on("/api/daily_papers", HANG)
        await process.until("this process keeps the schedule")
        stop_at_once(ours)
        await process.until("a worker lost the database")
        process.process.terminate()
        assert await asyncio.wait_for(process.process.wait(), PATIENCE) == 0
        assert not [each for each in process.log if "JobLookupError" in each], "the first collection was cut short"
