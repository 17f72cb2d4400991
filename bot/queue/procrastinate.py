"""The queue of any number of processes on PostgreSQL: Procrastinate's jobs, with the channel as their lock.

    nudge ─► job ─► a worker of some process ─► Work.deliver            sweep, every second ─► nudge what has no job

A job says which channel to look at, nothing else, and is deleted when it ends. What is to be done, and from when on,
stands in the store: the sweep finds what a crash left without a job, and the waits that are over. So changes of jobs do
not wait for the server's disk (`bot/store/postgres/tables.py`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import selectors
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool

from bot.errors import StoreError
from bot.model import Channel, Nudge, platform
from bot.ports.queue import Work

log = logging.getLogger("paperboy.queue")

CHANNELS_AT_ONCE = 200
"""Jobs of one platform in one process. Where a platform takes a message a second for a channel, so many keep the 16
posts busy that may be in flight; more would wait here while other processes have nothing to do."""
HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 6.0
"""A worker without a heartbeat for so long is dead or frozen, and its jobs are put back."""
POLL_SECONDS = 1.0
"""Time between two looks for jobs where no notification comes: LISTEN was lost, a pooler does not pass it on, or a job
was put back, which notifies nobody."""
SECOND_LOOK_SECONDS = 0.5
"""Time after which the sweep makes a job that is still missing: a process that has just kept digests is making theirs,
and a second one for each takes and ends as a job does, for nothing."""
GRACE_SECONDS = 3.0
"""Time that jobs get when their worker ends; deliveries go on without them."""
RESTART_SECONDS = 1.0
"""Delay before a worker is started again that lost the database."""
WAIT_SECONDS = 2.0
"""Time that a worker waits for a connection before it starts again, which makes another attempt to connect."""
CONNECTIONS = 4
"""Of one process, besides those of `connections`."""
DELIVER, SWEEP = "deliver", "sweep"
_WITHOUT_JOB = """
SELECT value AS channel FROM json_array_elements_text(%(channels)s::json)
EXCEPT SELECT lock FROM procrastinate_jobs WHERE task_name = %(task)s AND status IN ('todo', 'doing')
"""
"""Channels that no job waits or runs for. The server compares: all locks of ten thousand jobs, read here once a second,
took a tenth of the time of the process that sweeps."""
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""When a job that is put back is due: by this machine's clock it could be later by the server's, and a job that is due
later holds up all of its channel."""


def connections(platforms: int) -> int:
    """Most connections of one process: the pool, and one for each worker that listens, of which the sweep has one."""
    return CONNECTIONS + platforms + 1


class ProcrastinateQueue:
    """Implements `ports.Queue`; closed at the end of its block.

    There is a worker for each platform, so that a slow one holds up no other.

    Jobs of a platform that no process has set up wait for one that has.
    """

    def __init__(
        self, url: str, work: Work, platforms: Iterable[str], *, put_back: Callable[[], None] = lambda: None
    ) -> None:
        """`put_back` is called for each job of a dead worker."""
        self._work, self._platforms, self._put_back = work, tuple(platforms), put_back
        for name in ("utils", *(f"worker.{name}" for name in (*self._platforms, SWEEP))):
            logging.getLogger(f"procrastinate.{name}").addFilter(_is_no_lost_connection)
        self._running: dict[Channel, asyncio.Task[None]] = {}
        self._is_stopping = False
        self._opening = asyncio.Lock()
        self._unfinished: list[Nudge] = []
        """Deliveries that a stop cut off before their message left."""
        connection = {"prepare_threshold": None, "connect_timeout": 10, "application_name": "paperboy queue"}
        connector = PsycopgConnector(
            conninfo=url,
            kwargs=connection,
            configure=_configure,
            pool_factory=_pool,
            timeout=WAIT_SECONDS,
            reconnect_timeout=RESTART_SECONDS,
            min_size=1,
            max_size=CONNECTIONS,
        )
        self._app = App(connector=connector)
        self._jobs = self._app.job_manager
        self._app.task(name=DELIVER)(self._deliver)
        # One may wait: it does all that a second one would.
        sweep = self._app.task(name=SWEEP, queue=SWEEP, queueing_lock=SWEEP)(self._sweep)
        self._app.periodic(cron="* * * * * *")(sweep)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._app.close_async()

    def wake(self) -> None:
        """Nothing: the sweep looks every second."""

    async def nudge(self, nudges: Iterable[Nudge]) -> None:
        """Make a job for each. Without the database nothing: the sweep does it later."""
        jobs = [
            Job(
                task_name=DELIVER,
                queue=platform(nudge.channel),
                lock=nudge.channel,
                queueing_lock=None,  # a job that is put back must not fail because another one waits
                task_kwargs={"channel": nudge.channel, "notices": nudge.notices},
            )
            for nudge in nudges
        ]
        await self._open()
        try:
            if jobs:
                await self._jobs.batch_defer_jobs_async(jobs)
        except ConnectorException as error:
            log.warning("no jobs were made: the next sweep makes them channels=%d reason=%s", len(jobs), _reason(error))

    async def run(self) -> None:
        """Work off jobs until cancelled; then let the posts on their way be recorded, and give the rest back."""
        await self._open()
        self._work.start()
        self._is_stopping = False
        workers = [partial(self._worker, name, CHANNELS_AT_ONCE) for name in self._platforms]
        parts = [asyncio.create_task(_keep(worker)) for worker in (*workers, partial(self._worker, SWEEP, 1))]
        try:
            await asyncio.gather(*parts)
        finally:
            self._is_stopping = True
            for part in parts:
                if not part.cancelling():  # a second time would cut a worker's own stop short
                    part.cancel()
            await self._work.stop(self._running.values())
            await asyncio.gather(*parts, return_exceptions=True)
            unfinished, self._unfinished = self._unfinished, []
            await self.nudge(unfinished)

    async def _open(self) -> None:
        """Open the connection on first use."""
        async with self._opening:
            await self._app.open_async()

    async def _worker(self, queue: str, concurrency: int) -> None:
        await self._app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=concurrency,
            fetch_job_polling_interval=POLL_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
        )

    async def _deliver(self, channel: str, *, notices: bool) -> None:
        """The job. Its delivery outlives it where the worker is ended first."""
        nudge = Nudge(Channel(channel), notices)
        if self._is_stopping:
            self._unfinished.append(nudge)
        elif nudge.channel not in self._running:  # else this process was frozen, and its job was put back meanwhile
            task = asyncio.create_task(self._work.deliver(nudge))
            self._running[nudge.channel] = task
            task.add_done_callback(partial(self._ended, nudge))
            await asyncio.wait([task])

    def _ended(self, nudge: Nudge, task: asyncio.Task[None]) -> None:
        del self._running[nudge.channel]
        if task.cancelled():
            self._unfinished.append(nudge)
        elif isinstance(error := task.exception(), StoreError):
            log.error("delivery failed channel=%s reason=%s", nudge.channel, error)
        elif error is not None:
            log.error("delivery failed channel=%s", nudge.channel, exc_info=error)

    async def _sweep(self, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate passes when it was due
        """The periodic job: put back the jobs of dead workers, and make those that are missing."""
        try:
            await self._put_stalled_back()
            if missing := await self._missing():
                await asyncio.sleep(SECOND_LOOK_SECONDS)
                still_missing = set(await self._missing())
                await self.nudge(nudge for nudge in missing if nudge in still_missing)
        except (StoreError, ConnectorException) as error:  # in one line what Procrastinate would log with a traceback
            log.warning("the sweep found no way to the store reason=%s", _reason(error))

    async def _put_stalled_back(self) -> None:
        for job in await self._jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            try:
                await self._put_one_back(job)
            except ConnectorException as error:
                if isinstance(error.__cause__, OperationalError):
                    raise
                # Another sweep has put it back meanwhile, or it has ended: the others are not to wait for that.
                log.warning("a job of a dead worker cannot be put back channel=%s reason=%s", job.lock, _reason(error))

    async def _put_one_back(self, job: Job) -> None:
        if job.task_name == DELIVER:
            await self._jobs.retry_job(job, retry_at=AT_ONCE)
            log.warning("a job is put back: its worker died, or froze channel=%s", job.lock)
            self._put_back()
        else:
            await self._jobs.finish_job(job, Status.ABORTED, delete_job=True)

    async def _missing(self) -> list[Nudge]:
        """Nudges that are ready and have no job."""
        nudges = (await self._work.ready()).nudges
        return await self._without_job(nudges) if nudges else []

    async def _without_job(self, nudges: Sequence[Nudge]) -> list[Nudge]:
        channels = json.dumps([nudge.channel for nudge in nudges])
        rows = await self._app.connector.execute_query_all_async(_WITHOUT_JOB, channels=channels, task=DELIVER)
        missing = {row["channel"] for row in rows}
        return [nudge for nudge in nudges if nudge.channel in missing]


async def _keep(worker: Callable[[], Awaitable[None]]) -> None:
    """Start a worker again after it lost the database."""
    while True:
        reason = "its connection ended"
        try:
            await worker()
        except ConnectorException as error:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                return  # stopped: the loss took the place of the cancellation
            reason = _reason(error)
        log.warning("a worker lost the database, and is started again reason=%s", reason)
        await asyncio.sleep(RESTART_SECONDS)


def _reason(error: Exception) -> str:
    return " ".join(str(error.__cause__ or error).split())


def _is_no_lost_connection(record: logging.LogRecord) -> bool:
    """Whether to log what Procrastinate says; of a lost database it logs tracebacks, and `_keep` one line."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectorException))


async def _configure(connection: AsyncConnection[Any]) -> None:
    """Commit each statement by itself, which saves two round trips."""
    await connection.set_autocommit(True)


def _pool(**parameters: Any) -> AsyncConnectionPool:
    return AsyncConnectionPool(**parameters | {"check": _check})


async def _check(connection: AsyncConnection[Any]) -> None:
    """Ask the server only where it sent something unasked: it does when it closes a connection.

    Procrastinate's own check asks it before every query, a fifth of the round trips of a job.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        if selector.select(0):
            await AsyncConnectionPool.check_connection(connection)
