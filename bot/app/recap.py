"""The routine of weekly recaps: at a channel's hour, one message about its week, unless there is nothing to say.

channels with a recap ─► due and a week after the last ─► what happened in the week before ─► message ─► ledger
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from bot.digest.recap import LATE, WEEK, day_of, due, is_free
from bot.handlers.recap import load_recap, recap_days
from bot.model import Channel, Post, PostKey
from bot.model.post import RECAP
from bot.model.recap import RecapPlace, WeekOfChannel
from bot.ports import Engine
from bot.store import Store
from bot.wording.recap import recap_message

log = logging.getLogger("paperboy.engine")

CHANNELS_AT_ONCE = 200
"""Recaps made in one run; the others follow a minute later."""


class RecapRoutine:
    """Implements `ports.Routine`. What it remembers only saves it from looking again."""

    name = "recap"

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store, self._engine = store, engine
        self._decided: dict[Channel, date] = {}
        """Days whose recap was made, or skipped because there was nothing to say."""
        self._full: dict[Channel, date] = {}
        """Days on which a channel has had as many messages that open a thread as it takes."""

    async def run(self, now: datetime) -> None:
        """Post the recaps that are due."""
        hours = await asyncio.to_thread(_hours, await self._store.recaps.places(), now)
        waiting = [place for place, hour in hours.items() if self._is_open(place, hour, now)]
        if not waiting:
            return
        others = await recap_days(self._store, [place.channel for place in waiting], now)
        by_hour: defaultdict[datetime, list[RecapPlace]] = defaultdict(list)
        made = 0
        for place in waiting:
            hour = hours[place]
            if not is_free(day_of(place, hour), others.get(place.channel, ())):
                self._decided[place.channel] = day_of(place, hour)
            elif made < CHANNELS_AT_ONCE:
                made += 1
                by_hour[hour].append(place)
        for hour, places in by_hour.items():
            await self._post(hour, places, now)

    def _is_open(self, place: RecapPlace, hour: datetime, now: datetime) -> bool:
        """Whether the recap of an hour is not decided, and today may have room for it."""
        is_decided = self._decided.get(place.channel) == day_of(place, hour)
        return not is_decided and self._full.get(place.channel) != day_of(place, now)

    async def _post(self, hour: datetime, places: Sequence[RecapPlace], now: datetime) -> None:
        """Post the recaps of one hour; where the day has its openers already, they are tried the next day."""
        weeks = await self._store.recaps.weeks([place.channel for place in places], hour - WEEK, hour)
        posts = []
        for place in places:
            if (week := weeks.get(place.channel)) is None:
                self._decided[place.channel] = day_of(place, hour)
            else:
                posts.append(await self._worded(place, week, hour, now))
        kept = await self._engine.post(posts) if posts else frozenset()
        self._decided |= {key.channel: date.fromisoformat(key.key) for key in kept}
        self._full |= {post.channel: post.day for post in posts if post.key not in kept}
        if kept:
            log.info("recaps posts=%d", len(kept))

    async def _worded(self, place: RecapPlace, week: WeekOfChannel, hour: datetime, now: datetime) -> Post:
        recap = await load_recap(self._store, self._engine.memory.link, place, week, hour)
        message = recap_message(recap, place.timezone, now)
        key = PostKey(place.channel, RECAP, recap.day.isoformat())
        return Post(key, day_of(place, now), (message,), hour, hour + LATE)


def _hours(places: Sequence[RecapPlace], now: datetime) -> dict[RecapPlace, datetime]:
    """The hour of each recap that is due; in a thread, because ten thousand take a tenth of a second."""
    return {place: hour for place in places if (hour := due(place, now))}
