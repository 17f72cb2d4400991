"""Fakes of clocks, sources and outlets. They implement the ports; a test sets what they answer.

FakeClock      moves only by clock.advance(hours=1)
FakeSource     source.has(paper(1)); source.notices(paper(1), upvotes=12); source.fails("it is down"); source.recovers()
FakeOutlet     outlet.fails_next(Failure.LATER, retry_after=90); outlet.is_slow(event, channel); outlet.cannot_tell()

`front.py` has a front and a desk, `http_server.py` an HTTP server, `process.py` a fake platform in its own process;
`tests/processes/crash_points.py` an outlet that outlives the process that posts to it.
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
from bot.ports import Claim, no_claim
from bot.store import Store

MONDAY = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
"""A Monday, 09:00 UTC: the first time of a FakeClock."""


class FakeClock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        """Move by the arguments of a timedelta; negative ones move it back."""
        self.now += timedelta(**span)

    def set(self, now: datetime) -> None:
        """Set the time."""
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
        self.fetches: list[tuple[datetime, datetime]] = []
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
        """Every paper and count, observed now."""
        self.fetches.append((since, now))
        if self._fault:
            raise SourceError(self.name, self._fault)
        signals = (Signal(paper_id, self.name, kind, value, now) for (paper_id, kind), value in self._counts.items())
        return Findings(tuple(self._papers.values()), tuple(signals))


# --- outlets -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """A message on the platform."""

    channel: Channel
    message: Message
    under: Ref | None
    key: str
    ref: Ref

    @property
    def text(self) -> str:
        """The visible text."""
        return rendered(self.message.text)


@dataclass
class _Fault:
    error: Exception
    arrived: bool = False
    channel: Channel | None = None
    times: float = 1
    after: int = 0


def rendered(text: str) -> str:
    """Text in the fake platforms' markup, in which `@name` pings: pings and control characters are made harmless."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).replace("@", "@\u200b")


class FakeOutlet:
    """A platform in memory. Faults apply in the order in which they were added."""

    def __init__(self, name: str = "fake", *, threads: bool = True, pace: float = 0.0) -> None:
        self.name, self.threads, self.pace = name, threads, pace
        self.posts: list[Post] = []
        self.find_calls: list[tuple[Channel, str, datetime]] = []
        self._faults: list[_Fault] = []
        self._slow: list[tuple[asyncio.Event, Channel | None]] = []
        self._find_faults: list[_Fault] = []
        self._edit_faults: list[_Fault] = []
        self.edits: list[Post] = []
        self._attempts: Counter[Channel] = Counter()
        self._posted = asyncio.Event()
        self._forbidden = ""

    # set by a test

    def fails_next(
        self,
        kind: Failure,
        reason: str = "as the test set it",
        *,
        retry_after: float | None = None,
        arrived: bool = False,
        channel: Channel | None = None,
        times: float = 1,
        after: int = 0,
    ) -> None:
        """Let the next posts (to this channel) fail, `after` so many good ones. `arrived`: the message is posted."""
        error = DeliveryError(kind, reason, retry_after=retry_after)
        self._faults.append(_Fault(error, arrived, channel, times, after))

    def breaks_next(self, error: Exception, *, arrived: bool) -> None:
        """Let the next post raise an error that no adapter should raise."""
        self._faults.append(_Fault(error, arrived))

    def forbids_replies(self, reason: str) -> None:
        """Refuse every reply from now on."""
        self._forbidden = reason

    def is_slow(self, until: asyncio.Event, channel: Channel | None = None) -> None:
        """Let posts (to this channel) wait for an event."""
        self._slow.append((until, channel))

    def cannot_tell(self, reason: str = "history is not ours to read") -> None:
        """Let every `find` raise CannotTell."""
        self._find_faults.append(_Fault(CannotTell(reason), times=float("inf")))

    def find_fails_next(self, error: Exception, times: float = 1) -> None:
        """Let the next `find`s raise this."""
        self._find_faults.append(_Fault(error, times=times))

    def edit_fails_next(self, error: DeliveryError, times: float = 1, channel: Channel | None = None) -> None:
        """Let the next `edit`s (in this channel) raise this."""
        self._edit_faults.append(_Fault(error, channel=channel, times=times))

    # read by a test

    def attempts(self, channel: Channel) -> int:
        """Number of posts to a channel, failed ones included."""
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

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds, tested after each post; a minute at most."""
        async with asyncio.timeout(60):
            while not condition():
                self._posted.clear()
                await self._posted.wait()

    # the port

    async def post(
        self, channel: Channel, message: Message, *, under: Ref | None, key: str, claim: Claim = no_claim
    ) -> Ref:
        """Store the message, unless a fault applies."""
        await claim()
        self._attempts[channel] += 1
        self._posted.set()
        if under is not None and self._forbidden:
            raise DeliveryError(Failure.THREAD_FORBIDDEN, self._forbidden)
        for until, slow_channel in self._slow:
            if slow_channel in {None, channel}:
                await until.wait()
        post = Post(channel, message, under, key, Ref(f"{self.name}-{len(self.posts) + 1}"))
        fault = _next_fault(self._faults, channel)
        if fault is None or fault.arrived:
            self.posts.append(post)
            self._posted.set()
        if fault is not None:
            raise fault.error
        return post.ref

    async def edit(self, channel: Channel, ref: Ref, message: Message, *, under: Ref | None, key: str) -> None:
        """Note the edit, unless a fault applies."""
        if (fault := _next_fault(self._edit_faults, channel)) is not None:
            raise fault.error
        place = next((n for n, post in enumerate(self.posts) if (post.channel, post.ref) == (channel, ref)), None)
        if place is None:
            raise DeliveryError(Failure.MESSAGE_REFUSED, "there is no such message")
        self.posts[place] = Post(channel, message, under, key, ref)
        self.edits.append(self.posts[place])

    async def find(self, channel: Channel, key: str, *, under: Ref | None, since: datetime) -> Ref | None:
        """The message with this key, in this channel and thread."""
        self.find_calls.append((channel, key, since))
        if (fault := _next_fault(self._find_faults, channel)) is not None:
            raise fault.error
        refs = (post.ref for post in self.in_channel(channel) if post.key == key and post.under == under)
        return next(refs, None)

    async def retract(self, channel: Channel, ref: Ref) -> None:
        """Delete a message."""
        if not any(post.ref == ref for post in self.in_channel(channel)):
            raise DeliveryError(Failure.MESSAGE_REFUSED, "there is no such message")
        self.posts = [post for post in self.posts if post.ref != ref]

    async def prove(self, channel: Channel) -> None:
        """Raise the fault that the next post would raise."""
        if (fault := _next_fault(self._faults, channel)) is not None:
            raise fault.error


def _next_fault(faults: list[_Fault], channel: Channel) -> _Fault | None:
    for fault in faults:
        if fault.times <= 0 or fault.channel not in {None, channel}:
            continue
        if fault.after:
            fault.after -= 1
            continue
        fault.times -= 1
        return fault
    return None
