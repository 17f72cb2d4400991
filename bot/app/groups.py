"""Roles and user groups of whatever platform a channel is on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.model import Channel, Group, platform
from bot.ports import Outlet
from bot.ports.groups import GroupDirectory


def groups_of(outlets: Mapping[str, Outlet]) -> Callable[[Channel], Awaitable[tuple[Group, ...]]]:
    """`Engine.groups`: the groups of a channel's server or workspace, if it has any."""

    async def groups(channel: Channel) -> tuple[Group, ...]:
        outlet = outlets.get(platform(channel))
        return await outlet.groups(channel) if isinstance(outlet, GroupDirectory) else ()

    return groups
