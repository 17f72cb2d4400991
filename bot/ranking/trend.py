"""The trend rule: votes so far plus votes still expected, judged among papers of the same age. Pure, public, versioned.

    expected = 1.2 · (1 + upvotes)^0.36 · 8/(1 + age) · (80/title length)^0.66 · (authors/8)^0.44 · pace
    score    = ln(1 + upvotes + expected + Hacker News points/10 + star growth)
    standing = score - (sum of its peers' scores + 10 · usual(age)) / (peers + 10)

Every unknown factor is 1 and every unknown summand is 0 *more* than what is known: missing is not zero upvotes, it is
no opinion. Coefficients: least squares on ln(1 + week's upvotes) over the Daily Papers of 73 days up to 2025-09-25,
rounded to two digits; `paperboy replay` measures them on any archive, and the README shows the days after the fit.
Title length and team size are not signs of interest in a paper, they are what makes early votes an under- or
overestimate of late ones; both are bounded. Hacker News and GitHub could not be tested on the archive, so they weigh
little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from math import log, log1p

from bot.model import Evidence, Paper, Signal, Trend

RULE = "expected-votes-1"

SCALE, VOTES_ATTRACT, HOURS = 1.2, 0.36, 8.0
TITLE, TITLE_POWER, TITLE_RANGE = 80, 0.66, (20, 200)
TEAM, TEAM_POWER, TEAM_MOST = 8, 0.44, 60
POINTS_PER_VOTE = 10.0
POINTS_MOST = 300.0
"""A front page is worth at most 30 upvotes."""
STAR_GROWTH, STAR_PRIOR, STAR_MOST = 10.0, 100.0, 10.0
"""Stars count by relative growth over a prior of 100: 312 to 498 is 3.7 votes, 50,000 to 50,400 is 0.1."""

SIGNALS_BACK = timedelta(days=3)
"""How far back a trend looks; the last observation before that is known too (`Papers.signals`)."""
COUNT_MOST = 1e9
"""What is negative, infinite or more than this is no count of readers."""

PACE_GAP = timedelta(hours=6)
"""Observations closer together than this say nothing about pace."""
PACE_SPAN = timedelta(hours=24)
"""The pace is taken since about a day before the latest observation."""

PEERS_PRIOR = 10
USUAL_YOUNG, USUAL_OLD = (8.0, 2.55), (24.0, 2.75)
"""Mean score of a listed paper at 8 and at 24 hours of age, measured on the fit days; interpolated, flat outside."""


@dataclass(frozen=True, slots=True)
class SignalReading:
    """The latest value of one series, and the one about a day before it if it is far enough back."""

    source: str
    kind: str
    value: float
    seen_at: datetime
    before: float | None = None
    before_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleInputs:
    """What the rule looks at, of one paper at one moment. None is unknown."""

    upvotes: SignalReading | None
    points: SignalReading | None
    stars: SignalReading | None
    age: float | None
    """Hours on the list at the latest look at its upvotes."""
    title: int
    """Characters."""
    authors: int


def rank_papers(papers: Iterable[Paper], signals: Mapping[str, Sequence[Signal]], now: datetime) -> list[Trend]:
    """Score every paper from what was observed until now, best standing first; papers without signals come last."""
    scored = [_scored(paper, signal_readings(signals.get(paper.id, ()), now)) for paper in papers]
    by_day = groupby(sorted(scored, key=_peer_group), key=_peer_group)
    trends = [trend for day, group in by_day for trend in _stand(list(group), now, alone=day == "")]
    return sorted(trends, key=lambda trend: (not trend.evidence, -trend.standing, trend.paper.id))


def signal_readings(signals: Iterable[Signal], now: datetime) -> list[SignalReading]:
    """The latest reading of each series, with the one to compare it with."""
    series: dict[tuple[str, str], list[Signal]] = {}
    for signal in signals:
        if signal.seen_at <= now and 0 <= signal.value <= COUNT_MOST:
            series.setdefault((signal.source, signal.kind), []).append(signal)
    return [_reading(sorted(observed, key=lambda signal: signal.seen_at)) for observed in series.values()]


def _reading(observed: Sequence[Signal]) -> SignalReading:
    """Compares with the observation nearest to a day before the latest, at least six hours before it."""
    latest = observed[-1]
    earlier = [signal for signal in observed if latest.seen_at - signal.seen_at >= PACE_GAP]
    before = min(earlier, key=lambda signal: abs(latest.seen_at - PACE_SPAN - signal.seen_at), default=None)
    return SignalReading(
        latest.source,
        latest.kind,
        latest.value,
        latest.seen_at,
        before.value if before else None,
        before.seen_at if before else None,
    )


def rule_inputs(paper: Paper, read: Sequence[SignalReading]) -> RuleInputs:
    """What the rule looks at."""
    upvotes = _largest(read, "upvotes")
    seen_at = upvotes.seen_at if upvotes else None
    age = (seen_at - paper.listed_at).total_seconds() / 3600 if seen_at and paper.listed_at else None
    return RuleInputs(
        upvotes,
        _largest(read, "points"),
        _largest(read, "github_stars"),
        None if age is None else max(age, 0.0),
        len(" ".join(paper.title.split())),
        len(paper.authors),
    )


def _largest(read: Iterable[SignalReading], kind: str) -> SignalReading | None:
    """Two sources that count the same thing: the larger count has seen more."""
    return max((reading for reading in read if reading.kind == kind), key=lambda reading: reading.value, default=None)


def expected_votes(known: RuleInputs) -> float:
    """Upvotes still to come."""
    upvotes = known.upvotes.value if known.upvotes else 0.0
    more: float = SCALE * (1 + upvotes) ** VOTES_ATTRACT
    if known.age is not None:
        more *= HOURS / (1 + known.age)
    if known.title:
        more *= (TITLE / min(max(known.title, TITLE_RANGE[0]), TITLE_RANGE[1])) ** TITLE_POWER
    if known.authors:
        more *= (min(known.authors, TEAM_MOST) / TEAM) ** TEAM_POWER
    return more * _pace(known)


def _pace(known: RuleInputs) -> float:
    """Recent votes against what the average pace would have brought; 1 before there are two observations.

    Where votes were taken back, the average pace is that of the votes there were: fewer never score more.
    """
    read = known.upvotes
    if read is None or read.before is None or read.before_at is None or known.age is None:
        return 1.0
    share = (read.seen_at - read.before_at).total_seconds() / 3600 / max(known.age, 0.01)
    return (1 + max(read.value - read.before, 0.0)) / (1 + max(read.value, read.before) * min(share, 1.0))


def trend_score(known: RuleInputs) -> float:
    """ln(1 + votes so far + votes still expected + what else is noticed, as votes)."""
    votes = (known.upvotes.value if known.upvotes else 0.0) + expected_votes(known)
    if known.points:
        votes += min(known.points.value, POINTS_MOST) / POINTS_PER_VOTE
    if known.stars and known.stars.before is not None:
        growth = log((known.stars.value + STAR_PRIOR) / (known.stars.before + STAR_PRIOR))
        votes += min(max(STAR_GROWTH * growth, 0.0), STAR_MOST)
    return log1p(max(votes, 0.0))


def usual_score(age: float | None) -> float:
    """The mean score of a listed paper of this age in hours; unlisted ones are held against the oldest."""
    (young, low), (old, high) = USUAL_YOUNG, USUAL_OLD
    if age is None or age >= old:
        return high
    return low + (high - low) * max(age - young, 0.0) / (old - young)


def _scored(paper: Paper, read: Sequence[SignalReading]) -> tuple[Trend, float | None]:
    known = rule_inputs(paper, read)
    total = trend_score(known)
    without = {
        "upvotes": RuleInputs(None, known.points, known.stars, known.age, known.title, known.authors),
        "points": RuleInputs(known.upvotes, None, known.stars, known.age, known.title, known.authors),
        "github_stars": RuleInputs(known.upvotes, known.points, None, known.age, known.title, known.authors),
    }
    counted = (known.upvotes, known.points, known.stars)
    evidence = [
        Evidence(
            reading.source,
            reading.kind,
            reading.value,
            reading.seen_at,
            reading.before,
            reading.before_at,
            total - trend_score(without[reading.kind]) if reading in counted else 0.0,
        )
        for reading in read
    ]
    evidence.sort(key=lambda each: (-each.weight, each.source, each.kind))
    more = expected_votes(known) if known.upvotes else 0.0
    return Trend(paper, total, 0.0, tuple(evidence), RULE, more), known.age


def _peer_group(scored: tuple[Trend, float | None]) -> str:
    """Papers of one list day are peers; a paper on no list, or that nobody noticed, has none."""
    trend, _ = scored
    day: date | None = trend.paper.listed_at.date() if trend.paper.listed_at and trend.evidence else None
    return day.isoformat() if day else ""


def _stand(group: Sequence[tuple[Trend, float | None]], now: datetime, *, alone: bool) -> list[Trend]:
    """The standing of each among its peers, whose mean is drawn to the usual score by as many as ten papers.

    The usual score is the whole group's, so that a day's own order stays that of the scores.
    """
    usually = [usual_score(_hours(trend.paper, age, now)) for trend, age in group]
    mean_usual = sum(usually) / len(usually)
    mean = (sum(trend.score for trend, _ in group) + PEERS_PRIOR * mean_usual) / (len(group) + PEERS_PRIOR)
    return [
        replace(trend, standing=trend.score - (own if alone else mean))
        for (trend, _), own in zip(group, usually, strict=True)
    ]


def _hours(paper: Paper, age: float | None, now: datetime) -> float | None:
    if age is not None or paper.listed_at is None:
        return age
    return (now - paper.listed_at).total_seconds() / 3600
