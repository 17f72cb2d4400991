"""Edits of posted messages: without notifications, and not in archived threads, where Discord refuses them."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.discord import limits
from adapters.discord.blocks import Json
from adapters.discord.client import DiscordClient
from adapters.discord.failures import TRANSPORT, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, delivery_error, error_code
from bot.errors import DeliveryError, Failure

_MESSAGE = "/channels/{channel_id}/messages/{message_id}"


async def edit(client: DiscordClient, places: Sequence[str], message_id: str, content: Json) -> None:
    """Edit a message in the first of these channels or threads that has it. Raises DeliveryError.

    discord.py waits as the rate limit of each channel says, and may repeat an edit without harm.
    """
    # Of the flags only the components' may be sent again; an edit mentions nobody anew.
    body = {**content, "flags": limits.COMPONENTS_V2, "allowed_mentions": {"parse": []}}
    for place in places:
        try:
            await client.call("PATCH", _MESSAGE, json=body, channel_id=place, message_id=message_id)
        except TRANSPORT as error:
            if error_code(error) not in {UNKNOWN_CHANNEL, UNKNOWN_MESSAGE}:
                raise delivery_error(error) from error
        else:
            return
    raise DeliveryError(Failure.THREAD_GONE, "the message was deleted")
