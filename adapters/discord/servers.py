"""Which servers Paperboy was in when it last looked: what came and went while it was not running is noticed so."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Protocol

SERVERS = "discord servers"
"""The note's name."""


class Notes(Protocol):
    """Short texts that are no secret, kept in the database."""

    async def note(self, name: str, text: str) -> None:
        """Keep one."""
        ...

    async def noted(self, name: str) -> str | None:
        """What was kept."""
        ...


class Servers:
    """Ids, as a note."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: set[int] | None = None

    async def add(self, server: int) -> bool:
        """Remember one; whether it was new."""
        known = await self._all()
        new = server not in known
        known.add(server)
        return new

    async def remove(self, server: int) -> None:
        """Forget one."""
        (await self._all()).discard(server)
        await self.keep()

    async def missing(self, here: Iterable[int]) -> list[int]:
        """Those that are known and not here."""
        return sorted(await self._all() - set(here))

    async def keep(self) -> None:
        """Write them down."""
        await self._notes.note(SERVERS, json.dumps(sorted(await self._all())))

    async def _all(self) -> set[int]:
        if self._known is None:
            self._known = set(json.loads(await self._notes.noted(SERVERS) or "[]"))
        return self._known
