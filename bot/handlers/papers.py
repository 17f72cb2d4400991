"""Answers about papers: today, paper, why, catchup."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.digest.selection import SHORTEST_WINDOW, Shortlist, best, channel_request
from bot.handlers.context import Asked, Room, page_of
from bot.model import Message, Paper, Subscription
from bot.wording.cards import Entry, Listing, paper_card, paper_listing, rank_explanation
from bot.wording.digest import matched_topics
from bot.wording.notices import problem
from bot.wording.parts import count
from bot.wording.tuning import leaning_text

if TYPE_CHECKING:
    from bot.ranking.profile import Leaning


class PaperAnswers:
    """Reading; nothing here changes anything."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def today(self, asked: Asked) -> Message:
        """The current trend list, of everything or of one topic."""
        shortlist = await self._room.engine.shortlist()
        topic = asked.text("topic") if asked.has("topic") else ""
        noticed = (1 << shortlist.with_signals) - 1
        mask = (await self._room.matching(shortlist, topic))[0] if topic else noticed
        title = f"Trending now · {topic}" if topic else "Trending now"
        return await self._best(asked, shortlist, mask & shortlist.window(shortlist.now - SHORTEST_WINDOW), title)

    async def catchup(self, asked: Asked) -> Message:
        """One list of the days missed, with this channel's topics and mutes."""
        shortlist = await self._room.engine.shortlist()
        wish = await self._room.wish(asked.channel) or Subscription(asked.channel)
        await self._room.engine.understand(shortlist, wish.topics)
        mask = (await asyncio.to_thread(channel_request, wish, shortlist)).papers
        span = asked.span("days")
        title = f"The best of the last {count(span.days, 'day')}"
        leaning = await self._room.engine.leaning(asked.channel, shortlist)
        return await self._best(asked, shortlist, mask & shortlist.window(shortlist.now - span), title, leaning)

    async def _best(
        self, asked: Asked, shortlist: Shortlist, mask: int, title: str, leaning: Leaning | None = None
    ) -> Message:
        start, end = page_of(asked, asked.number("count"))
        trends = await asyncio.to_thread(best, shortlist, mask, end + 1, leaning)
        entries = tuple(Entry(trend.paper, trend.evidence) for trend in trends[start:end])
        if not entries:
            return _nothing(asked, shortlist)
        notes = tuple(f"Something may be missing: {fault}." for fault in shortlist.faults)
        return paper_listing(page(asked, title, entries, more=len(trends) > end, notes=notes))

    async def paper(self, asked: Asked) -> Message:
        """One paper in full."""
        return await card(self._room, await self._room.paper(asked.text("paper")), asked)

    async def why(self, asked: Asked) -> Message:
        """Every signal of a paper, and how this channel's topics see it."""
        paper = await self._room.paper(asked.text("paper"))
        trend = (await self._room.engine.trends([paper], asked.now))[paper.id]
        here = await self._here(asked, paper)
        timezone = await self._room.timezone(asked.caller)
        return rank_explanation(trend, timezone=timezone, here=here)

    async def _here(self, asked: Asked, paper: Paper) -> str:
        wish = await self._room.wish(asked.channel)
        if wish is None:
            return ""
        shortlist = await self._room.engine.shortlist()
        at = shortlist.documents.position(paper.id)
        shown = paper.id in await self._room.store.ledger.shown_in(asked.channel, [paper.id])
        told = "In this channel: it has been shown" if shown else "In this channel: it has not been shown"
        if at is None:
            return f"{told}; it is older than 14 days."
        await self._room.engine.understand(shortlist, wish.topics)
        follows, close, mutes = await asyncio.to_thread(_matched, shortlist, wish, at)
        by_topic = f", {matched_topics(follows, close)}" if follows or close else ""
        by_topic = by_topic or (", matches no topic" if wish.topics else "")
        muted = f", is muted by {_quoted(mutes)}" if mutes else ""
        return f"{told}{by_topic}{muted}.{await self._taught(asked, shortlist, at)}"

    async def _taught(self, asked: Asked, shortlist: Shortlist, at: int) -> str:
        leaning = await self._room.engine.leaning(asked.channel, shortlist)
        if leaning is None:
            return ""
        because = await asyncio.to_thread(leaning.why, at, shortlist.trends[at].paper)
        return leaning_text(float(leaning.influence[at]), because)


async def card(room: Room, paper: Paper, asked: Asked) -> Message:
    """One paper in full, as it stands now."""
    trends = await room.engine.trends([paper], asked.now)
    return paper_card(paper, trends[paper.id])


def _matched(shortlist: Shortlist, wish: Subscription, at: int) -> tuple[list[str], list[str], list[str]]:
    """The topics whose words a candidate has, those it is only close to in meaning, and the mutes it has."""
    said = [line for line in wish.topics if shortlist.exact(line) >> at & 1]
    close = [line for line in wish.topics if line not in said and shortlist.topic(line) >> at & 1]
    return said, close, [line for line in wish.mutes if shortlist.exact(line) >> at & 1]


def page(asked: Asked, title: str, entries: tuple[Entry, ...], *, more: bool, notes: tuple[str, ...] = ()) -> Listing:
    """A page of what was asked for."""
    return Listing(title, entries, asked.command.name, asked.again, asked.number("page"), more, notes)


def _nothing(asked: Asked, shortlist: Shortlist) -> Message:
    if asked.number("page") > 1:
        return problem("There are no more.")
    if shortlist.faults:
        return problem(f"Nothing to show: {'; '.join(shortlist.faults)}. Try again later.")
    if not len(shortlist):
        return problem(
            "No papers are stored yet; the sources are asked every half hour. Type “status” to see how they do."
        )
    return problem("Nothing matches at the moment. Try fewer words, or “search” to look further back.")


def _quoted(topics: list[str]) -> str:
    return ", ".join(f"“{topic}”" for topic in topics)
