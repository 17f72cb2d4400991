"""Addresses of posted messages, where their platform gives them any."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from bot.errors import DeliveryError
from bot.model import Channel, Digest, Pick, Ref
from bot.ports import Linking, Outlet

log = logging.getLogger("paperboy.deliver")

LINK_TIMEOUT = 5.0
"""Seconds that a message waits for the address of another one; it is posted without after that."""


async def link(outlet: Outlet | None, channel: Channel, ref: Ref | None, opener: Ref | None) -> str | None:
    """The address of a message; None without one, and where the platform gives none in time."""
    if ref is None or not isinstance(outlet, Linking):
        return None
    try:
        async with asyncio.timeout(LINK_TIMEOUT):
            return await outlet.link(channel, ref, opener=opener)
    except (DeliveryError, TimeoutError) as error:
        log.info("no link to a message channel=%s reason=%r", channel, str(error))
    except Exception:
        log.exception("an adapter failed to link outlet=%s channel=%s", outlet.name, channel)
    return None


async def with_links(digest: Digest, outlet: Outlet) -> Digest:
    """The digest with links to the messages about the liked papers that its picks are close to."""
    if not any(pick.neighbour for pick in digest.picks):
        return digest
    picks = await asyncio.gather(*(_with_link(pick, digest.channel, outlet) for pick in digest.picks))
    return replace(digest, picks=tuple(picks))


async def _with_link(pick: Pick, channel: Channel, outlet: Outlet) -> Pick:
    neighbour = pick.neighbour
    if neighbour is None:
        return pick
    url = await link(outlet, channel, neighbour.ref, neighbour.opener)
    return replace(pick, neighbour=replace(neighbour, url=url))
