"""What pages ask about mail, and what its outlet asks: whom to write to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot import wording
from bot.commands import read_answers
from bot.delivery.mail import limits
from bot.delivery.mail.address import name_of, read_address
from bot.delivery.mail.links import Links, Purpose
from bot.errors import UserError
from bot.model import Caller, Channel, Form, Mailbox, Message, Subscription, SubscriptionChanges, schedule
from bot.model.mailbox import RequestLimit, Subscriber, mail_channel, subscriber_id

if TYPE_CHECKING:
    from bot.delivery.mail.bounces import Bounces
    from bot.delivery.mail.letters import Letters
    from bot.ports import Clock, Desk
    from bot.store import Store

NOWHERE = Channel("mail:0")
"""Of a wish that is nobody's yet."""


class PostOffice:
    """Implements `ports.Mailboxes`: who may be written to, and the links that go along."""

    def __init__(self, store: Store, links: Links | None = None) -> None:
        self.links = links
        self._subscribers = store.subscribers

    async def mailbox(self, channel: Channel) -> Mailbox | None:
        """The address behind a channel; None unless it is confirmed."""
        found = await self._subscribers.get(subscriber_id(channel))
        if found is None or found.confirmed_at is None or self.links is None:
            return None
        preferences = self.links.url(Purpose.PREFERENCES, found.id)
        return Mailbox(found.address, preferences, self.links.url(Purpose.UNSUBSCRIBE, found.id))


class MailDesk:
    """Implements `ports.Mailing`."""

    def __init__(  # noqa: PLR0913 - it stands between exactly these
        self, store: Store, desk: Desk, *, links: Links, letters: Letters, bounces: Bounces, clock: Clock, key: str
    ) -> None:
        self._store = store
        self._subscribers = store.subscribers
        self._desk = desk
        self._links = links
        self._letters = letters
        self._bounces = bounces
        self._clock = clock
        self._key = key

    def form(self, filled: Mapping[str, str] | None = None) -> Form:
        """The questions of a subscription, the address first; filled in, with what is wrong under each."""
        blank = wording.mail_form(Subscription(NOWHERE))
        return blank if filled is None else _read(blank.filled(filled))[0]

    async def request(self, filled: Mapping[str, str], client: str | None) -> Message | Form:
        """Have a letter with a link written, unless there were too many."""
        form = self.form(filled)
        if form.faults:
            return form
        now, address = self._clock(), read_address(filled.get("address", ""))
        if client is not None:
            await self._count(client, now)
        if await self._subscribers.ask(_bounds(limits.inbox(self._key, address), limits.AN_INBOX), now) is None:
            wish = {each.name: each.value for each in form.fields if each.name != "address"}
            await self._subscribers.write_to(address, name_of(address), wish, now)
            self._letters.wake()
        elif client is None:
            raise UserError("This address was written to a short while ago. Try again in ten minutes, or tomorrow.")
        return wording.mail_asked()

    async def _count(self, client: str, now: datetime) -> None:
        who = limits.client(self._key, client)
        everybody = _bounds(limits.everybody(self._key), limits.EVERYBODY)
        reached = await self._subscribers.ask((*_bounds(who, limits.A_CLIENT), *everybody), now)
        if reached == who:
            raise UserError("That was a lot of requests from here. Try again in an hour.")
        if reached is not None:
            raise UserError("Too many people are subscribing at the moment. Try again in an hour.")

    async def proposal(self, token: str) -> Message:
        """What confirming would start."""
        asked = await self._asked(token)
        if asked.confirmed_at is not None:
            return wording.mail_confirmed(await self._wish(asked.channel))
        return wording.mail_proposal(_wish(asked, self._clock()))

    async def confirm(self, token: str) -> Message:
        """Start the digests."""
        asked = await self._asked(token)
        now = self._clock()
        await self._subscribers.confirm(_wish(asked, now), now)
        return wording.mail_confirmed(await self._wish(asked.channel))

    async def preferences(self, token: str) -> Form:
        """The wish as it is."""
        return wording.mail_preferences(await self._wish(self._channel(token)))

    async def change(self, token: str, filled: Mapping[str, str]) -> Message | Form:
        """Save it, and go on with digests that had been paused."""
        channel = self._channel(token)
        form, changes = _read(wording.mail_preferences(await self._wish(channel)).filled(filled))
        if form.faults:
            return form
        caller = Caller(channel, channel, may_manage=True)
        await self._desk.apply(changes, caller)
        if (await self._wish(channel)).paused_at is not None:
            await self._bounces.forget(channel)
            await self._desk.run("resume", caller, {})
        return wording.mail_changed(await self._wish(channel))

    def way_out(self, token: str) -> str:
        """The page to unsubscribe on."""
        return self._links.url(Purpose.UNSUBSCRIBE, self._links.read(Purpose.PREFERENCES, token))

    async def leaving(self, token: str) -> Message:
        """What unsubscribing would end."""
        known = await self._subscribers.get(self._links.read(Purpose.UNSUBSCRIBE, token))
        return wording.mail_left() if known is None else wording.mail_leaving()

    async def unsubscribe(self, token: str) -> Message:
        """End it; also when it had ended."""
        await self.leave(self._links.read(Purpose.UNSUBSCRIBE, token))
        return wording.mail_left()

    async def leave(self, subscriber: int) -> bool:
        """Erase an address and end its subscription. False if there was none."""
        left = await self._subscribers.leave(subscriber)
        await self._bounces.forget(mail_channel(subscriber))
        return left

    # --- steps ----------------------------------------------------------------------------------------------------

    async def _asked(self, token: str) -> Subscriber:
        found = await self._subscribers.get(self._links.read(Purpose.CONFIRM, token))
        if found is None:
            raise UserError("Nothing waits to be confirmed here any more: subscribe again.")
        return found

    def _channel(self, token: str) -> Channel:
        return mail_channel(self._links.read(Purpose.PREFERENCES, token))

    async def _wish(self, channel: Channel) -> Subscription:
        wish = await self._store.subscriptions.get(channel)
        if wish is None:
            raise UserError("This subscription has ended. Subscribe again to get digests.")
        return wish


def _read(form: Form) -> tuple[Form, SubscriptionChanges]:
    """The form with the errors of its fields, and the changes that the fields without errors ask for."""
    answers = {field.name: field.value for field in form.fields}
    address = answers.pop("address", None)
    changes, faults = read_answers(answers)
    if address is not None:
        try:
            read_address(address)
        except UserError as error:
            faults["address"] = str(error)
    return form.with_faults(faults), changes


def _wish(asked: Subscriber, now: datetime) -> Subscription:
    """What was asked for, from now on. Nobody is told about it but its owner and the operator."""
    changes, faults = read_answers(asked.wish)
    if faults:
        raise UserError("; ".join(faults.values()))
    return schedule.scheduled(changes.apply(Subscription(asked.channel, set_at=now)), now)


def _bounds(who: str, allowed: Sequence[limits.Limit]) -> list[RequestLimit]:
    return [RequestLimit(who, each.most, each.within) for each in allowed]
