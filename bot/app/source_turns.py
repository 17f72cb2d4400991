"""The sources whose turn it is, where several processes look at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import SourceReport
from bot.ports import Source
from bot.store import Store

ASKED_AGAIN_AFTER = 0.95
"""Share of the interval after which a source is due: a process that takes the schedule over asks no source twice."""


async def unasked(store: Store, sources: Sequence[Source], now: datetime, interval: timedelta) -> list[Source]:
    """The sources that no process has asked for almost an interval; recorded as asked now, for this one may die."""
    before = {report.source: report for report in await store.papers.reports()}
    # A clock that stood far ahead must not keep a source from being asked until then.
    recent = {name for name, report in before.items() if abs(now - report.tried_at) < interval * ASKED_AGAIN_AFTER}
    due = [source for source in sources if source.name not in recent]
    for source in due:
        report = before.get(source.name, SourceReport(source.name, now, None))
        await store.papers.report(replace(report, tried_at=now))
    return due
