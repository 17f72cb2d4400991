"""Several processes on one database, some of them dead, frozen or cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException

from bot.model import Channel, Nudge
from bot.queue import procrastinate
from bot.queue.procrastinate import ProcrastinateQueue
from tests.contracts.queue import ELSEWHERE, HERE, THERE, FakeWork, running


async def jobs(url: str) -> list[tuple[str, str]]:
    """Channel and status of the jobs of deliveries."""
    async with await psycopg.AsyncConnection.connect(url) as conn:
        rows = await conn.execute("SELECT lock, status FROM procrastinate_jobs WHERE lock IS NOT NULL ORDER BY id")
        return await rows.fetchall()


async def died_with_a_job(url: str, channel: Channel, seconds: float) -> None:
    """Leave what a worker leaves that was killed so long ago while it had this channel's job."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(
            "WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => %s)) RETURNING id)"
            " INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status, worker_id)"
            " SELECT 'fake', 'deliver', %s, jsonb_build_object('channel', %s::text, 'notices', false), 'doing', id"
            " FROM worker",
            (seconds, channel, channel),
        )


async def test_two_processes_never_deliver_to_one_channel_at_once_and_leave_no_job(url: str) -> None:
    work = FakeWork()
    channels = [Channel(f"fake:T1/C{number:02}") for number in range(20)]
    first, second = (ProcrastinateQueue(url, work, ["fake"]) for _ in range(2))
    async with first, second, running(first), running(second):
        for number in range(10):
            await first.nudge([work.add(channel, f"{number}") for channel in channels])
            await second.nudge([Nudge(channel) for channel in channels])
        await work.until_all_is_delivered()
        async with asyncio.timeout(60):
            while await jobs(url) != []:  # of the nudges that find nothing to do
                await asyncio.sleep(0.05)
    assert set(work.most_at_once.values()) == {1}


async def test_the_job_of_a_dead_worker_is_put_back_and_that_of_a_living_one_is_not(url: str) -> None:
    work, put_back = FakeWork(), list[str]()
    work.add(HERE, "a")
    await died_with_a_job(url, HERE, seconds=7)
    await died_with_a_job(url, THERE, seconds=-60)
    async with ProcrastinateQueue(url, work, ["fake"], put_back=lambda: put_back.append("")) as queue, running(queue):
        await work.until_all_is_delivered()
        work.add(THERE, "in the hand of another process")
        await asyncio.sleep(1.5)
        assert work.in_channel(THERE) == []
    assert len(put_back) == 1


async def test_what_gets_its_job_between_two_looks_gets_no_second_one(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three thousand digests kept at once many had two."""
    work, looks = FakeWork(), list[int]()
    work.add(HERE, "kept a moment ago")
    work.gates[HERE] = asyncio.Event()
    async with ProcrastinateQueue(url, work, ["fake"]) as queue:
        without_job = queue._without_job

        async def look(nudges: Sequence[Nudge]) -> list[Nudge]:
            missing = await without_job(nudges)
            looks.append(len(missing))
            if len(looks) == 1:
                await queue.nudge(nudges)
            return missing

        monkeypatch.setattr(queue, "_without_job", look)
        async with running(queue), asyncio.timeout(60):
            while len(looks) < 3:
                await asyncio.sleep(0.05)
            assert looks == [1, 0, 0]
            assert await jobs(url) == [(HERE, "doing")]
            work.gates[HERE].set()
            await work.until_all_is_delivered()


async def test_the_sweep_reads_only_what_has_no_job(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All locks of ten thousand waiting jobs, read once a second, took a tenth of a process."""
    async with ProcrastinateQueue(url, FakeWork(), ["fake"]) as queue:
        await queue.nudge([Nudge(HERE), Nudge(THERE)])
        connector, counts = queue._app.connector, list[int]()
        execute = connector.execute_query_all_async

        async def counted(*args: Any, **kwargs: Any) -> list[dict[str, Any]]:
            rows = await execute(*args, **kwargs)
            counts.append(len(rows))
            return rows

        monkeypatch.setattr(connector, "execute_query_all_async", counted)
        ready = [Nudge(HERE), Nudge(ELSEWHERE), Nudge(THERE)]
        assert await queue._without_job(ready) == [Nudge(ELSEWHERE)]
        assert counts == [1]


async def test_a_job_that_cannot_be_put_back_leaves_the_others_of_the_sweep(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As where another process has put it back since this one looked."""
    work = FakeWork()
    for channel in (HERE, THERE):
        await died_with_a_job(url, channel, seconds=7)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'Job was not found'; END $$"
        )
        await conn.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE ON procrastinate_jobs FOR EACH ROW"
            f" WHEN (OLD.lock = '{HERE}' AND NEW.status = 'todo') EXECUTE FUNCTION refuse()"
        )
    work.add(THERE, "a")
    work.add(ELSEWHERE, "without a job")
    async with ProcrastinateQueue(url, work, ["fake"]) as queue, running(queue):
        await work.until_all_is_delivered()
    assert f"cannot be put back channel={HERE} reason=Job was not found" in caplog.text


async def test_a_process_that_was_frozen_does_not_deliver_to_a_channel_twice_at_once(url: str) -> None:
    """Its job was put back meanwhile, and it is the one that takes it again."""
    work = FakeWork()
    work.gates[HERE] = asyncio.Event()
    async with ProcrastinateQueue(url, work, ["fake"]) as queue, running(queue):
        await queue.nudge([work.add(HERE, "a")])
        await work.until(lambda: work.waiting[HERE] == 1)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            await conn.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE lock IS NOT NULL")
        async with asyncio.timeout(60):
            while await jobs(url) != []:
                await asyncio.sleep(0.05)
        work.gates[HERE].set()
        await work.until_all_is_delivered()
    assert work.most_at_once[HERE] == 1


async def test_what_a_stop_cut_off_is_given_back_at_once(url: str) -> None:
    work = FakeWork()
    work.gates[HERE] = asyncio.Event()
    async with ProcrastinateQueue(url, work, ["fake"]) as queue:
        async with running(queue):
            await queue.nudge([work.add(HERE, "a")])
            await work.until(lambda: work.waiting[HERE] == 1)
        assert await jobs(url) == [(HERE, "todo")]


@pytest.mark.parametrize("times", [1, 3])
async def test_a_server_that_breaks_every_connection_is_worked_with_again(
    url: str, times: int, caplog: pytest.LogCaptureFixture
) -> None:
    """As at a restart; notifications are lost with it. The log has no traceback."""
    work = FakeWork()
    async with ProcrastinateQueue(url, work, ["fake"]) as queue, running(queue):
        await queue.nudge([work.add(HERE, "before")])
        await work.until_all_is_delivered()
        for _ in range(times):
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
                await conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid != pg_backend_pid()"
                )
        work.add(HERE, "after")
        await work.until_all_is_delivered()
    assert not [each for each in caplog.records if each.exc_info and each.name.startswith("procrastinate")]


async def test_a_worker_that_answers_its_cancellation_with_the_loss_of_the_database_ends() -> None:
    """It was started again, for ever, and its process did not end."""

    async def worker() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectorException from None

    keeping = asyncio.create_task(procrastinate._keep(worker))
    await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.wait([keeping], timeout=60)
    assert keeping.done()


async def test_only_what_changes_jobs_does_not_wait_for_the_disk(url: str) -> None:
    """And by its own transaction: PgBouncer hands sessions on."""
    async with await psycopg.AsyncConnection.connect(url) as conn:
        for sql, level in (("DELETE FROM procrastinate_jobs", "off"), ("DELETE FROM deliveries", "on")):
            await conn.execute(sql.encode())
            assert await (await conn.execute("SHOW synchronous_commit")).fetchone() == (level,)
            await conn.commit()


async def test_one_job_is_taken_without_reading_all_that_wait(url: str) -> None:
    """Without statistics all were read, and sorted, to take one."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock)"
            " SELECT 'fake', 'deliver', 'fake:T1/C' || number FROM generate_series(1, 8000) AS number"
        )
    async with await psycopg.AsyncConnection.connect(url) as conn:
        await conn.execute("SELECT procrastinate_fetch_job_v2(ARRAY['fake'], NULL)")
        read = await conn.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'procrastinate_jobs'"
        )
        assert (await read.fetchone() or (8000,))[0] < 100
        scans = await conn.execute("SELECT pg_stat_get_xact_numscans('procrastinate_jobs_id_lock_idx_v1'::regclass)")
        assert await scans.fetchone() == (0,), "an index that lock does not lead is read whole"
