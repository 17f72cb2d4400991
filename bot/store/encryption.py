"""Keys of PAPERBOY_SECRET_KEY: tokens are stored encrypted, mail links are signed."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet

from bot.errors import SettingsError


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
