"""Candidates of one moment, ranked and analysed once for all channels. Pure.

Papers are sorted best first, so the positions of a `PaperSet` are in the order of their standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.errors import QueryError
from bot.model import Outage, Paper, Trend
from bot.query.field_index import Document
from bot.query.matcher import DUPLICATE_THRESHOLD, Documents, Meanings
from bot.query.paper_set import PaperSet
from bot.query.parser import parse
from bot.query.semantic import SemanticMatches

LIKELY = 0.2
"""Least probability of being listed of an early pick."""


class Shortlist:
    """Ranked candidates. Immutable to its users but for `learn_meanings`; shared by all channels and threads."""

    def __init__(
        self,
        trends: Sequence[Trend],
        now: datetime,
        *,
        faults: Sequence[Outage] = (),
        sources_down: bool = False,
        liked: Mapping[str, Paper] | None = None,
    ) -> None:
        """`trends` in any order; those with evidence come first, by standing, then those without, by forecast.

        `faults` are named in the digest; `sources_down`: whether a source that lists papers is among them.
        """
        self.now = now
        self.faults = tuple(faults)
        self.sources_down = sources_down
        self.trends = tuple(sorted(trends, key=_best_first))
        self.with_signals = sum(1 for trend in self.trends if trend.evidence)
        self.noticed = PaperSet.first(self.with_signals)
        self.unnoticed = PaperSet.first(len(self.trends)) - self.noticed
        """Papers without signals, the likeliest to be listed first."""
        self.likely = PaperSet(i for i, trend in enumerate(self.trends) if trend.listed >= LIKELY)
        """Papers without signals that may be early picks."""
        self.documents = self._indexed(liked)
        self.meanings: dict[str, SemanticMatches] = {}
        """By content words of topics; `bot.app.candidates` adds to it."""
        self._by_topic: dict[str, PaperSet] = {}
        self._with_words: dict[str, PaperSet] = {}
        self._windows: dict[datetime, PaperSet] = {}
        self._near_duplicates: dict[int, PaperSet] = {}

    def __len__(self) -> int:
        return len(self.trends)

    def subset(self, ids: Iterable[str]) -> PaperSet:
        """The candidates with these ids; other ids are ignored."""
        positions = map(self.documents.position, ids)
        return PaperSet(position for position in positions if position is not None)

    def documents_knowing(self, papers: Mapping[str, Paper]) -> Documents:
        """Index of the candidates that can match `like:` these papers; slow if it must be built."""
        if all(self.documents.position(paper_id) is not None for paper_id in papers):
            return self.documents
        return self._indexed(papers)

    def learn_meanings(self, meanings: Meanings) -> None:
        """Add the matches of some content words; topics are matched again."""
        self.meanings.update(meanings)
        self._by_topic.clear()

    def organizations(self) -> frozenset[str]:
        """Names and accounts of the candidates' organisations."""
        papers = (trend.paper for trend in self.trends)
        return frozenset(name for each in papers for name in (each.organization, each.organization_handle) if name)

    def most_upvotes(self) -> float:
        """The most upvotes that a candidate has; 0 without any."""
        return max((latest_upvotes(trend) or 0.0 for trend in self.trends), default=0.0)

    def matching(self, topic: str) -> PaperSet:
        """The papers that match a topic, by words or by meaning; none for an invalid one."""
        return self._matching(topic, self._by_topic, self.meanings)

    def with_words(self, topic: str) -> PaperSet:
        """The papers that match by words alone, which are those a mute leaves out."""
        return self._matching(topic, self._with_words, None)

    def window(self, since: datetime) -> PaperSet:
        """The papers whose age starts after `since`, rounded down to the hour; cached."""
        start = since.replace(minute=0, second=0, microsecond=0)
        if start not in self._windows:
            ages = (trend.paper.age_at for trend in self.trends)
            self._windows[start] = PaperSet(i for i, age in enumerate(ages) if age is not None and age > start)
        return self._windows[start]

    def near_duplicates(self, position: int) -> PaperSet:
        """The near-duplicates of a paper."""
        if position not in self._near_duplicates:
            near = self.documents.similar(self.trends[position].paper)
            self._near_duplicates[position] = PaperSet(i for i, cosine in near if cosine >= DUPLICATE_THRESHOLD)
        return self._near_duplicates[position]

    def _indexed(self, liked: Mapping[str, Paper] | None) -> Documents:
        return Documents([Document(trend.paper, latest_upvotes(trend)) for trend in self.trends], self.now, liked=liked)

    def _matching(self, topic: str, cache: dict[str, PaperSet], meanings: Meanings | None) -> PaperSet:
        if topic not in cache:
            try:
                cache[topic] = self.documents.matching(parse(topic), meanings)
            except QueryError:
                cache[topic] = PaperSet()
        return cache[topic]


def latest_upvotes(trend: Trend) -> float | None:
    """The latest upvotes in a trend's evidence; None if unknown."""
    return next((e.value for e in trend.evidence if e.kind == "upvotes"), None)


def _best_first(trend: Trend) -> tuple[bool, float, float, float, str]:
    age = trend.paper.age_at
    newest = -age.timestamp() if age else 0.0
    rest = -trend.score, trend.paper.id
    return (False, -trend.standing, 0.0, *rest) if trend.evidence else (True, -trend.listed, newest, *rest)
