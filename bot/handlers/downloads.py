"""Signed links to files of one person, for pages: who has a link has the file, for a week."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from itsdangerous import BadData, SignatureExpired

from bot.errors import UserError
from bot.model import Channel, File
from bot.ports import Clock
from bot.store import Store
from bot.store.encryption import timed_serializer
from bot.wording.export import FORMATS, export_file

GOOD_FOR = timedelta(days=7)
MAX_TOKEN_LENGTH = 400
"""Characters; ours have about a hundred."""
SALT = "paperboy reading list"
"""Keeps a token for another purpose from being read as one of these."""
_BROKEN = "This link is not whole: copy all of it, or type /papers saved export for a new one."
_EXPIRED = "This link is out of date: type /papers saved export for a new one."
_EMPTY = "There is nothing on this reading list any more."


class SignedDownloads:
    """Implements `ports.Downloads`."""

    def __init__(self, store: Store, keys: Sequence[str], base_url: str, clock: Clock) -> None:
        self._people = store.people
        self._base_url = base_url.rstrip("/")
        self._serializer = timed_serializer(keys, SALT, clock)

    def url(self, user: Channel, file_format: str) -> str:
        """URL of a person's reading list as a file, in a format of `bot.wording.export`."""
        return f"{self._base_url}/reading-list/{self._serializer.dumps([user, file_format])}"

    async def file(self, token: str) -> File:
        """The file of a link, as the list is now. Raises UserError with the remedy."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise UserError(_BROKEN)
        try:
            user, file_format = self._serializer.loads(token, max_age=int(GOOD_FOR.total_seconds()))
        except SignatureExpired:
            raise UserError(_EXPIRED) from None
        except BadData:
            raise UserError(_BROKEN) from None
        papers = await self._people.reading_list(Channel(user))
        if not papers or file_format not in FORMATS:
            raise UserError(_EMPTY)
        return await asyncio.to_thread(export_file, papers, file_format)
