"""Settings -> the two halves of the adapter."""

from __future__ import annotations

from adapters.discord.client import Wire
from adapters.discord.front import DiscordFront
from adapters.discord.manifest import owner
from adapters.discord.outlet import DiscordOutlet
from adapters.discord.servers import Notes
from bot.errors import SettingsError
from bot.settings import Settings, shown


def connect(settings: Settings, notes: Notes) -> tuple[DiscordOutlet, DiscordFront] | None:
    """The two halves, or None where no token is set. Raises SettingsError for one that can't be right."""
    token = shown(settings.discord_token)
    if not token:
        return None
    if problem := wrong(token):
        raise SettingsError((problem,))
    wire = Wire(token, settings.discord_api_url)
    return DiscordOutlet(wire), DiscordFront(token, notes, gateway_url=settings.discord_gateway_url)


def wrong(token: str) -> str | None:
    """What is wrong with a token at first sight, with the remedy."""
    if token.startswith("Bot "):
        return "DISCORD_TOKEN: leave out the word Bot"
    if token.strip().count(".") != 2 or owner(token) is None or len(token.split()) > 1:
        return "DISCORD_TOKEN is no bot token: take it under Bot, Reset Token, in the developer portal"
    return None
