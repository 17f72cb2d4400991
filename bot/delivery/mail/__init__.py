"""Digests by mail: sign-up with double opt-in, signed links, limits on requests, bounces.

    request ─► limits ─► store: waiting ─► run: claim ─► confirmation letter ─► confirm ─► Subscription of `mail:17`

This file puts the parts together around the outlet of `adapters.email`, whose README.md tells the whole.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.delivery.in_flight import STOP_SECONDS, InFlight
from bot.delivery.mail.bounces import BounceLimitedOutlet
from bot.delivery.mail.letters import LetterSender
from bot.delivery.mail.links import Links
from bot.delivery.mail.signup import MailSignup, SubscriberMailboxes
from bot.ports import Clock
from bot.store import Store

__all__ = ["MailParts", "MailSignup", "SubscriberMailboxes", "build_mail"]


@dataclass(frozen=True, slots=True)
class MailParts:
    """Everything that digests by mail need beside the engine."""

    outlet: BounceLimitedOutlet
    letters: LetterSender
    links: Links
    close: Callable[[], Awaitable[None]]
    """Closes the connections to the mail server."""


def build_mail(  # noqa: PLR0913, PLR0917 - its parts and their settings
    store: Store,
    keys: Sequence[str],
    base_url: str,
    clock: Clock,
    connect: Callable[[SubscriberMailboxes], Any],
    stop_seconds: float = STOP_SECONDS,
) -> MailParts:
    """The parts around the outlet that `connect` makes. Raises SettingsError."""
    mailboxes = SubscriberMailboxes(store)
    outlet = connect(mailboxes)  # before the links: its SettingsError names everything that is missing at once
    mailboxes.links = links = Links(keys, base_url, clock)
    letters = LetterSender(store, links, outlet, clock, InFlight(stop_seconds))
    return MailParts(BounceLimitedOutlet(outlet, store), letters, links, outlet.client.close)
