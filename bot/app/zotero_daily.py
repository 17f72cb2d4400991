"""The routine of daily messages by Zotero: at a person's hour, the papers closest to their library, new to them.

connections with an hour ─► due and not made yet ─► order by closeness ─► message to the person ─► ledger
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digest.shortlist import Shortlist
from bot.errors import StoreError
from bot.handlers.zotero import close_trends
from bot.model import Channel, Post, PostKey, Subscription, schedule
from bot.model.post import ZOTERO
from bot.model.zotero import ZoteroAccount
from bot.ports import Engine
from bot.search import Search
from bot.store import Store
from bot.wording.cards import Entry
from bot.wording.zotero import daily_message

log = logging.getLogger("paperboy.zotero")

PAPERS = 5
PEOPLE_AT_ONCE = 200
"""Messages made in one run; the others follow a minute later."""
LATE = timedelta(hours=6)
"""How long after its hour a message is posted at the latest."""


class ZoteroDaily:
    """Implements `ports.Routine`. What it remembers only saves it from looking again."""

    name = "zotero"

    def __init__(self, store: Store, engine: Engine, search: Search) -> None:
        self._store, self._engine, self._search = store, engine, search
        self._decided: dict[Channel, date] = {}
        """Days whose message was made, or left out because there was nothing new."""

    async def run(self, now: datetime) -> None:
        """Post the messages that are due."""
        due = [(each, hour) for each in await self._store.zotero.dailies() if (hour := self._due(each, now))]
        if not due:
            return
        due = due[:PEOPLE_AT_ONCE]
        shortlist = await self._engine.shortlist()
        posts = []
        for account, hour in due:
            try:
                post = await self._post(account, shortlist, hour, now)
            except StoreError:
                raise
            except Exception:  # one person's holds up nobody else's
                log.exception("no daily message user=%s", account.user)
                post = None
            posts += [post] if post else []
            self._decided[account.user] = _day(account, hour)
        if posts and (kept := await self._engine.post(posts)):
            log.info("daily messages posts=%d", len(kept))

    def _due(self, account: ZoteroAccount, now: datetime) -> datetime | None:
        """The hour of the message that is due now; None if there is none, or it was made."""
        assert account.daily_at is not None  # noqa: S101 - asked only of those that have one
        daily = Subscription(account.user, timezone=account.timezone, days=self._engine.listing_days)
        hour = schedule.latest_due(replace(daily, at=account.daily_at), now)
        is_past = account.daily_from is not None and hour <= account.daily_from
        is_decided = self._decided.get(account.user) == _day(account, hour)
        return None if is_past or is_decided or now - hour >= LATE else hour

    async def _post(self, account: ZoteroAccount, shortlist: Shortlist, hour: datetime, now: datetime) -> Post | None:
        trends = await close_trends(self._store, self._search, account, shortlist)
        shown_ids = await self._store.ledger.shown_in(account.user, [trend.paper.id for trend in trends])
        fresh = [trend for trend in trends if trend.paper.id not in shown_ids][:PAPERS]
        if not fresh:
            return None
        entries = [Entry(trend.paper, trend.evidence, listed=trend.listed) for trend in fresh]
        message = daily_message(account, entries, now.astimezone(ZoneInfo(account.timezone)))
        day = _day(account, hour)
        papers = tuple(trend.paper.id for trend in fresh)
        key = PostKey(account.user, ZOTERO, day.isoformat())
        return Post(key, day, (message,), hour, hour + LATE, papers=papers, direct=True)


def _day(account: ZoteroAccount, hour: datetime) -> date:
    return hour.astimezone(ZoneInfo(account.timezone)).date()
