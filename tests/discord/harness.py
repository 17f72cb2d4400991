"""A Discord front connected to the fake, its notes, and a whole Paperboy behind it.

async with server(tmp_path) as s:                      # a server with #channel-2001 and #channel-2002
    reply = await s.command("search", query="video")
    replies = await s.digest()
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.discord import DiscordClient, DiscordFront, DiscordOutlet
from bot.model import Channel, Subscription
from bot.ports import Desk
from tests.discord import fake
from tests.discord.fake import TOKEN, FakeDiscord, Guild, Posted
from tests.discord.fake.interactions import Reply
from tests.harness.engine import Backend, running_backend


@dataclass
class Notes:
    """Notes in memory."""

    texts: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    async def put_note(self, name: str, text: str) -> None:
        self.texts[name] = text

    async def get_note(self, name: str) -> str | None:
        return self.texts.get(name)

    async def notes(self, prefix: str) -> dict[str, str]:
        return {name: text for name, text in self.texts.items() if name.startswith(prefix)}

    async def delete_note(self, name: str) -> None:
        self.texts.pop(name, None)

    async def use_once(self, name: str, until: datetime) -> bool:
        is_new = name not in self.used
        self.used.add(name)
        return is_new

    async def unuse(self, name: str) -> None:
        self.used.discard(name)


@contextlib.asynccontextmanager
async def connected(
    discord: FakeDiscord, desk: Desk, notes: Notes | None = None, **options: Any
) -> AsyncIterator[DiscordFront]:
    """Run a front and wait until it is connected."""
    client = DiscordClient(TOKEN, discord.api_url)  # sets the address of the REST API
    front = DiscordFront(TOKEN, notes or Notes(), **options)
    serving = asyncio.create_task(front.serve(desk))
    try:
        await discord.until(lambda: discord.gateway.is_connected or serving.done())
        if serving.done():
            serving.result()
        yield front
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await client.close()


class Log(logging.Handler):
    """Lines that the adapter logs, as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._lines.put_nowait(record.getMessage())

    async def next(self) -> str:
        """The next line; a minute at most."""
        async with asyncio.timeout(60):
            return await self._lines.get()

    @property
    def rest(self) -> int:
        """Number of lines that were not taken."""
        return self._lines.qsize()


@contextlib.contextmanager
def logged() -> Iterator[Log]:
    """Follow the adapter's log."""
    log, handler = logging.getLogger("paperboy.discord"), Log()
    log.addHandler(handler)
    try:
        yield handler
    finally:
        log.removeHandler(handler)


@dataclass
class Server:
    """A server with two channels, people and a Paperboy."""

    discord: FakeDiscord
    guild: Guild
    channel: fake.Channel
    other_channel: fake.Channel
    backend: Backend
    front: DiscordFront
    ada: str = "42"
    ben: str = "43"

    async def command(self, words: str, channel: fake.Channel | None = None, *, by: str = "", **options: Any) -> Reply:
        """`/papers words options`, in the first channel unless said otherwise."""
        return await self.discord.interactions.command(by or self.ada, channel or self.channel, words, **options)

    async def click(self, message: Posted | None, label: str, *, by: str = "", **how: Any) -> Reply:
        """Press the button with this label, also if it is in the message's menu."""
        assert message is not None
        labels = {button["label"] for button in message.buttons}
        if label not in labels and "More…" in labels:
            message = (await self.click(message, "More…", by=by)).message
            assert message is not None
        return await self.discord.interactions.click(by or self.ada, message, label, **how)

    async def digest(self, channel: fake.Channel | None = None) -> list[Posted]:
        """Subscribe the channel and let a day pass: the replies of its digest."""
        channel = channel or self.channel
        await self.command("subscribe", channel, size=3)
        self.backend.clock.advance(days=1)
        await self.backend.deliver()
        opener = delivered(channel)[-1]
        return self.discord.channels[opener.id].messages

    async def subscription(self, channel: fake.Channel | None = None) -> Subscription | None:
        """The channel's subscription in the store."""
        channel = channel or self.channel
        assert channel.guild is not None
        return await self.backend.store.subscriptions.get(Channel(f"discord:{channel.guild.id}/{channel.id}"))


def delivered(channel: fake.Channel) -> list[Posted]:
    """What was delivered to a channel; lines about changes have no nonce."""
    return [post for post in channel.messages if "nonce" in post.raw]


@contextlib.asynccontextmanager
async def server(
    path: Path, discord: FakeDiscord | None = None, notes: Notes | None = None, **options: Any
) -> AsyncIterator[Server]:
    """Run a connected Paperboy, on a Discord of its own by default; `options` are the front's."""
    async with contextlib.AsyncExitStack() as stack:
        discord = discord or await stack.enter_async_context(FakeDiscord())
        guild = discord.guild("1001", "2001", "2002")
        client = DiscordClient(TOKEN, discord.api_url)
        stack.push_async_callback(client.close)
        notes = notes or Notes()
        backend = stack.enter_context(running_backend(path, {"discord": DiscordOutlet(client, notes)}))
        front = await stack.enter_async_context(connected(discord, backend.desk, notes, **options))
        yield Server(discord, guild, discord.channels["2001"], discord.channels["2002"], backend, front)
