"""Origin of an interaction: where it happened, who did it, and how to answer it there."""

from __future__ import annotations

import asyncio
from typing import Any, Literal, cast

import discord
from discord.http import Route

from adapters.discord import limits
from adapters.discord.blocks import Json, payload
from adapters.discord.client import send_once
from adapters.discord.failures import ALREADY_ACKNOWLEDGED, TRANSPORT, error_code, is_transient
from adapters.discord.forum import FORUM_TYPES
from adapters.discord.manifest import invite
from adapters.discord.mentions import with_commands
from adapters.discord.outlet import PEOPLE
from adapters.discord.permissions import ANNOUNCEMENT, NEEDED, Rights, sentence
from adapters.discord.visibility import Reader
from adapters.text import utf16
from bot.model import Caller, Channel, File, Message, Ref

NEEDS = "the permission “Manage Channels” in this channel"
NO_LINKS = (
    "Discord shows messages to bots that were allowed to read them alone. Whoever runs Paperboy switches on Message"
    " Content Intent for it and sets PAPERBOY_DISCORD_MESSAGE_CONTENT. Until then “Related papers” in a message's menu"
    " shows what it links to"
)
WRITING = discord.Permissions(administrator=True, send_messages=True)
WRITING_IN_THREADS = discord.Permissions(administrator=True, send_messages_in_threads=True)
"""Either permission of each lets a person write."""
ACKNOWLEDGEMENT_PAUSES = (0.1,)
ANSWER_PAUSES = (0.5, 2.0, 6.0)
"""Seconds before each repeat of a request whose fate is unknown."""
_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
_FOLLOW_UP = "/webhooks/{application_id}/{interaction_token}"
_ANSWER = f"{_FOLLOW_UP}/messages/@original"

DEFERRED_MESSAGE, DEFERRED_UPDATE, CHOICES, MODAL = 5, 6, 8, 9
"""https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object"""


class Origin:
    """One interaction: acknowledged once, then answered once. Methods raise what discord.py raises."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self.interaction = interaction
        self.data: Json = dict(interaction.data or {})

    @property
    def is_personal(self) -> bool:
        """Whether Paperboy itself is not in the place: its person has it installed, and brought it along."""
        if self.interaction.guild_id is None:
            return self.interaction.context.private_channel
        is_member = self.interaction.client.get_guild(self.interaction.guild_id) is not None
        return not is_member and not self.interaction.is_guild_integration()

    @property
    def is_known(self) -> bool:
        """Whether Discord said where it happened: in direct messages, or in a channel that discord.py can read."""
        return self.is_alone or self.interaction.channel is not None

    @property
    def is_alone(self) -> bool:
        """Whether it is about the person and no channel: in direct messages, and where Paperboy itself is not."""
        return self.interaction.guild_id is None or self.is_personal

    @property
    def address(self) -> Channel:
        """Address of the channel; for a thread, of its channel; for direct messages, of the person."""
        channel: Any = self.interaction.channel
        return self.person if self.is_alone or channel is None else channel_address(channel)

    @property
    def person(self) -> Channel:
        """Address of the person."""
        return Channel(f"{PEOPLE}/{self.interaction.user.id}")

    @property
    def home(self) -> Channel:
        """Address of the server; for direct messages, of the person. Notes of this origin are erased with it."""
        return self.person if self.is_alone else Channel(f"discord:{self.interaction.guild_id}")

    @property
    def reader(self) -> Reader:
        """The person as the reader of an answer."""
        guild = None if self.is_alone else self.interaction.guild
        return Reader(self.address, self.person, guild, self.interaction.user)

    @property
    def caller(self) -> Caller:
        """The person as a caller: may manage with the permission Manage Channels, and in direct messages always."""
        own, direct = self.interaction.permissions, self.interaction.guild_id is None
        name, channel = self.interaction.user.display_name, self.interaction.channel
        if self.is_personal:
            return Caller(self.person, self.person, name=name, invite=invite(str(self.interaction.application_id)))
        return Caller(
            self.address,
            self.person,
            may_manage=direct or own.manage_channels,
            admin=own.administrator or own.manage_guild,
            groups=role_ids(self.interaction.user),
            place=place_of(self._place),
            needs=NEEDS,
            name=name,
            thread=Ref(str(channel.id)) if isinstance(channel, discord.Thread) else None,
            direct=direct,
            threads=self._place is None or self._place.type.value in NEEDED,
            obstacle=self._obstacle(),
            links_obstacle=None if self.interaction.client.reads_messages else NO_LINKS,
        )

    @property
    def _place(self) -> Any:
        """The channel; for a thread, its channel; None where Discord does not say."""
        channel = self.interaction.channel
        return channel.parent if isinstance(channel, discord.Thread) else channel

    def _obstacle(self) -> str | None:
        """The permission that Paperboy lacks in this channel, as Discord says with each interaction."""
        bits, place = self.interaction.app_permissions.value, self._place
        if self.interaction.guild_id is None or not bits or place is None:
            return None
        missing = Rights(bits, place.type.value).missing
        return sentence(missing) if missing else None

    @property
    def may_share(self) -> bool:
        """Whether the person may share answers here: where they may write to others, and Paperboy is a member."""
        channel, own = self.interaction.channel, self.interaction.permissions
        if self.is_alone:
            return False
        if not isinstance(channel, discord.Thread):
            return bool(own.value & WRITING.value)
        return bool(own.value & WRITING_IN_THREADS.value) and (not channel.locked or own.manage_threads)

    async def acknowledge(self) -> None:
        """Promise an answer as a new message; Discord gives three seconds for it."""
        await self._respond(DEFERRED_MESSAGE, {"flags": limits.EPHEMERAL})

    async def acknowledge_in_place(self) -> None:
        """Promise an answer that replaces the message whose button was pressed."""
        await self._respond(DEFERRED_UPDATE)

    async def answer(self, message: Message | Json, *, attached: File | None = None) -> None:
        """Send the promised answer, again if it may not have arrived: a repeat changes nothing."""
        body = self._body(message)
        route = self._webhook("PATCH", _ANSWER)
        await self._repeatedly(route, limits.ANSWERED_WITHIN, ANSWER_PAUSES, body, attached)

    async def follow_up(self, message: Message | Json, *, private: bool = True) -> None:
        """Send a further message, once: a repeat could post it twice."""
        body = self._body(message)
        body = {**body, "flags": body["flags"] | (limits.EPHEMERAL if private else 0)}
        async with asyncio.timeout(limits.ANSWERED_WITHIN):
            await send_once(self.interaction.client.http, self._webhook("POST", _FOLLOW_UP), json=body)

    def _body(self, message: Message | Json) -> Json:
        if isinstance(message, dict):
            return message
        return payload(with_commands(message, self.interaction.client.menu_ids))

    def _webhook(self, method: str, path: str) -> Route:
        application, token = self.interaction.application_id, self.interaction.token
        return Route(method, path, application_id=application, interaction_token=token)

    async def offer(self, choices: tuple[str, ...]) -> None:
        """Respond with completions for the option being typed."""
        offered = [{"name": each, "value": each} for each in choices if 0 < utf16(each) <= limits.CHOICE]
        await self._respond(CHOICES, {"choices": offered[: limits.CHOICES]})

    async def open_modal(self, modal: Json) -> None:
        """Respond with a modal, which must be the first response."""
        await self._respond(MODAL, modal)

    async def _respond(self, kind: int, data: Json | None = None) -> None:
        identity: dict[str, Any] = {"interaction_id": self.interaction.id, "interaction_token": self.interaction.token}
        body: Json = {"type": kind} if data is None else {"type": kind, "data": data}
        route = Route("POST", _CALLBACK, **identity)
        await self._repeatedly(route, limits.ACKNOWLEDGED_WITHIN, ACKNOWLEDGEMENT_PAUSES, body)

    async def _repeatedly(
        self, route: Route, within: float, pauses: tuple[float, ...], body: Json, attached: File | None = None
    ) -> None:
        """Send a request that does no harm when it arrives twice; after the pauses the last failure is raised."""
        for attempt, pause in enumerate((*pauses, None)):
            try:
                async with asyncio.timeout(within):
                    await send_once(self.interaction.client.http, route, attached=attached, json=body)
            except TRANSPORT as error:
                if attempt and error_code(error) == ALREADY_ACKNOWLEDGED:
                    return  # an earlier attempt had arrived
                if pause is None or not is_transient(error):
                    raise
                await asyncio.sleep(pause)
            else:
                return


def role_ids(person: discord.User | discord.Member | None) -> frozenset[str]:
    """Ids of a member's roles, known to the cache or not; @everyone, which no rule names, is none."""
    return frozenset(map(str, person._roles)) if isinstance(person, discord.Member) else frozenset()  # noqa: SLF001 - `roles` leaves out what is not cached; pinned by a test


def permissions_in(channel: Any, person: discord.User | discord.Member | None) -> discord.Permissions:
    """A person's permissions in a channel or thread; none where they cannot be told."""
    if not isinstance(person, discord.Member) or not hasattr(channel, "permissions_for"):
        return discord.Permissions.none()
    try:
        return cast("discord.Permissions", channel.permissions_for(person))
    except discord.ClientException:  # of a thread whose channel is not cached
        return discord.Permissions.none()


def place_of(channel: Any) -> Literal["", "announcement", "forum"]:
    """The kind of a channel, where it makes a difference to how posts come."""
    kind = channel.type.value if channel is not None else 0
    return "announcement" if kind == ANNOUNCEMENT else "forum" if kind in FORUM_TYPES else ""


def channel_address(channel: discord.abc.GuildChannel | discord.Thread) -> Channel:
    """`discord:1/2` of a server's channel; for a thread, of its channel."""
    channel_id = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
    return Channel(f"discord:{channel.guild.id}/{channel_id}")
