"""The people of a channel, and whether a person is still one of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from slack_sdk.web.async_client import AsyncWebClient

MAX_PAGES = 20
"""Pages of a thousand members that are read; in a larger channel, a person who is not among them counts as absent."""


async def members_of(client: AsyncWebClient, channel: str) -> AsyncGenerator[str]:
    """Ids of the people of a channel. Raises one of TRANSPORT."""
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.conversations_members(channel=channel, limit=1_000, cursor=cursor)
        for member in page["members"]:
            yield member
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


async def is_member(client: AsyncWebClient, channel: str, person: str) -> bool:
    """Whether a person whose account is active is in a channel. Raises one of TRANSPORT."""
    if channel.startswith("D"):
        return True  # nobody leaves direct messages, and nobody else comes in
    if (await client.users_info(user=person))["user"].get("deleted"):
        return False
    async with aclosing(members_of(client, channel)) as members:
        async for member in members:
            if member == person:
                return True
    return False
