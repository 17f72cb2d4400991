"""Callers: a person's time zone and rights, from users.info, cached for ten minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from cachetools import TTLCache

from adapters.slack.failures import TRANSPORT
from adapters.slack.obstacles import find_links_obstacle, find_obstacle
from adapters.slack.origin import Body, Origin
from bot.commands import COMMANDS, Command
from bot.model import Caller, Ref

Managers = Literal["members", "admins"]
"""Who may change a channel's digest: everybody in the channel, or the workspace's admins."""

CACHE_SECONDS = 600.0
MAX_PROFILES = 10_000
LOOKUP_SECONDS = 1.0
"""Longest wait for users.info; a form must be opened within three seconds of the click."""
NEEDS_ADMIN = "to be an admin or owner of this workspace"
NEEDS_MEMBER = "to belong to the workspace that Paperboy is installed in"


@dataclass(frozen=True, slots=True)
class UserProfile:
    """A person's profile from users.info."""

    timezone: str | None
    admin: bool
    guest: bool
    teams: frozenset[str]
    """Ids of their workspaces and of their organisation."""
    name: str = ""


class SlackUsers:
    """Looks people up."""

    def __init__(self, managers: Managers, *, clock: Callable[[], float]) -> None:
        self._managers = managers
        self._profiles: TTLCache[tuple[str, str], UserProfile] = TTLCache(MAX_PROFILES, CACHE_SECONDS, timer=clock)

    async def caller(self, origin: Origin, command: Command | None = None) -> Caller:
        """The person of an origin with their rights, and with what keeps Paperboy from posting if `command` says it."""
        names_it = command is not None and command.names_obstacle
        obstacle = asyncio.ensure_future(find_obstacle(origin)) if names_it else None
        links_obstacle = await find_links_obstacle(origin) if command is COMMANDS["links"] else None
        profile = await self.profile(origin)
        belongs, admin = _belongs(origin, profile), profile is not None and profile.admin
        return Caller(
            origin.address,
            origin.person,
            may_manage=belongs and (self._managers == "members" or admin),
            member=belongs,
            admin=belongs and admin,
            timezone=profile.timezone if profile else None,
            needs=NEEDS_ADMIN if belongs else NEEDS_MEMBER,
            command_word=origin.command_word,
            name=profile.name if profile else "",
            thread=Ref(origin.thread) if origin.thread else None,
            direct=origin.channel.startswith("D") or not origin.channel,
            obstacle=await obstacle if obstacle else None,
            links_obstacle=links_obstacle,
        )

    async def profile(self, origin: Origin) -> UserProfile | None:
        """The profile of an origin's person; None if Slack does not answer within a second."""
        key = (origin.team, origin.user)
        profile = self._profiles.get(key)
        if profile is None:
            with suppress(*TRANSPORT):
                async with asyncio.timeout(LOOKUP_SECONDS):
                    profile = self._profiles[key] = await _fetch(origin)
        return profile


async def _fetch(origin: Origin) -> UserProfile:
    user: Body = (await origin.client.users_info(user=origin.user))["user"]
    grid = user.get("enterprise_user") or {}
    teams = {user.get("team_id"), grid.get("enterprise_id"), *(grid.get("teams") or ())}
    return UserProfile(
        user.get("tz") or None,
        bool(user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner")),
        bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")),
        frozenset(str(team) for team in teams if team),
        str(user.get("real_name") or user.get("name") or ""),
    )


def _belongs(origin: Origin, profile: UserProfile | None) -> bool:
    """Whether the person is of this workspace, not of a partner's in a shared channel."""
    own_teams = {origin.team, origin.enterprise} - {None, ""}
    if profile is not None and profile.teams:
        return bool(profile.teams & own_teams)
    return origin.from_team is None or origin.from_team in own_teams
