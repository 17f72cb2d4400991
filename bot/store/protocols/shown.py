"""Queries of what a channel was shown, and where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bot.model import Channel, ShownPaper


class Shown(Protocol):
    """Papers that a channel was shown, by digests and other posts alike."""

    async def ids(self, channel: Channel) -> list[str]:
        """Ids of all papers that a channel was shown, the latest last."""

    async def last(self, channel: Channel, ids: Iterable[str]) -> dict[str, ShownPaper]:
        """Latest messages that showed a channel these papers; a paper that it was not shown is left out."""
