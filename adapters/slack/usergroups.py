"""The user groups of a workspace, which a channel's rules may admit and its digests may mention.

https://docs.slack.dev/reference/methods/usergroups.list needs usergroups:read, which is optional.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from cachetools import TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.failures import TRANSPORT, delivery_error, error_code
from adapters.slack.installs import UnreadableTokenError
from bot.errors import GroupsError
from bot.model import Channel, Group, workspace

CACHE_SECONDS = 60.0
"""A person who leaves a group counts as one of it for so long at most; Slack allows 20 calls a minute."""
MAX_WORKSPACES = 1_000
ANSWERED_WITHIN = 2.0
"""Seconds; a form must be opened within three of the click."""
NO_SCOPE = (
    "Paperboy may not read this workspace's user groups: that takes the permission usergroups:read, which an admin"
    " gives by installing the app again with its manifest"
)
NO_GROUPS = "This workspace has no user groups: Slack has them on its paid plans"


class UserGroups:
    """Looks the user groups of workspaces up. Implements `ports.groups.GroupDirectory`."""

    def __init__(self, clients: Callable[[str], Awaitable[AsyncWebClient]]) -> None:
        self._clients = clients
        self._by_workspace: TTLCache[str, tuple[Group, ...]] = TTLCache(MAX_WORKSPACES, CACHE_SECONDS)

    async def groups(self, channel: Channel) -> tuple[Group, ...]:
        """The user groups of a channel's workspace with their people, by handle. Raises GroupsError."""
        team = workspace(channel).partition(":")[2]
        if team not in self._by_workspace:
            try:
                async with asyncio.timeout(ANSWERED_WITHIN):
                    self._by_workspace[team] = await self._fetch(team)
            except (LookupError, UnreadableTokenError, *TRANSPORT) as error:
                raise _groups_error(error) from error
        return self._by_workspace[team]

    async def _fetch(self, team: str) -> tuple[Group, ...]:
        client = await self._clients(team)
        listed: list[dict[str, Any]] = (await client.usergroups_list(include_users=True, team_id=team))["usergroups"]
        groups = (
            Group(str(each["id"]), str(each.get("handle") or each.get("name")), frozenset(each.get("users") or ()))
            for each in listed
            if not each.get("date_delete")
        )
        return tuple(sorted(groups, key=lambda group: group.name.casefold()))


def _groups_error(error: Exception) -> GroupsError:
    match error_code(error):
        case "missing_scope":
            return GroupsError(f"{NO_SCOPE}.", lasting=True)
        case "plan_upgrade_required":
            return GroupsError(f"{NO_GROUPS}.", lasting=True)
    reason = delivery_error(error).reason
    text = f"Slack did not tell this workspace's user groups ({reason}). Please try again in a minute."
    return GroupsError(text, lasting=False)
