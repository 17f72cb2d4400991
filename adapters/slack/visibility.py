"""What a person may be shown of other channels: never another workspace's, a private one's only to who is in it.

The engine knows addresses; in Slack they are read as the names of channels and people.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from adapters.slack.failures import TRANSPORT
from adapters.slack.origin import Spot
from adapters.slack.people import People
from adapters.ttl_cache import TtlCache
from bot import wording
from bot.model import Message

_ADDRESS = re.compile(r"slack:([A-Z0-9]+)/([A-Z0-9]+)")
REMEMBERED = 60.0
"""Seconds; who was removed from a private channel stops seeing it within this."""
PAGES = 20
"""Of a thousand members each; in a larger channel, who is not found is not in it."""


@dataclass(frozen=True, slots=True)
class _Room:
    private: bool
    members: frozenset[str] | None
    """None: everybody."""
    name: str = ""


class Sight:
    """Takes what somebody may not see out of an answer."""

    def __init__(self, people: People, *, clock: Callable[[], float]) -> None:
        self._people = people
        self._rooms: TtlCache[tuple[str, str], _Room] = TtlCache(REMEMBERED, clock=clock, max_entries=1_000)

    async def seen(self, message: Message, spot: Spot) -> Message:
        """The message without what is about channels that are not theirs to see, and with names for addresses."""
        about = [_ADDRESS.fullmatch(each) for each in wording.channels_in(message, _ADDRESS)]
        hidden = {each[0] for each in about if each and not await self._visible(each[1], each[2], spot)}
        found = wording.addresses_in(message, _ADDRESS)
        names = {address: await self._name(each[2], spot) for address, each in found.items() if address not in hidden}
        return wording.seen(message, _ADDRESS, hidden, lambda address: names.get(address, ""))

    async def _name(self, what: str, spot: Spot) -> str:
        if what.startswith(("U", "W")):
            person = await self._people.person(replace(spot, user=what))
            return person.name if person else ""
        if what.startswith("D"):
            return "Direct messages"
        try:
            name = (await self._rooms.get_or_load((spot.team, what), lambda: _room(what, spot))).name
        except TRANSPORT:
            return ""
        return f"#{name}" if name else ""

    async def _visible(self, team: str, channel: str, spot: Spot) -> bool:
        if team != spot.team:
            return False
        if channel in {spot.channel, spot.user}:
            return True
        try:
            room = await self._rooms.get_or_load((team, channel), lambda: _room(channel, spot))
        except TRANSPORT:
            return False
        if room.members is not None:
            return spot.user in room.members
        person = await self._people.person(spot)
        return person is not None and not person.guest and bool(person.teams & {spot.team, spot.enterprise})


async def _room(channel: str, spot: Spot) -> _Room:
    """Who is in it. Raises what the SDK raises, also where Paperboy is not in it itself."""
    if channel.startswith("D"):
        return _Room(private=True, members=frozenset())  # direct messages are seen in themselves alone
    about = (await spot.client.conversations_info(channel=channel))["channel"]
    if not (about.get("is_private") or about.get("is_im") or about.get("is_mpim")):
        return _Room(private=False, members=None, name=str(about.get("name") or ""))
    members: set[str] = set()
    cursor: str | None = None
    for _ in range(PAGES):
        page = await spot.client.conversations_members(channel=channel, limit=1_000, cursor=cursor)
        members |= set(page["members"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return _Room(private=True, members=frozenset(members), name=str(about.get("name") or ""))
