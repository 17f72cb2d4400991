"""Papers that people of a channel linked to, which digests name instead of repeating them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.paper import Paper


@dataclass(frozen=True, slots=True)
class LinkedPaper:
    """A paper that somebody linked to in a channel."""

    paper: Paper
    by: str
    """The person's name as others read it there; empty if the platform did not say, or they had it erased."""
    at: datetime
