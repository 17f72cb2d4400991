"""Queries and changes of watches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from bot.model import Channel, Watch


class Watches(Protocol):
    """Topics whose papers are posted when they come."""

    async def of(self, channels: Iterable[Channel]) -> list[Watch]:
        """Watches of these channels, by channel and the time when they were set."""

    async def running(self) -> list[Watch]:
        """Watches that are not stopped, of all channels but those whose every digest is paused."""

    async def lines(self) -> set[str]:
        """Lines of the watches that are not stopped."""

    async def put(self, watch: Watch, most: int) -> bool:
        """Store a watch, new or changed. False, and nothing changes, if its channel has `most` others."""

    async def remove(self, channel: Channel, line: str) -> bool:
        """Delete a watch. False if there was none."""

    async def stop(self, channel: Channel, at: datetime, reason: str) -> list[Watch]:
        """Stop a channel's watches. Returns those that were running."""

    async def restart(self, where: Channel, at: datetime, reasons: Collection[str]) -> None:
        """Let stopped watches of a channel, or of all of a workspace, bring what comes from now on.

        With `reasons`, those alone whose reason begins with one of them.
        """
