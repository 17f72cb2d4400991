"""Queries for weekly recaps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bot.model import Channel
from bot.model.recap import RecapPlace, WeekOfChannel


class Recaps(Protocol):
    """Which channels have a recap, and what happened in them."""

    async def places(self) -> list[RecapPlace]:
        """Channels with a recap and a digest."""

    async def place(self, channel: Channel) -> RecapPlace | None:
        """A channel, whether or not it has a recap; None if it has no digest."""

    async def weeks(
        self, channels: Iterable[Channel], since: datetime, until: datetime
    ) -> dict[Channel, WeekOfChannel]:
        """Papers that were liked, are to be discussed or got code, by channel, from a time up to another.

        Channels where nothing was are left out.
        """
