"""Forum channels: a digest is a post with a thread of its own, so that the opener makes the thread.

A post has no nonce: it is never repeated by the library, and whether one arrived is settled by looking for its key.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from adapters.discord import limits
from adapters.discord.blocks import Json
from adapters.discord.client import DiscordClient, snowflake_at
from adapters.discord.failures import FAILURES, TAG_REQUIRED
from bot.errors import DeliveryError, Failure

KINDS = frozenset({15, 16})
"""Forum and media channels: https://discord.com/developers/docs/resources/channel#channel-object-channel-types"""
REQUIRES_TAG = 1 << 4
TAGS = ("papers", "paperboy")
"""Names of the tag that is taken if there is a choice."""


async def is_forum(client: DiscordClient, channel: str) -> bool:
    """What kind of channel it is. Raises what discord.py raises."""
    found = await client.call("GET", "/channels/{channel_id}", channel_id=channel)
    return found.get("type") in KINDS


async def open_post(client: DiscordClient, forum: str, title: str, body: Json) -> str:
    """Begin a post; its id is that of its first message too. Raises what discord.py raises, DeliveryError."""
    about = await client.call("GET", "/channels/{channel_id}", channel_id=forum)
    post: Json = {"name": title, "auto_archive_duration": limits.ARCHIVE_AFTER, "message": body}
    if int(about.get("flags") or 0) & REQUIRES_TAG:
        post["applied_tags"] = [tag_of(about)]
    opened = await client.call("POST", "/channels/{channel_id}/threads", json=post, once=True, channel_id=forum)
    return str(opened["id"])


def tag_of(forum: Json) -> str:
    """The tag to put on a post where one is required. Raises DeliveryError if only moderators may put any. Pure."""
    free = [tag for tag in forum.get("available_tags") or () if not tag.get("moderated")]
    named = [tag for tag in free if str(tag.get("name")).strip().lower() in TAGS]
    if not free:
        raise DeliveryError(Failure.CHANNEL_GONE, FAILURES[TAG_REQUIRED].reason)
    return str((named or free)[0]["id"])


async def openers(client: DiscordClient, guild: str, forum: str, since: float) -> AsyncGenerator[Json, None]:
    """The first messages of our own posts begun since then, seconds since 1970; archived posts last."""
    first = int(snowflake_at(since))
    active = await client.call("GET", "/guilds/{guild_id}/threads/active", guild_id=guild)
    ours = [each for each in active.get("threads") or () if _is_ours(each, client, forum, first)]
    for thread in sorted(ours, key=lambda each: int(each["id"]), reverse=True):
        async for message in _first_message(client, str(thread["id"])):
            yield message
    path = "/channels/{channel_id}/threads/archived/public"
    page: Any = await client.look(path, {"limit": limits.HISTORY_PAGE}, channel_id=forum)
    for thread in page.get("threads") or ():
        if _is_ours(thread, client, forum, first):
            async for message in _first_message(client, str(thread["id"])):
                yield message


def _is_ours(thread: Json, client: DiscordClient, forum: str, first: int) -> bool:
    return (
        str(thread.get("parent_id")) == forum
        and str(thread.get("owner_id")) == client.user_id
        and int(thread["id"]) >= first
    )


async def _first_message(client: DiscordClient, thread: str) -> AsyncGenerator[Json, None]:
    before_it: dict[str, str | int] = {"limit": 1, "after": int(thread) - 1}
    for message in await client.look("/channels/{channel_id}/messages", before_it, channel_id=thread):
        yield message


async def close_post(client: DiscordClient, thread: str) -> None:
    """Take back a post as far as its author may: its message goes, and what is left is folded away."""
    path = "/channels/{channel_id}/messages/{message_id}"
    await client.call("DELETE", path, channel_id=thread, message_id=thread)
    await client.call("PATCH", "/channels/{channel_id}", json={"archived": True}, channel_id=thread)
