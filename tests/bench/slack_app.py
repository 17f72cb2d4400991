"""Paperboy in a process of its own: posts what its ledger holds to Slack, and answers commands over Socket Mode."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from adapters.slack.connect import SlackConfig, build
from bot.app import runtime
from bot.store.sqlite import SqliteStore
from tests.bench.side_process import on_start
from tests.bench.wiring import House


async def deliver_all(job: dict[str, Any]) -> None:
    """Deliver until the ledger is empty, without the second between two posts to a channel."""
    runtime.tune()
    with SqliteStore(Path(job["path"]), write=True) as store:
        tokens = {"bot_token": job["bot_token"], "app_token": job["app_token"]}
        config = SlackConfig(**tokens, api_url=job["api_url"], internal_app=True)
        outlet, front = build(config, store.secrets)
        outlet.pace = 0.0
        house = House(store, outlet=outlet)
        await house.engine.fresh_shortlist(house.clock())  # collecting ends with this
        serving = asyncio.create_task(front.serve(house.desk))
        try:
            await on_start(house.queue.drain())
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(deliver_all(json.loads(sys.argv[1])))
