"""One channel's digest, chosen from the shortlist: topics x window x not yet shown x no near-duplicates. Pure.

The candidates are  topics ∩ window − mutes − shown,  in the order of their standing, or in one that the channel's
profile (`bot.ranking.profile`) has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.digest.shortlist import Shortlist
from bot.model import Digest, Outcome, Pick, Reason, Subscription, Trend
from bot.query.paper_set import PaperSet

if TYPE_CHECKING:
    from bot.ranking.profile import ProfileMatch

SHORTEST_WINDOW = timedelta(days=3)
LONGEST_WINDOW = timedelta(days=14)
"""A digest looks back to the channel's last one, but three days at least (late votes, half-filled lists, weekends)
and fourteen at most."""
UNNOTICED = -2.0
"""Standing of a paper without signals when a profile moves it: ln(1 + the vote still expected of it) is as much below
the usual score. No paper with signals counts for less."""


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """The candidates that a subscription's topics and mutes ask for; equal subscriptions share it."""

    papers: PaperSet
    by_topic: tuple[tuple[str, PaperSet], ...]
    """Topics and their papers."""
    with_words: tuple[tuple[str, PaperSet], ...]
    """Topics and those of their papers that have its words."""


def channel_request(subscription: Subscription, shortlist: Shortlist) -> ChannelRequest:
    """The papers a subscription asks for; without topics every paper that has signals."""
    by_topic = tuple((topic, shortlist.matching(topic)) for topic in subscription.topics)
    papers = PaperSet.union(matched for _, matched in by_topic) if by_topic else shortlist.noticed
    muted = PaperSet.union(map(shortlist.with_words, subscription.mutes))
    with_words = tuple((topic, shortlist.with_words(topic)) for topic in subscription.topics)
    return ChannelRequest(papers - muted, by_topic, with_words)


def choose(  # noqa: PLR0913 - a digest follows from exactly these facts
    subscription: Subscription,
    shortlist: Shortlist,
    shown: PaperSet,
    *,
    day: date,
    due_at: datetime,
    now: datetime | None = None,
    request: ChannelRequest | None = None,
    profile_match: ProfileMatch | None = None,
) -> Digest:
    """One channel's digest. `shown`: the papers the channel has had; `request` may be shared by equal subscriptions.

    `now` is the moment of choosing, if the shortlist is older. `profile_match` orders the requested papers; it adds and
    removes none.
    """
    now = now or shortlist.now
    since = window_start(subscription, now)
    request = request or channel_request(subscription, shortlist)
    fresh = shortlist.window(since) - shown
    ranking = ranked_positions(shortlist, request.papers & fresh, profile_match)
    positions, thinned = _without_twins(shortlist, ranking, shown, subscription.size)
    return Digest(
        channel=subscription.channel,
        day=day,
        picks=tuple(_pick(shortlist.trends[i], i, request, profile_match) for i in positions),
        outcome=Outcome.PICKED if positions else _empty_outcome(subscription, shortlist, request.papers, fresh),
        due_at=due_at,
        chosen_at=now,
        since=since,
        topics=subscription.topics,
        style=subscription.style,
        quiet=subscription.quiet,
        thinned=thinned,
        faults=shortlist.faults,
    )


def skipped_digest(subscription: Subscription, *, day: date, due_at: datetime, now: datetime) -> Digest:
    """The record of a day whose digest expired because Paperboy was not running."""
    each, since = subscription, window_start(subscription, now)
    return Digest(each.channel, day, (), Outcome.LATE, due_at, now, since, each.topics, each.style, each.quiet)


def window_start(subscription: Subscription, now: datetime) -> datetime:
    """Start of the time from which the channel's next digest takes papers."""
    last = subscription.last_at or now
    return max(now - LONGEST_WINDOW, min(last, now - SHORTEST_WINDOW))


def ranked_positions(
    shortlist: Shortlist, papers: PaperSet, profile_match: ProfileMatch | None = None
) -> Iterable[int]:
    """The positions in a set, best first: by standing, and by what a channel's profile adds to it.

    Where a profile adds nothing the order is the shortlist's.
    """
    if profile_match is None:
        return papers
    return sorted(papers, key=lambda i: (-_standing(shortlist.trends[i]) - profile_match.influence[i], i))


def best_trends(
    shortlist: Shortlist, papers: PaperSet, limit: int, profile_match: ProfileMatch | None = None
) -> list[Trend]:
    """The best `limit` of a set of papers, without near-duplicates of better ones."""
    positions, _ = _without_twins(shortlist, ranked_positions(shortlist, papers, profile_match), PaperSet(), limit)
    return [shortlist.trends[position] for position in positions]


def _standing(trend: Trend) -> float:
    return max(trend.standing, UNNOTICED) if trend.evidence else UNNOTICED


def _without_twins(shortlist: Shortlist, ranking: Iterable[int], shown: PaperSet, size: int) -> tuple[list[int], int]:
    """The best positions, no near-duplicate of a better or a shown one; and how many near-duplicates were left out."""
    taken: list[int] = []
    seen, thinned = shown, 0
    for position in ranking:
        if len(taken) == size:
            break
        if shortlist.twins(position) & seen:
            thinned += 1
            continue
        seen |= PaperSet((position,))
        taken.append(position)
    return taken, thinned


def _pick(trend: Trend, position: int, request: ChannelRequest, profile_match: ProfileMatch | None) -> Pick:
    topics = tuple(topic for topic, papers in request.by_topic if position in papers)
    reason = Reason.NEW if not trend.evidence else Reason.TOPIC if topics else Reason.TRENDING
    worded = {topic for topic, papers in request.with_words if position in papers}
    liked = profile_match.liked(position, trend.paper) if profile_match is not None else ()
    return Pick(trend, reason, topics, liked, tuple(topic for topic in topics if topic not in worded))


def _empty_outcome(subscription: Subscription, shortlist: Shortlist, requested: PaperSet, fresh: PaperSet) -> Outcome:
    """Why a digest is empty. Papers without signals are no news to a channel without topics."""
    if shortlist.blind:
        return Outcome.SOURCES_DOWN
    news = fresh if subscription.topics else fresh & shortlist.noticed
    return Outcome.NOTHING_MATCHED if news and not requested & fresh else Outcome.NOTHING_NEW
