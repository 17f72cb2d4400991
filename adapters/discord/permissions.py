"""What Paperboy may do in a channel, asked of Discord."""

from __future__ import annotations

from typing import Any

import discord

from adapters.discord.client import DiscordClient

ALL = -1
"""Every bit."""


async def fetch_permissions(client: DiscordClient, guild: str, channel: str) -> int:
    """Its permissions there, as bits. Raises what discord.py raises."""
    room = await client.call("GET", "/channels/{channel_id}", channel_id=channel)
    if parent := room.get("thread_metadata") and room.get("parent_id"):
        room = await client.call("GET", "/channels/{channel_id}", channel_id=str(parent))
    server = await client.call("GET", "/guilds/{guild_id}", guild_id=guild)
    member = await client.call("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=client.user_id)
    return compute_permissions(server, member, room)


def compute_permissions(server: dict[str, Any], member: dict[str, Any], room: dict[str, Any]) -> int:
    """A member's permissions in a channel. Pure.

    https://discord.com/developers/docs/topics/permissions#permission-overwrites
    """
    everyone, mine = str(server["id"]), {str(role) for role in member.get("roles") or ()}
    roles = {str(role["id"]): int(role["permissions"]) for role in server.get("roles") or ()}
    may = roles.get(everyone, 0)
    for role in mine:
        may |= roles.get(role, 0)
    if may & discord.Permissions(administrator=True).value:
        return ALL
    overwrites = {str(each["id"]): each for each in room.get("permission_overwrites") or ()}
    for group in ({everyone}, mine, {str(member["user"]["id"])}):
        found = [overwrites[each] for each in group if each in overwrites]
        for each in found:
            may &= ~int(each["deny"])
        for each in found:
            may |= int(each["allow"])
    return may
