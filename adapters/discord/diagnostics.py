"""The doctor's checks of Discord: whether the token works, and which permissions are missing in each channel."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.discord.client import DiscordClient
from adapters.discord.connect import token_problem
from adapters.discord.failures import TRANSPORT, delivery_error
from adapters.discord.forum import FORUM_TYPES
from adapters.discord.manifest import PERMISSIONS
from adapters.discord.outlet import PEOPLE
from adapters.discord.permissions import fetch_rights
from bot.model import Channel, Check, platform, workspace
from bot.settings import Settings, secret_value

MAX_CHANNELS = 200


async def examine(settings: Settings, safe: object, channels: Sequence[Channel]) -> list[Check]:  # noqa: ARG001 - one signature for all platforms
    """Checks of the token and of Discord's channels among these; none if no token is set."""
    token = secret_value(settings.discord_token)
    if not token:
        return []
    if problem := token_problem(token):
        return [Check("discord", problem, fault=True, remedy="set DISCORD_TOKEN again")]
    client = DiscordClient(token, settings.discord_api_url)
    try:
        user = await client.call("GET", "/users/@me")
        checks = [Check("discord", f"connected as {user['username']}")]
        for channel in [each for each in channels if platform(each) == "discord"][:MAX_CHANNELS]:
            if workspace(channel) != PEOPLE:
                checks += await _check_channel(client, channel)
    except TRANSPORT as error:
        remedy = "take the token under Bot, Reset Token, in the developer portal; check the network"
        return [Check("discord", delivery_error(error).reason, fault=True, remedy=remedy)]
    finally:
        await client.close()
    return checks


async def _check_channel(client: DiscordClient, channel: Channel) -> list[Check]:
    """One fault, or nothing if the bot can post there."""
    guild, _, channel_id = channel.removeprefix("discord:").partition("/")
    try:
        rights = await fetch_rights(client, guild, channel_id)
    except TRANSPORT as error:
        remedy = "open the link that `paperboy manifest discord` prints"
        return [Check(f"channel {channel}", delivery_error(error).reason, fault=True, remedy=remedy)]
    unneeded = () if rights.kind not in FORUM_TYPES else ("Create Public Threads",)
    missing = ", ".join(name for name, bit in PERMISSIONS.items() if not rights.bits & bit and name not in unneeded)
    if not missing:
        return []
    remedy = "give Paperboy's role these permissions in the channel's settings"
    return [Check(f"channel {channel}", f"missing {missing}", fault=True, remedy=remedy)]
