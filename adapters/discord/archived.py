"""Threads that were archived: a message that is not worth opening one treats it as gone."""

from __future__ import annotations

from adapters.discord.client import DiscordClient
from adapters.discord.failures import TRANSPORT, UNKNOWN_CHANNEL, delivery_error, error_code
from bot.errors import DeliveryError, Failure
from bot.model import Ref


async def require_open(client: DiscordClient, opener: Ref) -> bool:
    """True; raises DeliveryError unless an opener has a thread that is not archived.

    A message to an archived thread opens it, which everybody who follows it notices.
    """
    try:
        thread = await client.call("GET", "/channels/{channel_id}", channel_id=str(opener))
    except TRANSPORT as error:
        if error_code(error) == UNKNOWN_CHANNEL:
            raise DeliveryError(Failure.THREAD_GONE, "it has no thread") from error
        raise delivery_error(error).as_not_sent() from error
    state = thread.get("thread_metadata") or {}
    if state.get("locked"):
        raise DeliveryError(Failure.THREAD_GONE, "the thread is locked")
    if state.get("archived"):
        raise DeliveryError(Failure.THREAD_GONE, "its thread is archived")
    return True
