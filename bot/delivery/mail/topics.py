"""Strictness of the topics of a digest by mail: shown on its settings page, and moved by buttons there."""

from __future__ import annotations

from dataclasses import replace

from bot.delivery.mail.links import Links, Purpose
from bot.delivery.mail.reader import subscription_of
from bot.errors import UserError
from bot.model import Caller, Channel, Lessons, Message, Subscription
from bot.model.mailbox import mail_channel
from bot.ports import Desk
from bot.ranking.topic_votes import followed_votes, with_votes
from bot.store import Store
from bot.wording.topics import MOVES, movable_topics

COMMANDS = frozenset(command for _, command, _ in MOVES)


class MailTopics:
    """The topics of a subscriber, for the holder of a preferences token."""

    def __init__(self, store: Store, desk: Desk, links: Links) -> None:
        self._store = store
        self._desk = desk
        self._links = links

    async def show(self, token: str, digest: str = "") -> Message:
        """An item for each topic that can match more or less strictly, with its buttons."""
        channel = self._channel(token)
        subscription = await self._subscription(channel, digest)
        return movable_topics(subscription, followed_votes(subscription, await self._lessons(channel)))

    async def move(self, token: str, button: str) -> Message:
        """Do what a button says, its value as the page writes it. Raises UserError."""
        channel = self._channel(token)
        subscriptions = await self._store.subscriptions.of(channel)
        command, level, topic = [*button.split(":", 2), "", ""][:3]
        if command not in COMMANDS:
            raise UserError("This page has no such button. Please use one of those that it shows.")
        if not any(topic in each.topics for each in subscriptions):
            raise UserError("That topic is not among yours any more. Save it in the form, then it can be moved.")
        answer = await self._desk.run(
            command, Caller(channel, channel, may_manage=True), {"topic": topic, "strictness": level}
        )
        assert isinstance(answer, Message)  # noqa: S101 - these commands have no form
        return answer

    async def as_matched(self, subscription: Subscription, token: str) -> Subscription:
        """A subscription of unsaved answers with the thresholds of those of its topics that are followed."""
        channel = self._channel(token)
        stored = await self._subscription(channel)
        followed = replace(subscription, thresholds=stored.thresholds)
        return with_votes(followed, await self._lessons(channel))

    async def _lessons(self, channel: Channel) -> Lessons:
        return (await self._store.feedback.lessons((channel,))).get(channel, Lessons())

    async def _subscription(self, channel: Channel, name: str = "") -> Subscription:
        return subscription_of(await self._store.subscriptions.of(channel), name)

    def _channel(self, token: str) -> Channel:
        return mail_channel(self._links.read(Purpose.PREFERENCES, token))
