"""Sign-up by mail with double opt-in: what pages and the command line ask, and what the outlet asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.commands import read_answers
from bot.delivery.mail import limits
from bot.delivery.mail.addresses import address_fault, address_key, read_address
from bot.delivery.mail.letters import LetterSender
from bot.delivery.mail.links import Links, Purpose
from bot.delivery.mail.reader import MailReader, subscription_of
from bot.delivery.mail.topics import MailTopics
from bot.errors import GoneError, TooManyRequestsError, UserError
from bot.model import (
    MOST_DIGESTS,
    Caller,
    Channel,
    FilledForm,
    Form,
    Mailbox,
    Message,
    Subscriber,
    Subscription,
    SubscriptionChanges,
    schedule,
)
from bot.model.mailbox import mail_channel, subscriber_id
from bot.model.subscription import labelled
from bot.ports import Clock, Desk
from bot.store import Store
from bot.wording import mail as wording
from bot.wording import mail_form as forms

EXAMPLES = 3
"""Papers that a preview names."""
NO_CHANNEL = Channel("mail:0")
"""Channel of the blank form's subscription."""


class SubscriberMailboxes:
    """Implements `ports.Mailboxes`: a confirmed subscriber's address with the links of every mail to it."""

    def __init__(self, store: Store, links: Links | None = None) -> None:
        self.links = links
        self._subscribers = store.subscribers

    async def mailbox(self, channel: Channel) -> Mailbox | None:
        """The mailbox of a channel; None unless its address is confirmed."""
        subscriber = await self._subscribers.get(subscriber_id(channel))
        if subscriber is None or subscriber.confirmed_at is None or self.links is None:
            return None
        return Mailbox(
            subscriber.address,
            preferences=self.links.url(Purpose.PREFERENCES, subscriber.id),
            unsubscribe=self.links.url(Purpose.UNSUBSCRIBE, subscriber.id),
            reader=self.links.url(Purpose.READER, subscriber.id),
        )


class MailSignup:
    """Implements `ports.Mailing`."""

    def __init__(  # noqa: PLR0913, PLR0917 - its collaborators, and the key of `limits`
        self,
        store: Store,
        desk: Desk,
        links: Links,
        letters: LetterSender,
        clock: Clock,
        key: str,
        days: frozenset[int],
    ) -> None:
        """`key` hashes the addresses and clients whose requests are counted; `days`: those of a new subscription."""
        self._subscribers, self._subscribed = store.subscribers, store.subscriptions
        self._people, self._channels = store.people, store.channels
        self._desk = desk
        self._links = links
        self._letters = letters
        self._clock = clock
        self._key = key
        self._days = days
        reader = MailReader(store, desk, links, clock)
        self.show, self.act, self.file, self.state = reader.show, reader.act, reader.file, reader.state
        self._subscription = reader.subscription
        self._topics = MailTopics(store, desk, links)
        self.topics, self.move_topic = self._topics.show, self._topics.move

    def form(self, answers: Mapping[str, str] | None = None) -> Form:
        """The sign-up form, the address first, filled in with answers."""
        blank = forms.mail_form(Subscription(NO_CHANNEL, days=self._days))
        return blank if answers is None else blank.filled(answers)

    async def preview(self, answers: Mapping[str, str], token: str | None = None) -> Message | Form:
        """The papers that the answers would have brought in the last week; invalid answers come back in the form."""
        form = forms.mail_preferences(Subscription(NO_CHANNEL))
        channel = NO_CHANNEL if token is None else self._channel(token)
        form, changes = await self._read(form.filled(answers), channel)
        if form.faults:
            return form
        subscription = changes.apply(Subscription(NO_CHANNEL))
        return await self._preview(await self._topics.as_matched(subscription, token) if token else subscription)

    async def _preview(self, subscription: Subscription) -> Message:
        assert self._desk.library is not None  # noqa: S101 - mail comes with pages
        return wording.mail_preview(await self._desk.library.week(subscription, limit=EXAMPLES))

    async def request(self, answers: Mapping[str, str], client: str | None) -> Message | Form:
        """Queue a confirmation letter. Raises UserError when there were too many requests."""
        form, _ = await self._read(self.form(answers), NO_CHANNEL)
        if form.faults:
            return form
        now, address = self._clock(), read_address(answers.get("address", ""))
        if not await self._letters.reaches(address):
            return form.with_faults({"address": wording.UNICODE_REFUSED})
        turn = 0 if client is None else await self._count_request(client, now)
        if await self._subscribers.count_request(limits.inbox_limits(self._key, address), now) is None:
            settings = {field.name: field.value for field in form.fields if field.name != "address"}
            await self._queue_letter(address, settings, turn, now)
            self._letters.wake()
        elif client is None:
            raise UserError("This address was written to a short while ago. Try again in ten minutes, or tomorrow.")
        return wording.mail_requested(address)

    async def _count_request(self, client: str, now: datetime) -> int:
        """The client's turn in the queue: its requests of a day. Raises UserError after too many."""
        client_limits = limits.client_limits(self._key, client)
        if await self._subscribers.count_request(client_limits, now) is not None:
            raise TooManyRequestsError("That was a lot of requests from here. Try again in an hour.")
        return await self._subscribers.requests(client_limits[-1].requester, now - limits.LONGEST_PERIOD)

    async def _queue_letter(self, address: str, settings: Mapping[str, str], turn: int, now: datetime) -> None:
        facts = (address, address_key(address), settings, now)
        if not await self._subscribers.request_letter(*facts, turn=turn, most_waiting=limits.MAX_WAITING):
            raise TooManyRequestsError("Very many people are subscribing at the moment. Try again in an hour.")

    async def renew(self, purpose: str, token: str, client: str) -> Message:
        """Queue a letter to the address behind a link that may have expired."""
        if purpose not in set(Purpose):
            raise UserError(wording.LINK_INCOMPLETE)
        number = self._links.read_expired(Purpose(purpose), token)
        now = self._clock()
        turn = await self._count_request(client, now)
        subscriber = await self._subscribers.get(number)
        if subscriber is None:
            raise GoneError("Nothing is stored for this link any more. Subscribe again to get digests.")
        limit = limits.inbox_limits(self._key, subscriber.address)
        if await self._subscribers.count_request(limit, now) is None:
            await self._queue_letter(subscriber.address, subscriber.answers, turn, now)
            self._letters.wake()
        return wording.mail_renewed()

    async def proposal(self, token: str) -> Message:
        """The subscription that confirming would start."""
        subscriber = await self._to_confirm(token)
        if subscriber.confirmed_at is not None:
            return await self._saved("Confirmed", subscriber.channel)
        subscription = self._requested(subscriber, self._clock())
        return wording.mail_proposal(subscription, await self._preview(subscription))

    async def confirm(self, token: str) -> Message:
        """Start the subscription; a second time changes nothing."""
        subscriber = await self._to_confirm(token)
        now = self._clock()
        first = replace(self._requested(subscriber, now), next_due=now)  # the first digest comes at once
        await self._subscribers.confirm(first, now)
        return await self._saved("Confirmed", subscriber.channel)

    async def preferences(self, token: str, digest: str = "", *, new: bool = False) -> Form:
        """The settings form of the subscription of a name, of the first, or of another one."""
        channel = self._channel(token)
        digests = labelled(await self._subscribed.of(channel))
        if new and len(digests) < MOST_DIGESTS:
            first = subscription_of(digests)
            another = Subscription(channel, name="", label="", days=self._days, timezone=first.timezone)
            return forms.mail_preferences(another, digests)
        pictures = (await self._channels.settings(channel)).mail_pictures
        return forms.mail_preferences(subscription_of(digests, digest), digests, pictures=pictures)

    async def change(self, token: str, answers: Mapping[str, str]) -> Message | Form:
        """Save the settings, and resume digests that were paused."""
        channel, is_new = self._channel(token), answers.get("new") == "yes"
        caller, name = Caller(channel, channel, may_manage=True), "" if is_new else answers.get("name", "")
        if answers.get("do") == "end" and len(await self._subscribed.of(channel)) > 1:
            await self._desk.run("unsubscribe", caller, {"name": name, "confirm": "yes"})
            return await self._saved("Saved", channel)
        filled = (await self.preferences(token, name, new=is_new)).filled(answers)
        form, changes = await self._read(filled, channel)
        if form.faults:
            return form
        await self._desk.apply(changes, caller)
        if "pictures" in answers:
            before = await self._channels.settings(channel)
            await self._channels.change(channel, before, replace(before, mail_pictures=answers["pictures"] == "on"))
        saved = await self._subscription(channel, changes.name or "")
        if saved.paused_at is not None:
            await self._subscribers.reset_bounces(channel)
            await self._desk.run("resume", caller, {"name": saved.name})
        return await self._saved("Saved", channel, saved.name)

    def unsubscribe_url(self, token: str) -> str:
        """URL of the unsubscribe page, for the holder of a preferences token."""
        return self._links.url(Purpose.UNSUBSCRIBE, self._links.read(Purpose.PREFERENCES, token))

    async def unsubscribe_question(self, token: str) -> Message:
        """The question before unsubscribing."""
        subscriber = await self._subscribers.get(self._links.read(Purpose.UNSUBSCRIBE, token))
        return wording.MAIL_UNSUBSCRIBED if subscriber is None else wording.MAIL_UNSUBSCRIBE_QUESTION

    async def unsubscribe(self, token: str) -> Message:
        """End the subscription and erase the address; a second time changes nothing."""
        subscriber = self._links.read(Purpose.UNSUBSCRIBE, token)
        await self._subscribers.remove(subscriber)
        await self._people.forget(mail_channel(subscriber))
        await self._subscribers.reset_bounces(mail_channel(subscriber))
        return wording.MAIL_UNSUBSCRIBED

    async def _to_confirm(self, token: str) -> Subscriber:
        subscriber = await self._subscribers.get(self._links.read(Purpose.CONFIRM, token))
        if subscriber is None:
            raise GoneError("Nothing waits to be confirmed here any more: subscribe again.")
        return subscriber

    def _channel(self, token: str) -> Channel:
        return mail_channel(self._links.read(Purpose.PREFERENCES, token))

    def _requested(self, subscriber: Subscriber, now: datetime) -> Subscription:
        """The subscription that was requested, from now on. Without `set_by`: its notices go to the reader alone."""
        changes, faults = read_answers(subscriber.answers)
        if faults:
            raise UserError("; ".join(faults.values()))
        default = Subscription(subscriber.channel, days=self._days, set_at=now)
        return schedule.with_next_due(changes.apply(default), now)

    async def _saved(self, done: str, channel: Channel, name: str = "") -> Message:
        preferences = self._links.url(Purpose.PREFERENCES, subscriber_id(channel))
        return wording.mail_saved(done, await self._subscription(channel, name), self._clock(), preferences)

    async def _read(self, form: Form, channel: Channel) -> tuple[Form, SubscriptionChanges]:
        """The form with the errors of its fields, and the changes that it asks for if it has none."""
        address = next((field.value for field in form.fields if field.name == "address"), None)
        others = {"address", forms.PICTURES.name}
        settings = replace(form, fields=tuple(field for field in form.fields if field.name not in others))
        changes = await self._desk.read(settings, channel)
        faults: dict[str, str] = {}
        assert not isinstance(changes, FilledForm), "mail has the settings form"  # noqa: S101 - made there
        if isinstance(changes, Form):
            faults = {field.name: field.error for field in changes.fields if field.error}
        if not isinstance(changes, SubscriptionChanges):
            changes = SubscriptionChanges()
        if any(field.name == "days" and not field.value.strip() for field in form.fields):
            faults["days"] = wording.NO_DAY
        if address is not None and (fault := address_fault(address)):
            faults["address"] = fault
        return form.with_faults(faults), changes
