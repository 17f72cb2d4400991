"""Days without a digest because of the clock, or because nothing ran: undone after a wrong clock, and told."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot.delivery.notices import Notices
from bot.model import Digest, Outcome, Subscription, SubscriptionKey, digest_key
from bot.model.schedule import local_day, next_due
from bot.store import Store
from bot.wording.notices import clock_notice, skip_reason, skipped_notice

log = logging.getLogger("paperboy.engine")


async def undo(store: Store, notices: Notices, now: datetime, ahead: timedelta) -> None:
    """After the clock stood ahead: forget the days that were skipped, and compute anew who is due when."""
    log.warning("the clock was set back seconds=%d", ahead.total_seconds())
    skipped = await store.ledger.forget_skipped(now)
    taken = await store.ledger.recorded(now.date() - timedelta(days=1), final=True)
    due: dict[SubscriptionKey, datetime] = {}
    for subscription in await store.subscriptions.all():
        if subscription.paused_at is not None:
            continue
        key, due_at = subscription.key, next_due(subscription, now)
        while digest_key(key.channel, local_day(subscription, due_at), key.name) in taken:
            due_at = next_due(subscription, due_at)
        due[key] = due_at
        if key in skipped:
            await notices.queue(subscription, "clock", now, clock_notice(subscription, ahead))
    await store.subscriptions.reschedule(due)


async def notify(  # noqa: PLR0913, PLR0917 - a batch of a tick and its moment
    store: Store,
    notices: Notices,
    subscriptions: Iterable[Subscription],
    digests: Iterable[Digest],
    now: datetime,
    step: timedelta,
) -> None:
    """Queue one notice a channel about its missed days, however many there were; `step` of the clock explains."""
    late = [digest for digest in digests if digest.outcome is Outcome.LATE]
    if not late:
        return
    recorded = await store.ledger.recorded(min(digest.day for digest in late))
    days: dict[SubscriptionKey, list[date]] = {}
    for digest in late:
        if digest.post not in recorded:
            days.setdefault(digest.subscription_key, []).append(digest.day)
    reason = skip_reason(step)
    for subscription in subscriptions:
        if missed := days.get(subscription.key):
            text = skipped_notice(subscription, missed[-1], reason, before=len(missed) - 1)
            await notices.queue(subscription, "late", now, text)
