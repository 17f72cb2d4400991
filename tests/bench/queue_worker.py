"""One process that delivers from PostgreSQL, or its bare peer, until SIGTERM: `python -m tests.bench.queue_worker JOB`.

The peer is Procrastinate alone: a job posts its messages, with a row before and after each.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple

from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from bot.app import runtime
from bot.delivery import deliver
from bot.delivery.in_flight import InFlight
from bot.delivery.notices import Notices
from bot.delivery.process_lease import ProcessLease
from bot.model import Channel, Message, Ref
from bot.model.database import DatabaseUrl
from bot.ports import Claim, no_claim
from bot.queue.procrastinate import ProcrastinateQueue
from bot.store.postgres import PostgresStore
from tests.bench.wiring import AtOnce
from tests.fakes import FakeClock

AT_ONCE = 20
"""Posts of one process on their way."""
POST_SECONDS = 0.05


class Slow(AtOnce):
    """An outlet that takes its time; without threads a digest is one message."""

    def __init__(self, *, threads: bool) -> None:
        super().__init__()
        self.threads = threads

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Count it, and wait as if for a platform."""
        ref = await super().post(channel, message, under=under, key=key, claim=claim)
        await asyncio.sleep(POST_SECONDS)
        return ref


class Parts(NamedTuple):
    """What delivers, and what it was made of."""

    store: PostgresStore
    clock: FakeClock
    notices: Notices
    queue: ProcrastinateQueue


@asynccontextmanager
async def delivering(job: dict[str, Any], outlet: AtOnce) -> AsyncIterator[Parts]:
    """The deliverer and its queue, as `bot.app.wiring` puts them together; the queue is still to be run."""
    runtime.tune()
    with PostgresStore(DatabaseUrl(job["url"]), write=True) as store:
        clock, outlets = FakeClock(datetime.fromisoformat(job["now"])), {outlet.name: outlet}
        lease = ProcessLease(store, time.monotonic)
        notices = Notices(store, outlets, clock, None, InFlight(lease=lease))
        deliverer = deliver.Deliverer(store, outlets, clock, notices)
        await lease.renew()
        async with ProcrastinateQueue(job["url"], deliverer, outlets) as queue:
            renewing = asyncio.create_task(lease.run())
            try:
                yield Parts(store, clock, notices, queue)
            finally:
                renewing.cancel()
                await asyncio.wait([renewing])


async def ours(job: dict[str, Any]) -> None:
    """Deliver until cancelled."""
    deliver.CLAIMED_AT_ONCE = AT_ONCE
    async with delivering(job, Slow(threads=job["messages"] > 1)) as parts:
        await parts.queue.run()  # to its end: the pool closes after it


async def bare(job: dict[str, Any]) -> None:
    """A worker of Procrastinate's, 20 jobs at once."""
    app = App(connector=PsycopgConnector(conninfo=job["url"]))
    kwargs = {"autocommit": True}
    async with AsyncConnectionPool(job["url"], kwargs=kwargs, max_size=8, open=False) as pool, app.open_async():

        @app.task(name="post")
        async def post(number: int) -> None:
            for slot in range(job["messages"]):
                async with pool.connection() as conn:
                    await conn.execute("INSERT INTO bare VALUES (%s, %s, 'claimed')", (number, slot))
                await asyncio.sleep(POST_SECONDS)
                async with pool.connection() as conn:
                    await conn.execute("UPDATE bare SET state = 'posted' WHERE job = %s AND slot = %s", (number, slot))

        await app.run_worker_async(
            queues=["bench"], concurrency=AT_ONCE, delete_jobs="always", install_signal_handlers=False
        )


async def until_stopped(job: dict[str, Any]) -> None:
    """Run either of them until SIGTERM."""
    task = asyncio.create_task((ours if job["ours"] else bare)(job))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    print("started", flush=True)
    with suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    asyncio.run(until_stopped(json.loads(sys.argv[1])))
