"""The Slack outlet: posts messages, finds them again by the key in their metadata, proves that it can post."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.membership import Memberships
from adapters.mentioned_groups import without_deleted
from adapters.slack import limits
from adapters.slack.blocks import ephemeral
from adapters.slack.failures import FAILURES, NOT_INSTALLED, TRANSPORT, delivery_error, error_code
from adapters.slack.installs import UnreadableTokenError
from adapters.slack.markup import Json
from adapters.slack.members import is_member
from adapters.slack.mentions import with_mentions
from adapters.slack.new_blocks import post_message
from adapters.slack.pacer import Pacer, Sleep
from adapters.slack.pictures import without_refused
from adapters.slack.proof import prove
from adapters.slack.repeats import repeated
from adapters.slack.usergroups import UserGroups
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Message, Ref, platform, workspace
from bot.ports import Claim, no_claim
from bot.ports.leases import Leases

log = logging.getLogger("paperboy.slack")

EVENT_TYPE = "paperboy_delivery"
"""Type of the metadata on a delivered message. Everybody in the workspace can read it: the key is no secret."""
THREAD_MISSING = frozenset({"thread_not_found", "message_not_found"})
MAX_PAGES = 20
"""Pages read at most; with one a minute the engine has given up by then."""

WorkspaceClient = Callable[[str], Awaitable[AsyncWebClient]]
"""Returns the client with the token of a workspace, by its id, its own retries off (`retry_handlers=[]`): they would
repeat posts whose fate is unknown. Raises LookupError where the app is not installed, UnreadableTokenError, and what
the SDK raises where it cannot be told whose token it is."""


class SlackOutlet:
    """Posts to the channels and people of any number of workspaces.

    `internal_app`: an app made by its own workspace may read history as often as it likes; others once a minute.
    `clock` tells monotonic seconds. `pace`: seconds between two messages to one channel. `leases`: where others
    share the store.
    """

    name = "slack"
    threads = True

    def __init__(  # noqa: PLR0913 - what it depends on, each by its name
        self,
        clients: WorkspaceClient,
        *,
        internal_app: bool = False,
        leases: Leases | None = None,
        memberships: Memberships | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.pace = limits.SECONDS_BETWEEN_POSTS
        self._clients = clients
        self._usergroups = UserGroups(clients)
        self.groups = self._usergroups.groups
        self._memberships = memberships or Memberships()
        self._page_size = limits.OBJECTS_IN_AN_INTERNAL_READ if internal_app else limits.OBJECTS_IN_A_READ
        self._sleep = sleep
        self._pacer = Pacer(0.0 if internal_app else limits.SECONDS_BETWEEN_READS, sleep, clock, leases)
        self._edits = Pacer(limits.SECONDS_BETWEEN_EDITS, sleep, clock, leases)
        self._conversations: dict[Channel, str] = {}
        self._authors: dict[str, frozenset[str]] = {}
        """Ids of the bot and of its user, by token: a reinstalled app may have others."""

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post one message; the Ref is its timestamp. Raises DeliveryError."""
        client, conversation = await self._target(channel)
        message = await without_deleted(self._usergroups, message, channel)
        place: Json = {} if under is None else {"thread_ts": str(under), "reply_broadcast": False}
        await claim()
        try:
            answer = await post_message(
                client,
                message,
                lambda body: client.chat_postMessage(channel=conversation, **_carrying(key, body, channel), **place),
            )
        except TRANSPORT as error:
            if plain := without_refused(message, error):
                await self._sleep(self.pace)
                return await self.post(channel, plain, under=under, key=key)
            raise delivery_error(error, reply=under is not None) from error
        ref = Ref(str(answer["ts"]))
        if under is not None and await self._is_outside_thread(client, conversation, answer, under):
            with suppress(*TRANSPORT):  # a failed deletion must not hide that the thread is gone
                await repeated(lambda: client.chat_delete(channel=conversation, ts=str(ref)), harmless=True)
            raise DeliveryError(*FAILURES["thread_not_found"])
        return ref

    async def edit(self, channel: Channel, ref: Ref, message: Message, *, under: Ref | None, key: str) -> None:
        """Put a message in the place of one of ours; an edit sends no notification. Raises DeliveryError."""
        client, conversation = await self._target(channel)
        await self._edits.wait((workspace(channel).partition(":")[2], "chat_update"))

        def update(body: Json) -> Awaitable[AsyncSlackResponse]:
            body = _carrying(key, body, channel)
            return client.chat_update(channel=conversation, ts=str(ref), metadata=body["metadata"], **ephemeral(body))

        try:
            await post_message(client, message, update)
        except TRANSPORT as error:
            if plain := without_refused(message, error):
                await self.edit(channel, ref, plain, under=under, key=key)
                return
            raise delivery_error(error) from error

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """The message with this key: an opener in the history since then, a reply in its thread.

        Where the thread is gone, a reply that Slack posted to the channel instead is deleted.
        Raises CannotTell without the history scope or outside the channel, DeliveryError(later).
        """
        try:
            return await self._find(channel, key, under, since)
        except TRANSPORT as error:
            if under is None or error_code(error) not in THREAD_MISSING:
                raise delivery_error(error).as_failed_search() from error
        stray = await self.find(channel, key, under=None, since=since)
        if stray is not None:
            await self.retract(channel, stray)
        return None

    async def _find(self, channel: Channel, key: str, under: Ref | None, since: datetime) -> Ref | None:
        client, conversation = await self._target(channel)
        authors, oldest = await self._own_ids(client), f"{since.timestamp():.6f}"
        async with aclosing(self._messages(client, workspace(channel), conversation, under, oldest)) as messages:
            async for message in messages:  # any app can write our metadata, so the author is compared too
                if _key(message) == key and authors & {message.get("bot_id"), message.get("user")}:
                    return Ref(str(message["ts"]))
        return None

    async def _own_ids(self, client: AsyncWebClient) -> frozenset[str]:
        token = client.token or ""
        if token not in self._authors:
            identity = await client.auth_test()
            self._authors[token] = frozenset(filter(None, (identity.get("bot_id"), identity.get("user_id"))))
        return self._authors[token]

    async def prove(self, channel: Channel) -> None:
        """Post an opener and a reply, and delete both. Raises DeliveryError with what is missing and the remedy."""
        await prove(self, channel, self._sleep)

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message; one that no longer exists counts as deleted. Raises DeliveryError."""
        client, conversation = await self._target(channel)
        try:
            await repeated(lambda: client.chat_delete(channel=conversation, ts=str(ref)), harmless=True)
        except TRANSPORT as error:
            if error_code(error) != "message_not_found":
                raise delivery_error(error) from error

    async def is_member(self, channel: Channel, person: Channel) -> bool:
        """Whether a person whose account is active is in a channel. Raises DeliveryError.

        Raises CannotTell of direct messages between several people, which take a scope that Paperboy has not, and of
        channels with more people than are read.
        """

        async def ask() -> bool:
            client, conversation = await self._target(channel)
            try:
                return await is_member(client, conversation, person.rpartition("/")[2])
            except TRANSPORT as error:
                if error_code(error) == "user_not_found":
                    return False
                failure = delivery_error(error).as_not_sent()
                raise CannotTell(failure.reason) if error_code(error) == "missing_scope" else failure from error

        return await self._memberships.look_up(channel, person, ask)

    async def link(self, channel: Channel, ref: Ref, *, opener: Ref | None) -> str | None:  # noqa: ARG002 - Slack knows
        """The permalink of a message. Raises DeliveryError.

        No scope is required (https://docs.slack.dev/reference/methods/chat.getPermalink).
        """
        client, conversation = await self._target(channel)
        try:
            answer = await client.chat_getPermalink(channel=conversation, message_ts=str(ref))
        except TRANSPORT as error:
            raise delivery_error(error) from error
        return str(answer["permalink"])

    async def _is_outside_thread(
        self, client: AsyncWebClient, conversation: str, answer: AsyncSlackResponse, under: Ref
    ) -> bool:
        """Whether this reply was posted to the channel: Slack does that, without a word, if its opener is gone.

        The answer then names no thread (https://github.com/slack-go/slack/issues/1571). As a server that never names
        one must not cost us the thread, the opener is asked for too.
        """
        message = answer.get("message")
        if isinstance(message, dict) and message.get("thread_ts") == str(under):
            return False
        try:
            await client.chat_getPermalink(channel=conversation, message_ts=str(under))
        except TRANSPORT as error:
            return error_code(error) == "message_not_found"
        return False

    async def _target(self, channel: Channel) -> tuple[AsyncWebClient, str]:
        """The workspace's client and the id to post to. Raises DeliveryError.

        A person's conversation is opened once, which may be repeated without harm.
        """
        team, target = workspace(channel).partition(":")[2], channel.rpartition("/")[2]
        if platform(channel) != self.name or not team or "/" not in channel:
            raise DeliveryError(Failure.CHANNEL_GONE, "this is no Slack address; it looks like slack:T1/C2")
        try:
            client = await self._clients(team)
        except LookupError:
            raise DeliveryError(Failure.WORKSPACE_CLOSED, NOT_INSTALLED) from None
        except UnreadableTokenError as error:  # the key is missing, not the workspace
            raise DeliveryError(Failure.LATER, str(error)) from None
        except TRANSPORT as error:  # whose token it is, Slack does not say: that proves nothing about this workspace
            failure = delivery_error(error)
            raise DeliveryError(Failure.LATER, failure.reason, retry_after=failure.retry_after) from error
        if client.retry_handlers:
            raise RuntimeError("the SDK's retries must be off: they would post twice")
        if _is_person(channel) and channel not in self._conversations:
            try:
                answer = await client.conversations_open(users=target)
            except TRANSPORT as error:
                raise delivery_error(error).as_not_sent() from error
            self._conversations[channel] = str(answer["channel"]["id"])
        return client, self._conversations.get(channel, target)

    async def _messages(
        self, client: AsyncWebClient, team: str, conversation: str, under: Ref | None, oldest: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The messages of a thread, or of the history since `oldest`. Raises CannotTell after MAX_PAGES."""
        read: Callable[..., Awaitable[AsyncSlackResponse]]
        read = client.conversations_history if under is None else client.conversations_replies
        part = {"oldest": oldest, "inclusive": True} if under is None else {"ts": str(under)}
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            await self._pacer.wait((team, read.__name__))
            page = await read(
                channel=conversation, limit=self._page_size, cursor=cursor, include_all_metadata=True, **part
            )
            for message in page.get("messages") or ():
                yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
        raise CannotTell("too much was written in the channel since to look through all of it")


def _is_person(channel: Channel) -> bool:
    return channel.rpartition("/")[2].startswith(("U", "W"))


def _carrying(key: str, body: Json, channel: Channel) -> Json:
    """The arguments that post or edit a message in a channel, with the key as its metadata."""
    if _is_person(channel):
        body = with_mentions(body, workspace(channel).partition(":")[2])
    return {**body, "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}}}


def _key(message: dict[str, Any]) -> object:
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return None
    body = metadata.get("event_payload")
    return body.get("key") if isinstance(body, dict) else None
