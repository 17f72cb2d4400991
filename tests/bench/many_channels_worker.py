"""One process of `many_channels.py`: it delivers until everything is chosen and delivered; one of them chooses, too."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

from bot.app import candidates
from bot.app.engine import DigestEngine
from bot.store.postgres import PostgresStore
from tests.bench.queue_worker import Parts, delivering
from tests.bench.side_process import on_start
from tests.bench.wiring import AtOnce

CHOSEN, IN_ALL = "bench chosen", "in all"
"""Note with the seconds of each part of choosing, once that is done; the key of their whole time."""
LOOK_SECONDS = 0.1


def note(spent: Counter[str], what: str, owner: Any, name: str) -> None:
    """Add the time of all calls of an asynchronous function."""
    call = getattr(owner, name)

    async def timed(*args: Any) -> Any:
        started = time.perf_counter()
        try:
            return await call(*args)
        finally:
            spent[what] += time.perf_counter() - started

    setattr(owner, name, timed)


async def choose(parts: Parts, engine: DigestEngine) -> None:
    """Tick once, and leave a note of how long what took; writing a batch and choosing the next overlap."""
    spent: Counter[str] = Counter()
    note(spent, "who is due", parts.store.subscriptions, "due")
    note(spent, "what was shown", candidates, "shown_in_channels")
    note(spent, "choosing", engine, "_choose")
    note(spent, "writing digests beside it", parts.store.ledger, "keep")
    note(spent, "making jobs", parts.queue, "nudge")
    note(spent, IN_ALL, engine, "tick")
    await engine.tick()
    await parts.store.secrets.put_note(CHOSEN, json.dumps(spent))


async def is_done(store: PostgresStore) -> bool:
    """Whether everything is chosen and delivered."""
    return await store.secrets.get_note(CHOSEN) is not None and await store.ledger.next_try() is None


async def work(parts: Parts, engine: DigestEngine | None) -> None:
    """Deliver until all is done, and choose if there is an engine."""
    running = asyncio.create_task(parts.queue.run())
    if engine is not None:
        await choose(parts, engine)
    while not await is_done(parts.store):
        await asyncio.sleep(LOOK_SECONDS)
    running.cancel()
    await asyncio.wait([running])


async def main() -> None:
    """Read the job, rank what one chooses from, and work on a signal."""
    job, outlet = json.loads(sys.argv[1]), AtOnce()
    outlet.threads = False
    async with delivering(job, outlet) as parts:
        engine = None
        if job["chooses"]:
            used = {"notices": parts.notices, "outlets": {outlet.name: outlet}, "queue": parts.queue}
            engine = DigestEngine(parts.store, (), parts.clock, **used)
            await engine.fresh_shortlist(parts.clock())
        await on_start(work(parts, engine))


if __name__ == "__main__":
    asyncio.run(main())
