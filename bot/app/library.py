"""The library: what anybody may read, from papers and signals alone. No channel, digest or person is known here."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot import wording
from bot.digest.selection import LONGEST_WINDOW, SHORTEST_WINDOW, Shortlist
from bot.handlers.context import Room
from bot.handlers.papers import RULE_IN_SHORT, best
from bot.model import Found, Paper, Sheet, Shelf, Signal, Trend
from bot.query.parser import liked, parse
from bot.ranking.trend import SIGNALS_BACK, rank
from bot.wording import results

if TYPE_CHECKING:
    from bot.handlers.context import Newsroom
    from bot.model import Order
    from bot.search import Hit, Results, Search
    from bot.store import Store

DAY_MOST = 100
"""Papers of a past day that are looked at for near-duplicates."""
DAYS_KEPT = 64
FIRST_DAY = date(1991, 8, 14)
"""arXiv's first."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class ReadingRoom:
    """Implements `ports.Library`."""

    def __init__(self, store: Store, search: Search, newsroom: Newsroom) -> None:
        self._store, self._search, self._newsroom = store, search, newsroom
        self._room = Room(store, search, newsroom)
        self._best: tuple[Shortlist, list[Trend]] | None = None
        self._days: OrderedDict[tuple[date, datetime], list[Trend]] = OrderedDict()

    async def today(self, topic: str = "", *, offset: int = 0, limit: int) -> Shelf:
        """What trends: of everything over three days, of a topic over fourteen. Raises QueryError."""
        shortlist = await self._newsroom.shortlist()
        end = offset + limit
        trends = await (self._of_topic(shortlist, topic, end + 1) if topic else self._of_all(shortlist, end + 1))
        notes = results.trending_notes(shortlist.faults, found=bool(trends), stored=bool(len(shortlist)))
        query = str(parse(topic)) if topic else ""
        return Shelf(_found(trends[offset:end]), shortlist.now, len(trends) > end, query, notes)

    async def search(self, query: str, *, order: Order = "best", offset: int = 0, limit: int) -> Shelf:
        """A page of all papers that match. Raises QueryError."""
        now = self._newsroom.now()
        found = await self._room.find(query, order=order, limit=limit, offset=offset, now=now)
        trends = await self._room.trends((hit.paper for hit in found.hits), now)
        shown = tuple(_hit(hit, trends[hit.paper.id], found.stems) for hit in found.hits)
        return Shelf(shown, now, found.more, found.query, _search_notes(found, offset), found.paper_id)

    async def day(self, day: date, *, limit: int) -> Shelf:
        """What trended at the end of a day (UTC), with the evidence as it was then; of today, now."""
        now = self._newsroom.now()
        if day >= now.date():
            return await self.today(limit=limit) if day == now.date() else Shelf((), now, notes=(results.TO_COME,))
        if day < FIRST_DAY:
            return Shelf((), now, notes=(results.NO_DAY,))
        as_of = datetime.combine(day + timedelta(days=1), time(), UTC)
        latest = (await self._newsroom.shortlist()).now
        if (trends := self._days.get((day, latest))) is None:  # asked again after each look at the sources
            trends = self._days[day, latest] = await self._of_day(as_of)
            if len(self._days) > DAYS_KEPT:
                self._days.popitem(last=False)
        return Shelf(_found(trends[:limit]), as_of, notes=() if trends else (results.NO_DAY,))

    async def paper(self, paper_id: str, *, similar: int) -> Sheet | None:
        """A paper with all that was observed of it and so many like it; None if it is not stored."""
        paper = (await self._store.papers.get((paper_id,))).get(paper_id)
        if paper is None:
            return None
        now = self._newsroom.now()
        signals = (await self._store.papers.signals((paper_id,), BEGINNING)).get(paper_id, [])
        neighbours, _ = await self._search.similar(paper, limit=similar)
        trends = await self._room.trends([paper, *(near.paper for near in neighbours)], now)
        near = tuple(Found(trends[each.paper.id], frozenset(each.stems)) for each in neighbours)
        why = await asyncio.to_thread(wording.why, trends[paper_id], timezone="UTC", rule=RULE_IN_SHORT)
        return Sheet(trends[paper_id], _until(signals, now), near, why, now)

    async def _of_all(self, shortlist: Shortlist, limit: int) -> list[Trend]:
        """The best of everything, worked out once a shortlist: the page that everybody asks for."""
        if self._best is None or self._best[0] is not shortlist:
            self._best = (shortlist, await asyncio.to_thread(_noticed, shortlist))
        return self._best[1][:limit]

    async def _of_topic(self, shortlist: Shortlist, topic: str, limit: int) -> list[Trend]:
        query = parse(topic)
        known = await self._store.papers.get(liked(query))

        def matching() -> list[Trend]:
            mask = shortlist.documents_knowing(known).matching(query) & shortlist.window(shortlist.now - LONGEST_WINDOW)
            return best(shortlist, mask, limit)

        return await asyncio.to_thread(matching)

    async def _of_day(self, as_of: datetime) -> list[Trend]:
        papers = await self._store.papers.candidates(as_of - SHORTEST_WINDOW, as_of)
        signals = await self._store.papers.signals((paper.id for paper in papers), as_of - SIGNALS_BACK)
        return await asyncio.to_thread(_ranked, papers, signals, as_of)


def _noticed(shortlist: Shortlist) -> list[Trend]:
    """The best of what somebody noticed."""
    return best(shortlist, shortlist.noticed & shortlist.window(shortlist.now - SHORTEST_WINDOW), DAY_MOST)


def _ranked(papers: Sequence[Paper], signals: dict[str, list[Signal]], as_of: datetime) -> list[Trend]:
    """The papers that somebody had noticed by then, best first, none nearly the same as a better one."""
    noticed = [trend for trend in rank(papers, signals, as_of) if trend.evidence][:DAY_MOST]
    shortlist = Shortlist(noticed, as_of)
    return best(shortlist, shortlist.noticed, DAY_MOST)


def _found(trends: Iterable[Trend]) -> tuple[Found, ...]:
    return tuple(map(Found, trends))


def _hit(hit: Hit, trend: Trend, stems: frozenset[str]) -> Found:
    return Found(trend, stems, results.how(partial=hit.partial, meant=hit.meant))


def _search_notes(found: Results, offset: int) -> tuple[str, ...]:
    if found.hits:
        return (results.SOME_WORDS,) if all(hit.partial for hit in found.hits) else ()
    return (results.no_more(first=not offset, only_common=found.only_common),)


def _until(signals: Iterable[Signal], now: datetime) -> tuple[Signal, ...]:
    return tuple(signal for signal in signals if signal.seen_at <= now)
