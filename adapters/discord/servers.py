"""Servers that the bot was in when it last ran, to notice what changed since."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Protocol

SERVERS = "discord servers"
"""Name of the note."""


class Notes(Protocol):
    """Short texts kept in the database by name; not for secrets."""

    async def put_note(self, name: str, text: str) -> None:
        """Store a text, or replace it."""

    async def get_note(self, name: str) -> str | None:
        """The text; None if there is none."""


class Servers:
    """Set of server ids, saved as one note with the id of the bot that is in them.

    With the token of another bot the set starts empty: servers that this one is not in have not removed it. Back with
    the first token, all its servers are new, so that what could not be reached meanwhile goes on.
    """

    def __init__(self, notes: Notes, bot: Callable[[], int]) -> None:
        """`bot` returns the id of the bot that is logged in."""
        self._notes, self._bot = notes, bot
        self._ids: set[int] | None = None
        self._waiting: set[int] = set()
        """Servers whose hello waits for the first command."""
        self._outdated = False

    async def add(self, server: int, *, waits: bool = False) -> bool:
        """Add a server; returns whether it is new. `waits`: its hello comes with the first command."""
        ids = await self._load()
        is_new = server not in ids
        if is_new:
            self._waiting |= {server} if waits else set()
            await self._save(ids | {server})
        return is_new

    async def welcome(self, server: int) -> bool:
        """Whether the hello of a server has waited for this command; it waits no longer."""
        ids = await self._load()
        waited = server in self._waiting
        if waited:
            self._waiting.discard(server)
            await self._save(ids)
        return waited

    async def remove(self, server: int) -> None:
        """Remove a server."""
        self._waiting.discard(server)
        await self._save(await self._load() - {server})

    async def missing(self, present: Iterable[int]) -> list[int]:
        """Ids in the set that are not among the present ones, ascending."""
        ids = await self._load()
        if self._outdated:  # of whichever bot they were
            await self._save(ids & set(present))
            return []
        return sorted(ids - set(present))

    async def _save(self, ids: set[int]) -> None:
        self._ids = ids
        note = {"bot": self._bot(), "servers": sorted(ids), "waiting": sorted(self._waiting)}
        await self._notes.put_note(SERVERS, json.dumps(note))

    async def _load(self) -> set[int]:
        if self._ids is None:
            note = json.loads(await self._notes.get_note(SERVERS) or "{}")
            if isinstance(note, list):  # until 0.5.0
                note, self._outdated = {"bot": self._bot(), "servers": note}, True
            own = note if note.get("bot") == self._bot() else {}
            if self._ids is None:  # an event that was handled meanwhile may have loaded and changed them
                self._ids, self._waiting = set(own.get("servers", ())), set(own.get("waiting", ()))
        return self._ids
