"""Names of the threads that start from openers."""

from __future__ import annotations

import discord
from cachetools import LRUCache

from adapters.discord import limits
from adapters.discord.client import DiscordClient
from adapters.discord.markup import one_line
from adapters.text import truncate, utf16
from bot.model import Ref

DEFAULT = "Papers"
MAX_REMEMBERED = 2_000
"""Openers whose title is remembered until their thread starts."""


class ThreadNames:
    """An opener's title; if another process posted it, its first line on Discord."""

    def __init__(self, client: DiscordClient) -> None:
        self._client = client
        self._titles: LRUCache[Ref, str] = LRUCache(MAX_REMEMBERED)

    def remember(self, opener: Ref, title: str) -> None:
        """Keep the title of an opener until its thread has started."""
        self._titles[opener] = thread_name(title)

    async def take(self, channel_id: str, opener: Ref) -> str:
        """The name for an opener's thread, which is forgotten. Raises what discord.py raises."""
        if opener in self._titles:
            return self._titles.pop(opener)
        path = "/channels/{channel_id}/messages/{message_id}"
        try:
            message = await self._client.call("GET", path, channel_id=channel_id, message_id=str(opener))
        except discord.Forbidden:
            return DEFAULT  # without Read Message History
        text = next((part.get("content") or "" for part in message.get("components") or ()), "")
        return thread_name(text.partition("\n")[0].lstrip("# ").replace("\\", ""))


def thread_name(title: str) -> str:
    """A title as the name of a thread, within Discord's limit."""
    return truncate(one_line(title), limits.THREAD_NAME, utf16) or DEFAULT
