"""One attempt to post, to find or to prove, with a time-out, and the delay after a failed one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref
from bot.model.schedule import MAX_RETRY_DELAY
from bot.ports import Claim, Outlet, no_claim
from bot.ports.editing import Editing

log = logging.getLogger("paperboy.deliver")

POST_TIMEOUT = 60.0
"""Seconds from the claim of a message to the platform's answer."""
NO_ANSWER = f"no answer within {POST_TIMEOUT:.0f} seconds"
TURN_TIMEOUT = 900.0
"""Seconds to wait for a connection, a rate limit or a lock before the claim: mail has few connections."""
FIND_TIMEOUT = 900.0
"""Seconds; Slack allows some apps one read of the history a minute."""
CLOCK_SKEW = timedelta(minutes=10)
"""How far a platform's clock may be behind ours; a search starts that long before the claim."""
BACKOFF = (15.0, 60.0, 180.0, 600.0, 1_800.0)
"""Seconds after the first, second, … failure in a row where the platform names no delay."""


def backoff(attempts: int) -> timedelta:
    """Delay after a failure that `attempts` others preceded."""
    return timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF) - 1)])


def retry_delay(error: DeliveryError, attempts: int) -> timedelta:
    """Delay after a failure: as the platform asks, six hours at most, else with back-off."""
    if error.retry_after is None:
        return backoff(attempts)
    return timedelta(seconds=min(max(error.retry_after, 0.0), MAX_RETRY_DELAY.total_seconds()))


class Stopping(Exception):  # noqa: N818 - not an error: nothing left, and what is still open goes on later
    """Raised for a message that may no longer leave: Paperboy is being stopped, or the digest was closed meanwhile."""


async def post(  # noqa: PLR0913 - the port's arguments
    outlet: Outlet, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
) -> Ref:
    """Post through an outlet. Raises DeliveryError; unless the message was claimed, nothing was sent."""
    claimed = False
    limit = asyncio.timeout(TURN_TIMEOUT)

    async def claim_once() -> None:
        nonlocal claimed
        limit.reschedule(asyncio.get_running_loop().time() + POST_TIMEOUT)
        await claim()
        claimed = True

    try:
        async with limit:
            return await outlet.post(channel, message, under=under, key=key, claim=claim_once)
    except TimeoutError:
        if claimed:
            raise DeliveryError(Failure.UNKNOWN, NO_ANSWER) from None
        raise DeliveryError(Failure.LATER, f"no turn within {TURN_TIMEOUT / 60:.0f} minutes") from None
    except (DeliveryError, Stopping):
        raise
    except Exception as error:
        log.exception("an adapter failed to post outlet=%s channel=%s", outlet.name, channel)
        kind = Failure.UNKNOWN if claimed else Failure.LATER
        raise DeliveryError(kind, f"the adapter failed: {type(error).__name__}") from error


@asynccontextmanager
async def _bounded(
    seconds: float, late: DeliveryError, action: str, outlet: Outlet, channel: Channel
) -> AsyncIterator[None]:
    """A call to an outlet that raises nothing but DeliveryError: `late` when time is up, of its kind for faults."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise late from None
    except DeliveryError:
        raise
    except Exception as error:
        log.exception("an adapter failed to %s outlet=%s channel=%s", action, outlet.name, channel)
        raise DeliveryError(late.kind, f"the adapter failed: {type(error).__name__}") from error


async def edit(  # noqa: PLR0913, PLR0917 - the port's arguments
    outlet: Outlet, channel: Channel, ref: Ref, message: Message, under: Ref | None, key: str
) -> None:
    """Edit a posted message. Raises DeliveryError, also where the platform edits none."""
    if not isinstance(outlet, Editing):
        raise DeliveryError(Failure.MESSAGE_REFUSED, f"{outlet.name} edits no messages")
    late = DeliveryError(Failure.UNKNOWN, NO_ANSWER)
    async with _bounded(POST_TIMEOUT, late, "edit", outlet, channel):
        await outlet.edit(channel, ref, message, under=under, key=key)


async def prove(outlet: Outlet, channel: Channel) -> None:
    """Prove that a digest can be posted in a channel. Raises DeliveryError."""
    late = DeliveryError(Failure.LATER, NO_ANSWER)
    async with _bounded(POST_TIMEOUT, late, "prove", outlet, channel):
        await outlet.prove(channel)


async def find(outlet: Outlet, channel: Channel, key: str, under: Ref | None, since: datetime) -> Ref | None:
    """The handle of a message if it arrived, searched from `since` less the clock skew. Raises DeliveryError."""
    late = DeliveryError(Failure.LATER, "looking for the message took too long")
    async with _bounded(FIND_TIMEOUT, late, "look", outlet, channel):
        return await outlet.find(channel, key, under=under, since=since - CLOCK_SKEW)


def search_start(claimed_at: datetime, now: datetime) -> datetime:
    """Earliest time at which a message claimed then can have arrived; a claim in the future is a wrong clock's."""
    return claimed_at if claimed_at <= now else now - timedelta(days=1)
