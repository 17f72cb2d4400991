"""Queries and changes of the papers that people link to in channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.model import Channel
from bot.model.linked import LinkedPaper


class Links(Protocol):
    """Papers that people linked to in channels that want cards for them. They count as shown there."""

    async def record(  # noqa: PLR0913, PLR0917 - a link is exactly these facts
        self, channel: Channel, user: Channel, name: str, papers: Sequence[str], day: date, now: datetime
    ) -> list[str]:
        """Record that a person linked to stored papers. Returns those that are new there on that day."""

    async def since(self, channels: Iterable[Channel], since: datetime) -> dict[Channel, tuple[LinkedPaper, ...]]:
        """Papers linked to in each channel since a time, by their first link, that nothing else has shown there."""
