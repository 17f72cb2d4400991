"""What the doctor asks Discord: whether the token works, and what is missing in each channel."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.discord.client import DiscordClient
from adapters.discord.connect import token_problem
from adapters.discord.failures import TRANSPORT, failed_post
from adapters.discord.manifest import PERMISSIONS
from adapters.discord.outlet import PEOPLE
from adapters.discord.permissions import fetch_permissions
from bot.model import Channel, Check, platform, workspace
from bot.settings import Settings, secret_value

INVITE = "open the link that `paperboy manifest discord` prints"
MOST_CHANNELS = 200


async def examine(settings: Settings, safe: object, channels: Sequence[Channel]) -> list[Check]:  # noqa: ARG001 - one signature for all platforms
    """Nothing to say where no token is set."""
    token = secret_value(settings.discord_token)
    if not token:
        return []
    if problem := token_problem(token):
        return [Check("discord", problem, fault=True, remedy="set DISCORD_TOKEN again")]
    client = DiscordClient(token, settings.discord_api_url)
    try:
        return await _bot(client, [each for each in channels if platform(each) == "discord"][:MOST_CHANNELS])
    finally:
        await client.close()


async def _bot(client: DiscordClient, channels: Sequence[Channel]) -> list[Check]:
    try:
        me = await client.call("GET", "/users/@me")
    except TRANSPORT as error:
        remedy = "take the token under Bot, Reset Token, in the developer portal; check the network"
        return [Check("discord", failed_post(error).reason, fault=True, remedy=remedy)]
    checks = [Check("discord", f"connected as {me['username']}")]
    for channel in channels:
        if workspace(channel) != PEOPLE:
            checks += await _channel(client, channel)
    return checks


async def _channel(client: DiscordClient, channel: Channel) -> list[Check]:
    """Nothing to say about a channel it can post in."""
    guild, _, place = channel.removeprefix("discord:").partition("/")
    try:
        may = await fetch_permissions(client, guild, place)
    except TRANSPORT as error:
        return [Check(f"channel {channel}", failed_post(error).reason, fault=True, remedy=INVITE)]
    missing = [name for name, bit in PERMISSIONS.items() if not may & bit]
    if not missing:
        return []
    remedy = "give Paperboy's role these permissions in the channel's settings"
    return [Check(f"channel {channel}", f"missing {', '.join(missing)}", fault=True, remedy=remedy)]
