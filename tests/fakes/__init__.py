"""Stand-ins for the world outside the engine, each with a small vocabulary. All of them keep the ports' promises.

FakeClock      a time that moves only when told: clock.advance(hours=1)
FakeSource     source.has(paper(1)); source.notices(paper(1), upvotes=12); source.fails("it is down"); source.recovers()
FakeOutlet     outlet.fails_next(Failure.LATER, retry_after=90); outlet.is_slow(event, channel); outlet.cannot_tell()

`tests/processes/crash_points.py` has the platform that outlives the process that posts to it,
`tests/fakes/front.py` one that hears.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.errors import CannotTell, DeliveryError, Failure, SourceError
from bot.model import (
    Channel,
    Digest,
    Findings,
    Lessons,
    Message,
    Outcome,
    Paper,
    Pick,
    Reason,
    Ref,
    Signal,
    Style,
    Trend,
)
from bot.store import Store

MONDAY = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
"""A Monday, 09:00 UTC: when the tests begin."""


class FakeClock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Go on by a timedelta's arguments; backwards if negative."""
        self.now += timedelta(**span)

    def set(self, now: datetime) -> None:
        """Jump."""
        self.now = now


# --- papers ------------------------------------------------------------------------------------------------------


def paper(number: int, *, at: datetime = MONDAY, title: str | None = None, abstract: str | None = None) -> Paper:
    """An invented paper listed a few hours before `at`, with words of its own: no other's near-duplicate."""
    own = " ".join(f"{stem}{number}x" for stem in ("quill", "marrow", "tundra", "lattice", "ember", "fjord"))
    return Paper(
        id=f"2511.{number:05d}",
        title=title or f"Paper {number} on {own}",
        abstract=abstract or f"We study {own}. It reaches {number}.5 % on the {own} benchmark.",
        authors=("Ada Example", "Ben Example"),
        published_at=at - timedelta(days=1),
        listed_at=at - timedelta(hours=5),
        categories=("cs.CL",),
    )


async def reactions(store: Store, channel: Channel) -> list[tuple[str, int]]:
    """Every reaction in a channel as (paper id, value), oldest first."""
    lessons = (await store.feedback.lessons((channel,))).get(channel, Lessons())
    return [(each.paper_id, each.value) for each in lessons.feedback if each.gesture == "reaction"]


def digest(channel: Channel, papers: list[Paper], *, at: datetime = MONDAY, style: Style = "thread") -> Digest:
    """A chosen digest of these papers, due and chosen at `at`."""
    picks = tuple(Pick(Trend(each, 1.0, 1.0), Reason.NEW) for each in papers)
    outcome = Outcome.PICKED if picks else Outcome.NOTHING_NEW
    return Digest(channel, at.date(), picks, outcome, at, at, at - timedelta(days=3), style=style)


class FakeSource:
    """A source with the papers and counts that a test sets."""

    def __init__(self, name: str = "huggingface") -> None:
        self.name = name
        self.asked: list[tuple[datetime, datetime]] = []
        self._papers: dict[str, Paper] = {}
        self._counts: dict[tuple[str, str], float] = {}
        self._fault: str | None = None

    def has(self, *papers: Paper) -> None:
        """List these papers from now on."""
        self._papers |= {each.id: each for each in papers}

    def notices(self, about: Paper, **counts: float) -> None:
        """Count these for a paper: upvotes=12, comments=3."""
        self.has(about)
        self._counts |= {(about.id, kind): value for kind, value in counts.items()}

    def fails(self, reason: str = "it is down") -> None:
        """Raise SourceError from now on."""
        self._fault = reason

    def recovers(self) -> None:
        """Answer again."""
        self._fault = None

    async def fetch(self, since: datetime, now: datetime) -> Findings:
        """All it has, as observed now."""
        self.asked.append((since, now))
        if self._fault:
            raise SourceError(self.name, self._fault)
        signals = (Signal(known, self.name, kind, value, now) for (known, kind), value in self._counts.items())
        return Findings(tuple(self._papers.values()), tuple(signals))


# --- outlets -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """A message as the platform has it."""

    channel: Channel
    message: Message
    under: Ref | None
    key: str
    ref: Ref

    @property
    def text(self) -> str:
        """The text as readers see it."""
        return on_the_wire(self.message.text)


@dataclass
class _Fault:
    error: Exception
    arrived: bool = False
    channel: Channel | None = None
    times: float = 1
    after: int = 0


def on_the_wire(text: str) -> str:
    """The fake platforms' markup: `@name` would ping and control characters would act, so both are made harmless."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).replace("@", "@\u200b")


class FakeOutlet:
    """A platform in memory. Faults are met in the order in which they were announced."""

    def __init__(self, name: str = "fake", *, threads: bool = True, pace: float = 0.0) -> None:
        self.name, self.threads, self.pace = name, threads, pace
        self.posts: list[Post] = []
        self.looked_for: list[tuple[Channel, str, datetime]] = []
        self._faults: list[_Fault] = []
        self._slow: list[tuple[asyncio.Event, Channel | None]] = []
        self._find_faults: list[_Fault] = []
        self._attempts: Counter[Channel] = Counter()
        self._news = asyncio.Event()

    # what a test says

    def fails_next(
        self,
        kind: Failure,
        reason: str = "as the test wants it",
        *,
        retry_after: float | None = None,
        arrived: bool = False,
        channel: Channel | None = None,
        times: float = 1,
        after: int = 0,
    ) -> None:
        """The next posts (to this channel) fail, `after` so many good ones. `arrived`: the message is there even so."""
        error = DeliveryError(kind, reason, retry_after=retry_after)
        self._faults.append(_Fault(error, arrived, channel, times, after))

    def breaks_next(self, error: Exception, *, arrived: bool) -> None:
        """The next post ends in an error that no adapter should raise."""
        self._faults.append(_Fault(error, arrived))

    def is_slow(self, until: asyncio.Event, channel: Channel | None = None) -> None:
        """Posts (to this channel) wait for an event."""
        self._slow.append((until, channel))

    def cannot_tell(self, reason: str = "history is not ours to read") -> None:
        """`find` does not know, for ever."""
        self._find_faults.append(_Fault(CannotTell(reason), times=float("inf")))

    def find_fails_next(self, error: Exception, times: float = 1) -> None:
        """The next `find`s raise this."""
        self._find_faults.append(_Fault(error, times=times))

    # what a test asks

    def attempts(self, channel: Channel) -> int:
        """How often anything was posted to a channel, whatever came of it."""
        return self._attempts[channel]

    def in_channel(self, channel: Channel) -> list[Post]:
        """Everything posted to a channel, in order."""
        return [post for post in self.posts if post.channel == channel]

    def openers(self, channel: Channel) -> list[Post]:
        """The root messages of a channel."""
        return [post for post in self.in_channel(channel) if post.under is None]

    def replies(self, opener: Post) -> list[Post]:
        """The replies to an opener."""
        return [post for post in self.in_channel(opener.channel) if post.under == opener.ref]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that posts bring about; ten seconds at most."""
        async with asyncio.timeout(10):
            while not true():
                self._news.clear()
                await self._news.wait()

    # the port

    async def post(self, channel: Channel, message: Message, *, under: Ref | None, key: str) -> Ref:
        """Keep the message."""
        self._attempts[channel] += 1
        self._news.set()
        for until, where in self._slow:
            if where in {None, channel}:
                await until.wait()
        post = Post(channel, message, under, key, Ref(f"{self.name}-{len(self.posts) + 1}"))
        fault = _met(self._faults, channel)
        if fault is None or fault.arrived:
            self.posts.append(post)
            self._news.set()
        if fault is not None:
            raise fault.error
        return post.ref

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """By key, in the same place."""
        self.looked_for.append((channel, key, since))
        if (fault := _met(self._find_faults, channel)) is not None:
            raise fault.error
        here = (post.ref for post in self.in_channel(channel) if post.key == key and post.under == under)
        return next(here, None)

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message."""
        if not any(post.ref == ref for post in self.in_channel(channel)):
            raise DeliveryError(Failure.MESSAGE_REFUSED, "there is no such message")
        self.posts = [post for post in self.posts if post.ref != ref]


def _met(faults: list[_Fault], channel: Channel) -> _Fault | None:
    for fault in faults:
        if fault.times <= 0 or fault.channel not in {None, channel}:
            continue
        if fault.after:
            fault.after -= 1
            continue
        fault.times -= 1
        return fault
    return None
