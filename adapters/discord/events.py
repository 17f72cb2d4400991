"""Events that are no requests: reactions, invitations, removals, deleted channels; reported to the desk."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from typing import Any

import discord
from discord.http import Route

from adapters.discord import gateway
from adapters.discord.blocks import payload
from adapters.discord.failures import FAILURES, TRANSPORT, UNKNOWN_CHANNEL
from adapters.discord.mentions import with_commands
from adapters.discord.origin import channel_address, permissions_in, role_ids
from adapters.discord.outlet import PEOPLE
from adapters.discord.servers import Notes, Servers
from adapters.discord.shards import LeasedShard
from adapters.keyed_lock import KeyedLock
from adapters.log_filter import OneLineTracebacks
from adapters.reactions import reaction_value
from bot.model import Caller, Channel, Ref, opinion
from bot.ports import Desk

log = logging.getLogger("paperboy.discord")
for _name in ("discord.client", "discord.shard", "discord.gateway", "discord.http"):
    logging.getLogger(_name).addFilter(OneLineTracebacks())
    logging.getLogger(_name).setLevel(logging.WARNING)
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # voice is not used

INTENTS = discord.Intents(guilds=True, guild_reactions=True, dm_reactions=True, guild_messages=True, dm_messages=True)
GREETED_AT_ONCE = 100
"""Members of the largest server that is greeted when it invites the bot."""
REMOVED = "Paperboy was removed from the server: invite it again"


class PlatformEvents(discord.AutoShardedClient):
    """A gateway client for one desk. Servers, channels and roles are cached; members and messages are not."""

    def __init__(
        self,
        desk: Desk,
        notes: Notes,
        *,
        leased: LeasedShard | None = None,
        message_content: bool = False,
        **options: Any,
    ) -> None:
        """`leased`: the one shard to serve, where other processes serve others.

        `message_content`: ask for the text of all messages, which Discord gives to bots that were allowed it.
        """
        self._leased, self.reads_messages = leased, message_content
        super().__init__(
            intents=INTENTS | discord.Intents(message_content=message_content),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            **options,
        )
        self._desk = desk
        self.menu_ids = ""
        """Discord's ids of the command menus; empty until they are registered."""
        self._servers = Servers(notes, lambda: self.user.id if self.user else 0, self._is_own)
        self._reaction_order = KeyedLock()
        parsers: Any = self._connection.parsers
        for name, parse in parsers.items():
            if name != gateway.READY:
                parsers[name] = partial(gateway.skip_unreadable, name, parse)

    def _is_own(self, server: int) -> bool:
        """Whether a server's events come to this client."""
        return self._leased is None or (server >> 22) % self._leased.shard.total == self._leased.shard.id

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Handle an event; not of a shard that another process may serve by now."""
        if self._leased is None or self._leased.is_held():
            super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait before a session is begun: one in five seconds, of all processes together."""
        if self._leased is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await self._leased.before_identify()

    async def on_ready(self) -> None:
        """Report known servers that are missing: they removed the bot while it was not running."""
        for server in await self._servers.missing(guild.id for guild in self.guilds):  # outages are not missing
            await self.on_guild_remove(discord.Object(server))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a new server in the first channel where the bot may write; its system channel comes first.

        A large server is greeted with its first command, privately: nobody there expects a message from a stranger.
        """
        waits = (guild.member_count or 0) > GREETED_AT_ONCE
        if not await self._servers.add(guild.id, waits=waits):
            return
        await self._desk.back(Channel(f"discord:{guild.id}"))
        if not waits:
            await self._say_hello(guild)

    async def _say_hello(self, guild: discord.Guild) -> None:
        channel = next(filter(_may_write, (guild.system_channel, *guild.text_channels)), None)
        if channel is None:
            log.info("nowhere to say hello server=%d", guild.id)
            return
        hello = await self._desk.joined(channel_address(channel), None)
        if hello is None:
            return
        try:
            route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
            await self.http.request(route, json=payload(with_commands(hello, self.menu_ids)))
        except TRANSPORT as error:
            log.warning("could not say hello server=%d reason=%r", guild.id, str(error)[:200])

    on_guild_available = on_guild_join
    """Servers that are known at the start, or back after an outage."""

    async def on_guild_remove(self, guild: discord.Guild | discord.Object) -> None:
        """Report a server that removed the bot; discord.py reports outages as another event."""
        log.warning("removed from server=%d", guild.id)
        await self._desk.gone(Channel(f"discord:{guild.id}"), REMOVED)
        await self._servers.remove(guild.id)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Report a deleted channel."""
        await self._desk.gone(channel_address(channel), FAILURES[UNKNOWN_CHANNEL].reason)

    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        """Report the vote of a reaction to one of the bot's messages."""
        vote, own_id = reaction_value(reaction.emoji.name), self.user.id if self.user else None
        if vote is None or reaction.user_id == own_id or reaction.message_author_id not in {None, own_id}:
            return
        async with self._reaction_order.of((reaction.message_id, reaction.user_id)):
            if reaction.event_type == "REACTION_REMOVE":
                vote = await self._remaining_vote(reaction)
            channel, user = await self._channel_of(reaction), Channel(f"{PEOPLE}/{reaction.user_id}")
            if channel is not None:
                who = partial(self._reactor, reaction, channel, user)
                await self._desk.react(channel, Ref(str(reaction.message_id)), user, vote, who)

    on_raw_reaction_remove = on_raw_reaction_add

    async def _reactor(self, reaction: discord.RawReactionActionEvent, channel: Channel, user: Channel) -> Caller:
        """The person who reacted, with their rights; Discord names no member with a reaction that is taken back."""
        guild, member = self.get_guild(reaction.guild_id or 0), reaction.member
        if guild is not None and member is None:
            with suppress(*TRANSPORT):
                member = await guild.fetch_member(reaction.user_id)
        place = guild.get_channel_or_thread(reaction.channel_id) if guild else None
        own = permissions_in(place, member)
        return Caller(
            channel,
            user,
            may_manage=own.manage_channels,
            admin=own.administrator or own.manage_guild,
            groups=role_ids(member),
            direct=reaction.guild_id is None,
        )

    async def _channel_of(self, reaction: discord.RawReactionActionEvent) -> Channel | None:
        if reaction.guild_id is None:
            return Channel(f"{PEOPLE}/{reaction.user_id}")
        return await self._address(reaction.guild_id, reaction.channel_id)

    async def _address(self, guild_id: int, channel_id: int) -> Channel | None:
        """Address of a server's channel; for a thread, of its channel; None if Discord does not say."""
        guild = self.get_guild(guild_id)
        if guild is not None and (channel := guild.get_channel_or_thread(channel_id)) is not None:
            return channel_address(channel)
        try:
            info: Any = await self.http.get_channel(channel_id)
        except TRANSPORT:
            return None
        in_thread = info.get("thread_metadata") is not None  # of other channels, the parent is a category
        return Channel(f"discord:{guild_id}/{info['parent_id'] if in_thread else channel_id}")

    async def _remaining_vote(self, reaction: discord.RawReactionActionEvent) -> int:
        """Vote of the person's other reactions to the message: 👎 may have been taken back for a 👍."""
        place = reaction.channel_id, reaction.message_id
        votes: list[int] = []
        try:
            message: Any = await self.http.get_message(*place)
            emojis = [each["emoji"].get("name") for each in message.get("reactions") or ()]
            for emoji in filter(reaction_value, emojis):
                users = await self.http.get_reaction_users(*place, emoji, 100)
                votes += [reaction_value(emoji) or 0] * any(str(user["id"]) == str(reaction.user_id) for user in users)
        except TRANSPORT:
            return 0
        return opinion(votes)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """Log an exception of an event's handler; other events go on."""
        log.exception("an event failed event=%s", event_method)


def _may_write(channel: discord.TextChannel | None) -> bool:
    member: discord.Member | None = channel.guild.me if channel else None  # missing where Discord sent a partial server
    if channel is None or member is None:
        return False
    permissions = channel.permissions_for(member)
    return permissions.view_channel and permissions.send_messages
