"""Forum channels: the opener creates a post, which is a thread of its own, and the replies go into it.

A post takes no nonce, so discord.py must not repeat its creation; after a lost answer the outlet looks for its key.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from adapters.discord import limits
from adapters.discord.blocks import Json
from adapters.discord.client import DiscordClient, snowflake_at
from adapters.discord.failures import FAILURES, TAG_REQUIRED
from bot.errors import DeliveryError, Failure
from bot.model import Message

FORUM_TYPES = frozenset({15, 16})
"""Forum and media channels: https://discord.com/developers/docs/resources/channel#channel-object-channel-types"""
REQUIRES_TAG = 1 << 4
"""https://discord.com/developers/docs/resources/channel#channel-object-channel-flags"""
PREFERRED_TAGS = ("papers", "paperboy")
"""Names, in lower case, of the tags that are taken before others."""


async def new_post(client: DiscordClient, forum: str, title: str, body: Json, message: Message) -> Json:
    """A post to create, with the message's tags, or the one that the forum may require.

    Raises what discord.py raises, DeliveryError.
    """
    channel = await client.call("GET", "/channels/{channel_id}", channel_id=forum)
    archived = limits.archive_after(message.archive_minutes)
    post: Json = {"name": title, "auto_archive_duration": archived, "message": body}
    if tags := named_tags(channel, message.tags) or required_tags(channel):
        post["applied_tags"] = tags
    return post


async def create_post(client: DiscordClient, forum: str, post: Json) -> str:
    """Create a post; its id is also its first message's. Raises what discord.py raises."""
    created = await client.call("POST", "/channels/{channel_id}/threads", json=post, once=True, channel_id=forum)
    return str(created["id"])


def required_tags(forum: Json) -> list[str]:
    """Ids of the tags that a post needs. Raises DeliveryError if it needs one that only moderators may use."""
    return [_tag(forum)] if int(forum.get("flags") or 0) & REQUIRES_TAG else []


def named_tags(forum: Json, names: Sequence[str]) -> list[str]:
    """Ids of the forum's tags of these names, in their order, without those that only moderators may use."""
    ids = {str(tag.get("name")).strip().casefold(): str(tag["id"]) for tag in _usable(forum)}
    tag_ids = dict.fromkeys(ids[name.casefold()] for name in names if name.casefold() in ids)
    return list(tag_ids)[: limits.APPLIED_TAGS]


def _usable(forum: Json) -> list[Json]:
    return [tag for tag in forum.get("available_tags") or () if not tag.get("moderated")]


def _tag(forum: Json) -> str:
    """Id of the tag for a post: a preferred one, else the first. Raises DeliveryError if only moderators may tag."""
    tags = _usable(forum)
    if not tags:
        raise DeliveryError(Failure.CHANNEL_GONE, FAILURES[TAG_REQUIRED].reason)
    return str(next((tag for tag in tags if str(tag.get("name")).strip().lower() in PREFERRED_TAGS), tags[0])["id"])


async def openers(client: DiscordClient, guild: str, forum: str, since: float) -> AsyncGenerator[Json, None]:
    """First messages of the bot's posts created since a time in seconds since 1970: active posts, newest first, then
    the first page of archived ones.
    """

    async def first_messages(threads: list[Json]) -> AsyncGenerator[Json, None]:
        for thread in threads:
            thread_id, owner = int(thread["id"]), (str(thread.get("parent_id")), str(thread.get("owner_id")))
            if owner == (forum, client.user_id) and thread_id >= int(snowflake_at(since)):
                page = {"limit": 1, "after": thread_id - 1}
                path = "/channels/{channel_id}/messages"
                for message in await client.call("GET", path, params=page, channel_id=str(thread_id)):
                    yield message

    active = await client.call("GET", "/guilds/{guild_id}/threads/active", guild_id=guild)
    newest_first = sorted(active.get("threads") or (), key=lambda thread: int(thread["id"]), reverse=True)
    async for message in first_messages(newest_first):
        yield message
    path, page_size = "/channels/{channel_id}/threads/archived/public", {"limit": limits.HISTORY_PAGE}
    archived = await client.call("GET", path, params=page_size, channel_id=forum)
    async for message in first_messages(archived.get("threads") or []):
        yield message


async def close_post(client: DiscordClient, thread: str) -> None:
    """Delete a post's first message and archive what is left: its author may do no more."""
    path = "/channels/{channel_id}/messages/{message_id}"
    await client.call("DELETE", path, channel_id=thread, message_id=thread)
    await client.call("PATCH", "/channels/{channel_id}", json={"archived": True}, channel_id=thread)
