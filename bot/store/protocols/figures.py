"""Counts of a store for monitoring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from bot.model import SourceReport


class StoreFigures(NamedTuple):
    """Counts of one moment."""

    reports: Sequence[SourceReport]
    """The latest fetch of each source."""
    channels: Mapping[tuple[str, str], int]
    """Subscriptions by platform and state: `active`, `paused` by request, `unreachable`."""
    papers: int
    observations: int
    """Both about, where there are millions."""
    queued: int
    """Digests with messages to post."""
    oldest_due: datetime | None
    """When the oldest of them was due."""


class Figures(Protocol):
    """Reads the counts."""

    async def read(self) -> StoreFigures:
        """All of them in one query."""
