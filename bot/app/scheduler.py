"""Running: scheduled jobs and supervised parts until the process is told to stop.

schedule, in one process ─► APScheduler ─► collect, tick, tidy
supervise ─► schedule, follow, deliver, counts, letters, one task a front, writer, http; lease
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial, wraps

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app import http_server, runtime
from bot.app.wiring import App
from bot.delivery.process_lease import RENEW_SECONDS, ProcessLease
from bot.errors import OutdatedError, PaperboyError

log = logging.getLogger("paperboy.app")

Step = Callable[[], Awaitable[object]]

RESTART_DELAYS = (1.0, 5.0, 15.0, 60.0)
"""Seconds before a part that ended is started again, after the first, second, … failure in a row."""
HEALTHY_AFTER = 300.0
"""Seconds of running after which earlier failures of a part no longer count."""
FIRST_COLLECTION = 300.0
"""Seconds that the first collection may take before digests are chosen without it."""
FIRST_TIDY = timedelta(minutes=10)
"""Delay of the first daily tidying after the start."""


async def run(app: App) -> None:
    """Collect, tick, deliver and listen until SIGTERM or SIGINT. Raises OutdatedError once the database is too new."""
    runtime.tune()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no signal handlers on a loop
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await app.lease.renew()  # nothing is posted without
    lease = [asyncio.create_task(supervise("lease", app.lease.run))] if app.store.shared else []
    tasks = [asyncio.create_task(supervise(name, part), name=name) for name, part in _parts(app).items()]
    for task in (*tasks, *lease):
        task.add_done_callback(lambda _: stop.set())  # a part ends with an OutdatedError, and with nothing else
    try:
        await stop.wait()
    finally:
        app.store.hurry(app.settings.stop_seconds)
        ends = await _end(tasks)
        if app.mail is not None:
            await app.mail.close()
        ends += await _end(lease)  # last: it keeps others off what this process has in hand
        log.info("stopped")
    for end in ends:
        if isinstance(end, OutdatedError):
            raise end


async def _end(tasks: Sequence[asyncio.Task[None]]) -> list[BaseException | None]:
    """Cancel tasks; how each ended."""
    for task in tasks:
        task.cancel()
    return await asyncio.gather(*tasks, return_exceptions=True)


def _parts(app: App) -> dict[str, Callable[[], Awaitable[None]]]:
    """Everything that runs until cancelled, by the name that appears in the log."""
    parts: dict[str, Callable[[], Awaitable[None]]] = {}
    if "collect" in app.roles:
        parts["schedule"] = partial(keep_schedule, app, ProcessLease(app.store, time.monotonic, name="schedule"))
    if app.store.shared:
        parts["follow"] = partial(rank_and_follow, app)
    if "deliver" in app.roles:
        parts["deliver"] = app.queue.run
        parts["counts"] = app.counts.run
    if app.mail is not None and "mail" in app.roles:
        parts["letters"] = app.mail.letters.run
    parts |= {front.name: partial(front.serve, app.desk) for front in app.fronts}
    if app.writer is not None and "collect" in app.roles:
        parts["writer"] = app.writer.run
    if app.zotero is not None and "collect" in app.roles:
        parts["zotero"] = app.zotero.run
    host, port, proxies = app.settings.host, app.settings.port, app.settings.proxies
    if port is not None or any(front.asgi for front in app.fronts):
        serve = partial(http_server.serve, app.fronts, host, port or http_server.PORT)
        parts["http"] = partial(serve, proxies=proxies, notes=app.store.secrets)
    return parts


async def rank_and_follow(app: App) -> None:
    """Rank once for who asks here, also where another process collects: until then `/readyz` sends them elsewhere."""
    if app.fronts:
        await app.engine.shortlist()
    await app.engine.follow()


async def keep_schedule(app: App, lease: ProcessLease) -> None:
    """Run the scheduled jobs while this process holds their lease: of several processes, one collects and ticks."""
    jobs: AsyncIOScheduler | None = None
    try:
        while True:
            await lease.renew()
            if lease.is_held and jobs is None:
                log.info("this process keeps the schedule")
                jobs = _jobs(app)
                jobs.start()
            elif jobs is not None and not lease.is_held:
                log.warning("another process keeps the schedule")
                jobs.shutdown(wait=False)
                jobs = None
            await asyncio.sleep(RENEW_SECONDS)
    finally:
        if jobs is not None:
            jobs.shutdown(wait=False)
        await lease.release()


def _jobs(app: App) -> AsyncIOScheduler:
    """Collect at start and every half hour, tick every minute, tidy daily; late or overlapping runs become one."""
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    jobs = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
    start, settings = datetime.now(UTC), app.settings
    collect, tick = after_first_collection(
        app.engine.refresh,
        app.engine.tick,
        # None once the jobs were shut down
        opened=lambda: (job := jobs.get_job("tick")) and job.modify(next_run_time=datetime.now(UTC)),
    )
    collect, tidy = map(log_failures, (collect, app.engine.tidy))
    tick = log_failures(tick, app.metrics.ticked if app.metrics else None)
    jobs.add_job(collect, "interval", minutes=settings.collect_minutes, next_run_time=start, id="collect")
    jobs.add_job(tick, "interval", seconds=settings.tick_seconds, id="tick")
    jobs.add_job(tidy, "interval", hours=24, next_run_time=start + FIRST_TIDY, id="tidy")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    return jobs


def after_first_collection(
    collect: Step, tick: Step, *, patience: float = FIRST_COLLECTION, opened: Callable[[], object] = lambda: None
) -> tuple[Step, Step]:
    """The two steps, with ticks that do nothing until the first collection has ended or taken `patience` seconds.

    A digest chosen earlier would say that nothing new was listed, without having looked. `opened` is called then.
    """
    now = asyncio.get_running_loop().time
    opens_at, is_first = now() + patience, True

    @wraps(collect)
    async def collect_and_open() -> None:
        nonlocal opens_at, is_first
        try:
            await collect()
        finally:
            opens_at = now()
            if is_first:
                is_first = False
                opened()

    @wraps(tick)
    async def tick_if_open() -> None:
        if now() >= opens_at:
            await tick()

    return collect_and_open, tick_if_open


def log_failures(step: Step, ended: Callable[[Exception | None], None] | None = None) -> Callable[[], Awaitable[None]]:
    """The step, with its exceptions logged instead of raised, so that the next run takes place.

    `ended` is called with the exception, or with None after success.
    """

    async def run_once() -> None:
        fault: Exception | None = None
        try:
            await step()
        except asyncio.CancelledError:
            log.info("a step was cancelled at shutdown step=%s", getattr(step, "__name__", step))
        except Exception as error:  # noqa: BLE001 - whatever a step raises, the next one comes
            fault = error
        if ended is not None:
            ended(fault)
        if fault is not None:  # last: who reads the line finds what `ended` recorded
            log_fault(f"a step failed step={getattr(step, '__name__', step)}", fault)

    return run_once


def log_fault(what: str, error: Exception) -> None:
    """Log an exception: one that says in one line what to do, or any other with its traceback."""
    if isinstance(error, PaperboyError):
        log.error("%s reason=%s", what, error)
    else:
        log.error("%s", what, exc_info=error)


async def supervise(
    name: str, part: Callable[[], Awaitable[None]], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Keep a part running: one that fails or returns is started again after a delay that grows; others go on.

    Raises OutdatedError.
    """
    failures = 0
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await part()
            log.warning("a part ended by itself part=%s", name)
        except OutdatedError:
            raise  # no part could use the database again
        except Exception as error:  # noqa: BLE001 - whatever a part raises, it is started again
            log_fault(f"a part died part={name}", error)
            if (task := asyncio.current_task()) is not None and task.cancelling():
                return  # at its end
        if asyncio.get_running_loop().time() - started > HEALTHY_AFTER:
            failures = 0
        await sleep(RESTART_DELAYS[min(failures, len(RESTART_DELAYS) - 1)])
        failures += 1
