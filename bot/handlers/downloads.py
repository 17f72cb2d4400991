"""Signed links to a person's reading list, for pages: as a file for a week, as a feed until the person resets it.

Who has a link has the list. A feed's link is kept as a note of the person, which `forget me` erases; only the link that
is kept there opens the feed.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

from bot.errors import GoneError, UserError
from bot.model import Channel, File, SavedPaper
from bot.ports import Clock
from bot.store import Store
from bot.store.encryption import LinkKind, LinkSigner
from bot.wording.club_calendar import calendar_file
from bot.wording.export import FORMATS, export_file

KIND = LinkKind(
    "paperboy reading list",
    good_for=timedelta(days=7),
    token_max=400,  # ours have about a hundred
    broken="This link is incomplete. Copy all of it, or type /papers saved export for a new one.",
    expired="This link has expired. Type /papers saved export for a new one.",
)
FEED = LinkKind(
    "paperboy reading list feed",
    good_for=timedelta(0),  # it has no end, and is read by `read_expired`
    token_max=400,
    broken="This address of a feed is incomplete. Type /papers saved feed to see all of it.",
    expired="",
)
FEED_ENTRIES = 50
_FEED_ENDED = "This address of a feed was given up for a new one. Type /papers saved feed to see that."
CALENDAR_KIND = LinkKind(
    "paperboy journal club",
    good_for=timedelta(days=7),
    token_max=400,
    broken="This link is incomplete. Copy all of it, or press Calendar file for a new one.",
    expired="This link has expired. Press Calendar file for a new one.",
)
_EMPTY = "There is nothing on this reading list any more."


class SignedDownloads:
    """Implements `ports.Downloads`."""

    def __init__(self, store: Store, keys: Sequence[str], base_url: str, clock: Clock) -> None:
        self._lists, self._notes = store.reading_lists, store.secrets
        self._feed_signer = LinkSigner(keys, clock, FEED)
        self._clubs, self._clock = store.clubs, clock
        self._base_url = base_url.rstrip("/")
        self._signer = LinkSigner(keys, clock, KIND)
        self._calendar_signer = LinkSigner(keys, clock, CALENDAR_KIND)

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

    def calendar_url(self, meeting: str) -> str:
        """URL of the date of a journal club's meeting as a file."""
        return f"{self._base_url}/journal-club/{self._calendar_signer.token([meeting])}"

    async def calendar(self, token: str) -> File:
        """The file of a link to a meeting, as it is now. Raises UserError with the remedy."""
        details = await self._clubs.meeting(str(self._calendar_signer.read(token)[0]))
        if details is None:
            raise GoneError("This meeting is not stored any more.")
        return await asyncio.to_thread(calendar_file, details, self._clock())

    async def feed_url(self, user: Channel, *, reset: bool = False) -> str:
        """URL of a person's reading list as a feed: the same until it is reset, which ends the one before."""
        token = self._feed_signer.token([user, secrets.token_urlsafe(8)])  # a new one, whatever the clock says
        kept = token if reset else await self._notes.first_note(_feed_note(user), token)
        if reset or not self._opens(kept, user):  # signed with a key that is gone
            kept = token
            await self._notes.put_note(_feed_note(user), token)
        return f"{self._base_url}/reading-list/feed/{kept}"

    def _opens(self, token: str, user: Channel) -> bool:
        try:
            return bool(self._feed_signer.read_expired(token)[0] == user)
        except UserError:
            return False

    async def feed(self, token: str) -> tuple[SavedPaper, ...]:
        """The latest entries behind the link of a feed. Raises UserError; GoneError for a link that was given up."""
        user = Channel(self._feed_signer.read_expired(token)[0])
        kept = await self._notes.get_note(_feed_note(user))
        if kept is None or not hmac.compare_digest(kept.encode(), token.encode()):
            raise GoneError(_FEED_ENDED)
        return tuple((await self._lists.entries(user))[:FEED_ENTRIES])


def _feed_note(user: Channel) -> str:
    return f"{user} feed"
