"""Who asks: time zone, and what they may change, from Slack's word remembered for ten minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from adapters.slack.failures import TRANSPORT
from adapters.slack.origin import Spot
from adapters.ttl_cache import TtlCache
from bot.model import Caller

Managers = Literal["members", "admins"]
"""Who may change a channel's digest: everybody in it, or the workspace's admins."""

REMEMBERED = 600.0
PATIENCE = 1.0
"""Seconds; a form must be opened within three of the click."""
NEEDS_ADMIN = "to be an admin or owner of this workspace"
NEEDS_MEMBER = "to belong to the workspace that Paperboy is installed in"


@dataclass(frozen=True, slots=True)
class Person:
    """What users.info tells."""

    timezone: str | None
    admin: bool
    guest: bool
    teams: frozenset[str]
    """The workspaces and the organisation they belong to."""
    name: str = ""


class People:
    """Callers with their rights."""

    def __init__(self, managers: Managers, *, clock: Callable[[], float]) -> None:
        self._managers = managers
        self._known: TtlCache[tuple[str, str], Person] = TtlCache(REMEMBERED, clock=clock)

    async def caller(self, spot: Spot) -> Caller:
        """The person at a spot, as the desk wants to know them."""
        person = await self.person(spot)
        timezone = person.timezone if person else None
        if not _belongs(spot, person):
            return Caller(spot.address, spot.person, may_manage=False, timezone=timezone, needs=NEEDS_MEMBER)
        may = self._managers == "members" or (person is not None and person.admin)
        return Caller(spot.address, spot.person, may_manage=may, timezone=timezone, needs=NEEDS_ADMIN)

    async def person(self, spot: Spot) -> Person | None:
        """What Slack says about them; None if it does not say so within a second."""

        async def ask() -> Person:
            return _read((await spot.client.users_info(user=spot.user))["user"])

        try:
            async with asyncio.timeout(PATIENCE):
                return await self._known.get_or_load((spot.team, spot.user), ask)
        except TRANSPORT:
            return None


def _read(user: dict[str, object]) -> Person:
    grid = user.get("enterprise_user")
    inside = grid if isinstance(grid, dict) else {}
    teams = {user.get("team_id"), inside.get("enterprise_id"), *(inside.get("teams") or ())}
    zone = user.get("tz")
    return Person(
        zone if isinstance(zone, str) else None,
        bool(user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner")),
        bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")),
        frozenset(str(team) for team in teams if team),
        str(user.get("real_name") or user.get("name") or ""),
    )


def _belongs(spot: Spot, person: Person | None) -> bool:
    """Whether they are of this workspace, and not a partner's in a shared channel."""
    here = {spot.team, spot.enterprise} - {None, ""}
    if person is not None and person.teams:
        return bool(person.teams & here)
    return spot.from_team is None or spot.from_team in here
