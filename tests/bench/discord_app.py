"""Paperboy in a process of its own: posts what its ledger holds to Discord, and answers commands over the gateway."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from adapters.discord import DiscordClient, DiscordFront, DiscordOutlet
from bot.app import runtime
from bot.store.sqlite import SqliteStore
from tests.bench.side_process import on_start
from tests.bench.wiring import House


async def deliver_all(job: dict[str, Any]) -> None:
    """Deliver until the ledger is empty, answering commands meanwhile."""
    runtime.tune()
    with SqliteStore(Path(job["path"]), write=True) as store:
        client = DiscordClient(job["token"], job["api_url"])
        front = DiscordFront(job["token"], store.secrets)
        house = House(store, outlet=DiscordOutlet(client))
        await house.engine.fresh_shortlist(house.clock())  # collecting ends with this
        serving = asyncio.create_task(front.serve(house.desk))
        try:
            await on_start(house.queue.drain())
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            await client.close()


if __name__ == "__main__":
    asyncio.run(deliver_all(json.loads(sys.argv[1])))
