"""Paperboy's permissions in a channel, computed from Discord's answers."""

from __future__ import annotations

from typing import Any

import discord

from adapters.discord.client import DiscordClient

ALL = -1
"""Every permission bit."""


async def fetch_permissions(client: DiscordClient, guild: str, channel_id: str) -> int:
    """Permission bits of the bot in a channel; in a thread, of its channel. Raises what discord.py raises."""
    channel = await client.call("GET", "/channels/{channel_id}", channel_id=channel_id)
    if parent := channel.get("thread_metadata") and channel.get("parent_id"):
        channel = await client.call("GET", "/channels/{channel_id}", channel_id=str(parent))
    server = await client.call("GET", "/guilds/{guild_id}", guild_id=guild)
    member = await client.call("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=client.user_id)
    return _permissions(server, member, channel)


def _permissions(server: dict[str, Any], member: dict[str, Any], channel: dict[str, Any]) -> int:
    # https://discord.com/developers/docs/topics/permissions#permission-overwrites
    everyone, own_roles = str(server["id"]), {str(role) for role in member.get("roles") or ()}
    bits_by_role = {str(role["id"]): int(role["permissions"]) for role in server.get("roles") or ()}
    bits = 0
    for role in (everyone, *own_roles):
        bits |= bits_by_role.get(role, 0)
    if bits & discord.Permissions(administrator=True).value:
        return ALL
    overwrites = {str(overwrite["id"]): overwrite for overwrite in channel.get("permission_overwrites") or ()}
    for ids in ({everyone}, own_roles, {str(member["user"]["id"])}):
        applied = [overwrites[each] for each in ids if each in overwrites]
        for overwrite in applied:
            bits &= ~int(overwrite["deny"])
        for overwrite in applied:
            bits |= int(overwrite["allow"])
    return bits
