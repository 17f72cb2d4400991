"""Processes that are killed while they post to Discord.

`python -m tests.discord.delivery_process knows FOLDER [forum]`

The fake Discord runs in a process of its own, and forgets nonces at once, so that nothing but `find` prevents a second
message. `tests.processes.delivery_process` runs the scenarios, and `tests/discord/test_kill_delivery.py` checks them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

from adapters.discord import DiscordClient, DiscordOutlet
from adapters.discord.blocks import key_of
from bot.model import Channel
from tests.discord.fake import ALL, HISTORY, TOKEN
from tests.fakes.process import fake_server
from tests.processes.fake_platform import FakePlatform, main, unread_answers

if TYPE_CHECKING:
    from bot.ports import Outlet
    from tests.processes.crash_points import Finding, Steps

POSTED = re.compile(r"/channels/\d+/(messages|threads)$")


class DiscordPlatform(FakePlatform):
    """Two channels on Discord and the direct messages of the people who set them up."""

    channels: tuple[Channel, ...] = (Channel("discord:1001/2001"), Channel("discord:1001/2002"))

    def __init__(self, url: str, permissions: int, *, forum: bool) -> None:
        super().__init__(url)
        self.do("setup", channels=len(self.channels), permissions=permissions, forum=forum)

    def setter(self, channel: Channel) -> Channel:
        """Address of the person who set a channel up."""
        return Channel(f"discord:@/9{channel.rpartition('/')[2]}")

    @asynccontextmanager
    async def outlet(self, steps: Steps) -> AsyncIterator[Outlet]:
        """The real outlet, over real HTTP."""
        client = DiscordClient(TOKEN, f"{self.url}/api", trace=unread_answers(steps, _is_post))
        yield DiscordOutlet(client)
        await client.close()

    def record(self, post: dict[str, Any]) -> dict[str, str]:
        """A message as channel, ref, under, key and text."""
        place: str = post["place"]
        channel = f"discord:@/{place[1:]}" if place.startswith("@") else f"discord:1001/{place}"
        key = key_of(post["raw"]["components"]) or ""
        return {"channel": channel, "ref": post["id"], "under": post["under"], "key": key, "text": post["text"]}


def _is_post(request: aiohttp.TraceRequestEndParams) -> bool:
    return request.method == "POST" and POSTED.search(request.url.path) is not None


@contextmanager
def discord(finding: Finding) -> Iterator[DiscordPlatform]:
    """A fake Discord, of forums if the command line says so; it denies Read Message History for "cannot tell"."""
    with fake_server("tests.discord.fake", "--nonces-last", "0") as url:
        permissions = ALL & ~HISTORY if finding == "cannot tell" else ALL
        platform = DiscordPlatform(url, permissions, forum="forum" in sys.argv)
        platform.twice = finding == "knows" and "forum" not in sys.argv
        yield platform


if __name__ == "__main__":
    main(discord)
