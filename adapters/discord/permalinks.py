"""Addresses of messages on Discord."""

from __future__ import annotations

from discord import ChannelType

from adapters.discord import forum
from adapters.discord.client import DiscordClient
from adapters.discord.failures import TRANSPORT, delivery_error
from bot.model import Channel, Ref, workspace

_THREADS = frozenset(
    each.value for each in (ChannelType.news_thread, ChannelType.public_thread, ChannelType.private_thread)
)


async def message_url(client: DiscordClient, channel: Channel, target: str, ref: Ref, opener: Ref | None) -> str:
    """The address of a message in a server's channel, or in the thread that its opener has. Raises DeliveryError.

    A thread has the id of its opener. In a forum the opener is in the thread too; in a channel that is a thread
    itself, replies are beside their opener.
    """
    try:
        kind = (await client.call("GET", "/channels/{channel_id}", channel_id=target)).get("type")
    except TRANSPORT as error:
        raise delivery_error(error) from error
    is_reply = opener is not None and opener != ref
    in_thread = kind in forum.FORUM_TYPES or (is_reply and kind not in _THREADS)
    server, place = workspace(channel).removeprefix("discord:"), str(opener or ref) if in_thread else target
    return f"https://discord.com/channels/{server}/{place}/{ref}"
