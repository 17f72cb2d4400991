"""Keys of PAPERBOY_SECRET_KEY: tokens are stored encrypted, links are signed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from bot.errors import SettingsError
from bot.ports import Clock


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
        " first), or, if it is lost, erase those tokens with `paperboy key --drop` and install the app again"
    )


def timed_serializer(keys: Sequence[str], salt: str, clock: Clock) -> URLSafeTimedSerializer:
    """Signer of values in links, with the time; the first key signs, all verify. One `salt` a purpose."""

    class ClockSigner(TimestampSigner):
        """Takes the time from `clock`."""

        def get_timestamp(self) -> int:
            """Unix seconds."""
            return int(clock().timestamp())

    return URLSafeTimedSerializer(
        list(reversed(keys)),  # itsdangerous signs with the last one
        salt=salt,
        signer=ClockSigner,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
