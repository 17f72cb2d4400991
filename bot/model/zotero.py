"""People's connections to Zotero, and the papers that are on their way there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from bot.model.channel import Channel


@dataclass(frozen=True, slots=True)
class ZoteroPlace:
    """Destination of saved papers: a library or one of its collections."""

    library: str
    """As in the paths of Zotero's API: `users/475425`, `groups/12`."""
    name: str
    """`My Library`, `My Library / Reading`."""
    collection: str = ""
    """The collection's key; empty for the library itself."""


@dataclass(frozen=True, slots=True)
class ZoteroAccount:
    """One person's connection; the API key is a secret of its own."""

    user: Channel
    name: str
    """The account's name at Zotero."""
    place: ZoteroPlace
    connected_at: datetime
    fault: str = ""
    """What keeps papers from arriving, as the person was told; empty if nothing does."""
    stopped: bool = False
    """Whether nothing is tried until the person connects again: the key was refused."""
    version: int = 0
    """The library's version when it was read last."""
    read_at: datetime | None = None
    items: int = 0
    """Items that the profile is made of."""
    model: str = ""
    """The embedding model that made the profile."""
    daily_at: time | None = None
    """Hour of the daily message with the papers closest to the library; None: it does not come."""
    timezone: str = "UTC"
    daily_from: datetime | None = None
    """When the hour was set: earlier ones are not made up for."""
    profile: bytes = b""
    """The weighted mean of the items' vectors, float32; no text of the library is stored."""


@dataclass(frozen=True, slots=True)
class ZoteroSave:
    """A saved paper that is not in Zotero yet."""

    user: Channel
    paper_id: str
    saved_at: datetime
    attempts: int
