"""What happens on a server without anybody asking: reactions, invitations, channels and servers that end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import discord
from discord.http import Route

from adapters.discord.blocks import payload
from adapters.discord.failures import FAILURES, NO_SUCH_CHANNEL, TRANSPORT
from adapters.discord.origin import address
from adapters.discord.outlet import PEOPLE
from adapters.discord.servers import Notes, Servers
from adapters.keyed_lock import KeyedLock
from bot.model import Channel, Ref, opinion
from bot.ports import Desk

log = logging.getLogger("paperboy.discord")

REACTIONS = {"👍": 1, "❤": 1, "⭐": 1, "🔥": 1, "👎": -1}
"""What a reaction says about a paper; any other says nothing. Skin tones make no difference."""
_NO_DIFFERENCE = dict.fromkeys((0xFE0F, *range(0x1F3FB, 0x1F400)))
REMOVED = "Paperboy was removed from the server: invite it again"


class PlatformEvents:
    """Tells the desk."""

    def __init__(self, desk: Desk, notes: Notes, client: discord.Client) -> None:
        self._desk = desk
        self._client = client
        self._servers = Servers(notes)
        self._turns = KeyedLock()

    async def began(self, guilds: Sequence[discord.Guild]) -> None:
        """Servers that are missing removed Paperboy while it was not running; those in an outage are not missing."""
        for server in await self._servers.missing(guild.id for guild in guilds):
            await self._left(server)

    async def added(self, guild: discord.Guild) -> None:
        """Say hello, once, in the first channel where Paperboy may write: the server's own for such things, if set."""
        if not await self._servers.add(guild.id):
            return
        await self._servers.keep()
        await self._desk.back(Channel(f"discord:{guild.id}"))
        room = _room(guild)
        if room is None:
            log.info("nowhere to say hello server=%d", guild.id)
            return
        hello = await self._desk.joined(address(guild.id, room.id), None)
        if hello is None:
            return
        try:
            route = Route("POST", "/channels/{channel_id}/messages", channel_id=room.id)
            await self._client.http.request(route, json=payload(hello))
        except TRANSPORT as error:
            log.warning("could not say hello server=%d reason=%r", guild.id, str(error)[:200])

    async def removed(self, guild: discord.Guild) -> None:
        """Every channel of the server is gone."""
        await self._left(guild.id)

    async def _left(self, server: int) -> None:
        log.warning("removed from server=%d", server)
        await self._desk.gone(Channel(f"discord:{server}"), REMOVED)
        await self._servers.remove(server)

    async def deleted(self, channel: discord.abc.GuildChannel) -> None:
        """One channel is."""
        await self._desk.gone(address(channel.guild.id, channel.id), FAILURES[NO_SUCH_CHANNEL].reason)

    async def reacted(self, reaction: discord.RawReactionActionEvent) -> None:
        """A reaction was added to, or taken from, a message."""
        value = meaning(reaction.emoji.name)
        mine = self._client.user.id if self._client.user else None
        if value is None or reaction.user_id == mine or reaction.message_author_id not in {None, mine}:
            return
        async with self._turns.of((reaction.message_id, reaction.user_id)):
            if reaction.event_type == "REACTION_REMOVE":
                value = await self._remaining(reaction)
            where, user = await self._place(reaction), Channel(f"{PEOPLE}/{reaction.user_id}")
            if where is not None:
                await self._desk.react(where, Ref(str(reaction.message_id)), user, value)

    async def _place(self, reaction: discord.RawReactionActionEvent) -> Channel | None:
        """The channel that a message's thread belongs to."""
        if reaction.guild_id is None:
            return Channel(f"{PEOPLE}/{reaction.user_id}")
        guild = self._client.get_guild(reaction.guild_id)
        if guild is not None and guild.get_channel(reaction.channel_id) is not None:
            return address(reaction.guild_id, reaction.channel_id)
        thread = guild.get_thread(reaction.channel_id) if guild else None
        if thread is not None:
            return address(reaction.guild_id, thread.parent_id)
        try:
            found = await self._client.http.get_channel(reaction.channel_id)
        except TRANSPORT:
            return None
        return address(reaction.guild_id, int(found.get("parent_id") or reaction.channel_id))  # type: ignore[call-overload]  # of a thread a number

    async def _remaining(self, reaction: discord.RawReactionActionEvent) -> int:
        """What this person's other reactions to the message still say: 👎 may have been taken back for a 👍."""
        channel, message = reaction.channel_id, reaction.message_id
        try:
            said: Any = await self._client.http.get_message(channel, message)
            names = [each["emoji"].get("name") for each in said.get("reactions") or ()]
            left = []
            for name in filter(meaning, names):
                who = await self._client.http.get_reaction_users(channel, message, name, 100)
                left += [name] * any(str(user["id"]) == str(reaction.user_id) for user in who)
        except TRANSPORT:
            return 0
        return opinion(meaning(name) or 0 for name in left)


def meaning(emoji: str | None) -> int | None:
    """+1 or -1; None for one that says nothing about a paper."""
    return REACTIONS.get((emoji or "").translate(_NO_DIFFERENCE))


def _room(guild: discord.Guild) -> discord.TextChannel | None:
    rooms = [guild.system_channel, *guild.text_channels]
    return next((room for room in rooms if room is not None and _may_write(room)), None)


def _may_write(room: discord.TextChannel) -> bool:
    me: discord.Member | None = room.guild.me  # missing in a server that Discord told only in part
    if me is None:
        return False
    may = room.permissions_for(me)
    return may.view_channel and may.send_messages
