"""Ends of pauses: their day has come, or a channel that could not be reached can be again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from bot.model import Channel, Subscription
from bot.model.schedule import with_next_due
from bot.store import Store


async def end(store: Store, paused: Iterable[Subscription], now: datetime) -> bool:
    """End the pauses of subscriptions; False if some were changed since they were read, and are as they were."""
    running = [(each, replace(each, paused_at=None, paused_until=None, pause_reason=None)) for each in paused]
    return await store.subscriptions.change_all([(before, with_next_due(after, now)) for before, after in running])


async def revive(store: Store, where: Channel, reasons: Collection[str], now: datetime) -> None:
    """Resume a channel, or all of a workspace, that was paused because it could not be reached, with its watches."""
    await store.watches.restart(where, now, reasons)
    await store.subscriptions.mark_returned(where)
    paused = await store.subscriptions.unreachable(where)
    if reasons:
        paused = [each for each in paused if (each.pause_reason or "").startswith(tuple(reasons))]
    if not await end(store, paused, now):
        await revive(store, where, reasons, now)
