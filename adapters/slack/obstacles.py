"""Reasons why nothing could be posted where a command was typed, as far as Slack tells them before a post."""

from __future__ import annotations

import asyncio

from adapters.slack.client import granted_scopes
from adapters.slack.failures import FAILURES, TRANSPORT, error_code
from adapters.slack.manifest import LINK_SCOPES
from adapters.slack.origin import Origin

LOOKUP_SECONDS = 1.0
"""Longest look; a form must be opened within three seconds of the click."""
NOT_OURS = "apps cannot post in direct messages between people: type it in a channel, or in the messages with Paperboy"

NO_LINKS = (
    "Slack tells of links only where the app may read them. Whoever runs Paperboy replaces the app's manifest by that"
    " of “paperboy manifest slack --links” and installs it again"
)


async def find_obstacle(origin: Origin) -> str | None:
    """The reason why a digest could not be posted in the channel, with the remedy; None if none is known of."""
    if origin.written or not origin.channel:
        return None
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            if origin.channel.startswith("D"):
                own = await origin.client.conversations_open(users=origin.user)
                return None if own["channel"]["id"] == origin.channel else NOT_OURS
            info = (await origin.client.conversations_info(channel=origin.channel))["channel"]
    except TRANSPORT as error:
        return FAILURES["channel_not_found"].reason if error_code(error) == "channel_not_found" else None
    if info.get("is_archived"):
        return FAILURES["is_archived"].reason
    # Some servers name the membership in public channels alone.
    return FAILURES["not_in_channel"].reason if info.get("is_member") is False else None


async def find_links_obstacle(origin: Origin) -> str | None:
    """The reason why Slack does not tell of links, with the remedy; None if none is known of."""
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            identity = await origin.client.auth_test()
    except TRANSPORT:
        return None
    scopes = granted_scopes(identity)
    return NO_LINKS if scopes and not scopes >= LINK_SCOPES.keys() else None
