"""Trend rule: votes so far plus votes still expected, compared with papers of the same age. Pure and versioned.

    expected = 1.2 · (1 + upvotes)^0.36 · 8/(1 + age) · (80/title length)^0.66 · (authors/8)^0.44 · pace
    score    = ln(1 + upvotes + expected + Hacker News points/10 + star growth)
    standing = score - (sum of its peers' scores + 10 · usual(age)) / (peers + 10)

Citations and mentions in feeds are no part of it: they are shown, and a paper with them alone is not noticed yet.
An unknown factor is 1 and an unknown summand is 0: a missing signal is not a count of zero, it changes nothing.
Coefficients: least squares on ln(1 + week's upvotes) over the Daily Papers of 73 days up to 2025-09-25, rounded to two
digits; `paperboy replay` measures them on any archive, and the README shows the days after the fit. Title length and
team size are no signals of interest; they correct early votes that under- or overestimate late ones, and both are
bounded. Hacker News and GitHub could not be tested on the archive, so they weigh little.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from math import log, log1p
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from bot.model import Evidence, Paper, Signal, Trend
from bot.model.signal import STORY, is_interest

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
"""Age of the oldest signals of a trend; `Papers.signals` adds the last observation before that."""
COUNT_MOST = 1e9
"""Largest credible count of readers; a larger, negative or infinite value is ignored."""

PACE_GAP = timedelta(hours=6)
"""Least time between two observations that give a pace."""
PACE_SPAN = timedelta(hours=24)
"""Preferred time between the two observations that give a pace."""

PEERS_PRIOR = 10
USUAL_YOUNG, USUAL_OLD = (8.0, 2.55), (24.0, 2.75)
"""Mean score of a listed paper at 8 and at 24 hours of age, measured on the fit days; interpolated, flat outside."""


NO_ODDS: Mapping[str, float] = MappingProxyType({})

_STORY_URL = "https://news.ycombinator.com/item?id={:.0f}"
_seen_at = attrgetter("seen_at")


class RuleInputs(NamedTuple):
    """Inputs of the rule for one paper at one moment. None is unknown."""

    upvotes: Evidence | None
    points: Evidence | None
    stars: Evidence | None
    age: float | None
    """Hours on the list when its upvotes were last counted."""
    title: int
    """Characters."""
    authors: int


class _Scored(NamedTuple):
    """A paper's score, before its peers are known."""

    paper: Paper
    score: float
    usual: float
    """Score that is usual at its age."""
    evidence: tuple[Evidence, ...]
    expected: float
    """Upvotes still to come; 0 without votes so far."""
    is_noticed: bool
    """Whether readers have noticed it."""


def rank_papers(
    papers: Iterable[Paper],
    signals: Mapping[str, Sequence[Signal]],
    now: datetime,
    odds: Mapping[str, float] = NO_ODDS,
) -> list[Trend]:
    """Trends from the signals observed until now, best standing first; papers without signals come last.

    These are in the order of their `odds` to be listed, which `bot.ranking.forecast` gives.
    """
    scored = [_scored(paper, latest_evidence(signals.get(paper.id, ()), now), now) for paper in papers]
    by_day = groupby(sorted(scored, key=_list_day), key=_list_day)
    trends = [trend for day, group in by_day for trend in _with_standing(list(group), alone=day == "")]
    trends = [each if each.is_noticed else replace(each, listed=odds.get(each.paper.id, 0.0)) for each in trends]
    return sorted(trends, key=lambda trend: (not trend.is_noticed, -trend.listed, -trend.standing, trend.paper.id))


def latest_evidence(signals: Iterable[Signal], now: datetime) -> list[Evidence]:
    """The latest value of each series, without a weight, and the earlier value to compare it with.

    Of signals before SIGNALS_BACK the last of each series counts alone, whatever else was read. Counts of a story have
    its page.
    """
    series: dict[tuple[str, str], list[Signal]] = {}
    for signal in signals:
        if signal.seen_at <= now and 0 <= signal.value <= COUNT_MOST:
            series.setdefault((signal.source, signal.kind), []).append(signal)
    stories = {source: max(each, key=_seen_at).value for (source, kind), each in series.items() if kind == STORY}
    evidence = [
        _evidence(sorted(observed, key=_seen_at), now - SIGNALS_BACK)
        for (_, kind), observed in series.items()
        if kind != STORY
    ]
    if not stories:
        return evidence
    urls = {source: _STORY_URL.format(number) for source, number in stories.items()}
    return [replace(each, url=urls.get(each.source)) for each in evidence]


def _evidence(observed: Sequence[Signal], since: datetime) -> Evidence:
    """The latest observation, and the one nearest to a day before it, at least six hours earlier."""
    observed = observed[max(bisect_left(observed, since, key=_seen_at) - 1, 0) :]
    latest = observed[-1]
    earlier = [signal for signal in observed if latest.seen_at - signal.seen_at >= PACE_GAP]
    before = min(earlier, key=lambda signal: abs(latest.seen_at - PACE_SPAN - signal.seen_at), default=None)
    value, moment = (before.value, before.seen_at) if before else (None, None)
    return Evidence(latest.source, latest.kind, latest.value, latest.seen_at, before=value, before_at=moment)


def rule_inputs(paper: Paper, latest: Sequence[Evidence]) -> RuleInputs:
    """Inputs of the rule for a paper."""
    upvotes = _largest(latest, "upvotes")
    age = (upvotes.seen_at - paper.listed_at).total_seconds() / 3600 if upvotes and paper.listed_at else None
    return RuleInputs(
        upvotes,
        _largest(latest, "points"),
        _largest(latest, "github_stars"),
        None if age is None else max(age, 0.0),
        len(" ".join(paper.title.split())),
        len(paper.authors),
    )


def _largest(latest: Iterable[Evidence], kind: str) -> Evidence | None:
    """The largest count of a kind: of two sources, the larger one is more complete."""
    return max((each for each in latest if each.kind == kind), key=lambda each: each.value, default=None)


def expected_votes(inputs: RuleInputs) -> float:
    """Upvotes still to come."""
    upvotes = inputs.upvotes.value if inputs.upvotes else 0.0
    more: float = SCALE * (1 + upvotes) ** VOTES_ATTRACT
    if inputs.age is not None:
        more *= HOURS / (1 + inputs.age)
    if inputs.title:
        more *= (TITLE / min(max(inputs.title, TITLE_RANGE[0]), TITLE_RANGE[1])) ** TITLE_POWER
    if inputs.authors:
        more *= (min(inputs.authors, TEAM_MOST) / TEAM) ** TEAM_POWER
    return more * _pace(inputs)


def _pace(inputs: RuleInputs) -> float:
    """Recent votes divided by those at the average pace; 1 before there are two observations.

    After votes were taken back, the average is of the earlier count, so that fewer votes never raise the score.
    """
    upvotes = inputs.upvotes
    if upvotes is None or upvotes.before is None or upvotes.before_at is None or inputs.age is None:
        return 1.0
    share = (upvotes.seen_at - upvotes.before_at).total_seconds() / 3600 / max(inputs.age, 0.01)
    return (1 + max(upvotes.value - upvotes.before, 0.0)) / (1 + max(upvotes.value, upvotes.before) * min(share, 1.0))


def trend_score(inputs: RuleInputs) -> float:
    """ln(1 + votes so far + votes still expected + other signals in votes)."""
    return _score(inputs, expected_votes(inputs))


def _score(inputs: RuleInputs, expected: float) -> float:
    votes = (inputs.upvotes.value if inputs.upvotes else 0.0) + expected
    if inputs.points:
        votes += min(inputs.points.value, POINTS_MOST) / POINTS_PER_VOTE
    if inputs.stars and inputs.stars.before is not None:
        growth = log((inputs.stars.value + STAR_PRIOR) / (inputs.stars.before + STAR_PRIOR))
        votes += min(max(STAR_GROWTH * growth, 0.0), STAR_MOST)
    return log1p(max(votes, 0.0))


def usual_score(age: float | None) -> float:
    """Mean score of a listed paper of this age in hours; an unlisted paper is compared with the oldest."""
    (young, low), (old, high) = USUAL_YOUNG, USUAL_OLD
    if age is None or age >= old:
        return high
    return low + (high - low) * max(age - young, 0.0) / (old - young)


def _scored(paper: Paper, latest: Sequence[Evidence], now: datetime) -> _Scored:
    """A paper's score, each evidence weighted by what the score loses without it; and the usual score."""
    inputs = rule_inputs(paper, latest)
    expected = expected_votes(inputs)
    score = _score(inputs, expected)
    evidence = [_weighted(each, inputs, score, expected) for each in latest]
    evidence.sort(key=lambda each: (-each.weight, each.source, each.kind))
    age = inputs.age
    if age is None and paper.listed_at is not None:
        age = (now - paper.listed_at).total_seconds() / 3600
    is_noticed = any(is_interest(each.kind) for each in evidence)
    return _Scored(paper, score, usual_score(age), tuple(evidence), expected if inputs.upvotes else 0.0, is_noticed)


def _weighted(evidence: Evidence, inputs: RuleInputs, score: float, expected: float) -> Evidence:
    """The evidence with what the score loses without it, if it is an input of the rule."""
    if evidence is inputs.upvotes:
        rest = trend_score(inputs._replace(upvotes=None))
    elif evidence is inputs.points:
        rest = _score(inputs._replace(points=None), expected)
    elif evidence is inputs.stars and evidence.before is not None:
        rest = _score(inputs._replace(stars=None), expected)
    else:
        return evidence
    return replace(evidence, weight=score - rest)


def _list_day(scored: _Scored) -> str:
    """Day of the list whose papers are peers; empty for a paper on no list or without signals, which has no peers."""
    return scored.paper.listed_at.date().isoformat() if scored.paper.listed_at and scored.is_noticed else ""


def _with_standing(group: Sequence[_Scored], *, alone: bool) -> list[Trend]:
    """Trends with their standing among peers, whose mean is shrunk towards the usual score by ten papers.

    The usual score is the whole group's, so that papers of one day stand in the order of their scores.
    """
    mean_usual = sum(each.usual for each in group) / len(group)
    mean = (sum(each.score for each in group) + PEERS_PRIOR * mean_usual) / (len(group) + PEERS_PRIOR)
    return [
        Trend(each.paper, each.score, each.score - (each.usual if alone else mean), each.evidence, RULE, each.expected)
        for each in group
    ]
