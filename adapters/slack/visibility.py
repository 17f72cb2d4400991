"""Answers without the channels that a person may not see, and with names for addresses.

Nobody is told of another workspace's channels, and of a private channel only its members.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from cachetools import TTLCache

from adapters.slack.failures import TRANSPORT
from adapters.slack.members import members_of
from adapters.slack.origin import Origin
from adapters.slack.people import SlackUsers
from bot.model import Message
from bot.wording.visibility import addresses_in, channels_in, without_hidden

_ADDRESS = re.compile(r"slack:([A-Z0-9]+)/([A-Z0-9]+)")
CACHE_SECONDS = 60.0
"""A person who was removed from a private channel stops seeing it within this."""


@dataclass(frozen=True, slots=True)
class _Conversation:
    members: frozenset[str] | None
    """None: everybody."""
    name: str = ""


class Visibility:
    """Removes what a person may not see from an answer."""

    def __init__(self, users: SlackUsers, *, clock: Callable[[], float]) -> None:
        self._users = users
        self._conversations: TTLCache[tuple[str, str], _Conversation] = TTLCache(1_000, CACHE_SECONDS, timer=clock)

    async def visible_part(self, message: Message, origin: Origin) -> Message:
        """The message without paragraphs about channels hidden from the person, with names in place of addresses."""
        hidden = await self._hidden(message, origin)
        addresses = addresses_in(message, _ADDRESS)
        names = {text: await self._name(match[2], origin) for text, match in addresses.items() if text not in hidden}
        return without_hidden(message, _ADDRESS, hidden, lambda address: names.get(address, ""))

    async def visible_channels(self, message: Message, origin: Origin) -> list[str]:
        """The ids of the channels whose paragraphs the visible part has, in their order."""
        hidden = await self._hidden(message, origin)
        return [each.rpartition("/")[2] for each, _ in channels_in(message, _ADDRESS) if each not in hidden]

    async def sees(self, channel: str, origin: Origin) -> bool:
        """Whether the person may see a channel of the workspace."""
        return await self._visible(origin.team, channel, origin)

    async def _hidden(self, message: Message, origin: Origin) -> set[str]:
        channels = [_ADDRESS.fullmatch(each) for each in dict(channels_in(message, _ADDRESS))]
        return {each[0] for each in channels if each and not await self._visible(each[1], each[2], origin)}

    async def _name(self, channel_or_user: str, origin: Origin) -> str:
        if channel_or_user.startswith(("U", "W")):
            profile = await self._users.profile(replace(origin, user=channel_or_user))
            return profile.name if profile else ""
        if channel_or_user.startswith("D"):
            return "Direct messages"
        conversation = await self._conversation(channel_or_user, origin)
        return f"#{conversation.name}" if conversation and conversation.name else ""

    async def _visible(self, team: str, channel: str, origin: Origin) -> bool:
        if team != origin.team:
            return False
        if channel in {origin.channel, origin.user}:
            return True
        conversation = await self._conversation(channel, origin)
        if conversation is None:
            return False
        if conversation.members is not None:
            return origin.user in conversation.members
        profile = await self._users.profile(origin)
        return profile is not None and not profile.guest and bool(profile.teams & {origin.team, origin.enterprise})

    async def _conversation(self, channel: str, origin: Origin) -> _Conversation | None:
        """Name and members; None where Slack does not say, as of private channels that Paperboy is not in."""
        key = (origin.team, channel)
        conversation = self._conversations.get(key)
        if conversation is None:
            with suppress(*TRANSPORT):
                conversation = self._conversations[key] = await _fetch(channel, origin)
        return conversation


async def _fetch(channel: str, origin: Origin) -> _Conversation:
    if channel.startswith("D"):
        return _Conversation(members=frozenset())  # direct messages are visible in themselves alone
    info = (await origin.client.conversations_info(channel=channel))["channel"]
    name = str(info.get("name") or "")
    if not (info.get("is_private") or info.get("is_im") or info.get("is_mpim")):
        return _Conversation(members=None, name=name)
    members = [each async for page, _ in members_of(origin.client, channel) for each in page]
    return _Conversation(members=frozenset(members), name=name)
