"""Passes messages of announcement channels on to the servers that follow them.

Discord allows ten an hour in a channel, people's included, and then names a wait of up to an hour
(https://discord.com/developers/docs/resources/message#crosspost-message). The wait is in memory: a message that waits
while Paperboy stops stays in its own channel alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from adapters.discord.client import DiscordClient
from adapters.discord.failures import ALREADY_CROSSPOSTED, TRANSPORT, delivery_error, error_code
from adapters.tasks import BackgroundTasks
from bot.errors import Failure
from bot.model import Channel, Ref

log = logging.getLogger("paperboy.discord")

ANSWERED_WITHIN = 10.0
"""Seconds for one attempt, while the post's own record waits."""
LONGEST_WAIT = 3_600.0
WAIT_WITHOUT_WORD = 60.0
"""Seconds before the next attempt where Discord names none."""
MOST_ATTEMPTS = 3
_CROSSPOST = "/channels/{channel_id}/messages/{message_id}/crosspost"


class Crossposts:
    """Crossposts messages; a repeat of one that was crossposted does nothing."""

    def __init__(self, client: DiscordClient, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._client, self._sleep = client, sleep
        self.tasks = BackgroundTasks("discord")
        """Crossposts that wait for their turn."""

    async def begin(self, channel: Channel, ref: Ref) -> None:
        """Crosspost a message, or go on trying later if Discord asks to wait. A failure is a line in the log."""
        wait = await self._attempt(channel, ref)
        if wait is not None:
            log.info("a crosspost waits channel=%s seconds=%.0f", channel, wait)
            self.tasks.start("crosspost", self._later(channel, ref, wait))

    async def _later(self, channel: Channel, ref: Ref, wait: float) -> None:
        for _ in range(MOST_ATTEMPTS - 1):
            await self._sleep(wait)
            next_wait = await self._attempt(channel, ref)
            if next_wait is None:
                return
            wait = next_wait
        log.warning("not crossposted channel=%s reason=%r", channel, "Discord asked to wait too often")

    async def _attempt(self, channel: Channel, ref: Ref) -> float | None:
        """Seconds until the next attempt; None if there is nothing left to do."""
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                await self._client.call("POST", _CROSSPOST, channel_id=channel.rpartition("/")[2], message_id=str(ref))
        except TRANSPORT as error:
            failure = delivery_error(error)
            if error_code(error) == ALREADY_CROSSPOSTED:
                return None
            if failure.kind in {Failure.LATER, Failure.UNKNOWN}:
                return min(failure.retry_after or WAIT_WITHOUT_WORD, LONGEST_WAIT)
            log.warning("not crossposted channel=%s reason=%r", channel, failure.reason)
        return None
