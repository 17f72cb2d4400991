"""Servers that the bot was in when it last ran, to notice what changed since."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Protocol

from adapters.shares import UsedNames

SERVER = "discord server "
"""Beside the id of a server: the name of its note."""


class Notes(UsedNames, Protocol):
    """Short texts kept in the database by name; not for secrets."""

    async def put_note(self, name: str, text: str) -> None:
        """Store a text, or replace it."""

    async def get_note(self, name: str) -> str | None:
        """The text; None if there is none."""

    async def notes(self, prefix: str) -> dict[str, str]:
        """Texts by name, of the names that begin with a prefix."""

    async def delete_note(self, name: str) -> None:
        """Delete a text, if there is one."""


class Servers:
    """Servers with a note each, which says which bot is in it; those of one shard are in the hand of one process.

    With the token of another bot none is known: servers that this one is not in have not removed it. Back with the
    first token, all its servers are new, so that what could not be reached meanwhile goes on.
    """

    def __init__(
        self, notes: Notes, bot: Callable[[], int], is_own: Callable[[int], bool] = lambda _server: True
    ) -> None:
        """`bot` returns the id of the bot that is logged in, `is_own` whether a server's events come here."""
        self._notes, self._bot, self._is_own = notes, bot, is_own
        self._waits: dict[int, bool] | None = None
        """Whether the hello of each server waits for its first command."""
        self._loading = asyncio.Lock()

    async def add(self, server: int, *, waits: bool = False) -> bool:
        """Add a server; returns whether it is new. `waits`: its hello comes with the first command."""
        servers = await self._load()
        is_new = server not in servers
        if is_new:
            await self._save(servers, server, waits=waits)
        return is_new

    async def welcome(self, server: int) -> bool:
        """Whether the hello of a server has waited for this command; it waits no longer."""
        servers = await self._load()
        waited = servers.get(server, False)
        if waited:
            await self._save(servers, server, waits=False)
        return waited

    async def remove(self, server: int) -> None:
        """Remove a server."""
        (await self._load()).pop(server, None)
        await self._notes.delete_note(f"{SERVER}{server}")

    async def missing(self, present: Iterable[int]) -> list[int]:
        """Known servers that are not among the present ones, ascending."""
        return sorted((await self._load()).keys() - set(present))

    async def _save(self, servers: dict[int, bool], server: int, *, waits: bool) -> None:
        servers[server] = waits
        await self._notes.put_note(f"{SERVER}{server}", json.dumps({"bot": self._bot(), "waits": waits}))

    async def _load(self) -> dict[int, bool]:
        async with self._loading:
            if self._waits is None:
                self._waits = {}
                for name, text in (await self._notes.notes(SERVER)).items():
                    note, server = json.loads(text), int(name.removeprefix(SERVER))
                    if note["bot"] != self._bot():
                        await self._notes.delete_note(name)
                    elif self._is_own(server):
                        self._waits[server] = bool(note["waits"])
        return self._waits
