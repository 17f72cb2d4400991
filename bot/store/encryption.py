"""Keys of PAPERBOY_SECRET_KEY: tokens are stored encrypted, links are signed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from bot.errors import ExpiredLinkError, SettingsError, UserError
from bot.ports import Clock

_NOT_IN_TOKENS = re.compile(r"[^A-Za-z0-9_.-]+")
"""What mail programs put into a link that they break over lines: white space, `=`, `>`."""


def new_key() -> str:
    """A key for PAPERBOY_SECRET_KEY."""
    return Fernet.generate_key().decode()


def cipher(keys: Sequence[str]) -> MultiFernet | None:
    """Cipher that encrypts with the first key and decrypts with any; None without keys. Raises SettingsError."""
    try:
        return MultiFernet([Fernet(key) for key in keys]) if keys else None
    except ValueError:
        remedy = "PAPERBOY_SECRET_KEY: not a key; `paperboy key` makes one (of several the newest comes first)"
        raise SettingsError((remedy,)) from None


def lost_key_fault(number: int) -> str:
    """The fault of so many stored tokens that no key decrypts, with both remedies."""
    tokens = "1 stored token" if number == 1 else f"{number} stored tokens"
    return (
        f"PAPERBOY_SECRET_KEY: no key in it decrypts {tokens}; put the earlier key back (several keys work, the newest"
        " first), or, if it is lost, erase those tokens with `paperboy key --drop`, install the app again,"
        " and have people connect Zotero again"
    )


@dataclass(frozen=True, slots=True)
class LinkKind:
    """Limits of the links for one purpose, and what is said of a link that cannot be read."""

    salt: str
    """Keeps a token for another purpose from being read as one of these."""
    good_for: timedelta
    token_max: int
    """Characters of a token."""
    broken: str
    expired: str


class LinkSigner:
    """Signs values in links of one kind, with the time; the first key signs, all verify."""

    def __init__(self, keys: Sequence[str], clock: Clock, kind: LinkKind) -> None:
        class ClockSigner(TimestampSigner):
            """Takes the time from `clock`."""

            def get_timestamp(self) -> int:
                """Unix seconds."""
                return int(clock().timestamp())

        self._kind = kind
        self._serializer = URLSafeTimedSerializer(
            list(reversed(keys)),  # itsdangerous signs with the last one
            salt=kind.salt,
            signer=ClockSigner,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def token(self, value: object) -> str:
        """A signed token with a value of JSON."""
        return str(self._serializer.dumps(value))

    def read(self, token: str) -> Any:
        """The value in a token. Raises UserError with the remedy; ExpiredLinkError for one out of date."""
        try:
            return self._load(token, max_age=int(self._kind.good_for.total_seconds()))
        except SignatureExpired:
            raise ExpiredLinkError(self._kind.expired) from None

    def read_expired(self, token: str) -> Any:
        """The value in a token of any age. Raises UserError with the remedy."""
        return self._load(token, max_age=None)

    def _load(self, token: str, max_age: int | None) -> Any:
        """The value in a token, which may have been broken over lines. Raises UserError and SignatureExpired."""
        try:
            if len(token) <= self._kind.token_max:
                return self._serializer.loads(_NOT_IN_TOKENS.sub("", token), max_age=max_age)
        except SignatureExpired:
            raise
        except BadData:
            pass
        raise UserError(self._kind.broken)
