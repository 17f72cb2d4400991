"""The roles of a server, as the groups that a channel's rules may admit and its digests may mention."""

from __future__ import annotations

from typing import Any

from cachetools import TTLCache

from adapters.discord.client import DiscordClient
from adapters.discord.failures import TRANSPORT, delivery_error
from bot.errors import GroupsError
from bot.model import Channel, Group, workspace

CACHE_SECONDS = 60.0
"""A role that was made or deleted is noticed within this."""
MAX_SERVERS = 2_000


class Roles:
    """Looks the roles of servers up. Implements `ports.groups.GroupDirectory`."""

    def __init__(self, client: DiscordClient) -> None:
        self._client = client
        self._by_server: TTLCache[str, tuple[Group, ...]] = TTLCache(MAX_SERVERS, CACHE_SECONDS)

    async def groups(self, channel: Channel) -> tuple[Group, ...]:
        """The roles of a channel's server, by name, without @everyone and those of apps. Raises GroupsError."""
        server = workspace(channel).removeprefix("discord:")
        if not server.isdecimal():
            return ()
        if server not in self._by_server:
            try:
                roles = await self._client.call("GET", "/guilds/{guild_id}/roles", guild_id=server)
            except TRANSPORT as error:
                reason = delivery_error(error).reason
                text = f"Discord did not tell this server's roles ({reason}). Please try again in a minute."
                raise GroupsError(text, lasting=False) from error
            self._by_server[server] = _groups(roles, server)
        return self._by_server[server]


def _groups(roles: list[dict[str, Any]], server: str) -> tuple[Group, ...]:
    # https://discord.com/developers/docs/topics/permissions#role-object: @everyone has the server's id
    groups = (
        Group(str(role["id"]), str(role["name"]), pings=bool(role.get("mentionable")))
        for role in roles
        if str(role["id"]) != server and "bot_id" not in (role.get("tags") or {})
    )
    return tuple(sorted(groups, key=lambda group: group.name.casefold()))
