"""Where mail goes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A confirmed address and the signed links that every mail to it carries. None of it is in any repr."""

    address: str = field(repr=False)
    preferences: str = field(repr=False)
    """The page where its owner changes what comes."""
    unsubscribe: str = field(repr=False)
    """A POST to it ends the subscription at once (RFC 8058); a GET asks."""
