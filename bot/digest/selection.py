"""What one channel gets today, and why: topics x trend x not yet shown x unlike each other. Pure.

    Shortlist     the moment's candidates, ranked and analysed once for all channels
    choose        one channel's digest from it

Papers stand in the shortlist best first, so a set of them is an int whose lowest bit is the best one, and a channel's
choice is a walk over the bits of  topics AND window AND NOT (mutes OR shown),
in the shortlist's order, or in one that the channel's profile (`bot.ranking.profile`) has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import QueryError
from bot.model import Digest, Outcome, Paper, Pick, Reason, Subscription, Trend
from bot.query.matcher import DUPLICATE_THRESHOLD, Document, Documents, bits, mask_of
from bot.query.parser import parse

if TYPE_CHECKING:
    from bot.query.semantic import SemanticMatches
    from bot.ranking.profile import Leaning

SHORTEST_WINDOW = timedelta(days=3)
LONGEST_WINDOW = timedelta(days=14)
"""A digest looks back to the channel's last one, but three days at least (late votes, half-filled lists, weekends)
and fourteen at most."""
UNNOTICED = -2.0
"""Where a paper that nobody noticed stands when a profile moves it: ln(1 + the vote still expected of it) is as much
below what is usual. Nothing that was noticed stands lower."""


class Shortlist:
    """The candidates of one moment. Immutable to its users but for `learn`; shared by all channels and threads."""

    def __init__(
        self,
        trends: Sequence[Trend],
        now: datetime,
        *,
        faults: Sequence[str] = (),
        blind: bool = False,
        liked: Mapping[str, Paper] | None = None,
    ) -> None:
        """`trends` in any order; those with evidence come first, by standing, then those without, newest first.

        `faults` are named in the digest; `blind` says that a source that lists papers is among them.
        """
        self.now = now
        self.faults = tuple(faults)
        self.blind = blind
        self.trends = tuple(sorted(trends, key=_best_first))
        self.with_signals = sum(1 for trend in self.trends if trend.evidence)
        self.noticed = (1 << self.with_signals) - 1
        documents = [Document(trend.paper, latest_upvotes(trend)) for trend in self.trends]
        self.documents = Documents(documents, now, liked=liked)
        self.meant: dict[str, SemanticMatches] = {}
        """What is close to the free words of the topics that were asked about; `bot.app.closeness` finds it out."""
        self._topics: dict[str, int] = {}
        self._exact: dict[str, int] = {}
        self._windows: dict[datetime, int] = {}
        self._twins: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.trends)

    def mask(self, ids: Iterable[str]) -> int:
        """The set of these papers; ids that are not here are passed over."""
        positions = (self.documents.position(paper_id) for paper_id in ids)
        return sum(1 << position for position in set(positions) if position is not None)

    def documents_knowing(self, papers: Mapping[str, Paper]) -> Documents:
        """The candidates' index, which also knows these papers that `like:` names; slow if it does not yet."""
        if all(self.documents.position(paper_id) is not None for paper_id in papers):
            return self.documents
        return Documents(
            [Document(trend.paper, latest_upvotes(trend)) for trend in self.trends], self.now, liked=papers
        )

    def learn(self, meant: Mapping[str, SemanticMatches]) -> None:
        """Take in what is close in meaning to some free words; topics are looked at afresh."""
        self.meant.update(meant)
        self._topics.clear()

    def topic(self, text: str) -> int:
        """The papers that match a topic, by words or by meaning; none for a line that is no longer valid."""
        return self._matching(text, self._topics, self.meant)

    def exact(self, text: str) -> int:
        """The papers that match by words alone: what a mute leaves out."""
        return self._matching(text, self._exact, {})

    def _matching(self, text: str, known: dict[str, int], meant: Mapping[str, SemanticMatches]) -> int:
        if text not in known:
            try:
                known[text] = self.documents.matching(parse(text), meant)
            except QueryError:
                known[text] = 0
        return known[text]

    def window(self, since: datetime) -> int:
        """The papers whose age is counted from later than that; remembered by the hour."""
        start = since.replace(minute=0, second=0, microsecond=0)
        if start not in self._windows:
            ages = (trend.paper.age_at for trend in self.trends)
            self._windows[start] = mask_of(i for i, age in enumerate(ages) if age is not None and age > start)
        return self._windows[start]

    def twins(self, position: int) -> int:
        """The papers that say nearly the same as this one."""
        if position not in self._twins:
            near = self.documents.similar(self.trends[position].paper)
            self._twins[position] = mask_of(i for i, cosine in near if cosine >= DUPLICATE_THRESHOLD)
        return self._twins[position]


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """What a wish asks for on a shortlist, whoever has the wish."""

    papers: int
    by_topic: tuple[tuple[str, int], ...]
    """Each topic's papers."""
    by_words: tuple[tuple[str, int], ...]
    """Of those, the ones that have a topic's words."""


def channel_request(wish: Subscription, shortlist: Shortlist) -> ChannelRequest:
    """The papers a wish asks for. Without topics that is everything somebody noticed."""
    by_topic = tuple((text, shortlist.topic(text)) for text in wish.topics)
    papers = _union(mask for _, mask in by_topic) if by_topic else shortlist.noticed
    by_words = tuple((text, shortlist.exact(text)) for text in wish.topics)
    return ChannelRequest(papers & ~_union(shortlist.exact(text) for text in wish.mutes), by_topic, by_words)


def choose(  # noqa: PLR0913 - a digest follows from exactly these facts
    wish: Subscription,
    shortlist: Shortlist,
    shown: int,
    *,
    day: date,
    due_at: datetime,
    now: datetime | None = None,
    want: ChannelRequest | None = None,
    leaning: Leaning | None = None,
) -> Digest:
    """One channel's digest. `shown` is the set of papers the channel has had; `want` may be shared by equal wishes.

    `now` is the moment of choosing, if the shortlist is older. `leaning` is the channel's own: it changes the order of
    what is wanted, never what is wanted.
    """
    now = now or shortlist.now
    since = window_start(wish, now)
    want = want or channel_request(wish, shortlist)
    fresh = shortlist.window(since) & ~shown
    ranking = ranked_positions(shortlist, want.papers & fresh, leaning)
    positions, thinned = _unlike_each_other(shortlist, ranking, shown, wish.size)
    return Digest(
        channel=wish.channel,
        day=day,
        picks=tuple(_pick(shortlist.trends[i], i, want, leaning) for i in positions),
        outcome=_outcome(wish, shortlist, want.papers, fresh, found=bool(positions)),
        due_at=due_at,
        chosen_at=now,
        since=since,
        topics=wish.topics,
        style=wish.style,
        quiet=wish.quiet,
        thinned=thinned,
        faults=shortlist.faults,
    )


def skipped_digest(wish: Subscription, *, day: date, due_at: datetime, now: datetime) -> Digest:
    """The record of a day that was skipped because nobody was awake in time."""
    since = window_start(wish, now)
    return Digest(wish.channel, day, (), Outcome.LATE, due_at, now, since, wish.topics, wish.style, wish.quiet)


def window_start(wish: Subscription, now: datetime) -> datetime:
    """Where the channel's next digest starts to look."""
    last = wish.last_at or now
    return max(now - LONGEST_WINDOW, min(last, now - SHORTEST_WINDOW))


def latest_upvotes(trend: Trend) -> float | None:
    """The latest upvotes a trend rests on; None if unknown."""
    return next((e.value for e in trend.evidence if e.kind == "upvotes"), None)


def _best_first(trend: Trend) -> tuple[bool, float, float, str]:
    age = trend.paper.age_at
    newest = -age.timestamp() if age else 0.0
    return (not trend.evidence, -trend.standing if trend.evidence else newest, -trend.score, trend.paper.id)


def ranked_positions(shortlist: Shortlist, mask: int, leaning: Leaning | None = None) -> Iterable[int]:
    """The positions in a set, best first: by standing, and by what a channel's profile adds to it.

    Where a profile adds nothing they stay as they stood.
    """
    if leaning is None:
        return _as_they_stand(mask)
    return sorted(bits(mask), key=lambda i: (-_ground(shortlist.trends[i]) - leaning.influence[i], i))


def best(shortlist: Shortlist, papers: int, limit: int, leaning: Leaning | None = None) -> list[Trend]:
    """The best `limit` of a set of papers, without near-duplicates of better ones."""
    positions, _ = _unlike_each_other(shortlist, ranked_positions(shortlist, papers, leaning), 0, limit)
    return [shortlist.trends[position] for position in positions]


def _as_they_stand(mask: int) -> Iterator[int]:
    """As many as are asked for: a digest needs few of them."""
    while mask:
        lowest = mask & -mask
        mask ^= lowest
        yield lowest.bit_length() - 1


def _ground(trend: Trend) -> float:
    return max(trend.standing, UNNOTICED) if trend.evidence else UNNOTICED


def _unlike_each_other(shortlist: Shortlist, candidates: Iterable[int], shown: int, size: int) -> tuple[list[int], int]:
    """The best candidates, none nearly the same as a better one or as one the channel has had."""
    taken: list[int] = []
    said, thinned = shown, 0
    for position in candidates:
        if len(taken) == size:
            break
        if shortlist.twins(position) & said:
            thinned += 1
            continue
        said |= 1 << position
        taken.append(position)
    return taken, thinned


def _pick(trend: Trend, position: int, want: ChannelRequest, leaning: Leaning | None) -> Pick:
    topics = tuple(text for text, mask in want.by_topic if mask >> position & 1)
    reason = Reason.NEW if not trend.evidence else Reason.TOPIC if topics else Reason.TRENDING
    said = {text for text, mask in want.by_words if mask >> position & 1}
    liked = leaning.liked(position, trend.paper) if leaning is not None else ()
    return Pick(trend, reason, topics, liked, tuple(text for text in topics if text not in said))


def _outcome(wish: Subscription, shortlist: Shortlist, channel_request: int, fresh: int, *, found: bool) -> Outcome:
    """Papers that nobody noticed are no news to a channel without topics, nor is what says the same as a pick."""
    if found:
        return Outcome.PICKED
    if shortlist.blind:
        return Outcome.SOURCES_DOWN
    news = fresh if wish.topics else fresh & shortlist.noticed
    return Outcome.NOTHING_MATCHED if news and not channel_request & fresh else Outcome.NOTHING_NEW


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union
