"""Queries about papers that were shown and have changed since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bot.model.second_look import ShownPaper


class SecondLooks(Protocol):
    """Papers that changed, and where they were shown."""

    async def revised(self, since: datetime, field: str = "") -> list[str]:
        """Ids of papers that were shown in a channel and of which a field, or this one, has changed since a moment."""

    async def counted(self, since: datetime, least: Mapping[str, float]) -> dict[tuple[str, str], float]:
        """The latest counts, by paper and kind, that were read since a moment and are at least so high.

        Of papers that were shown in a channel. `least` is the lowest count of each kind.
        """

    async def shown(self, paper_id: str, since: datetime) -> list[ShownPaper]:
        """The channels that were shown a paper since a moment, whose digests run, each with its latest thread.

        Without those whose latest thread was never opened, or may have no replies.
        """

    async def shown_between(self, since: datetime, until: datetime) -> list[str]:
        """arXiv ids, in their order, of papers whose age date is in that span and that a channel was shown."""
