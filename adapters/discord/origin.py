"""Origin of an interaction: where it happened, who did it, and how to answer it there."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord.http import Route

from adapters.discord import limits
from adapters.discord.blocks import Json, payload
from adapters.discord.client import send
from adapters.discord.outlet import PEOPLE
from adapters.text import utf16
from bot.model import Caller, Channel, Message

NEEDS = "the permission “Manage Channels” in this channel"
_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
_ANSWER = "/webhooks/{application_id}/{interaction_token}/messages/@original"

DEFERRED_MESSAGE, DEFERRED_UPDATE, CHOICES, MODAL = 5, 6, 8, 9
"""https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object"""


class Origin:
    """One interaction: acknowledged once, then answered once. Methods raise what discord.py raises."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self.interaction = interaction
        self.data: Json = dict(interaction.data or {})

    @property
    def address(self) -> Channel:
        """Address of the channel; for a thread, of its channel; for direct messages, of the person."""
        channel: Any = self.interaction.channel
        return self.person if self.interaction.guild_id is None or channel is None else channel_address(channel)

    @property
    def person(self) -> Channel:
        """Address of the person."""
        return Channel(f"{PEOPLE}/{self.interaction.user.id}")

    @property
    def home(self) -> Channel:
        """Address of the server; for direct messages, of the person. Notes of this origin are erased with it."""
        return self.person if self.interaction.guild_id is None else Channel(f"discord:{self.interaction.guild_id}")

    @property
    def caller(self) -> Caller:
        """The person as a caller: may manage with the permission Manage Channels, and in direct messages always."""
        may_manage = self.interaction.guild_id is None or self.interaction.permissions.manage_channels
        return Caller(self.address, self.person, may_manage=may_manage, needs=NEEDS)

    async def acknowledge(self, *, private: bool = True) -> None:
        """Promise an answer as a new message; Discord gives three seconds for it."""
        await self._respond(DEFERRED_MESSAGE, {"flags": limits.EPHEMERAL} if private else {})

    async def acknowledge_in_place(self) -> None:
        """Promise an answer that replaces the message whose button was pressed."""
        await self._respond(DEFERRED_UPDATE)

    async def answer(self, message: Message | Json) -> None:
        """Send the promised answer."""
        body = message if isinstance(message, dict) else payload(message)
        application, token = self.interaction.application_id, self.interaction.token
        route = Route("PATCH", _ANSWER, application_id=application, interaction_token=token)
        await send(self.interaction.client.http, route, json=body)

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
        async with asyncio.timeout(limits.ACKNOWLEDGED_WITHIN):
            await send(self.interaction.client.http, Route("POST", _CALLBACK, **identity), json=body)


def channel_address(channel: discord.abc.GuildChannel | discord.Thread) -> Channel:
    """`discord:1/2` of a server's channel; for a thread, of its channel."""
    channel_id = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
    return Channel(f"discord:{channel.guild.id}/{channel_id}")
