"""Simulation of an archive through the real engine: collect, tick, deliver, and read the outbox.

each list date      at its first snapshot (about 08 UTC) and at 00:05 UTC of the next day: rank, compare with the week
each calendar day   at the set hour: tick five channels and deliver; digests are measured by what the outlet received
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from bot.app import databases
from bot.app.backtest.archive import Archive
from bot.app.backtest.arxiv_days import ArxivDays
from bot.app.backtest.early import EARLY_CHANNELS, EarlyPicks
from bot.app.backtest.evaluation import Figures, figures
from bot.app.engine import DigestEngine
from bot.app.forecasts import Forecasts
from bot.app.past_lists import midnight
from bot.app.second_look import SecondLook
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import Notices
from bot.digest.selection import LONGEST_WINDOW, window_start
from bot.model import Channel, Digest, Evidence, Message, Outcome, Paper, Ref, Signal, Subscription
from bot.model.schedule import with_next_due
from bot.ports import Claim, no_claim
from bot.queue.in_process import InProcessQueue
from bot.ranking import trend as ranking
from bot.store import Store

MIN_PAPERS = 10
"""Papers with both values that a day needs to be measured."""
NEXT_DAY_MAX = timedelta(hours=30)
"""A "next day" snapshot later than this after midnight belongs to another day."""

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
    """An outlet that keeps what it is given, independent of the ledger."""

    now: Callable[[], datetime]
    name: str = "replay"
    threads: bool = True
    pace: float = 0.0
    posts: list[tuple[Channel, date, Message, bool]] = field(default_factory=list)
    """Channel, day, message, whether it is an opener."""

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Keep a message."""
        await claim()
        self.posts.append((channel, self.now().date(), message, under is None))
        return Ref(key)

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:  # noqa: ARG002 - the port's shape
        """None: nothing is ever lost here."""
        return None

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Nothing is deleted here."""

    async def prove(self, channel: Channel) -> None:
        """Nothing can be missing here."""


@dataclass
class ShownPapers:
    """Papers shown to the channel that follows everything: their hours on the list and upvotes after a week."""

    ages: list[float] = field(default_factory=list)
    weeks: list[float] = field(default_factory=list)


@dataclass
class BacktestResult:
    """Figures by list date and ranking, and counts over all digests."""

    day0: dict[date, dict[str, Figures]] = field(default_factory=dict)
    next_day: dict[date, dict[str, Figures]] = field(default_factory=dict)
    shown_twice: int = 0
    silent_days: int = 0
    due_days: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    ours: ShownPapers = field(default_factory=ShownPapers)
    plain: ShownPapers = field(default_factory=ShownPapers)
    updates: list[tuple[Channel, datetime, Message]] = field(default_factory=list)
    """Replies that said what has changed about papers, with the channel and the moment."""
    updates_a_week: float = 0.0
    """Those of the channel that follows everything."""
    arxiv_days: tuple[date, ...] = ()
    early: EarlyPicks | None = None
    """Where there are whole arXiv days."""


async def simulate(  # noqa: PLR0913 - the facts of one simulation
    archive: Archive,
    folder: Path,
    *,
    first: date,
    hour: int,
    progress: Callable[[], None],
    arxiv_days: ArxivDays | None = None,
    forecasts: Forecasts | None = None,
) -> BacktestResult:
    """Play the archive from a day on into a new store in `folder`; digests are due at `hour` UTC.

    With `arxiv_days` two channels more get early picks; `forecasts` are made by the shipped model unless given.
    """
    with databases.open_store(folder / "replay.db", write=True) as store:
        simulation = _Simulation(archive, store, first, hour, arxiv_days, forecasts)
        await simulation.open()
        for at, step in simulation.timeline():
            simulation.at = at
            await simulation.engine.collect()
            await simulation.look()
            await step()
            progress()
        simulation.count()
    return simulation.result


def step_count(archive: Archive, first: date) -> int:
    """Number of steps of a simulation, for a progress bar."""
    return max((archive.last_day - first).days + 1, 0) + 2 * sum(1 for day in archive.judged if day >= first)


class _Simulation:
    """The engine, its clock, its outbox and the result so far."""

    def __init__(  # noqa: PLR0913, PLR0917 - see `simulate`
        self,
        archive: Archive,
        store: Store,
        first: date,
        hour: int,
        arxiv_days: ArxivDays | None,
        forecasts: Forecasts | None,
    ) -> None:
        self.archive, self.store = archive, store
        self.channels = CHANNELS if arxiv_days is None else (*CHANNELS, *EARLY_CHANNELS)
        self.first, self.hour = first, time(hour)
        self.at = midnight(first)
        self.result = BacktestResult()
        self.outbox = Outbox(lambda: self.at)
        notices = Notices(store, {}, lambda: self.at, None)
        sources = (archive,) if arxiv_days is None else (archive, arxiv_days)
        self.engine = DigestEngine(store, sources, lambda: self.at, notices=notices, forecasts=forecasts)
        if arxiv_days is not None:
            self.result.arxiv_days = tuple(day for day in arxiv_days.days if day >= first)
            times = {one: at for one in archive.ids if (at := archive.listed_at(one))}
            self.result.early = EarlyPicks(times, archive.weeks)
        self.queue = InProcessQueue(Deliverer(store, {"replay": self.outbox}, lambda: self.at, notices))
        self.looks = SecondLook(store, self.engine.post, {"replay"})
        self._shown_by_upvotes: set[str] = set()
        self._due: set[tuple[Channel, date]] = set()

    async def open(self) -> None:
        """Subscribe the five channels and store what was observed before the first day."""
        earlier = self.archive.snapshots(self.at - LONGEST_WINDOW, self.at)
        await self.store.papers.add(earlier, self.archive.name, self.at)
        before = self.at - timedelta(minutes=1)
        await self.store.subscriptions.put(
            *(with_next_due(replace(each, at=self.hour), before) for each in self.channels)
        )

    def timeline(self) -> list[tuple[datetime, Callable[[], Awaitable[None]]]]:
        """All steps with their times, in order of time."""
        days = (self.first + timedelta(days=n) for n in range((self.archive.last_day - self.first).days + 1))
        steps: list[tuple[datetime, Callable[[], Awaitable[None]]]]
        steps = [(datetime.combine(day, self.hour, UTC), self.tick) for day in days]
        for day, judged in self.archive.judged.items():
            if day < self.first:
                continue
            if first_times := [each.day0_at for each in judged if each.day0_at]:
                steps.append((max(first_times), partial(self.compare, day, self.result.day0, next_day=False)))
            next_midnight = midnight(day + timedelta(days=1))
            times = (each.next_day_at for each in judged if each.next_day_at)
            if later := [at for at in times if at - next_midnight < NEXT_DAY_MAX]:
                at = max(*later, next_midnight + timedelta(minutes=5))
                steps.append((at, partial(self.compare, day, self.result.next_day, next_day=True)))
        return sorted(steps, key=lambda step: step[0])

    async def look(self) -> None:
        """Deliver what has changed about papers that were shown; it is no paper shown."""
        before = len(self.outbox.posts)
        await self.looks.run(self.at)
        await self.queue.drain()
        self.result.updates += [(post[0], self.at, post[2]) for post in self.outbox.posts[before:]]
        del self.outbox.posts[before:]

    async def tick(self) -> None:
        """Choose and deliver one day's digests, and the list by upvotes to compare with."""
        today = self.at.date()
        due = await self.store.subscriptions.due(self.at)
        self._due |= {(subscription.channel, today) for subscription in due}
        everything = next((subscription for subscription in due if subscription.channel == EVERYTHING), None)
        if everything is not None:
            self._note(self.result.plain, await self._best_by_upvotes(everything))
        await self.engine.tick()
        await self.queue.drain()
        if everything is not None:
            replies = (post[2] for post in self.outbox.posts if post[:2] == (EVERYTHING, today) and not post[3])
            papers = await self.store.papers.get([message.paper_id for message in replies if message.paper_id])
            self._note(self.result.ours, papers.values())
        for subscription in due:
            digest = await self.store.ledger.digest(subscription.channel, today)
            self.result.outcomes[digest.outcome.value if digest else Outcome.LATE.value] += 1
            if digest and self.result.early is not None:
                self._note_early(self.result.early, digest)

    def _note_early(self, early: EarlyPicks, digest: Digest) -> None:
        if digest.channel == EVERYTHING:
            early.note_twin(digest, self.at)
        elif digest.channel in {each.channel for each in EARLY_CHANNELS}:
            early.note(digest, self.at)

    async def _best_by_upvotes(self, subscription: Subscription) -> list[Paper]:
        """The list by raw upvotes: same window and size, without papers it had before."""
        papers = await self.store.papers.candidates(window_start(subscription, self.at), self.at)
        fresh = [paper for paper in papers if paper.id not in self._shown_by_upvotes]
        signals = await self.store.papers.signals([paper.id for paper in fresh], self.at)
        readings = {paper_id: _upvotes(each, self.at) for paper_id, each in signals.items()}
        votes = {paper_id: reading.value for paper_id, reading in readings.items() if reading}
        best = sorted(fresh, key=lambda paper: (-votes.get(paper.id, -1.0), paper.id))[: subscription.size]
        self._shown_by_upvotes.update(paper.id for paper in best)
        return best

    def _note(self, papers_shown: ShownPapers, papers: Iterable[Paper]) -> None:
        for paper in papers:
            if paper.listed_at is not None:
                papers_shown.ages.append((self.at - paper.listed_at).total_seconds() / 3600)
            if paper.id in self.archive.weeks:
                papers_shown.weeks.append(self.archive.weeks[paper.id])

    async def compare(self, day: date, days: dict[date, dict[str, Figures]], *, next_day: bool) -> None:
        """Rank a list as of now and compare each order with the votes after a week."""
        judged = [each for each in self.archive.judged[day] if each.day0_at and (each.next_day_at or not next_day)]
        weeks = {each.paper_id: each.week for each in judged}
        if len(weeks) < MIN_PAPERS:
            return
        papers = list((await self.store.papers.get(weeks)).values())
        signals = await self.store.papers.signals(weeks, self.at - ranking.SIGNALS_BACK)
        trends = ranking.rank_papers(papers, signals, self.at)
        gains = [weeks[trend.paper.id] for trend in trends]
        votes = [_upvotes(signals.get(trend.paper.id, ()), self.at) for trend in trends]
        scores = {
            "rule": [trend.standing for trend in trends],
            "upvotes": [reading.value if reading else 0.0 for reading in votes],
            "hacker_news": [hacker_news(reading, trend.paper) for reading, trend in zip(votes, trends, strict=True)],
            "random": [0.0 for _ in trends],
        }
        days[day] = {name: figures(order, gains) for name, order in scores.items()}

    def count(self) -> None:
        """Count the papers shown twice and the due days without a post, from the outbox."""
        replies = Counter(
            (channel, message.paper_id)
            for channel, _, message, opener in self.outbox.posts
            if not opener and message.paper_id
        )
        opened = {(channel, day) for channel, day, _, opener in self.outbox.posts if opener}
        self.result.shown_twice = replies.total() - len(replies)
        weeks = ((self.archive.last_day - self.first).days + 1) / 7
        self.result.updates_a_week = sum(channel == EVERYTHING for channel, _, _ in self.result.updates) / weeks
        self.result.due_days, self.result.silent_days = len(self._due), len(self._due - opened)


def hacker_news(upvotes: Evidence | None, paper: Paper) -> float:
    """(s - 1)^0.8 / ((minutes + 120) / 60)^1.8, Hacker News' published formula, on upvotes and time on the list."""
    if upvotes is None or paper.listed_at is None:
        return 0.0
    minutes = max((upvotes.seen_at - paper.listed_at).total_seconds() / 60, 0.0)
    return float(max(upvotes.value - 1, 0.0) ** 0.8 / ((minutes + 120) / 60) ** 1.8)


def _upvotes(signals: Sequence[Signal], now: datetime) -> Evidence | None:
    return next((each for each in ranking.latest_evidence(signals, now) if each.kind == "upvotes"), None)
