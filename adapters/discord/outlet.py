"""Discord as an outlet: posts, finds its messages by the key on their buttons, proves that it can post."""

from __future__ import annotations

from contextlib import aclosing, suppress
from datetime import datetime
from uuid import uuid4

from cachetools import LRUCache

from adapters.discord import edits, forum, limits
from adapters.discord.archived import require_open
from adapters.discord.blocks import Json, key_of, payload
from adapters.discord.client import DiscordClient
from adapters.discord.crossposts import Crossposts
from adapters.discord.failures import (
    FORBIDDEN,
    NO_MESSAGES_HERE,
    NO_THREADS_HERE,
    THREAD_EXISTS,
    TRANSPORT,
    UNKNOWN_CHANNEL,
    UNKNOWN_MEMBER,
    UNKNOWN_MESSAGE,
    delivery_error,
    error_code,
)
from adapters.discord.history import history
from adapters.discord.manifest import PERMISSIONS
from adapters.discord.mentions import with_commands, with_mentions
from adapters.discord.menu import NOTE, ROOT
from adapters.discord.permalinks import message_url
from adapters.discord.permissions import Rights, failure_kind, fetch_rights, sentence
from adapters.discord.roles import Roles
from adapters.discord.servers import Notes
from adapters.discord.thread_names import ThreadNames, thread_name
from adapters.membership import Memberships
from adapters.mentioned_groups import without_deleted
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Message, Ref, platform, workspace
from bot.ports import Claim, no_claim
from bot.wording.notices import DELIVERY_PROOF

PEOPLE = "discord:@"
"""Workspace of direct messages: `discord:@/7` is user 7's."""
MAYBE_FORUM = NO_THREADS_HERE | {UNKNOWN_MESSAGE}
"""Error codes for a thread on an opener in a forum: the opener is in a post, not in the channel."""
MAX_REMEMBERED = 2_000
"""Threads that are known to exist."""
_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"


class DiscordOutlet:
    """Posts to the channels of any number of servers, and to people.

    A thread has the id of the message it starts from, so a reply needs no reference but its opener's. Direct messages
    and threads have no threads: there, replies refer to their opener. In a forum the opener is a post.
    """

    name = "discord"
    threads = True
    pace = 0.0
    """discord.py waits as the rate limit headers of each channel say."""

    def __init__(self, client: DiscordClient, notes: Notes | None = None) -> None:
        """`notes` say which id Discord gave the command menu; without it commands are not written as mentions."""
        self._client, self._notes = client, notes
        self._dm_ids: dict[Channel, str] = {}
        self._names = ThreadNames(client)
        self._threads: LRUCache[Ref, bool] = LRUCache(MAX_REMEMBERED)
        self._threadless: set[Channel] = set()
        self._forums: set[Channel] = set()
        self._roles, self._crossposts = Roles(client), Crossposts(client)
        self.groups, self._memberships = self._roles.groups, Memberships()

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post one message and return its id. Raises DeliveryError.

        The nonce makes Discord answer a repeat within minutes with the first message, so discord.py may repeat.
        """
        target = await self._target_id(channel)
        message = await self._with_commands(await without_deleted(self._roles, message, channel))
        content = _content(channel, message, key)
        body: Json = {**content, "nonce": key, "enforce_nonce": True}
        if under is None and channel in self._forums:
            return await self._create_post(channel, target, message, key, claim)
        if under is not None and not await self._has_thread(channel, target, under, message):
            body["message_reference"] = {"message_id": str(under), "fail_if_not_exists": False}
        elif under is not None:
            target = str(under)
        await claim()
        try:
            ref = Ref(str((await self._client.call("POST", _MESSAGES, json=body, channel_id=target))["id"]))
        except TRANSPORT as error:
            code = error_code(error)
            if under is None and code == NO_MESSAGES_HERE and await self._turned_out_forum(channel, target):
                return await self._create_post(channel, target, message, key)
            if under is not None and code == UNKNOWN_CHANNEL:
                raise DeliveryError(Failure.THREAD_GONE, "its thread was deleted") from error
            raise await self._failure(channel, target, error, reply=under is not None) from error
        if under is None:
            self._names.remember(ref, message.title)
        if message.crosspost:
            await self._crossposts.begin(channel, ref)
        return ref

    async def edit(self, channel: Channel, ref: Ref, message: Message, *, under: Ref | None, key: str) -> None:
        """Put a message in the place of one of ours, wherever it stands. Raises DeliveryError."""
        target = await self._target_id(channel)
        thread = ref if under is None else under  # an opener in a forum is in a thread of its own id
        places = [target] if workspace(channel) == PEOPLE else [target, thread] if under is None else [thread, target]
        content = _content(channel, await self._with_commands(message), key)
        await edits.edit(self._client, [str(each) for each in places], str(ref), content)

    async def _with_commands(self, message: Message) -> Message:
        """The message with its commands as mentions; the note is read only for messages that name one."""
        if f"/{ROOT} " not in message.text:
            return message
        note = await self._notes.get_note(NOTE) if self._notes is not None else None
        return with_commands(message, (note or "").partition(" ")[2])

    async def _create_post(
        self, channel: Channel, target: str, message: Message, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Post an opener in a forum. Raises DeliveryError."""
        try:
            body = payload(message, key=key)
            post = await forum.new_post(self._client, target, thread_name(message.title), body, message)
        except TRANSPORT as error:
            raise (await self._failure(channel, target, error)).as_not_sent() from error
        await claim()
        try:
            ref = await forum.create_post(self._client, target, post)
        except TRANSPORT as error:
            raise await self._failure(channel, target, error) from error
        self._threads[Ref(ref)] = True
        return Ref(ref)

    async def _is_forum(self, channel: Channel, target: str) -> bool:
        if channel not in self._forums:
            info = await self._client.call("GET", "/channels/{channel_id}", channel_id=target)
            if info.get("type") in forum.FORUM_TYPES:
                self._forums.add(channel)
        return channel in self._forums

    async def _turned_out_forum(self, channel: Channel, target: str) -> bool:
        """Whether a channel that refused a message or a thread is a forum. Raises DeliveryError."""
        try:
            return await self._is_forum(channel, target)
        except TRANSPORT as error:
            raise delivery_error(error).as_not_sent() from error

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """Id of the message with this key: an opener posted in the channel since then, a reply in its thread.

        Raises CannotTell without Read Message History, DeliveryError(later).
        """
        target, history_is_readable = await self._target_id(channel), False
        in_dms = workspace(channel) == PEOPLE
        in_thread = under is not None and channel not in self._threadless and not in_dms
        try:
            if under is None and not in_dms and await self._is_forum(channel, target):
                candidates = forum.openers(self._client, _server(channel), target, since.timestamp())
            else:
                candidates = history(self._client, str(under) if in_thread else target, since)
            async with aclosing(candidates) as messages:
                async for message in messages:
                    history_is_readable = True
                    if message["author"]["id"] == self._client.user_id and key_of(message.get("components")) == key:
                        return Ref(str(message["id"]))
        except TRANSPORT as error:
            if in_thread and error_code(error) == UNKNOWN_CHANNEL:
                return None  # the thread was never started
            raise delivery_error(error).as_failed_search() from error
        if not history_is_readable and not in_dms:
            await self._require_history(channel, target)
        return None

    async def _require_history(self, channel: Channel, target: str) -> None:
        """Raise CannotTell without the permission: Discord then answers with an empty list instead of a refusal."""
        try:
            rights = await self._rights(channel, target)
        except TRANSPORT as error:
            raise delivery_error(error).as_failed_search() from error
        if not rights.bits & PERMISSIONS["Read Message History"]:
            raise CannotTell("Paperboy may not read the channel's history: give it Read Message History")

    async def prove(self, channel: Channel) -> None:
        """Post a marked message and delete it; the rights in threads, which cannot be taken back, are only read.

        Raises DeliveryError with the missing permission; in forums CannotTell, for their posts leave a trace.
        """
        target = await self._target_id(channel)
        rights: Rights | None = None
        if workspace(channel) != PEOPLE:
            try:
                rights = await self._rights(channel, target)
            except TRANSPORT as error:
                raise delivery_error(error).as_not_sent() from error
        missing = rights.missing if rights else ()
        if missing and failure_kind(missing) is Failure.CHANNEL_GONE:
            raise DeliveryError(Failure.CHANNEL_GONE, sentence(missing))
        if rights is None or rights.kind not in forum.FORUM_TYPES:
            ref = await self.post(channel, DELIVERY_PROOF, under=None, key=f"pb{uuid4().hex[:23]}")
            await self.retract(channel, ref)
        if missing:
            raise DeliveryError(Failure.THREAD_FORBIDDEN, sentence(missing))
        if rights is not None and rights.kind in forum.FORUM_TYPES:
            await self._require_tag(target)
            raise CannotTell("a forum's post cannot be taken back without a trace; no permission is missing")

    async def _require_tag(self, target: str) -> None:
        """Raise DeliveryError if the forum requires a tag and has none that Paperboy may use."""
        try:
            forum.required_tags(await self._client.call("GET", "/channels/{channel_id}", channel_id=target))
        except TRANSPORT as error:
            raise delivery_error(error).as_not_sent() from error

    async def _rights(self, channel: Channel, target: str) -> Rights:
        return await fetch_rights(self._client, _server(channel), target)

    async def is_member(self, channel: Channel, person: Channel) -> bool:
        """Whether a person is in the server and may view the channel. Raises DeliveryError."""

        async def ask() -> bool:
            target, user = await self._target_id(channel), person.rpartition("/")[2]
            try:
                rights = await fetch_rights(self._client, _server(channel), target, user)
            except TRANSPORT as error:
                if error_code(error) == UNKNOWN_MEMBER:
                    return False
                raise delivery_error(error).as_not_sent() from error
            return bool(rights.bits & PERMISSIONS["View Channels"])

        return await self._memberships.look_up(channel, person, ask)

    async def _failure(self, channel: Channel, target: str, error: Exception, *, reply: bool = False) -> DeliveryError:
        """The failure of a post; of a forbidden one with the permission that is missing."""
        failure = delivery_error(error)
        if error_code(error) not in FORBIDDEN or workspace(channel) == PEOPLE:
            return failure
        missing: tuple[str, ...] = ()
        with suppress(*TRANSPORT):
            missing = (await self._rights(channel, target)).missing
        kind = failure_kind(missing) if reply else failure.kind
        return DeliveryError(kind, sentence(missing) if missing else failure.reason)

    async def link(self, channel: Channel, ref: Ref, *, opener: Ref | None) -> str | None:
        """The address of a message; none in direct messages, which only their reader can open. Raises DeliveryError."""
        target, in_dms = await self._target_id(channel), workspace(channel) == PEOPLE
        return None if in_dms else await message_url(self._client, channel, target, ref, opener)

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message, if it still exists. Raises DeliveryError."""
        target = await self._target_id(channel)
        try:
            if channel in self._forums:
                await forum.close_post(self._client, str(ref))
            else:
                await self._client.call("DELETE", _MESSAGE, channel_id=target, message_id=str(ref))
        except TRANSPORT as error:
            if error_code(error) != UNKNOWN_MESSAGE:
                raise delivery_error(error) from error

    async def _target_id(self, channel: Channel) -> str:
        """Discord's id of the channel to post to, after the login; direct messages may be opened twice without harm."""
        place, _, target = channel.rpartition("/")
        if platform(channel) != self.name or not target.isdecimal():
            raise DeliveryError(Failure.CHANNEL_GONE, "this is no Discord address; it looks like discord:1/2")
        try:
            await self._client.login()
            if place != PEOPLE:
                return target
            if channel not in self._dm_ids:
                dm = await self._client.call("POST", "/users/@me/channels", json={"recipient_id": target})
                self._dm_ids[channel] = str(dm["id"])
        except TRANSPORT as error:
            raise delivery_error(error).as_not_sent() from error
        return self._dm_ids[channel]

    async def _has_thread(self, channel: Channel, target: str, opener: Ref, message: Message) -> bool:
        """Whether replies go into a thread, which is started if there is none. Raises DeliveryError."""
        if not message.reopens and workspace(channel) != PEOPLE:
            return await require_open(self._client, opener)
        if opener in self._threads or channel in self._forums:
            return True
        if workspace(channel) == PEOPLE or channel in self._threadless:
            return False
        try:
            name, archived = await self._names.take(target, opener), limits.archive_after(message.archive_minutes)
            body = {"name": name, "auto_archive_duration": archived}
            await self._client.call("POST", f"{_MESSAGE}/threads", json=body, channel_id=target, message_id=str(opener))
        except TRANSPORT as error:
            code = error_code(error)
            in_forum = code in MAYBE_FORUM and await self._turned_out_forum(channel, target)
            if code in NO_THREADS_HERE and not in_forum:
                self._threadless.add(channel)
                return False
            if code != THREAD_EXISTS and not in_forum:
                raise (await self._failure(channel, target, error, reply=True)).as_not_sent() from error
        self._threads[opener] = True
        return True


def _server(channel: Channel) -> str:
    return workspace(channel).removeprefix("discord:")


def _content(channel: Channel, message: Message, key: str) -> Json:
    content = payload(message, key=key)
    return with_mentions(content) if workspace(channel) == PEOPLE else content
