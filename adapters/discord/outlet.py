"""Discord as an outlet: posts, finds what it posted by the key on its buttons, takes messages back."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

import discord

from adapters.discord import forum, limits
from adapters.discord.blocks import Json, key_of, payload
from adapters.discord.client import DiscordClient, snowflake_at
from adapters.discord.failures import (
    NO_MESSAGES_HERE,
    NO_SUCH_CHANNEL,
    NO_SUCH_MESSAGE,
    NOT_IN_SUCH_A_CHANNEL,
    THREAD_EXISTS,
    TRANSPORT,
    code_of,
    failed_post,
)
from adapters.discord.manifest import PERMISSIONS
from adapters.discord.markup import line
from adapters.discord.mentions import named
from adapters.discord.permissions import fetch_permissions
from adapters.text import cut, utf16
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Message, Ref, platform, workspace

PEOPLE = "discord:@"
"""The workspace of people: `discord:@/7` is somebody's direct messages."""
ELSEWHERE_IN_A_FORUM = NOT_IN_SUCH_A_CHANNEL | {NO_SUCH_MESSAGE}
"""What Discord says of an opener that is looked for in a forum: it is in a post, not in the channel."""
PAGES = 20
"""Of a hundred messages, read at most."""
THREAD = "Papers"
"""What a thread is called whose opener's words are not known any more."""
MOST_TITLES = 2_000


class DiscordOutlet:
    """Posts to the channels of any number of servers, and to people.

    A thread has the id of the message it starts from, so that a reply needs no handle but its opener's. In direct
    messages and in threads there are none: replies point to their opener instead. In a forum the opener is a post.
    """

    name = "discord"
    threads = True

    def __init__(self, client: DiscordClient, *, pace: float = limits.SECONDS_BETWEEN_POSTS) -> None:
        self.pace = pace
        self._client = client
        self._rooms: dict[Channel, str] = {}
        self._titles: dict[Ref, str] = {}
        self._threads: set[Ref] = set()
        self._flat: set[Channel] = set()
        self._forums: set[Channel] = set()

    async def post(self, channel: Channel, message: Message, *, under: Ref | None, key: str) -> Ref:
        """Post one message. The handle is its id. Raises DeliveryError.

        The nonce makes Discord answer a repeat within minutes with the first message, so discord.py may repeat.
        """
        where = await self._room(channel)
        content = payload(message, key=key)
        if workspace(channel) == PEOPLE:
            content = named(content)
        body: Json = {**content, "nonce": key, "enforce_nonce": True}
        if under is None and channel in self._forums:
            return await self._open_post(where, message, key)
        if under is not None and not await self._has_thread(channel, where, under):
            body["message_reference"] = {"message_id": str(under), "fail_if_not_exists": False}
        elif under is not None:
            where = str(under)
        try:
            sent = await self._client.call("POST", "/channels/{channel_id}/messages", json=body, channel_id=where)
            ref = Ref(str(sent["id"]))
        except TRANSPORT as error:
            if under is None and code_of(error) == NO_MESSAGES_HERE and await self._turns_out_a_forum(channel, where):
                return await self._open_post(where, message, key)
            raise _failed(error, under) from error
        if under is None:
            self._remember(ref, message.title)
        return ref

    async def _open_post(self, where: str, message: Message, key: str) -> Ref:
        """An opener in a forum. Raises DeliveryError."""
        title = cut(line(message.title), limits.THREAD_NAME, utf16) or THREAD
        try:
            ref = Ref(await forum.open_post(self._client, where, title, payload(message, key=key)))
        except TRANSPORT as error:
            raise failed_post(error) from error
        self._threads.add(ref)
        return ref

    async def _turns_out_a_forum(self, channel: Channel, where: str) -> bool:
        """Asked where Discord took no message or no thread. Raises DeliveryError."""
        try:
            return await self._is_forum(channel, where)
        except TRANSPORT as error:
            raise failed_post(error).before_the_post() from error

    async def _is_forum(self, channel: Channel, where: str) -> bool:
        if channel not in self._forums and await forum.is_forum(self._client, where):
            self._forums.add(channel)
        return channel in self._forums

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """The message with this key: an opener in the channel since then, a reply in its thread.

        Raises CannotTell without Read Message History, DeliveryError(later).
        """
        where, can_read = await self._room(channel), False
        in_thread = under is not None and channel not in self._flat and not channel.startswith(PEOPLE)
        try:
            if under is None and not channel.startswith(PEOPLE) and await self._is_forum(channel, where):
                guild = workspace(channel).removeprefix("discord:")
                place = forum.openers(self._client, guild, where, since.timestamp())
            else:
                place = self._messages(str(under) if in_thread else where, since)
            async with aclosing(place) as messages:
                async for found in messages:
                    can_read = True
                    if found["author"]["id"] == self._client.user_id and key_of(found.get("components")) == key:
                        return Ref(str(found["id"]))
        except TRANSPORT as error:
            if in_thread and code_of(error) == NO_SUCH_CHANNEL:
                return None  # the thread was never started
            raise failed_post(error).of_a_look() from error
        if not can_read:
            await self._sure(channel, where)
        return None

    async def _sure(self, channel: Channel, where: str) -> None:
        """Raises CannotTell where Discord shows no history: it answers with an empty list, not with a refusal."""
        if channel.startswith(PEOPLE):
            return
        try:
            may = await fetch_permissions(self._client, channel.removeprefix("discord:").partition("/")[0], where)
        except TRANSPORT as error:
            raise failed_post(error).of_a_look() from error
        if not may & PERMISSIONS["Read Message History"]:
            raise CannotTell("Paperboy may not read the channel's history: give it Read Message History")

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message; one that is gone already is as wished. Raises DeliveryError."""
        where = await self._room(channel)
        path = "/channels/{channel_id}/messages/{message_id}"
        try:
            if channel in self._forums:
                await forum.close_post(self._client, str(ref))
            else:
                await self._client.call("DELETE", path, channel_id=where, message_id=str(ref))
        except TRANSPORT as error:
            if code_of(error) != NO_SUCH_MESSAGE:
                raise failed_post(error) from error

    async def _room(self, channel: Channel) -> str:
        """The id to post to; a person's direct messages are opened once, which may be repeated without harm."""
        place, _, target = channel.rpartition("/")
        if platform(channel) != self.name or not target.isdecimal():
            raise DeliveryError(Failure.CHANNEL_GONE, "this is no Discord address; it looks like discord:1/2")
        if place != PEOPLE:
            return target
        if channel not in self._rooms:
            try:
                opened = await self._client.call("POST", "/users/@me/channels", json={"recipient_id": target})
            except TRANSPORT as error:
                raise failed_post(error).before_the_post() from error
            self._rooms[channel] = str(opened["id"])
        return self._rooms[channel]

    async def _has_thread(self, channel: Channel, where: str, opener: Ref) -> bool:
        """Whether replies go into a thread, which is started if there is none. Raises DeliveryError."""
        if opener in self._threads or channel in self._forums:
            return True
        if workspace(channel) == PEOPLE or channel in self._flat:
            return False
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        try:
            body = {"name": await self._title(where, opener), "auto_archive_duration": limits.ARCHIVE_AFTER}
            await self._client.call("POST", path, json=body, channel_id=where, message_id=str(opener))
        except TRANSPORT as error:
            code = code_of(error)
            in_a_forum = code in ELSEWHERE_IN_A_FORUM and await self._turns_out_a_forum(channel, where)
            if code in NOT_IN_SUCH_A_CHANNEL and not in_a_forum:
                self._flat.add(channel)
                return False
            if code != THREAD_EXISTS and not in_a_forum:
                raise failed_post(error).before_the_post() from error
        self._threads.add(opener)
        self._titles.pop(opener, None)
        return True

    async def _title(self, where: str, opener: Ref) -> str:
        """The opener's, else its first words as Discord has them: another process posted it."""
        if opener not in self._titles:
            path = "/channels/{channel_id}/messages/{message_id}"
            try:
                found = await self._client.call("GET", path, channel_id=where, message_id=str(opener))
            except discord.Forbidden:
                found = {}  # without the history nobody can look it up; a thread needs no more than a name
            words = next((part.get("content") or "" for part in found.get("components") or ()), "")
            self._remember(opener, words.partition("\n")[0].lstrip("# ").replace("\\", ""))
        return self._titles[opener]

    def _remember(self, ref: Ref, title: str) -> None:
        self._titles[ref] = cut(line(title), limits.THREAD_NAME, utf16) or THREAD
        if len(self._titles) > MOST_TITLES:
            del self._titles[next(iter(self._titles))]
        while len(self._threads) > MOST_TITLES:
            self._threads.pop()

    async def _messages(self, where: str, since: datetime) -> AsyncGenerator[Json, None]:
        """What was written there since then, oldest page first."""
        after = snowflake_at(since.timestamp())
        for _ in range(PAGES):
            params: dict[str, str | int] = {"limit": limits.HISTORY_PAGE, "after": after}
            page: list[Any] = await self._client.look("/channels/{channel_id}/messages", params, channel_id=where)
            for found in page:
                yield found
            if len(page) < limits.HISTORY_PAGE:
                return
            after = str(max(int(found["id"]) for found in page))
        raise CannotTell("too much was written in the channel since to look through all of it")


def _failed(error: Exception, under: Ref | None) -> DeliveryError:
    """A thread that cannot be found was deleted; its channel is still there."""
    if under is not None and code_of(error) == NO_SUCH_CHANNEL:
        return DeliveryError(Failure.THREAD_GONE, "its thread was deleted")
    return failed_post(error)
