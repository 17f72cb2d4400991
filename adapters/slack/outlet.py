"""Slack as an outlet: posts, finds what it posted by the key in a message's metadata, takes messages back."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any, Protocol

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import limits
from adapters.slack.blocks import payload
from adapters.slack.failures import FAILURES, TRANSPORT, code_of, failed_post
from adapters.slack.mentions import named
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Message, Ref, platform, workspace

EVENT_TYPE = "paperboy_delivery"
"""Of the metadata on a delivered message. Everybody in the workspace can read it: the key is no secret."""
NO_THREAD = frozenset({"thread_not_found", "message_not_found"})
PAGES = 20
"""Read at most; with one a minute the engine has given up by then."""

Clients = Callable[[str], Awaitable[AsyncWebClient]]
"""The client with the token of one workspace, by its id, its own retries off (`retry_handlers=[]`): they would repeat
posts whose fate is unknown. Raises LookupError where the app is not installed. Hand it one aiohttp session for all."""
Read = Callable[..., Awaitable[AsyncSlackResponse]]


class Sleep(Protocol):
    """Waits for so many seconds."""

    async def __call__(self, seconds: float, /) -> None:
        """Return when they are over."""
        ...


class SlackOutlet:
    """Posts to the channels and people of any number of workspaces.

    `internal_app`: an app made by its own workspace may read history as often as it likes; others once a minute.
    `clock` tells seconds that only ever grow. `pace`: seconds between two messages to one channel.
    """

    name = "slack"
    threads = True

    def __init__(
        self,
        clients: Clients,
        *,
        internal_app: bool = False,
        pace: float = limits.SECONDS_BETWEEN_POSTS,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.pace = pace
        self._clients = clients
        self._page = limits.OBJECTS_IN_AN_INTERNAL_READ if internal_app else limits.OBJECTS_IN_A_READ
        self._turns = _Turns(0.0 if internal_app else limits.SECONDS_BETWEEN_READS, sleep, clock)
        self._conversations: dict[Channel, str] = {}
        self._bots: dict[str, str] = {}

    async def post(self, channel: Channel, message: Message, *, under: Ref | None, key: str) -> Ref:
        """Post one message. The handle is its timestamp. Raises DeliveryError."""
        client = await self._client(channel)
        where = await self._conversation(client, channel)
        content = payload(message)
        if _is_person(channel):
            content = named(content, workspace(channel).partition(":")[2])
        body = {**content, "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}}}
        if under is not None:
            body |= {"thread_ts": str(under), "reply_broadcast": False}
        try:
            answer = await client.chat_postMessage(channel=where, **body)
        except TRANSPORT as error:
            raise failed_post(error) from error
        ref = Ref(str(answer["ts"]))
        if under is not None and await self._strayed(client, where, answer, under):
            with suppress(*TRANSPORT):  # what cannot be taken back must not hide that the thread is gone
                await client.chat_delete(channel=where, ts=str(ref))
            raise DeliveryError(*FAILURES["thread_not_found"])
        return ref

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """The message with this key: an opener in the history since then, a reply in its thread.

        Where the thread is gone, a reply that became a root message is taken back.
        Raises CannotTell without the history scope or outside the channel, DeliveryError(later).
        """
        try:
            return await self._look(channel, key, under, since)
        except TRANSPORT as error:
            if under is None or code_of(error) not in NO_THREAD:
                raise failed_post(error).of_a_look() from error
        stray = await self.find(channel, key, under=None, since=since)
        if stray is not None:
            await self.retract(channel, stray)
        return None

    async def _look(self, channel: Channel, key: str, under: Ref | None, since: datetime) -> Ref | None:
        client = await self._client(channel)
        where = await self._conversation(client, channel)
        bot = await self._bot(client, workspace(channel))
        async with aclosing(self._messages(client, channel, where, under, f"{since.timestamp():.6f}")) as messages:
            async for found in messages:
                if found.get("bot_id") == bot and _key(found) == key:
                    return Ref(str(found["ts"]))
        return None

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message; one that is gone already is as wished. Raises DeliveryError."""
        client = await self._client(channel)
        where = await self._conversation(client, channel)
        try:
            await client.chat_delete(channel=where, ts=str(ref))
        except TRANSPORT as error:
            if code_of(error) != "message_not_found":
                raise failed_post(error) from error

    async def _strayed(self, client: AsyncWebClient, where: str, answer: AsyncSlackResponse, under: Ref) -> bool:
        """Whether this reply stands in the channel instead: Slack does that, without a word, if its opener is gone.

        Its answer then names no thread (https://github.com/slack-go/slack/issues/1571). A server that never names one
        must not cost us the thread, so that the opener is asked for too.
        """
        kept = answer.get("message")
        if isinstance(kept, dict) and kept.get("thread_ts") == str(under):
            return False
        try:
            await client.chat_getPermalink(channel=where, message_ts=str(under))
        except TRANSPORT as error:
            return code_of(error) == "message_not_found"
        return False

    async def _client(self, channel: Channel) -> AsyncWebClient:
        team = workspace(channel).partition(":")[2]
        if platform(channel) != self.name or not team or "/" not in channel:
            raise DeliveryError(Failure.CHANNEL_GONE, "this is no Slack address; it looks like slack:T1/C2")
        try:
            client = await self._clients(team)
        except LookupError:
            raise DeliveryError(Failure.WORKSPACE_GONE, "Paperboy is not installed in this workspace") from None
        if client.retry_handlers:
            raise RuntimeError("the SDK's retries must be off: they would post twice")
        return client

    async def _conversation(self, client: AsyncWebClient, channel: Channel) -> str:
        """The id to post to; a person's is opened once, which may be repeated without harm."""
        target = channel.rpartition("/")[2]
        if not _is_person(channel):
            return target
        if channel not in self._conversations:
            try:
                answer = await client.conversations_open(users=target)
            except TRANSPORT as error:
                raise failed_post(error).before_the_post() from error
            self._conversations[channel] = str(answer["channel"]["id"])
        return self._conversations[channel]

    async def _bot(self, client: AsyncWebClient, team: str) -> str:
        """The id our own messages carry: anybody can write our metadata."""
        if team not in self._bots:
            self._bots[team] = str((await client.auth_test())["bot_id"])
        return self._bots[team]

    async def _messages(
        self, client: AsyncWebClient, channel: Channel, where: str, under: Ref | None, oldest: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        method: Read = client.conversations_history if under is None else client.conversations_replies
        place = {"oldest": oldest, "inclusive": True} if under is None else {"ts": str(under)}
        cursor: str | None = None
        for _ in range(PAGES):
            await self._turns.next((workspace(channel), method.__name__))
            page = await method(channel=where, limit=self._page, cursor=cursor, include_all_metadata=True, **place)
            for found in page.get("messages") or ():
                yield found
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
        raise CannotTell("too much was written in the channel since to look through all of it")


class _Turns:
    """Lets one call of a kind begin every so many seconds."""

    def __init__(self, seconds: float, sleep: Sleep, clock: Callable[[], float] | None) -> None:
        self._seconds = seconds
        self._sleep = sleep
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._free: defaultdict[tuple[str, str], float] = defaultdict(lambda: float("-inf"))

    async def next(self, kind: tuple[str, str]) -> None:
        """Wait for this call's turn; turns are given in order."""
        now = self._clock()
        turn = max(now, self._free[kind])
        self._free[kind] = turn + self._seconds
        if turn > now:
            await self._sleep(turn - now)


def _is_person(channel: Channel) -> bool:
    return channel.rpartition("/")[2].startswith(("U", "W"))


def _key(message: dict[str, Any]) -> object:
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return None
    body = metadata.get("event_payload")
    return body.get("key") if isinstance(body, dict) else None
