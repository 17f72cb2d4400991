"""The peer of a fan-out, in a process of its own: slack_sdk alone, as many posts at once, no ledger and no wording."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Channel, delivery_key
from tests.bench.side_process import on_start


async def post_all(job: dict[str, Any]) -> None:
    """Each channel's thread in order, channels side by side, over one session: the SDK's own is a connection a post."""
    threads: list[Sequence[dict[str, Any]]] = json.loads(Path(job["threads"]).read_text(encoding="utf-8"))
    day, limit = date.fromisoformat(job["day"]), asyncio.Semaphore(job["at_once"])
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(job["bot_token"], base_url=job["api_url"], session=session)

        async def post(number: int, channel: str) -> None:
            under: dict[str, Any] = {}
            name = channel.rpartition("/")[2]
            for slot, message in enumerate(threads[number % len(threads)]):
                key = delivery_key(Channel(channel), day, slot)
                metadata = {"event_type": job["event_type"], "event_payload": {"key": key}}
                async with limit:
                    answer = await client.chat_postMessage(channel=name, **message, metadata=metadata, **under)
                under = under or {"thread_ts": answer["ts"], "reply_broadcast": False}

        async def work() -> None:
            await asyncio.gather(*(post(number, channel) for number, channel in enumerate(job["channels"])))

        await on_start(work())


if __name__ == "__main__":
    asyncio.run(post_all(json.loads(sys.argv[1])))
