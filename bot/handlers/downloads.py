"""Signed links to files of one person, for pages: who has a link has the file, for a week."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from bot.errors import GoneError
from bot.model import Channel, File
from bot.ports import Clock
from bot.store import Store
from bot.store.encryption import LinkKind, LinkSigner
from bot.wording.export import FORMATS, export_file

KIND = LinkKind(
    "paperboy reading list",
    good_for=timedelta(days=7),
    token_max=400,  # ours have about a hundred
    broken="This link is incomplete. Copy all of it, or type /papers saved export for a new one.",
    expired="This link has expired. Type /papers saved export for a new one.",
)
_EMPTY = "There is nothing on this reading list any more."


class SignedDownloads:
    """Implements `ports.Downloads`."""

    def __init__(self, store: Store, keys: Sequence[str], base_url: str, clock: Clock) -> None:
        self._lists = store.reading_lists
        self._base_url = base_url.rstrip("/")
        self._signer = LinkSigner(keys, clock, KIND)

    def url(self, user: Channel, file_format: str) -> str:
        """URL of a person's reading list as a file, in a format of `bot.wording.export`."""
        return f"{self._base_url}/reading-list/{self._signer.token([user, file_format])}"

    async def file(self, token: str) -> File:
        """The file of a link, as the list is now. Raises UserError with the remedy."""
        user, file_format = self._signer.read(token)
        saved = await self._lists.entries(Channel(user))
        if not saved or file_format not in FORMATS:
            raise GoneError(_EMPTY)
        return await asyncio.to_thread(export_file, saved, file_format)
