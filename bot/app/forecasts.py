"""Forecasts of the candidates without votes, each computed once and kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from bot.model import Paper
from bot.ranking.forecast.model import load
from bot.ranking.forecast.odds import announced_at, odds_after

AT_ONCE = 500
"""Papers that are forecast for one ranking, the newest; the others follow with the next ones. Half a second of CPU."""


class Forecasts:
    """Probabilities of being listed, by paper id, as long as a paper is a candidate and its text the same."""

    def __init__(self, probabilities: Callable[[Sequence[Paper]], Sequence[float]] | None = None) -> None:
        """`probabilities` of papers to be listed; by the shipped model unless given."""
        self._probabilities = probabilities
        self._listed: dict[str, tuple[Paper, float]] = {}

    def odds(self, candidates: Iterable[Paper], noticed: Collection[str], now: datetime) -> dict[str, float]:
        """Probability that each candidate without signals is listed yet; none for those still to be forecast."""
        # Daily Papers lists papers of arXiv alone.
        unnoticed = (paper for paper in candidates if paper.id not in noticed and paper.is_arxiv)
        papers = {paper.id: paper for paper in unnoticed if paper.listed_at is None}
        kept = {i: entry for i, entry in self._listed.items() if i in papers and _same(papers[i], entry[0])}
        new = [paper for paper in papers.values() if paper.id not in kept][:AT_ONCE]
        forecasts = zip(new, (self._probabilities or load().probabilities)(new) if new else (), strict=True)
        self._listed = kept | {paper.id: (paper, listed) for paper, listed in forecasts}
        return {i: odds_after(listed, _waited(papers[i], now)) for i, (_, listed) in self._listed.items()}


def _same(paper: Paper, other: Paper) -> bool:
    """Whether nothing changed that a forecast is made from."""
    facts = attrgetter("title", "abstract", "comment", "categories")
    return facts(paper) == facts(other) and len(paper.authors) == len(other.authors)


def _waited(paper: Paper, now: datetime) -> timedelta:
    return max(now - announced_at(paper.age_at), timedelta(0)) if paper.age_at else timedelta(0)
