"""Signed links for readers without an account: each for one purpose and a limited time. One key signs, all verify."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from bot.errors import SettingsError
from bot.ports import Clock
from bot.store.encryption import LinkKind, LinkSigner, cipher
from bot.wording.mail import LINK_INCOMPLETE

MAX_TOKEN_LENGTH = 200
"""Characters; ours have about eighty."""


class Purpose(StrEnum):
    """Purpose of a link, and the first part of its path."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"
    READER = "reader"
    """Read digests and papers, vote, save, pause."""


GOOD_FOR = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.PREFERENCES: timedelta(days=90),
    Purpose.UNSUBSCRIBE: timedelta(days=730),
    Purpose.READER: timedelta(days=90),
}
"""Unsubscribing outlasts the others: mail is kept for years, and an old one must still offer a way to leave."""

_EXPIRED = "This link has expired. Use the one in your latest e-mail, or have a new one sent to you."


class Links:
    """Signs and verifies links."""

    def __init__(self, keys: Sequence[str], base_url: str, clock: Clock) -> None:
        """The first key signs. Raises SettingsError without a usable one."""
        if cipher(keys) is None:
            raise SettingsError(("PAPERBOY_SECRET_KEY is missing: `paperboy key` makes one; it signs the links",))
        self._base_url = base_url.rstrip("/")
        self._signers = {purpose: LinkSigner(keys, clock, _kind(purpose)) for purpose in Purpose}

    def url(self, purpose: Purpose, subscriber: int) -> str:
        """URL of a subscriber's page for this purpose."""
        return self.url_of(purpose, self._signers[purpose].token(subscriber))

    def url_of(self, purpose: Purpose, token: str) -> str:
        """URL of the page for a token that was made before."""
        return f"{self._base_url}/{purpose}/{token}"

    def read(self, purpose: Purpose, token: str) -> int:
        """The subscriber's number in a token. Raises UserError with the remedy."""
        return int(self._signers[purpose].read(token))

    def read_expired(self, purpose: Purpose, token: str) -> int:
        """The subscriber's number in a token of any age. Raises UserError with the remedy."""
        return int(self._signers[purpose].read_expired(token))


def _kind(purpose: Purpose) -> LinkKind:
    return LinkKind(f"paperboy mail {purpose}", GOOD_FOR[purpose], MAX_TOKEN_LENGTH, LINK_INCOMPLETE, _EXPIRED)
