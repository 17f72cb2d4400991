"""Tokens by which a program acts for one person in one channel.

A token names the person and the channel, and has a random secret. Only a hash of the secret is stored, in a note of the
person, which `forget me` erases; a new token takes the place of the one before.
"""

from __future__ import annotations

import asyncio
import binascii
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from bot.errors import CannotTell, DeliveryError, Failure, UnansweredError, UserError
from bot.model import Caller, Channel, SavedPaper, Subscription, platform
from bot.model.subscription import labelled
from bot.ports import Clock, Outlet
from bot.ports.membership import MemberDirectory
from bot.store import Store

PREFIX = "paperboy_"
"""What every token begins with, so that the log and scanners of secrets know one."""
TOKEN_MAX = 400
"""Characters; ours have about a hundred."""
GOOD_FOR = timedelta(days=180)
SECRET_BYTES = 32
ANSWERED_WITHIN = 10.0
"""Seconds that a platform has to say whether a person is in a channel."""
GONE = frozenset({Failure.CHANNEL_GONE, Failure.WORKSPACE_CLOSED, Failure.WORKSPACE_GONE})
"""Failures of a platform's answer after which nobody reads the channel through Paperboy."""
INVALID = "This token opens nothing, or no longer. Type /papers mcp token in the channel for a new one."
LEFT = (
    "This token opens nothing while you, or Paperboy, are not in its channel. Come back, or type /papers mcp token in"
    " another channel."
)
UNANSWERED = "It can't be found out just now whether you are still in the channel of this token. Try again in a minute."


class _Grant(NamedTuple):
    """The stored part of a token: a hash of its secret, and its last day."""

    until: date
    """The last day on which it opens anything."""
    hashed: str


class PersonalTokens:
    """Implements `ports.PersonalAccess`; a person who has left the channel is refused, where its platform says so."""

    def __init__(self, store: Store, clock: Clock, outlets: Mapping[str, Outlet]) -> None:
        self._store, self._clock, self._outlets = store, clock, outlets

    async def new_token(self, caller: Caller) -> tuple[str, date]:
        """A token for the caller in this channel, and its last day; the one before opens nothing any more."""
        secret, until = secrets.token_urlsafe(SECRET_BYTES), (self._clock() + GOOD_FOR).date()
        await self._store.secrets.put_note(_note(caller.user, caller.channel), f"{until} {_hash(secret)}")
        owner = urlsafe_b64encode(f"{caller.user}\n{caller.channel}".encode()).decode().rstrip("=")
        return f"{PREFIX}{owner}.{secret}", until

    async def good_until(self, caller: Caller) -> date | None:
        """The last day of the caller's token for this channel; None if there is none that opens anything."""
        grant = await self._grant(caller.user, caller.channel)
        return grant.until if grant else None

    async def revoke(self, caller: Caller) -> None:
        """End the caller's token for this channel."""
        await self._store.secrets.delete_note(_note(caller.user, caller.channel))

    async def holder(self, token: str) -> Caller:
        """The person and the channel of a token, without the rights of a manager. Raises UserError."""
        owner, _, secret = token.removeprefix(PREFIX).partition(".")
        if not token.startswith(PREFIX) or len(token) > TOKEN_MAX or not secret:
            raise UserError(INVALID)
        try:
            user, channel = urlsafe_b64decode(owner + "=" * (-len(owner) % 4)).decode().split("\n")
        except (ValueError, binascii.Error):
            raise UserError(INVALID) from None
        if not f"{user}{channel}".isprintable():  # PostgreSQL takes no text with a NUL
            raise UserError(INVALID)
        grant = await self._grant(Channel(user), Channel(channel))
        if grant is None or not hmac.compare_digest(grant.hashed, _hash(secret)):
            raise UserError(INVALID)
        if not await self._is_member(Channel(channel), Channel(user)):
            raise UserError(LEFT)
        return Caller(Channel(channel), Channel(user), direct=user == channel)

    async def digests(self, token: str) -> tuple[Subscription, ...]:
        """The subscriptions of the token's channel. Raises UserError."""
        caller = await self.holder(token)
        return labelled(await self._store.subscriptions.of(caller.channel))

    async def reading_list(self, token: str) -> tuple[SavedPaper, ...]:
        """The reading list of the token's person, latest first. Raises UserError."""
        caller = await self.holder(token)
        return tuple(await self._store.reading_lists.entries(caller.user))

    async def _is_member(self, channel: Channel, person: Channel) -> bool:
        """Whether a person is in a channel; True where its platform does not tell. Raises UnansweredError."""
        outlet = self._outlets.get(platform(channel))
        if channel == person or not isinstance(outlet, MemberDirectory):
            return True
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                return await outlet.is_member(channel, person)
        except CannotTell:
            return True
        except (DeliveryError, TimeoutError) as error:
            if isinstance(error, DeliveryError) and error.kind in GONE:
                return False
            raise UnansweredError(UNANSWERED) from None

    async def _grant(self, user: Channel, channel: Channel) -> _Grant | None:
        until, _, hashed = (await self._store.secrets.get_note(_note(user, channel)) or "").partition(" ")
        if not hashed or (last := date.fromisoformat(until)) < self._clock().date():
            return None
        return _Grant(last, hashed)


def _note(user: Channel, channel: Channel) -> str:
    return f"{user} mcp {channel}"


def _hash(secret: str) -> str:
    # The secret has 256 random bits: nothing is won by a slow hash, which is for what people choose.
    return hashlib.sha256(secret.encode()).hexdigest()
