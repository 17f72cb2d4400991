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
from adapters.discord.servers import SERVER
from bot.commands import parse_line
from bot.model import Channel, Message
from bot.store import Secrets
from bot.store.sqlite import SqliteStore
from tests.bench import fanout
from tests.bench.fanout import Job, Posts, Reply, Workload
from tests.bench.figures import Row
from tests.bench.scale import Scale
from tests.bench.side_process import side
from tests.discord.fake import APPLICATION, TOKEN
from tests.fakes.process import FakeProcess, fake_process

COMMAND_CHANNEL = "999"
CHANNELS_PER_SERVER = 100
FIRST, FIRST_SERVER = 2_001, 1_001


class FakeDiscord:
    """The fake Discord of the tests, in its own process."""

    def __init__(self, discord: FakeProcess) -> None:
        self._discord = discord

    async def setup(self, workload: Workload) -> Job:
        """Make as many servers as the channels need, and one for commands."""
        servers = -(-len(workload.channels) // CHANNELS_PER_SERVER)
        await self._discord.do("setup", channels=len(workload.channels), servers=servers, command_channel=True)
        return {"token": TOKEN, "api_url": self._discord.api_url}

    async def connected(self) -> bool:
        """Whether a bot is connected to the gateway."""
        return bool((await self._discord.see("spent"))["connected"])

    async def cpu_seconds(self) -> float:
        """CPU seconds the fake has used."""
        return float((await self._discord.see("spent"))["cpu"])

    async def posted(self) -> int:
        """Number of messages with a nonce."""
        return int((await self._discord.see("spent"))["posts"])

    async def posts(self, channel: Channel) -> Posts:
        """Text, key and whether it opens a thread, of each post."""
        posts = await self._discord.see("posts", place=channel.rpartition("/")[2])
        return [(post["text"], post["raw"]["nonce"], post["under"] is None) for post in posts]

    async def command(self, line: str) -> Reply:
        """Send a typed line as a command with its options."""
        words, options = parse_line(line)
        reply: Any = await self._discord.do("command", channel=COMMAND_CHANNEL, words=words, options=options)
        return Reply(reply["acked"], reply["text"])


class Discord:
    """Discord as `fanout.Platform`."""

    name, sdk = "discord", "discord.py"
    app, bare = "tests.bench.discord_app", "tests.bench.discord_bare"

    def channels(self, number: int) -> tuple[Channel, ...]:
        """Addresses, a hundred in each server."""
        return tuple(
            Channel(f"discord:{FIRST_SERVER + each // CHANNELS_PER_SERVER}/{FIRST + each}") for each in range(number)
        )

    def payload(self, message: Message) -> Job:
        """Payload without the key on its buttons."""
        return payload(message)

    async def prepare(self, secrets: Secrets, channels: Sequence[Channel]) -> None:
        """Mark all servers as greeted."""
        await save_servers(secrets, len(channels))

    @asynccontextmanager
    async def fake_process(self, latency: float) -> AsyncIterator[FakeDiscord]:
        """Start the fake in a process."""
        async with fake_process("tests.discord.fake", latency=latency) as discord:
            yield FakeDiscord(discord)


async def save_servers(secrets: Secrets, channels: int) -> None:
    """Store the servers as greeted."""
    servers = range(FIRST_SERVER, FIRST_SERVER - (-channels // CHANNELS_PER_SERVER) + 1)
    for server in servers:
        await secrets.put_note(f"{SERVER}{server}", json.dumps({"bot": int(APPLICATION), "waits": False}))


def measure(scale: Scale) -> Iterator[Row]:
    """Rate, acknowledgements and memory at the target's size; the rate and memory at others; memory at rest."""
    yield from fanout.measure(Discord(), scale.discord_channels, scale.discord_more, scale)
    for servers in scale.discord_servers:
        peak = asyncio.run(_at_rest(servers))
        yield Row("discord", f"peak memory in {servers:,} servers of ten channels, at rest", f"{peak:.0f} MB")


async def _at_rest(servers: int) -> float:
    """Peak memory in MB of a Paperboy that is connected and has nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.db"
        with SqliteStore(path, write=True) as store:
            await save_servers(store.secrets, servers * CHANNELS_PER_SERVER)
        async with fake_process("tests.discord.fake") as discord:
            await discord.do("setup", channels=servers * 10, servers=servers)
            job = {"token": TOKEN, "api_url": discord.api_url, "path": str(path)}
            async with side(Discord.app, job) as process:
                async with asyncio.timeout(fanout.TIMEOUT):
                    while (await discord.see("spent"))["identified"] < 1:
                        await asyncio.sleep(0.05)
                return (await process.start()).peak
