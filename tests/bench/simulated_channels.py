"""Simulated channels that react to the papers of whole arXiv days, and the NDCG@5 of what they are shown later.

A channel likes the papers of two categories drawn at random (each of 40 papers or more; any of a paper's categories
counts). It is shown threads of five; a place is read with the chance 1/rank; what is read is liked or disliked as its
categories say, but for one reaction in twenty. Half of what it is shown it likes, as far as there is enough: topics and
search bring a channel near to what it wants.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log1p, log2
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import numpy as np

from bot import embeddings
from bot.digest.shortlist import Shortlist
from bot.embeddings import embedding_text
from bot.model import Evidence, Paper, Trend
from bot.ranking.profile import Corpus
from bot.ranking.trend import USUAL_OLD

REACTIONS = 20
THREAD = 5
LIKED_SHARE = 0.5
"""Share of liked papers among those a channel is shown before it has reacted."""
MISTAKES = 0.05
FREQUENT = 40
CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")
"""An arXiv category; authors add classes of other schemes."""


@dataclass(frozen=True)
class Pool:
    """The papers of the archive, oldest day first, and what is needed to rank those of the later days."""

    papers: Sequence[Paper]
    days: Sequence[str]
    categories: Sequence[frozenset[str]]
    vectors: np.ndarray
    early: Sequence[int]
    late: Sequence[int]
    shortlist: Shortlist
    """Shortlist of the later days' papers."""
    corpus: Corpus

    @property
    def frequent(self) -> list[str]:
        """The categories that a channel may like."""
        counts = Counter(each for row in self.categories for each in row)
        most = FREQUENT if len(self.papers) > 1_000 else 5
        return sorted(each for each, count in counts.items() if count >= most and CATEGORY.fullmatch(each))


@dataclass(frozen=True)
class Reaction:
    """One person's 👍 or 👎: of which paper of the pool, and where it stood."""

    at: int
    value: int
    place: int


def make_pool(rows: Sequence[Mapping[str, Any]], *, reverse: bool = False) -> Pool:
    """Whole days; the first half of them is for reactions, the rest for ranking. Trend: upvotes, where it was listed.

    In `reverse` reactions are to the later days and the earlier ones are ranked: by that, and by other seeds, the
    numbers in `bot.ranking.profile` were chosen.
    """
    rows = sorted(rows, key=lambda row: (row["day"], row["id"]))
    papers = [_paper(row) for row in rows]
    days = [row["day"] for row in rows]
    distinct_days = sorted(set(days))
    half = len(distinct_days) // 2
    first = set(distinct_days[half:] if reverse else distinct_days[:half])
    early, late = ([i for i, day in enumerate(days) if (day in first) is side] for side in (True, False))
    vectors = embeddings.load(embeddings.DEFAULT).embed(
        [embedding_text(paper.title, paper.abstract) for paper in papers]
    )
    now = datetime.fromisoformat(distinct_days[-1]).replace(tzinfo=UTC) + timedelta(days=1)
    shortlist = Shortlist([_trend(papers[i], rows[i]["hf_max_upvotes"], now) for i in late], now)
    by_id = {paper.id: i for i, paper in enumerate(papers)}
    places = [by_id[trend.paper.id] for trend in shortlist.trends]
    corpus = Corpus(shortlist.documents.bags, vectors[places])
    categories = [frozenset(row["categories"]) for row in rows]
    return Pool(papers, days, categories, vectors, early, places, shortlist, corpus)


def _paper(row: Mapping[str, Any]) -> Paper:
    day = datetime.fromisoformat(row["day"]).replace(tzinfo=UTC)
    return Paper(row["id"], row["title"], row["abstract"], first_seen=day)


def _trend(paper: Paper, upvotes: float | None, now: datetime) -> Trend:
    """Papers of a listed day stand by their upvotes; the others have no signal."""
    if upvotes is None:
        return Trend(paper, 0.0, 0.0)
    score = log1p(upvotes)
    return Trend(paper, score, score - USUAL_OLD[1], (Evidence("huggingface", "upvotes", upvotes, now),))


def reactions(pool: Pool, liked: frozenset[str], dice: Random, count: int = REACTIONS) -> list[Reaction]:
    """Reactions of a channel that likes these categories, reading threads of five."""
    sides = {side: [i for i in pool.early if bool(pool.categories[i] & liked) is side] for side in (True, False)}
    for side in sides.values():
        dice.shuffle(side)
    reacted: list[Reaction] = []
    while len(reacted) < count and (sides[True] or sides[False]):
        for place in range(1, THREAD + 1):
            liked_side = dice.random() < LIKED_SHARE
            side = sides[liked_side] or sides[not liked_side]
            if not side:
                break
            at = side.pop()
            if len(reacted) < count and dice.random() < 1 / place:
                right = dice.random() >= MISTAKES
                reacted.append(Reaction(at, 1 if bool(pool.categories[at] & liked) is right else -1, place))
    return reacted


DayRanking = Callable[[Sequence[int]], Sequence[int]]
"""The best five papers of a late day, or all; papers are positions of the shortlist."""


def by_score(scores: np.ndarray) -> DayRanking:
    """The ranking by a score of every late paper."""
    return lambda day: sorted(day, key=lambda at: (-scores[at], at))


def ndcg(pool: Pool, ranking: DayRanking, liked: frozenset[str]) -> float:
    """NDCG@5 on each late day that has a liked paper, and their mean."""
    days: dict[str, list[int]] = {}
    for at, i in enumerate(pool.late):
        days.setdefault(pool.days[i], []).append(at)
    return fmean(each for day in days.values() if (each := _of_day(pool, ranking, liked, day)) is not None)


def _of_day(pool: Pool, ranking: DayRanking, liked: frozenset[str], day: Sequence[int]) -> float | None:
    wanted = sum(bool(pool.categories[pool.late[at]] & liked) for at in day)
    if not wanted:
        return None
    best = sum(1 / log2(place + 2) for place in range(min(THREAD, wanted)))
    gains = (bool(pool.categories[pool.late[at]] & liked) for at in ranking(day)[:THREAD])
    return sum(gain / log2(place + 2) for place, gain in enumerate(gains)) / best


def lines(file: Path) -> list[dict[str, Any]]:
    """The rows of a gzipped JSON Lines file."""
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]
