"""The proof that a channel can be posted to: an opener and a reply, posted and deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from adapters.slack.pacer import Sleep
from bot.errors import DeliveryError, Failure
from bot.model import Channel, Message, Ref
from bot.ports import Outlet
from bot.wording.notices import DELIVERY_PROOF, DELIVERY_PROOF_REPLY

log = logging.getLogger("paperboy.slack")

CLEANUP_SECONDS = 10.0
"""Longest search for a test message, and longest deletion of both."""
CLOCK_SKEW = timedelta(minutes=10)
"""How far Slack's clock may be behind ours."""


async def prove(outlet: Outlet, channel: Channel, sleep: Sleep) -> None:
    """Post an opener and a reply, and delete both. Raises DeliveryError with what is missing and the remedy.

    The reply is deleted first: an opener that has replies leaves a stone, “This message was deleted”.
    """
    posted = [await _posted(outlet, channel, DELIVERY_PROOF, under=None)]
    try:
        await sleep(outlet.pace)
        posted.insert(0, await _posted(outlet, channel, DELIVERY_PROOF_REPLY, under=posted[0]))
    finally:
        failure = await _deletion_failure(outlet, channel, posted)
    if failure is not None:
        reason = f"posting works, but the test could not be deleted ({failure.reason}): delete it by hand"
        raise DeliveryError(Failure.MESSAGE_REFUSED, reason)


async def _posted(outlet: Outlet, channel: Channel, message: Message, *, under: Ref | None) -> Ref:
    """Post a test message; one whose fate is unknown is searched for, so that none stays."""
    key, started = f"pb{uuid4().hex[:23]}", datetime.now(UTC)
    try:
        return await outlet.post(channel, message, under=under, key=key)
    except DeliveryError as error:
        if error.kind is not Failure.UNKNOWN:
            raise
        with suppress(DeliveryError, TimeoutError):
            async with asyncio.timeout(CLEANUP_SECONDS):
                ref = await outlet.find(channel, key, under=under, since=started - CLOCK_SKEW)
            if ref is not None:
                return ref
        raise


async def _deletion_failure(outlet: Outlet, channel: Channel, posted: Sequence[Ref]) -> DeliveryError | None:
    """Delete test messages in this order, up to the first that cannot be deleted; the reason of that one."""
    try:
        async with asyncio.timeout(CLEANUP_SECONDS):
            for ref in posted:
                await outlet.retract(channel, ref)
    except TimeoutError:
        failure = DeliveryError(Failure.LATER, "Slack did not answer in time")
    except DeliveryError as error:
        failure = error
    else:
        return None
    log.warning("a test message was not deleted channel=%s reason=%r", channel, failure.reason)
    return failure
