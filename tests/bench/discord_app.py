"""Paperboy in a process of its own: posts what its ledger holds to Discord, and hears commands over the gateway."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from adapters.discord import DiscordClient, DiscordFront, DiscordOutlet
from bot.app import runtime
from bot.store.sqlite import SqliteStore
from tests.bench.side_process import turn
from tests.bench.wiring import House


async def deliver_all(job: dict[str, Any]) -> None:
    """Until the ledger is empty."""
    runtime.tune()
    with SqliteStore(Path(job["path"]), write=True) as store:
        wire = DiscordClient(job["token"], job["api_url"])
        front = DiscordFront(job["token"], store.secrets)
        house = House(store, outlet=DiscordOutlet(wire))
        await house.engine.fresh_shortlist(house.clock())  # a look at the sources ends with this
        serving = asyncio.create_task(front.serve(house.desk))
        try:
            await turn(house.deliverer.drain())
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            await wire.close()


if __name__ == "__main__":
    asyncio.run(deliver_all(json.loads(sys.argv[1])))
