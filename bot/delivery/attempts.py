"""One attempt at a post or at finding one again, and how long to wait after it failed."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref
from bot.model.schedule import LONGEST_WAIT

if TYPE_CHECKING:
    from bot.ports import Outlet

log = logging.getLogger("paperboy.deliver")

POST_TIMEOUT = 60.0
FIND_TIMEOUT = 900.0
"""Slack lets history be read once a minute."""
CLOCK_SKEW = timedelta(minutes=10)
"""How far a platform's clock may be behind ours: a message is looked for from that long before its claim."""
BACKOFF = (15.0, 60.0, 180.0, 600.0, 1_800.0)
"""Seconds to wait after the first, second, … failure that names no time itself."""


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failures before this one."""
    return timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF) - 1)])


def retry_delay(error: DeliveryError, attempts: int) -> timedelta:
    """How long to wait after this failure: as the platform asks, else with back-off."""
    if error.retry_after is None:
        return backoff(attempts)
    return timedelta(seconds=min(max(error.retry_after, 0.0), LONGEST_WAIT.total_seconds()))


async def post(outlet: Outlet, channel: Channel, message: Message, under: Ref | None, key: str) -> Ref:
    """Post through an outlet. Raises DeliveryError; an unexpected fault leaves open whether the message arrived."""
    try:
        async with asyncio.timeout(POST_TIMEOUT):
            return await outlet.post(channel, message, under=under, key=key)
    except TimeoutError:
        raise DeliveryError(Failure.UNKNOWN, f"no answer within {POST_TIMEOUT:.0f} seconds") from None
    except DeliveryError:
        raise
    except Exception as error:
        log.exception("an adapter failed outlet=%s channel=%s", outlet.name, channel)
        raise DeliveryError(Failure.UNKNOWN, f"the adapter failed: {type(error).__name__}") from error


async def find(outlet: Outlet, channel: Channel, key: str, under: Ref | None, since: datetime) -> Ref | None:
    """Ask an outlet whether a message arrived, with room for a fast clock. Raises DeliveryError, CannotTell."""
    try:
        async with asyncio.timeout(FIND_TIMEOUT):
            return await outlet.find(channel, key, under=under, since=since - CLOCK_SKEW)
    except TimeoutError:
        raise DeliveryError(Failure.LATER, "looking for the message took too long") from None
    except DeliveryError:
        raise
    except Exception as error:
        log.exception("an adapter failed to look outlet=%s channel=%s", outlet.name, channel)
        raise DeliveryError(Failure.LATER, f"the adapter failed to look: {type(error).__name__}") from error


def search_start(claimed_at: datetime, now: datetime) -> datetime:
    """The earliest a message claimed then can have arrived; a claim in the future was made by a wrong clock."""
    return claimed_at if claimed_at <= now else now - timedelta(days=1)
