"""Repeats of calls that failed: of any call that was not carried out, and of those that may arrive twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from adapters.slack.failures import TRANSPORT, delivery_error
from bot.errors import Failure

PAUSES = (0.5, 2.0)
"""Seconds before the second and the third attempt."""
LONGEST_PAUSE = 10.0
"""Seconds; where Slack asks to wait longer, nobody waits for the answer any more."""
ATTEMPT_SECONDS = 10.0
"""Longest attempt."""

_Answer = TypeVar("_Answer")


async def repeated(call: Callable[[], Awaitable[_Answer]], *, harmless: bool) -> _Answer:
    """The result of a call, which is made up to three times. Raises one of TRANSPORT.

    `harmless`: arriving twice changes nothing, as with edits and deletions, so that a call whose fate is unknown may be
    repeated too.
    """
    for pause in PAUSES:
        try:
            return await _attempt(call)
        except TRANSPORT as error:
            failure = delivery_error(error)
            repeatable = failure.kind is Failure.LATER or (harmless and failure.kind is Failure.UNKNOWN)
            seconds = pause if failure.retry_after is None else failure.retry_after
            if not repeatable or seconds > LONGEST_PAUSE:
                raise
        await asyncio.sleep(seconds)
    return await _attempt(call)


async def _attempt(call: Callable[[], Awaitable[_Answer]]) -> _Answer:
    async with asyncio.timeout(ATTEMPT_SECONDS):
        return await call()
