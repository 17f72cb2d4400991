"""StoreRevisions of the store, by which a process learns that another one changed it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import NamedTuple, Protocol


class StoreRevision(NamedTuple):
    """Numbers that grow with every change of the index, and with every collection."""

    indexed: int
    collections: int


class Changes(Protocol):
    """Changes of what processes keep in memory: the index, and what is ranked from a collection."""

    async def mark_collected(self) -> int:
        """Count a collection, so that every process ranks anew. Returns the number."""

    def follow(self) -> AsyncGenerator[StoreRevision, None]:
        """The revision now, then each one that some process made, soon after its change; the latest of several.

        Endless, also while the database cannot be reached; close it.
        """
