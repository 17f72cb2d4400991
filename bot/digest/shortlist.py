"""Candidates of one moment, ranked and analysed once for all channels. Pure.

Papers are sorted best first, so the positions of a `PaperSet` are in the order of their standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.errors import QueryError
from bot.model import Outage, Paper, Trend
from bot.query.analysis import Analyses
from bot.query.ast import Query
from bot.query.field_index import Document
from bot.query.matcher import DUPLICATE_THRESHOLD, Documents, Probabilities, content_texts
from bot.query.paper_set import PaperSet
from bot.query.parser import parse
from bot.query.semantic import Closeness
from bot.query.topic_model import MATCHES
from bot.query.topic_reasons import WordsSaid, words_said

LIKELY = 0.2
"""Least probability of being listed of an early pick."""


class Shortlist:
    """Ranked candidates. Immutable to its users but for `learn`; shared by all channels and threads."""

    def __init__(  # noqa: PLR0913 - what the candidates are judged by
        self,
        trends: Sequence[Trend],
        now: datetime,
        *,
        faults: Sequence[Outage] = (),
        sources_down: bool = False,
        liked: Mapping[str, Paper] | None = None,
        analyses: Analyses | None = None,
    ) -> None:
        """`trends` in any order; those with evidence come first, by standing, then those without, by forecast.

        `analyses` keeps those of the candidates' texts from one shortlist to the next.

        `faults` are named in the digest; `sources_down`: whether a source that lists papers is among them.
        """
        self.now = now
        self.faults = tuple(faults)
        self.sources_down = sources_down
        self.trends = tuple(sorted(trends, key=_best_first))
        self.with_signals = sum(1 for trend in self.trends if trend.is_noticed)
        self.noticed = PaperSet.first(self.with_signals)
        self.unnoticed = PaperSet.first(len(self.trends)) - self.noticed
        """Papers without signals, the likeliest to be listed first."""
        self.likely = PaperSet(i for i, trend in enumerate(self.trends) if trend.listed >= LIKELY)
        """Papers without signals that may be early picks."""
        self._analyses = analyses or Analyses()
        self.documents = self._indexed(liked)
        self._probabilities: dict[str, NDArray[np.float16]] = {}
        """By content words of topics."""
        self._unread: set[str] = set()
        """Those of them whose meaning was not looked up."""
        self._by_topic: dict[tuple[str, float], PaperSet] = {}
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

    def unread(self, topics: Iterable[str]) -> set[str]:
        """The content words of these topics whose meaning was not looked up; an invalid topic is passed over."""
        queries = []
        for topic in topics:
            with suppress(QueryError):
                queries.append(parse(topic))
        return {text for text in content_texts(queries) if text in self._unread or text not in self._probabilities}

    def learn(self, near: Mapping[str, Closeness]) -> None:
        """Compute which papers are of some content words, of known closeness; topics are matched again."""
        for text, closeness in near.items():
            self._probabilities[text] = self.documents.probabilities(text, closeness)
            self._unread.discard(text)
        self._by_topic.clear()

    def probabilities_of(self, query: Query) -> Probabilities:
        """The probabilities of each alternative's content words; by words alone where the meaning was not looked up."""
        texts = content_texts([query])
        for text in texts.keys() - self._probabilities.keys():
            self._probabilities[text] = self.documents.probabilities(text)
            self._unread.add(text)
        return {text: self._probabilities[text] for text in texts}

    def organizations(self) -> frozenset[str]:
        """Names and accounts of the candidates' organisations."""
        papers = (trend.paper for trend in self.trends)
        return frozenset(name for each in papers for name in (each.organization, each.organization_handle) if name)

    def most_upvotes(self) -> float:
        """The most upvotes that a candidate has; 0 without any."""
        return max((latest_upvotes(trend) or 0.0 for trend in self.trends), default=0.0)

    def scores(self, query: Query) -> NDArray[np.floating]:
        """(candidates,): the probability of the likeliest alternative; 0 if the query has no free words."""
        every = list(self.probabilities_of(query).values())
        return np.max(every, axis=0) if every else np.zeros(len(self))

    def matching(self, topic: str, threshold: float = MATCHES) -> PaperSet:
        """The papers that are of a topic with at least this probability; none for an invalid one."""
        if (topic, threshold) not in self._by_topic:
            self._by_topic[topic, threshold] = self._matching(topic, by_words=False, threshold=threshold)
        return self._by_topic[topic, threshold]

    def with_words(self, topic: str) -> PaperSet:
        """The papers that have all of the words, which are those a mute leaves out."""
        if topic not in self._with_words:
            self._with_words[topic] = self._matching(topic, by_words=True)
        return self._with_words[topic]

    def words_said(self, topic: str, position: int) -> WordsSaid | None:
        """The words of a topic that a paper says, of its likeliest alternative; None for a topic without free words."""
        probabilities = self.probabilities_of(parse(topic))
        if not probabilities:
            return None
        likeliest = max(probabilities, key=lambda text: probabilities[text][position])
        return words_said(likeliest, self.trends[position].paper)

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
            near = PaperSet.from_flags(self.documents.cosines(position) >= DUPLICATE_THRESHOLD)
            self._near_duplicates[position] = near - PaperSet((position,))
        return self._near_duplicates[position]

    def _indexed(self, liked: Mapping[str, Paper] | None) -> Documents:
        documents = [Document(trend.paper, latest_upvotes(trend)) for trend in self.trends]
        return Documents(documents, self.now, liked=liked, analyses=self._analyses)

    def _matching(self, topic: str, *, by_words: bool, threshold: float = MATCHES) -> PaperSet:
        try:
            query = parse(topic)
            return self.documents.matching(query, None if by_words else self.probabilities_of(query), threshold)
        except QueryError:
            return PaperSet()


def latest_upvotes(trend: Trend) -> float | None:
    """The latest upvotes in a trend's evidence; None if unknown."""
    return next((e.value for e in trend.evidence if e.kind == "upvotes"), None)


def _best_first(trend: Trend) -> tuple[bool, float, float, float, str]:
    age = trend.paper.age_at
    newest = -age.timestamp() if age else 0.0
    rest = -trend.score, trend.paper.id
    return (False, -trend.standing, 0.0, *rest) if trend.is_noticed else (True, -trend.listed, newest, *rest)
