"""Outlet and front of Discord, made from the settings."""

from __future__ import annotations

from adapters.discord.client import DiscordClient
from adapters.discord.front import DiscordFront
from adapters.discord.manifest import application_of
from adapters.discord.outlet import DiscordOutlet
from adapters.discord.servers import Notes
from bot.errors import SettingsError
from bot.ports.leases import Leases
from bot.settings import Settings, secret_value


def connect(
    settings: Settings, notes: Notes, leases: Leases | None = None
) -> tuple[DiscordOutlet, DiscordFront] | None:
    """Outlet and front; None if no token is set. Raises SettingsError if the token cannot be one."""
    token = secret_value(settings.discord_token)
    if not token:
        return None
    if problem := token_problem(token):
        raise SettingsError((problem,))
    outlet = DiscordOutlet(DiscordClient(token, settings.discord_api_url), notes)
    return outlet, DiscordFront(
        token,
        notes,
        gateway_url=settings.discord_gateway_url,
        leases=leases,
        reads_messages=settings.discord_message_content,
    )


def token_problem(token: str) -> str | None:
    """Problem with a token that can be seen without asking Discord, with the remedy."""
    if token.startswith("Bot "):
        return "DISCORD_TOKEN: leave out the word Bot"
    if token.strip().count(".") != 2 or application_of(token) is None or len(token.split()) > 1:
        return "DISCORD_TOKEN is no bot token: take it under Bot, Reset Token, in the developer portal"
    return None
