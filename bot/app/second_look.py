"""Second looks: a reply where a paper was shown, once something about it changed that a reader would want to know.

papers that changed since the last look ─► where they were shown ─► what is told there ─► posts

A look costs what has changed, not what was shown: ten thousand channels × 30 days of picks are never read. It follows
each collection; ticks in between find that nothing was collected.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from cachetools import LRUCache

from bot.app.leased import leased
from bot.digest.changes import GROWTH, LEAST, PaperChange, PaperHistory, growing, until
from bot.digest.second_look import WATCHED_FOR, WITHDRAWN_FOR, Decisions, Update, Wait
from bot.model import Message, Post, PostKey, platform
from bot.model.post import UPDATE
from bot.model.second_look import ShownPaper
from bot.store import Store
from bot.wording.updates import update_message

NOTE = "second look"
"""Note with the moment up to which changes were looked at, and the papers that wait for tomorrow."""
OVERLAP = timedelta(hours=1)
"""Changes are looked at again for so long: a collection writes them with the time at which it began."""
PAPERS_AT_ONCE = 50
"""Papers whose histories are read in one query."""
POSTS_AT_ONCE = 500
"""Posts stored in one change, so that others are stored in between."""
GOOD_FOR = timedelta(hours=24)
"""How long a reply may be late."""
WAITING_MAX = 1_000
"""Papers that wait for tomorrow."""


@dataclass(frozen=True, slots=True)
class _Progress:
    """The end of the last look: its time, and the papers that wait for tomorrow."""

    seen: datetime
    waiting: tuple[str, ...] = ()

    @classmethod
    def read(cls, note: str | None, now: datetime) -> _Progress:
        """The progress of a note; without one, from now on: what changed before Paperboy could tell is no news."""
        if note is None:
            return cls(now - OVERLAP)
        values = json.loads(note)
        return cls(min(datetime.fromtimestamp(values["seen"], UTC), now), tuple(values["waiting"]))

    def note(self) -> str:
        """The note."""
        return json.dumps({"seen": self.seen.timestamp(), "waiting": self.waiting[:WAITING_MAX]})


class SecondLook:
    """Implements `ports.Routine`. `post` stores posts; `threaded` are the platforms that have threads."""

    name = NOTE

    def __init__(
        self, store: Store, post: Callable[[Sequence[Post]], Awaitable[object]], threaded: Collection[str]
    ) -> None:
        self._store, self._post, self._threaded = store, post, frozenset(threaded)
        self._collected: dict[str, datetime | None] = {}
        self._uninteresting: LRUCache[tuple[str, str], float] = LRUCache(20_000)
        """Counts by paper and kind below which a comparison finds nothing."""

    async def run(self, now: datetime) -> None:
        """Look at the papers that changed since the last look, if anything was collected since."""
        # Each of them: a source that fails keeps a time that a wrong clock set ahead.
        collected = {each.source: each.succeeded_at for each in await self._store.papers.reports()}
        if collected == self._collected or not any(collected.values()):
            return
        async with leased(self._store, NOTE, wait=False) as is_ours:
            if is_ours:
                await self._look(now)
                self._collected = collected

    async def _look(self, now: datetime) -> None:
        before = _Progress.read(await self._store.secrets.get_note(NOTE), now)
        waiting: list[str] = []
        papers = await self._candidates(before)
        for start in range(0, len(papers), PAPERS_AT_ONCE):
            histories = await self._histories(papers[start : start + PAPERS_AT_ONCE], now)
            waiting += [history.paper.id for history in histories if await self._look_at(history, now)]
        await self._store.secrets.put_note(NOTE, _Progress(now, tuple(waiting)).note())

    async def _candidates(self, before: _Progress) -> list[str]:
        """Ids of papers of which something may be told."""
        looks, since = self._store.second_looks, before.seen - OVERLAP
        counts = await looks.counted(since, LEAST)
        risen = [key[0] for key, value in counts.items() if value >= self._uninteresting.get(key, 0.0)]
        return list(dict.fromkeys([*before.waiting, *await looks.revised(since), *risen]))

    async def _histories(self, ids: Sequence[str], now: datetime) -> list[PaperHistory]:
        papers = await self._store.papers.get(ids)
        revisions = await self._store.papers.revisions(papers, now - WITHDRAWN_FOR)
        signals = await self._store.papers.signals(papers, now - WATCHED_FOR)
        histories = (PaperHistory(paper, revisions.get(id_, ()), signals.get(id_, ())) for id_, paper in papers.items())
        return [until(history, now) for history in histories]

    async def _look_at(self, history: PaperHistory, now: datetime) -> bool:
        """Post what is told of a paper. Returns whether more is to be told tomorrow."""
        decisions = Decisions(history, now)
        has_grown = self._may_have_grown(history)
        if not has_grown and await asyncio.to_thread(decisions.is_settled, now - WITHDRAWN_FOR):
            return False
        showings = await self._store.second_looks.shown(history.paper.id, now - WITHDRAWN_FOR)
        here = [each for each in showings if platform(each.channel) in self._threaded]
        updates = await asyncio.to_thread(lambda: [decisions.update(each) for each in here])
        made = await self._wanted([each for each in updates if isinstance(each, Update)])
        posts = await asyncio.to_thread(_posts, history, made, now)
        for start in range(0, len(posts), POSTS_AT_ONCE):
            await self._post(posts[start : start + POSTS_AT_ONCE])
        self._note_counts(history, showings)
        return Wait.TOMORROW in updates

    async def _wanted(self, updates: list[Update]) -> list[Update]:
        """Updates of channels that have not switched updates off."""
        settings = await self._store.channels.settings_of({each.shown.channel for each in updates})
        return [each for each in updates if settings[each.shown.channel].updates]

    def _may_have_grown(self, history: PaperHistory) -> bool:
        values = {kind: [value for _, value in growing(history, kind)] for kind in LEAST}
        return any(each and each[-1] >= max(LEAST[kind], GROWTH * max(min(each), 1.0)) for kind, each in values.items())

    def _note_counts(self, history: PaperHistory, shown: Iterable[ShownPaper]) -> None:
        """Remember from which counts on this paper is worth another comparison."""
        moments = {each.told_until for each in shown}
        for kind in LEAST:
            values = list(growing(history, kind))
            if values:
                counts = [max((v for at, v in values if at <= moment), default=0.0) for moment in moments]
                above = [GROWTH * max(v, 1.0) for v in (*counts, values[-1][1]) if GROWTH * max(v, 1.0) > values[-1][1]]
                self._uninteresting[history.paper.id, kind] = min(above, default=0.0)


def _posts(history: PaperHistory, updates: Sequence[Update], now: datetime) -> list[Post]:
    """The posts of a paper's updates; channels with the same news and time zone share a message."""

    @cache
    def message(changes: tuple[PaperChange, ...], shown_at: datetime, timezone: str) -> Message:
        zone = ZoneInfo(timezone)
        return update_message(history.paper, changes, shown_at.astimezone(zone), now.astimezone(zone))

    seen_until = min(history.seen_until or now, now)
    return [
        Post(
            PostKey(each.shown.channel, UPDATE, each.key),
            now.astimezone(ZoneInfo(each.shown.timezone)).date(),
            (message(each.changes, each.shown.shown_at, each.shown.timezone),),
            seen_until,
            now + GOOD_FOR,
            each.shown.opener,
        )
        for each in updates
    ]
