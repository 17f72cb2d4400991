"""Where something happened, by whom, and the way to answer it there."""

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

MESSAGE, LATER, SAME_LATER, CHOICES, MODAL = 4, 5, 6, 8, 9
"""https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object"""


class Origin:
    """One interaction: acknowledged once, answered once."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self.interaction = interaction
        self.data: Json = dict(interaction.data or {})

    @property
    def address(self) -> Channel:
        """The channel; of a thread the channel it is in; of direct messages the person."""
        if self.interaction.guild_id is None or self.interaction.channel is None:
            return self.person
        channel = self.interaction.channel
        place = getattr(channel, "parent_id", None) if isinstance(channel, discord.Thread) else channel.id
        return address(self.interaction.guild_id, place or channel.id)

    @property
    def person(self) -> Channel:
        """Who did it."""
        return Channel(f"{PEOPLE}/{self.interaction.user.id}")

    @property
    def home(self) -> Channel:
        """The server; of direct messages the person. What is kept for it goes when it is forgotten."""
        return self.person if self.interaction.guild_id is None else Channel(f"discord:{self.interaction.guild_id}")

    @property
    def caller(self) -> Caller:
        """Who asks: managers may manage the channel; in direct messages everybody is at home."""
        may = self.interaction.guild_id is None or self.interaction.permissions.manage_channels
        return Caller(self.address, self.person, may_manage=may, needs=NEEDS)

    async def acknowledge(self, *, private: bool = True) -> None:
        """Say within three seconds that an answer will come."""
        await self._callback(LATER, {"flags": limits.EPHEMERAL} if private else {})

    async def acknowledge_in_place(self) -> None:
        """The same, where the answer takes the place of the message that was pressed."""
        await self._callback(SAME_LATER)

    async def answer(self, message: Message | Json) -> None:
        """What was promised."""
        body = message if isinstance(message, dict) else payload(message)
        told = self.interaction
        route = Route("PATCH", _ANSWER, application_id=told.application_id, interaction_token=told.token)
        await send(self._http, route, json=body)

    async def choices(self, offered: tuple[str, ...]) -> None:
        """Ways to go on typing."""
        shown = [{"name": each, "value": each} for each in offered if 0 < utf16(each) <= limits.CHOICE]
        await self._callback(CHOICES, {"choices": shown[: limits.CHOICES]})

    async def open(self, modal: Json) -> None:
        """A modal, which must be the very first response."""
        await self._callback(MODAL, modal)

    @property
    def _http(self) -> discord.http.HTTPClient:
        http: discord.http.HTTPClient = self.interaction.client.http
        return http

    async def _callback(self, kind: int, data: Json | None = None) -> None:
        told = self.interaction
        route = Route("POST", _CALLBACK, interaction_id=told.id, interaction_token=told.token)
        body: Json = {"type": kind} if data is None else {"type": kind, "data": data}
        async with asyncio.timeout(limits.ACKNOWLEDGED_WITHIN):
            await send(self._http, route, json=body)


def address(guild: int, channel: int) -> Channel:
    """`discord:1/2` of a server's channel."""
    return Channel(f"discord:{guild}/{channel}")
