"""Queries and changes of people's connections to Zotero."""

from __future__ import annotations

from datetime import datetime, time
from typing import Protocol

from bot.model import Channel
from bot.model.zotero import ZoteroAccount, ZoteroPlace, ZoteroSave


class Zotero(Protocol):
    """Connections to Zotero and the papers on their way there, which `People.save` adds and `unsave` takes back."""

    async def connect(self, account: ZoteroAccount) -> None:
        """Store a connection in place of an older one, whose daily message stays.

        Papers that wait are tried again at once.
        """

    async def account(self, user: Channel) -> ZoteroAccount | None:
        """A person's connection."""

    async def choose(self, user: Channel, place: ZoteroPlace) -> None:
        """Change where papers go; those that wait are tried again at once, and another library is read anew."""

    async def set_daily(self, user: Channel, at: time | None, timezone: str, now: datetime) -> None:
        """Set the hour of a person's daily message; None for no more."""

    async def dailies(self) -> list[ZoteroAccount]:
        """Connections with a daily message whose library has been read."""

    async def disconnect(self, user: Channel) -> bool:
        """Erase a person's connection, key and papers that wait. False if there was none."""

    async def waiting(self, user: Channel) -> int:
        """How many of a person's papers are on their way."""

    async def due_saves(self, now: datetime, limit: int) -> list[ZoteroSave]:
        """Papers to be put into Zotero now, the oldest first; none of a connection that is stopped."""

    async def settle_save(self, user: Channel, paper_id: str) -> None:
        """Record that a paper is in Zotero, or that it is given up."""

    async def postpone_save(self, user: Channel, paper_id: str, until: datetime) -> None:
        """Try a paper again later. Counts an attempt."""

    async def due_readings(self, now: datetime, limit: int) -> list[ZoteroAccount]:
        """Connections whose library is to be read now."""

    async def record_reading(self, account: ZoteroAccount, following: datetime) -> None:
        """Store version, profile and time of a reading, and when the next one is due.

        Passed over if the person disconnected or chose another library meanwhile.
        """

    async def forget_other_models(self, model: str) -> None:
        """Erase the profiles that another embedding model made; their libraries are read anew."""

    async def postpone_reading(self, user: Channel, until: datetime) -> None:
        """Read a library later."""

    async def record_fault(self, user: Channel, fault: str, *, stopped: bool = False) -> bool:
        """Store what keeps papers from arriving, empty for nothing. True if that is news to the person."""
