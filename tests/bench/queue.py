"""Messages a second of several processes on one PostgreSQL with fsync, beside a bare loop of Procrastinate's."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Job

from bot.app.collect import describe
from bot.model import Channel, Nudge
from bot.model.database import DatabaseUrl
from bot.queue.procrastinate import ProcrastinateQueue
from bot.store.postgres import PostgresStore
from tests.bench.figures import Row, Times, rate
from tests.bench.papers import NOW, findings, papers
from tests.bench.scale import Scale
from tests.bench.side_process import ROOT
from tests.bench.wiring import digest
from tests.contracts.queue import FakeWork
from tests.harness.postgres import new_database, url_of, waiting_for_the_disk

DIGEST = 6
"""Messages of a digest of five papers."""
STOP_SECONDS = 10.0
"""Time that a process gets to end before it is killed."""


def measure(scale: Scale) -> Iterator[Row]:
    """Rates of one, two and more processes, for digests of one message and of six."""
    with waiting_for_the_disk():
        for messages in (1, DIGEST):
            count = scale.queue_messages // messages
            for workers in scale.queue_workers:
                sides = {True: Times(), False: Times()}
                for _ in range(scale.runs):
                    for is_ours, times in sides.items():
                        times.append(asyncio.run(_seconds(count, messages, workers, is_ours=is_ours)))
                ours, bare = (rate(count * messages, times) for times in sides.values())
                what = (
                    f"{count * messages:,} messages, {messages} a digest, 50 ms each, 20 at once, processes: {workers}"
                )
                ratio = sides[False].median / sides[True].median
                yield Row("queue", what, ours, "≥ .8 of the peer", f"bare Procrastinate: {bare}", f"{ratio:.2f}")


async def _seconds(count: int, messages: int, workers: int, *, is_ours: bool) -> float:
    """Time from the first job to the last message."""
    url = url_of(new_database())
    async with await psycopg.AsyncConnection.connect(url.reveal(), autocommit=True) as conn:
        await conn.execute("CREATE TABLE bare (job BIGINT, slot INTEGER, state TEXT, PRIMARY KEY (job, slot))")
        job = {"url": url.reveal(), "messages": messages, "ours": is_ours, "now": NOW.isoformat()}
        left = (
            "SELECT count(*) FROM posts WHERE state = 'open'"
            if is_ours
            else f"SELECT {count * messages} - count(*) FROM bare WHERE state = 'posted'"
        )
        async with _processes(job, workers):
            nudges = await _keep(url, count) if is_ours else []
            started = time.perf_counter()
            await (_nudge(url, nudges) if is_ours else _defer(url, count))
            while (await (await conn.execute(left.encode())).fetchone() or (0,))[0]:
                await asyncio.sleep(0.02)
            return time.perf_counter() - started


async def _keep(url: DatabaseUrl, count: int) -> list[Nudge]:
    """Store digests of five papers; a platform without threads makes one message of each."""
    listed = papers(40, days=3.0)
    chosen = [[listed[(number + k) % len(listed)] for k in range(DIGEST - 1)] for number in range(count)]
    channels = [Channel(f"bench:T{number % 97}/C{number}") for number in range(count)]
    with PostgresStore(url, write=True) as store:
        await store.papers.add(findings(listed, ()), "huggingface", NOW)
        await describe(store)
        await store.ledger.keep([digest(*pair, NOW) for pair in zip(channels, chosen, strict=True)], {})
    return [Nudge(channel) for channel in channels]


async def _nudge(url: DatabaseUrl, nudges: list[Nudge]) -> None:
    async with ProcrastinateQueue(url.reveal(), FakeWork(), ()) as queue:
        await queue.nudge(nudges)


async def _defer(url: DatabaseUrl, count: int) -> None:
    async with App(connector=PsycopgConnector(conninfo=url.reveal())).open_async() as app:
        jobs = [
            Job(task_name="post", queue="bench", lock=f"{number}", queueing_lock=None, task_kwargs={"number": number})
            for number in range(count)
        ]
        await app.job_manager.batch_defer_jobs_async(jobs)


@asynccontextmanager
async def _processes(job: dict[str, object], workers: int) -> AsyncIterator[None]:
    """Workers in processes of their own, all started."""
    words = (sys.executable, "-m", "tests.bench.queue_worker", json.dumps(job))
    pipe = asyncio.subprocess.PIPE
    processes = [await asyncio.create_subprocess_exec(*words, stdout=pipe, cwd=ROOT) for _ in range(workers)]
    try:
        for process in processes:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"started\n"
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
