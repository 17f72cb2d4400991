"""Selection of one channel's digest from the shortlist. Pure.

The candidates are  topics ∩ window − mutes − delivered,  in the order of their standing plus the influence of the
channel's profile (`bot.ranking.profile`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.digest.shortlist import Shortlist
from bot.model import Digest, Outcome, Paper, Pick, Reason, Subscription, Trend, schedule
from bot.query.paper_set import PaperSet
from bot.query.topic_model import MATCHES

if TYPE_CHECKING:
    from bot.ranking.profile import ProfileMatch

SHORTEST_WINDOW = timedelta(days=3)
LONGEST_WINDOW = timedelta(days=14)
"""The window starts at the channel's last digest, but at least 3 days ago (late votes, half-filled lists, weekends) and
at most 14."""
LONGEST_CATCHUP = timedelta(days=30)
"""The longest time that `catchup` looks back; longer than the shortlist of digests does."""
UNNOTICED = -2.0
"""Standing of a paper without signals beside a profile: ln(1 + its expected votes), less the usual score. No paper with
signals stands lower."""

PLACES_MAX = 100
"""Places that are named; a paper further down is listed on no page that people read."""


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """Candidates that match a subscription's topics and mutes; equal subscriptions share it."""

    papers: PaperSet
    by_topic: tuple[tuple[str, PaperSet], ...]
    """Topics and their papers."""
    with_words: tuple[tuple[str, PaperSet], ...]
    """Topics and the papers that have their words."""
    early: PaperSet = field(default_factory=PaperSet)
    """Papers that nobody has noticed yet and that are likely to be: what may be an early pick."""
    _picks: dict[int, Pick] = field(default_factory=dict, compare=False, repr=False)

    def pick(self, position: int, trend: Trend) -> Pick:
        """The paper at a position with the topics that it matches; made once for all channels."""
        if position not in self._picks:
            topics = tuple(topic for topic, papers in self.by_topic if position in papers)
            reason = Reason.NEW if not trend.is_noticed else Reason.TOPIC if topics else Reason.TRENDING
            worded = {topic for topic, papers in self.with_words if position in papers} if topics else ()
            close_to = tuple(topic for topic in topics if topic not in worded)
            self._picks[position] = Pick(trend, reason, topics, close_to=close_to)
        return self._picks[position]


def channel_request(subscription: Subscription, shortlist: Shortlist) -> ChannelRequest:
    """Candidates that match a subscription; without topics every paper that has signals."""
    by_topic = tuple(
        (topic, shortlist.matching(topic, subscription.threshold(topic) or MATCHES)) for topic in subscription.topics
    )
    papers = PaperSet.union(matched for _, matched in by_topic) if by_topic else shortlist.noticed
    muted = PaperSet.union(map(shortlist.with_words, subscription.mutes))
    with_words = tuple((topic, shortlist.with_words(topic)) for topic in subscription.topics)
    likely = shortlist.likely if subscription.early_picks else PaperSet()
    early = likely & papers if by_topic else likely
    return ChannelRequest(papers - muted, by_topic, with_words, early - muted)


def choose(  # noqa: PLR0913 - a digest follows from exactly these facts
    subscription: Subscription,
    shortlist: Shortlist,
    delivered: PaperSet,
    *,
    due_at: datetime,
    now: datetime | None = None,
    request: ChannelRequest | None = None,
    profile_match: ProfileMatch | None = None,
) -> Digest:
    """Digest of one channel; `delivered` are the papers it was sent, `request` may be shared by equal subscriptions.

    `now` is the moment of choosing, if the shortlist is older. `profile_match` orders the requested papers only.
    """
    now = now or shortlist.now
    since = window_start(subscription, now)
    request = request or channel_request(subscription, shortlist)
    fresh = shortlist.window(since) - delivered
    positions, thinned = _picked(shortlist, request.papers & fresh, delivered, subscription.size, profile_match)
    early = request.early & fresh
    positions = _with_early(shortlist, positions, early, delivered, subscription)
    picks = [request.pick(position, shortlist.trends[position]) for position in positions]
    if profile_match is not None:
        liked = (profile_match.liked(position, pick.paper) for position, pick in zip(positions, picks, strict=True))
        picks = [replace(pick, liked=words) for pick, words in zip(picks, liked, strict=True)]
    return Digest(
        channel=subscription.channel,
        name=subscription.name,
        day=schedule.local_day(subscription, due_at),
        picks=tuple(picks),
        outcome=Outcome.PICKED if positions else _empty_outcome(subscription, shortlist, request.papers, fresh),
        due_at=due_at,
        chosen_at=now,
        since=since,
        topics=subscription.topics,
        style=subscription.style,
        quiet=subscription.quiet,
        thinned=thinned,
        faults=shortlist.faults,
        timezone=subscription.timezone,
    )


def skipped_digest(subscription: Subscription, due_at: datetime, now: datetime) -> Digest:
    """Record of a day whose digest expired because Paperboy was not running."""
    day, since = schedule.local_day(subscription, due_at), window_start(subscription, now)
    topics, style, quiet = subscription.topics, subscription.style, subscription.quiet
    name = subscription.name
    return Digest(subscription.channel, day, (), Outcome.LATE, due_at, now, since, topics, style, quiet, name=name)


def window_start(subscription: Subscription, now: datetime) -> datetime:
    """Start of the time window of the channel's next digest."""
    last = subscription.last_at or now
    return max(now - LONGEST_WINDOW, min(last, now - SHORTEST_WINDOW))


def ranked_positions(
    shortlist: Shortlist, papers: PaperSet, profile_match: ProfileMatch | None = None
) -> Iterable[int]:
    """Positions of a set by standing and the profile's influence on it, best first.

    Before two people or five signs a profile moves none by more than one place.
    """
    if profile_match is None:
        return papers
    if not profile_match.proven:
        return _swapped(shortlist, list(papers), profile_match)
    return sorted(papers, key=lambda i: (-_score(shortlist, i, profile_match), i))


def _score(shortlist: Shortlist, position: int, profile_match: ProfileMatch) -> float:
    return _standing(shortlist.trends[position]) + float(profile_match.influence[position])


def _swapped(shortlist: Shortlist, positions: Sequence[int], profile_match: ProfileMatch) -> list[int]:
    """Positions with neighbours exchanged where the profile says so; none takes part in two exchanges."""
    ranking = list(positions)
    at = 0
    while at + 1 < len(ranking):
        first, second = ranking[at : at + 2]
        if _score(shortlist, second, profile_match) > _score(shortlist, first, profile_match):
            ranking[at : at + 2] = second, first
            at += 1
        at += 1
    return ranking


def _picked(
    shortlist: Shortlist, papers: PaperSet, delivered: PaperSet, size: int, profile_match: ProfileMatch | None
) -> tuple[list[int], int]:
    """Positions of a digest and the number of near-duplicates left out; the first paper by trend is always among them.

    An unproven profile exchanges neighbours of the digest without it, or its last one with the next.
    """
    plain, thinned = _without_duplicates(shortlist, papers, delivered, size)
    if profile_match is None or not plain:
        return plain, thinned
    if not profile_match.proven:
        more, _ = _without_duplicates(shortlist, papers, delivered, size + 1)
        return (_swapped(shortlist, more, profile_match)[:size] if size > 1 else plain), thinned
    first = plain[0]
    ranking = list(ranked_positions(shortlist, papers, profile_match))
    positions, thinned = _without_duplicates(shortlist, ranking, delivered, size)
    if first not in positions:
        others = (position for position in ranking if position != first)
        rest, thinned = _without_duplicates(shortlist, others, delivered | PaperSet((first,)), size - 1)
        positions = [*rest, first]
    return positions, thinned


def _with_early(
    shortlist: Shortlist, positions: Sequence[int], early: PaperSet, delivered: PaperSet, subscription: Subscription
) -> list[int]:
    """The digest with its early picks, in place of its last papers; the first one by trend always stays."""
    unnoticed = [position for position in positions if position not in shortlist.noticed]
    places = min(subscription.early_picks, subscription.size - 1) - len(unnoticed)
    if places <= 0 or not early:
        return list(positions)
    more, _ = _without_duplicates(shortlist, early - PaperSet(positions), delivered | PaperSet(positions), places)
    return [*positions[: subscription.size - len(more)], *more]


def best_trends(
    shortlist: Shortlist, papers: PaperSet, limit: int, profile_match: ProfileMatch | None = None
) -> list[Trend]:
    """The best `limit` of a set of papers, without near-duplicates of better ones."""
    positions, _ = _without_duplicates(shortlist, ranked_positions(shortlist, papers, profile_match), PaperSet(), limit)
    return [shortlist.trends[position] for position in positions]


def place_of(shortlist: Shortlist, paper: Paper) -> int | None:
    """Place of a noticed paper in the list of three days that `today` shows; None if it is not among the first 100."""
    position = shortlist.documents.position(paper.id)
    recent = shortlist.noticed & shortlist.window(shortlist.now - SHORTEST_WINDOW)
    if position is None or position not in recent:
        return None
    above = PaperSet(other for other in recent if other <= position)
    listed = [trend.paper.id for trend in best_trends(shortlist, above, PLACES_MAX)]
    return listed.index(paper.id) + 1 if paper.id in listed else None


def _standing(trend: Trend) -> float:
    return max(trend.standing, UNNOTICED) if trend.is_noticed else UNNOTICED


def _without_duplicates(
    shortlist: Shortlist, ranking: Iterable[int], delivered: PaperSet, size: int
) -> tuple[list[int], int]:
    """The best positions without near-duplicates of a better or a delivered paper, and the number of those left out."""
    positions: list[int] = []
    thinned = 0
    for position in ranking:
        if len(positions) == size:
            break
        near = shortlist.near_duplicates(position)
        if near and (not near.isdisjoint(delivered) or any(other in near for other in positions)):
            thinned += 1
        else:
            positions.append(position)
    return positions, thinned


def _empty_outcome(subscription: Subscription, shortlist: Shortlist, requested: PaperSet, fresh: PaperSet) -> Outcome:
    """Reason of an empty digest. Papers without signals are no news to a channel without topics."""
    if shortlist.sources_down:
        return Outcome.SOURCES_DOWN
    news = fresh if subscription.topics else fresh & shortlist.noticed
    return Outcome.NOTHING_MATCHED if news and not requested & fresh else Outcome.NOTHING_NEW
