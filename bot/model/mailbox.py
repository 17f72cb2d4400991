"""The address behind a mail channel."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A confirmed address and the signed links that every mail to it carries. None of it is in any repr."""

    address: str = field(repr=False)
    preferences: str = field(repr=False)
    """URL of the page where the subscriber changes topics, hour and days."""
    unsubscribe: str = field(repr=False)
    """URL whose POST ends the subscription at once (RFC 8058); its GET asks first."""
