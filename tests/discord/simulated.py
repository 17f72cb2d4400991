"""Paperboy in simcord, a simulated Discord by other authors in this process, which checks some things more closely.

async with simulated(tmp_path) as s:
    result = await s.mod.slash(s.channel, "papers search", query="video")
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
from discord.http import HTTPClient
from simcord.env import Env
from simcord.http import RequestContext, route

from adapters.discord import DiscordClient, DiscordOutlet
from adapters.discord.front import register_menu
from adapters.discord.interactions import Interactions
from bot.ports import Desk
from tests.discord.fake.world import rendered
from tests.discord.harness import Notes
from tests.harness.engine import Backend, running_backend


@route("PATCH", "/applications/@me")
def edit_application(ctx: RequestContext) -> dict[str, Any]:
    """Take the ways to install the application, which simcord does not know."""
    return {"id": str(ctx.backend.application_id), **ctx.fields("integration_types_config")}


class Bot(Interactions):
    """The client of `DiscordFront`, which registers the menu when it starts."""

    def __init__(self, desk: Desk, notes: Notes) -> None:
        super().__init__(desk, notes)
        self._notes = notes

    async def setup_hook(self) -> None:
        """Register the menu, as `DiscordFront.serve` does after the login."""
        await register_menu(self, self._notes)


class Client(DiscordClient):
    """The outlet's client, whose requests simcord answers."""

    def __init__(self, http: Callable[[], HTTPClient]) -> None:
        super().__init__("token")
        self._simulated = http

    async def login(self) -> HTTPClient:
        """simcord's client."""
        http = self._simulated()
        self.user_id = self.user_id or str((await http.static_login(self._token))["id"])
        return http


@dataclass
class Simulated:
    """A server, a channel, a moderator and a member."""

    env: Any
    guild: Any
    channel: Any
    mod: Any
    bob: Any
    backend: Backend
    notes: Notes
    desk: Desk

    async def elsewhere(self) -> tuple[Any, Any]:
        """A channel of a server without Paperboy, and a member who brought it along."""
        guild = self.env.create_guild(name="Climbing club")
        channel, member = guild.create_text_channel("general"), guild.add_member(self.env.create_user("eve"))
        await self.env.settle()
        # simcord puts the bot into every server; of one that it is not in, the gateway tells it nothing.
        self.env.bot._connection._remove_guild(self.env.bot.get_guild(guild.id))
        return channel, member

    async def restart(self) -> None:
        """Start a new Paperboy on the same database."""
        await self.env.restart_bot(Bot(self.desk, self.notes))


def text(message: Any) -> str:
    """Text of a message as a person reads it."""
    return rendered("\n".join(part.content for part in message.components if isinstance(part, discord.TextDisplay)))


def labels(message: Any) -> list[str]:
    """Labels of a message's buttons."""
    rows = [part for part in message.components if isinstance(part, discord.ActionRow)]
    return [button.label for row in rows for button in row.children]


@contextlib.asynccontextmanager
async def simulated(path: Path, desk: Callable[[Desk], Desk] | None = None) -> AsyncIterator[Simulated]:
    """Start simcord with a real engine; `desk` may wrap the engine's desk."""
    notes = Notes()
    outlet = DiscordOutlet(Client(lambda: env.bot.http), notes)
    with running_backend(path, {"discord": outlet}) as backend:
        wrapped = desk(backend.desk) if desk else backend.desk
        env = Env(Bot(wrapped, notes), shard_count=1)  # `simcord.run` cannot be entered in one task and left in another
        env.backend.bot_user.username = env.backend.bot_user.global_name = "Paperboy"
        await env.start()
        try:
            guild = env.create_guild(name="Reading group")
            channel = guild.create_text_channel("papers")
            allowed = discord.Permissions(manage_channels=True, view_channel=True, send_messages=True)
            mods = guild.create_role("mods", permissions=allowed)
            mod, bob = guild.add_member(env.create_user("mod"), roles=[mods]), guild.add_member(env.create_user("bob"))
            await env.settle()
            yield Simulated(env, guild, channel, mod, bob, backend, notes, wrapped)
        finally:
            await env.shutdown()


class SlowDesk:
    """A desk that waits before it answers."""

    def __init__(self, desk: Desk, wait: Callable[[], Awaitable[None]]) -> None:
        self._desk, self._wait = desk, wait

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    async def run(self, *args: Any) -> Any:
        """Wait, then run the command."""
        await self._wait()
        return await self._desk.run(*args)
