"""Permissions in a channel: computed from Discord's answers, and which of them a digest needs there."""

from __future__ import annotations

from typing import Any, NamedTuple

import discord

from adapters.discord.client import DiscordClient
from adapters.discord.forum import FORUM_TYPES
from adapters.discord.manifest import PERMISSIONS
from bot.errors import Failure

ALL = -1
"""Every permission bit."""
TEXT, ANNOUNCEMENT = 0, 5
"""Channels with threads: https://discord.com/developers/docs/resources/channel#channel-object-channel-types"""
ESSENTIAL = ("View Channels", "Send Messages")
IN_THREADS = "Send Messages in Threads"
NEEDED = {
    **dict.fromkeys((TEXT, ANNOUNCEMENT), (*ESSENTIAL, "Create Public Threads", IN_THREADS)),
    **dict.fromkeys(FORUM_TYPES, (*ESSENTIAL, IN_THREADS)),
}
"""By channel type, in the order in which a digest needs them."""
NEEDED_WITHOUT_THREADS = (*ESSENTIAL, "Read Message History")
"""In all other channels, where replies refer to the opener."""


class Rights(NamedTuple):
    """Permission bits of a member in a channel, and the channel's type."""

    bits: int
    kind: int

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the permissions that a digest with replies lacks here."""
        if self.bits == ALL or self.bits & discord.Permissions(administrator=True).value:
            return ()
        needed = NEEDED.get(self.kind, NEEDED_WITHOUT_THREADS)
        return tuple(name for name in needed if not self.bits & PERMISSIONS[name])


def failure_kind(missing: tuple[str, ...]) -> Failure:
    """Consequence of missing permissions: without an essential one nothing can be posted, else no replies."""
    return Failure.CHANNEL_GONE if set(missing) & set(ESSENTIAL) else Failure.THREAD_FORBIDDEN


def sentence(missing: tuple[str, ...]) -> str:
    """Missing permissions and the remedy, to be read in “… could not be posted (reason)”."""
    names = " and ".join(f"“{name}”" for name in missing)
    return f"Paperboy lacks the permission {names} here: give it to Paperboy's role in the channel's settings"


async def fetch_rights(client: DiscordClient, guild: str, channel_id: str, person: str = "") -> Rights:
    """Rights of a member, by default of the bot, in a channel; in a thread, in its channel.

    Raises what discord.py raises.
    """
    channel = await client.call("GET", "/channels/{channel_id}", channel_id=channel_id)
    if parent := channel.get("thread_metadata") and channel.get("parent_id"):
        channel = await client.call("GET", "/channels/{channel_id}", channel_id=str(parent))
    server = await client.call("GET", "/guilds/{guild_id}", guild_id=guild)
    user = person or client.user_id
    member = await client.call("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=user)
    return Rights(_permissions(server, member, channel), int(channel.get("type") or TEXT))


def _permissions(server: dict[str, Any], member: dict[str, Any], channel: dict[str, Any]) -> int:
    # https://discord.com/developers/docs/topics/permissions#permission-overwrites
    everyone, own_roles = str(server["id"]), {str(role) for role in member.get("roles") or ()}
    bits_by_role = {str(role["id"]): int(role["permissions"]) for role in server.get("roles") or ()}
    bits = 0
    for role in (everyone, *own_roles):
        bits |= bits_by_role.get(role, 0)
    if bits & discord.Permissions(administrator=True).value or member["user"]["id"] == server.get("owner_id"):
        return ALL
    overwrites = {str(overwrite["id"]): overwrite for overwrite in channel.get("permission_overwrites") or ()}
    for ids in ({everyone}, own_roles, {str(member["user"]["id"])}):
        applied = [overwrites[each] for each in ids if each in overwrites]
        for overwrite in applied:
            bits &= ~int(overwrite["deny"])
        for overwrite in applied:
            bits |= int(overwrite["allow"])
    return bits
