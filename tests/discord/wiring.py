"""A Discord front in front of the fake, and what it keeps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from adapters.discord import DiscordFront, Wire
from bot.ports import Desk
from tests.discord.fake import TOKEN, FakeDiscord


@dataclass
class Notes:
    """Notes in memory."""

    kept: dict[str, str] = field(default_factory=dict)

    async def note(self, name: str, text: str) -> None:
        self.kept[name] = text

    async def noted(self, name: str) -> str | None:
        return self.kept.get(name)


@contextlib.asynccontextmanager
async def hearing(discord: FakeDiscord, desk: Desk, notes: Notes | None = None) -> AsyncIterator[DiscordFront]:
    """A front that is connected."""
    wire = Wire(TOKEN, discord.api_url)  # says where Discord is
    front = DiscordFront(TOKEN, notes or Notes())
    serving = asyncio.create_task(front.serve(desk))
    try:
        await discord.until(lambda: discord.gateway.is_up or serving.done())
        if serving.done():
            serving.result()
        yield front
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await wire.close()
