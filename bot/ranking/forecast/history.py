"""Listed papers of authors and organisations before a day, and how well these were received. Pure.

A paper counts from the day after it was listed, with the votes that were counted before the day that is asked about.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from math import log1p
from statistics import fmean

from bot.model import Paper
from bot.text.analyzer import normalise

USUAL = ((8.0, 2.2), (24.0, 2.85), (168.0, 3.0))
"""Mean of ln(1 + upvotes) of a listed paper after so many hours; measured on the lists up to 2025-09-25."""
PRIOR = 3.0
"""Papers of usual reception that each mean is shrunk by."""
NAMES = (
    "authors' listed papers",
    "authors who were listed before",
    "reception of the authors' papers",
    "reception of their best",
    "reception of the best-received author",
    "reception of the first author",
    "reception of the last author",
    "listed papers of the last author",
    "mean reception over authors",
    "listed papers of the busiest author",
    "reception of the organisation's papers",
    "listed papers of the organisation",
)
"""Features, in order."""


@dataclass(slots=True)
class _Listed:
    """One listed paper: its day, and its votes by time of counting."""

    day: date
    times: list[datetime] = field(default_factory=list)
    votes: list[float] = field(default_factory=list)


class History:
    """Papers that were listed, by author and by organisation."""

    def __init__(self) -> None:
        self._papers: dict[str, _Listed] = {}
        self._by_author: dict[str, list[str]] = defaultdict(list)
        self._by_organization: dict[str, list[str]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._papers)

    def add(self, paper: Paper, day: date, votes: Iterable[tuple[datetime, float]] = ()) -> None:
        """A paper that was listed on a day, and the votes counted at some times."""
        observed = sorted(votes)
        self._papers[paper.id] = _Listed(day, [at for at, _ in observed], [count for _, count in observed])
        for name in _keys(paper.authors):
            insort(self._by_author[name], paper.id)
        for name in _keys((paper.organization, paper.organization_handle)):
            insort(self._by_organization[name], paper.id)

    def features(self, paper: Paper, day: date) -> list[float]:
        """Features of a paper as of the beginning of a day (UTC), named by NAMES."""
        by_author = [self._receptions(self._by_author.get(name, ()), paper.id, day) for name in _keys(paper.authors)]
        ids = {one for name in _keys(paper.authors) for one in self._by_author.get(name, ())}
        theirs = self._receptions(ids, paper.id, day)
        organizations = _keys((paper.organization, paper.organization_handle))
        ids = {one for name in organizations for one in self._by_organization.get(name, ())}
        organization = self._receptions(ids, paper.id, day)
        means = [_shrunk(each) for each in by_author] or [0.0]
        first, last = (by_author[0], by_author[-1]) if by_author else ((), ())
        return [
            log1p(len(theirs)),
            log1p(sum(1 for each in by_author if each)),
            _shrunk(theirs),
            max(theirs, default=0.0),
            max(means),
            _shrunk(first),
            _shrunk(last),
            log1p(len(last)),
            fmean(means),
            log1p(max(map(len, by_author), default=0)),
            _shrunk(organization),
            log1p(len(organization)),
        ]

    def _receptions(self, ids: Iterable[str], but: str, day: date) -> list[float]:
        """Reception of each of these papers whose list was of an earlier day; 0, the usual, without a count."""
        papers = (self._papers[one] for one in sorted(ids) if one != but)
        return [_reception(listed, day) for listed in papers if listed.day < day]


def _reception(listed: _Listed, day: date) -> float:
    """ln(1 + votes) less what is usual after so many hours; 0 without a count before the day."""
    at = bisect_left(listed.times, datetime.combine(day, time(0), UTC)) - 1
    if at < 0:
        return 0.0
    hours = (listed.times[at] - datetime.combine(listed.day, time(0), UTC)).total_seconds() / 3600
    return log1p(listed.votes[at]) - _usual(hours)


def _usual(hours: float) -> float:
    """Interpolated between the points of USUAL, flat outside."""
    before = USUAL[0]
    for point in USUAL:
        if hours <= point[0]:
            share = (hours - before[0]) / (point[0] - before[0]) if point[0] > before[0] else 0.0
            return before[1] + max(share, 0.0) * (point[1] - before[1])
        before = point
    return before[1]


def _shrunk(receptions: Sequence[float]) -> float:
    return sum(receptions) / (len(receptions) + PRIOR)


def _keys(names: Iterable[str | None]) -> list[str]:
    """Names as they are compared, each once, in order."""
    return list(dict.fromkeys(" ".join(normalise(name).split()) for name in names if name))
