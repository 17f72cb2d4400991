"""Messages of a channel or thread, read page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from adapters.discord import limits
from adapters.discord.blocks import Json
from adapters.discord.client import DiscordClient, snowflake_at
from bot.errors import CannotTell

MAX_PAGES = 20
"""Pages of 100 messages that are read."""


async def history(client: DiscordClient, target: str, since: datetime) -> AsyncGenerator[Json, None]:
    """Messages written in a channel or thread since then, oldest page first. Raises CannotTell after MAX_PAGES."""
    after = snowflake_at(since.timestamp())
    for _ in range(MAX_PAGES):
        params: dict[str, str | int] = {"limit": limits.HISTORY_PAGE, "after": after}
        page: list[Any] = await client.call("GET", "/channels/{channel_id}/messages", params=params, channel_id=target)
        for message in page:
            yield message
        if len(page) < limits.HISTORY_PAGE:
            return
        after = str(max(int(message["id"]) for message in page))
    raise CannotTell("too much was written in the channel since to look through all of it")
