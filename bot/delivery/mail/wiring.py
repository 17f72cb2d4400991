"""The parts of mail, put together around an adapter that `bot.app.wiring` found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.delivery.mail.bounces import Bounces, Patient
from bot.delivery.mail.letters import Letters
from bot.delivery.mail.links import Links
from bot.delivery.mail.signup import MailDesk, PostOffice

if TYPE_CHECKING:
    from bot.ports import Clock, Desk
    from bot.store import Store


@dataclass(frozen=True, slots=True)
class Mail:
    """What digests by mail take."""

    outlet: Patient
    letters: Letters
    links: Links
    bounces: Bounces
    close: Callable[[], Awaitable[None]]
    """Gives the connections back."""

    def desk(self, store: Store, desk: Desk, clock: Clock, key: str) -> MailDesk:
        """What pages may ask. `key` keeps addresses and clients out of the counts of who asked."""
        return MailDesk(store, desk, links=self.links, letters=self.letters, bounces=self.bounces, clock=clock, key=key)


def wire(store: Store, keys: Sequence[str], base: str, clock: Clock, connect: Callable[[PostOffice], Any]) -> Mail:
    """Everything around the outlet that `connect` makes. Raises SettingsError, its own and the adapter's."""
    office = PostOffice(store)
    outlet = connect(office)  # first: it names everything that is missing at once
    office.links = links = Links(keys, base, clock)
    bounces = Bounces(store)
    return Mail(Patient(outlet, bounces), Letters(store, links, outlet, clock), links, bounces, outlet.wire.close)
