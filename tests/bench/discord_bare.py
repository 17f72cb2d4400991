"""The peer of a fan-out, in a process of its own: discord.py alone, as many posts at once, no ledger and no wording."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from discord.http import HTTPClient, Route

from bot.model import Channel, delivery_key
from tests.bench.side_process import on_start

MESSAGES = "/channels/{channel_id}/messages"
THREADS = MESSAGES + "/{message_id}/threads"


async def post_all(job: dict[str, Any]) -> None:
    """Each channel's thread in order, channels side by side."""
    threads: list[Sequence[dict[str, Any]]] = json.loads(Path(job["threads"]).read_text(encoding="utf-8"))
    day, limit = date.fromisoformat(job["day"]), asyncio.Semaphore(job["at_once"])
    Route.BASE = f"{job['api_url']}v10"
    http = HTTPClient(asyncio.get_running_loop())
    await http.static_login(job["token"])

    async def post(number: int, channel: str) -> None:
        thread = channel.rpartition("/")[2]
        for slot, message in enumerate(threads[number % len(threads)]):
            body = {**message, "nonce": delivery_key(Channel(channel), day, slot), "enforce_nonce": True}
            async with limit:
                sent = await http.request(Route("POST", MESSAGES, channel_id=thread), json=body)
            if not slot:
                start = Route("POST", THREADS, channel_id=thread, message_id=sent["id"])
                async with limit:
                    await http.request(start, json={"name": "Papers", "auto_archive_duration": 10_080})
                thread = sent["id"]

    async def work() -> None:
        await asyncio.gather(*(post(number, channel) for number, channel in enumerate(job["channels"])))

    await on_start(work())
    await http.close()


if __name__ == "__main__":
    asyncio.run(post_all(json.loads(sys.argv[1])))
