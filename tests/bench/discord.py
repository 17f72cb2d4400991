"""The fan-out to Discord beside discord.py alone, and what Paperboy takes in one server and in two thousand."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.discord.blocks import payload
from adapters.discord.servers import SERVERS
from bot.commands import parse_line
from bot.model import Channel, Message
from bot.store.protocols import Secrets
from bot.store.sqlite import SqliteStore
from tests.bench import fanout
from tests.bench.fanout import Job, Reply, Shown, Town
from tests.bench.figures import Row
from tests.bench.scale import Scale
from tests.bench.side_process import side
from tests.discord.fake import TOKEN
from tests.fakes.process import FakeProcess, fake_process

ASKED = "999"
IN_A_SERVER = 100
"""Channels."""
FIRST, FIRST_SERVER = 2_001, 1_001


class FakeDiscord:
    """The fake of our tests."""

    def __init__(self, discord: FakeProcess) -> None:
        self._discord = discord

    async def setup(self, town: Town) -> Job:
        """As many servers as the channels need, and one where people ask."""
        servers = -(-len(town.channels) // IN_A_SERVER)
        await self._discord.do("setup", channels=len(town.channels), servers=servers, command_channel=True)
        return {"token": TOKEN, "api_url": self._discord.api_url}

    async def connected(self) -> bool:
        """Whether the gateway has somebody."""
        return bool((await self._discord.see("spent"))["connected"])

    async def spent(self) -> float:
        """Seconds of CPU."""
        return float((await self._discord.see("spent"))["cpu"])

    async def taken(self) -> int:
        """Messages with a nonce."""
        return int((await self._discord.see("spent"))["posts"])

    async def shown(self, channel: Channel) -> Shown:
        """What is read, its key, and whether it opens a thread."""
        posts = await self._discord.see("posts", place=channel.rpartition("/")[2])
        return [(post["text"], post["raw"]["nonce"], post["under"] is None) for post in posts]

    async def command(self, line: str) -> Reply:
        """A typed line as a command with its options."""
        words, options = parse_line(line)
        reply: Any = await self._discord.do("command", channel=ASKED, words=words, options=options)
        return Reply(reply["acked"], reply["text"])


class Discord:
    """The platform."""

    name, sdk = "discord", "discord.py"
    app, bare = "tests.bench.discord_app", "tests.bench.discord_bare"

    def channels(self, number: int) -> tuple[Channel, ...]:
        """A hundred in each server."""
        return tuple(Channel(f"discord:{FIRST_SERVER + each // IN_A_SERVER}/{FIRST + each}") for each in range(number))

    def payload(self, message: Message) -> Job:
        """Without the key on its buttons."""
        return payload(message)

    async def prepare(self, safe: Secrets, channels: Sequence[Channel]) -> None:
        """It has said hello on all servers."""
        await known(safe, len(channels))

    @asynccontextmanager
    async def apart(self, latency: float) -> AsyncIterator[FakeDiscord]:
        """Start it."""
        async with fake_process("tests.discord.fake", latency=latency) as discord:
            yield FakeDiscord(discord)


async def known(safe: Secrets, channels: int) -> None:
    """Note the servers as known."""
    servers = range(FIRST_SERVER, FIRST_SERVER - (-channels // IN_A_SERVER) + 1)
    await safe.put_note(SERVERS, json.dumps(list(servers)))


def measure(scale: Scale) -> Iterator[Row]:
    """Rate, acknowledgements and memory at the target's size; the rate and memory at others; memory at rest."""
    yield from fanout.measure(Discord(), scale.discord_channels, scale.discord_more, scale)
    for servers in scale.discord_servers:
        peak = asyncio.run(_at_rest(servers))
        yield Row("discord", f"peak memory in {servers:,} servers of ten channels, at rest", f"{peak:.0f} MB")


async def _at_rest(servers: int) -> float:
    """MB of a Paperboy that is connected and has nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.db"
        with SqliteStore(path, write=True) as store:
            await known(store.secrets, servers * IN_A_SERVER)
        async with fake_process("tests.discord.fake") as discord:
            await discord.do("setup", channels=servers * 10, servers=servers)
            job = {"token": TOKEN, "api_url": discord.api_url, "path": str(path)}
            async with side(Discord.app, job) as process:
                async with asyncio.timeout(fanout.PATIENCE):
                    while (await discord.see("spent"))["identified"] < 1:
                        await asyncio.sleep(0.05)
                return (await process.goes()).peak
