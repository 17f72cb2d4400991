"""Roles and user groups: the part of an outlet that says which there are."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from bot.model import Channel, Group


@runtime_checkable
class GroupDirectory(Protocol):
    """Lists the groups of servers or workspaces. Outlets of platforms that have groups are one."""

    async def groups(self, channel: Channel) -> tuple[Group, ...]:
        """The groups of a channel's server or workspace, by name. Raises GroupsError."""
