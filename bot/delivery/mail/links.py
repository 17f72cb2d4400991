"""Links that need no account: signed, each for one purpose, each with an end. Several keys are accepted, one signs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from bot.errors import SettingsError, UserError
from bot.store.encryption import cipher

LONGEST_TOKEN = 200
"""Characters; ours have about eighty."""


class Purpose(StrEnum):
    """What a link is for; also the first part of its path."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"


GOOD_FOR = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.PREFERENCES: timedelta(days=90),
    Purpose.UNSUBSCRIBE: timedelta(days=730),
}
"""A mail is kept for years, and whoever finds it again must still be able to leave."""


class Links:
    """Makes and reads them."""

    def __init__(self, keys: Sequence[str], base: str, clock: Callable[[], datetime]) -> None:
        """Of the keys the first signs. Raises SettingsError without a usable one."""
        if cipher(keys) is None:
            raise SettingsError(("PAPERBOY_SECRET_KEY is missing: `paperboy key` makes one; it signs the links",))
        self._base = base.rstrip("/")
        self._signers = {purpose: _serializer(keys, purpose, clock) for purpose in Purpose}

    def url(self, purpose: Purpose, subscriber: int) -> str:
        """The address of a page about this subscriber."""
        return f"{self._base}/{purpose}/{self._signers[purpose].dumps(subscriber)}"

    def read(self, purpose: Purpose, token: str) -> int:
        """The subscriber a token is about. Raises UserError saying what to do instead."""
        if len(token) > LONGEST_TOKEN:
            raise UserError(_BROKEN)
        try:
            subscriber = self._signers[purpose].loads(token, max_age=int(GOOD_FOR[purpose].total_seconds()))
        except SignatureExpired:
            raise UserError(_EXPIRED[purpose]) from None
        except BadData:
            raise UserError(_BROKEN) from None
        return int(subscriber)


_BROKEN = "This link is not whole: copy all of it from the mail."
_EXPIRED = {
    Purpose.CONFIRM: "This link is out of date: subscribe again, and use the new one within three days.",
    Purpose.PREFERENCES: "This link is out of date: use the one in your latest digest.",
    Purpose.UNSUBSCRIBE: "This link is out of date: use the one in your latest digest.",
}


def _serializer(keys: Sequence[str], purpose: Purpose, clock: Callable[[], datetime]) -> URLSafeTimedSerializer:
    class Clocked(TimestampSigner):
        """Takes the time from our clock."""

        def get_timestamp(self) -> int:
            """Unix seconds."""
            return int(clock().timestamp())

    how: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    oldest_first = list(reversed(keys))  # itsdangerous signs with the last one
    return URLSafeTimedSerializer(oldest_first, salt=f"paperboy mail {purpose}", signer=Clocked, signer_kwargs=how)
