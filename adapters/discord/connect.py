"""Settings -> the two halves of the adapter."""

from __future__ import annotations

from adapters.discord.client import DiscordClient
from adapters.discord.front import DiscordFront
from adapters.discord.manifest import application_of
from adapters.discord.outlet import DiscordOutlet
from adapters.discord.servers import Notes
from bot.errors import SettingsError
from bot.settings import Settings, secret_value


def connect(settings: Settings, notes: Notes) -> tuple[DiscordOutlet, DiscordFront] | None:
    """The two halves, or None where no token is set. Raises SettingsError for one that can't be right."""
    token = secret_value(settings.discord_token)
    if not token:
        return None
    if problem := token_problem(token):
        raise SettingsError((problem,))
    client = DiscordClient(token, settings.discord_api_url)
    return DiscordOutlet(client), DiscordFront(token, notes, gateway_url=settings.discord_gateway_url)


def token_problem(token: str) -> str | None:
    """What is wrong with a token at first sight, with the remedy."""
    if token.startswith("Bot "):
        return "DISCORD_TOKEN: leave out the word Bot"
    if token.strip().count(".") != 2 or application_of(token) is None or len(token.split()) > 1:
        return "DISCORD_TOKEN is no bot token: take it under Bot, Reset Token, in the developer portal"
    return None
