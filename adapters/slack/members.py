"""The people of a channel, and whether a person is still one of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import CannotTell

MAX_PAGES = 20
"""Pages of a thousand members that are read."""


async def members_of(client: AsyncWebClient, channel: str) -> AsyncGenerator[tuple[list[str], bool]]:
    """Ids of the people of a channel, a page at a time, and whether there are more. Raises one of TRANSPORT."""
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.conversations_members(channel=channel, limit=1_000, cursor=cursor)
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        yield page["members"], bool(cursor)
        if not cursor:
            return


async def is_member(client: AsyncWebClient, channel: str, person: str) -> bool:
    """Whether a person whose account is active is in a channel.

    Raises one of TRANSPORT; CannotTell where the person is not among the first people of a very large channel.
    """
    if (await client.users_info(user=person))["user"].get("deleted"):
        return False
    if channel.startswith("D"):
        return True  # nobody leaves direct messages, and nobody else comes in
    async with aclosing(members_of(client, channel)) as pages:
        async for members, more in pages:
            if person in members or not more:
                return person in members
    raise CannotTell(f"the channel has more than {MAX_PAGES} pages of people")
