"""Plays an archive through the real engine: import, tick, choose, deliver, and watch the outbox.

every list date   at its first snapshot (about 08 UTC) and at 00:05 UTC of the next day: rank, compare with the week
every calendar day at the set hour: tick five channels and deliver; what counts is what the outlet was handed
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.app import wiring
from bot.app.backtest.evaluation import Figures, figures
from bot.app.engine import DigestEngine
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.digest.selection import LONGEST_WINDOW, window_start
from bot.model import Channel, Message, Outcome, Paper, Ref, Signal, Subscription
from bot.model.schedule import with_next_due
from bot.ranking import trend as ranking
from bot.store import Store

if TYPE_CHECKING:
    from bot.app.backtest.archive import Archive

LEAST_PAPERS = 10
"""Papers a day must have with both values to count."""
NEXT_DAY_LATEST = timedelta(hours=30)
"""A "next day" snapshot later than this after midnight is another day's."""

CHANNELS = (
    Subscription(Channel("replay:everything")),
    Subscription(Channel("replay:topics"), topics=("video generation | video diffusion", "reinforcement learning")),
    Subscription(Channel("replay:mute"), mutes=("agent | agents",)),
    Subscription(Channel("replay:fridays"), days=frozenset({4})),
    Subscription(Channel("replay:weekly"), days=frozenset({0}), size=10),
)
EVERYTHING = CHANNELS[0].channel

RANKINGS = ("rule", "upvotes", "hacker_news", "random")


@dataclass
class Outbox:
    """An outlet that only remembers, outside the ledger, what it was handed."""

    now: Callable[[], datetime]
    name: str = "replay"
    threads: bool = True
    pace: float = 0.0
    posts: list[tuple[Channel, date, Message, bool]] = field(default_factory=list)

    async def post(self, channel: Channel, message: Message, *, under: Ref | None, key: str) -> Ref:
        """Remember a message."""
        self.posts.append((channel, self.now().date(), message, under is None))
        return Ref(key)

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:  # noqa: ARG002 - the port's shape
        """Whether a message arrived."""
        return None

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Nothing is deleted here."""


@dataclass
class Shown:
    """What a channel that follows everything was shown: hours on the list, and the week's upvotes."""

    ages: list[float] = field(default_factory=list)
    weeks: list[float] = field(default_factory=list)


@dataclass
class Played:
    """All that was seen."""

    day0: dict[date, dict[str, Figures]] = field(default_factory=dict)
    next_day: dict[date, dict[str, Figures]] = field(default_factory=dict)
    shown_twice: int = 0
    silent_days: int = 0
    due_days: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    ours: Shown = field(default_factory=Shown)
    plain: Shown = field(default_factory=Shown)


async def play(
    archive: Archive, folder: Path, *, start: date | None, hour: int, progress: Callable[[], None]
) -> Played:
    """Play the archive into a fresh store in `folder`. `start` leaves earlier list dates out."""
    first = max(archive.first_day, start or archive.first_day)
    with wiring.open_store(folder / "replay.db", write=True) as store:
        stage = _Stage(archive, store, first, hour)
        played = Played()
        await stage.open()
        for at, act in _programme(archive, stage, played, first, hour):
            stage.at = at
            await stage.engine.collect()
            await act()
            progress()
        stage.count(played)
    return played


def length(archive: Archive, start: date | None) -> int:
    """How many steps a play has, for a progress bar."""
    first = max(archive.first_day, start or archive.first_day)
    return max((archive.last_day - first).days + 1, 0) + 2 * sum(1 for day in archive.judged if day >= first)


class _Stage:
    """The engine, its clock and its outbox."""

    def __init__(self, archive: Archive, store: Store, first: date, hour: int) -> None:
        self.archive, self.store = archive, store
        self.at = datetime.combine(first, time(0), UTC)
        self.outbox = Outbox(lambda: self.at)
        notices = Notices(store, {}, lambda: self.at, None)
        self.engine = DigestEngine(store, (archive,), lambda: self.at, notices=notices)
        self.deliverer = Deliverer(store, {"replay": self.outbox}, lambda: self.at, notices)
        self._hour = hour
        self._plainly_shown: set[str] = set()
        self._due: dict[Channel, set[date]] = {wish.channel: set() for wish in CHANNELS}

    async def open(self) -> None:
        """Subscribe the five channels; bring in what was seen before the first day."""
        earlier = self.archive.seen(self.at - LONGEST_WINDOW, self.at)
        await self.store.papers.add(earlier, self.archive.name, self.at)
        wishes = (Subscription(**_fields(wish) | {"at": time(self._hour)}) for wish in CHANNELS)  # type: ignore[arg-type]  # its own fields
        await self.store.subscriptions.put(*(with_next_due(wish, self.at - timedelta(minutes=1)) for wish in wishes))

    async def tick(self, played: Played) -> None:
        """One day's digests; the plain list beside them."""
        due = await self.store.subscriptions.due(self.at)
        for wish in due:
            self._due[wish.channel].add(self.at.date())
        everything = next((wish for wish in due if wish.channel == EVERYTHING), None)
        if everything is not None:
            await self._plain(everything, played.plain)
        await self.engine.tick()
        await self.deliverer.drain()
        if everything is not None:
            await self._ours(played.ours)
        for wish in due:
            digest = await self.store.ledger.digest(wish.channel, self.at.date())
            outcome = digest.outcome if digest else Outcome.LATE
            played.outcomes[outcome.value] = played.outcomes.get(outcome.value, 0) + 1

    async def _ours(self, shown: Shown) -> None:
        today = self.at.date()
        ids = [
            m.paper_id
            for c, day, m, opener in self.outbox.posts
            if c == EVERYTHING and day == today and not opener and m.paper_id
        ]
        papers = await self.store.papers.get(ids)
        self._note(shown, papers.values())

    async def _plain(self, wish: Subscription, shown: Shown) -> None:
        """What raw upvotes would show: the same window, the same size, nothing shown before."""
        papers = await self.store.papers.candidates(window_start(wish, self.at), self.at)
        fresh = [paper for paper in papers if paper.id not in self._plainly_shown]
        votes = await self._votes(paper.id for paper in fresh)
        best = sorted(fresh, key=lambda paper: (-votes.get(paper.id, -1.0), paper.id))[: wish.size]
        self._plainly_shown.update(paper.id for paper in best)
        self._note(shown, best)

    def _note(self, shown: Shown, papers: Iterable[Paper]) -> None:
        for paper in papers:
            if paper.listed_at is not None:
                shown.ages.append((self.at - paper.listed_at).total_seconds() / 3600)
            week = self.archive.week(paper.id)
            if week is not None:
                shown.weeks.append(week)

    async def _votes(self, ids: Iterable[str]) -> dict[str, float]:
        signals = await self.store.papers.signals(tuple(ids), self.at)
        return {paper_id: ranked.value for paper_id, seen in signals.items() if (ranked := _upvotes(seen, self.at))}

    async def judge(self, day: date, days: dict[date, dict[str, Figures]], *, next_day: bool) -> None:
        """Rank a list as it stood at this moment, and compare with the week's votes."""
        wanted = {j.paper_id: j.week for j in self.archive.judged[day] if j.day0_at and (j.next_day_at or not next_day)}
        if len(wanted) < LEAST_PAPERS:
            return
        papers = list((await self.store.papers.get(wanted)).values())
        signals = await self.store.papers.signals(wanted, self.at - ranking.SIGNALS_BACK)
        trends = ranking.rank_papers(papers, signals, self.at)
        gains = [wanted[trend.paper.id] for trend in trends]
        votes = [_upvotes(signals.get(trend.paper.id, ()), self.at) for trend in trends]
        scores = {
            "rule": [trend.standing for trend in trends],
            "upvotes": [read.value if read else 0.0 for read in votes],
            "hacker_news": [hacker_news(read, trend.paper) for read, trend in zip(votes, trends, strict=True)],
            "random": [0.0 for _ in trends],
        }
        days[day] = {name: figures(order, gains) for name, order in scores.items()}

    def count(self, played: Played) -> None:
        """Papers shown twice and days without a word, from the outbox."""
        shown: set[tuple[Channel, str]] = set()
        spoken = {(channel, day) for channel, day, _, opener in self.outbox.posts if opener}
        for channel, _, message, opener in self.outbox.posts:
            if not opener and message.paper_id:
                played.shown_twice += (channel, message.paper_id) in shown
                shown.add((channel, message.paper_id))
        played.due_days = sum(len(days) for days in self._due.values())
        played.silent_days = sum((channel, day) not in spoken for channel, days in self._due.items() for day in days)


def hacker_news(read: ranking.SignalReading | None, paper: Paper) -> float:
    """(s - 1)^0.8 / ((minutes + 120) / 60)^1.8, Hacker News' published formula, on upvotes and time on the list."""
    if read is None or paper.listed_at is None:
        return 0.0
    minutes = max((read.seen_at - paper.listed_at).total_seconds() / 60, 0.0)
    return float(max(read.value - 1, 0.0) ** 0.8 / ((minutes + 120) / 60) ** 1.8)


def _upvotes(signals: Sequence[Signal], now: datetime) -> ranking.SignalReading | None:
    return next((read for read in ranking.signal_readings(signals, now) if read.kind == "upvotes"), None)


def _fields(wish: Subscription) -> dict[str, object]:
    return {name: getattr(wish, name) for name in Subscription.__slots__}


def _programme(
    archive: Archive, stage: _Stage, played: Played, first: date, hour: int
) -> list[tuple[datetime, Callable[[], Awaitable[None]]]]:
    """Everything that happens, in the order of time."""
    acts: list[tuple[datetime, Callable[[], Awaitable[None]]]] = []
    for offset in range((archive.last_day - first).days + 1):
        day = first + timedelta(days=offset)
        acts.append((datetime.combine(day, time(hour), UTC), lambda: stage.tick(played)))
    for day, judged in archive.judged.items():
        if day < first:
            continue
        if seen := [j.day0_at for j in judged if j.day0_at]:
            acts.append((max(seen), lambda day=day: stage.judge(day, played.day0, next_day=False)))  # type: ignore[misc]  # bound at once
        midnight = datetime.combine(day + timedelta(days=1), time(0), UTC)
        later = [j.next_day_at for j in judged if j.next_day_at and j.next_day_at - midnight < NEXT_DAY_LATEST]
        if later:
            at = max(*later, midnight + timedelta(minutes=5))
            acts.append((at, lambda day=day: stage.judge(day, played.next_day, next_day=True)))  # type: ignore[misc]  # bound at once
    return sorted(acts, key=lambda act: act[0])
