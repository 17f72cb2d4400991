"""Does a channel's feedback move its ranking the right way? A replay of whole arXiv days, with simulated channels.

    two categories ─► threads of five from the earlier days ─► 20 reactions ─► NDCG@5 on each of the later days

A channel likes the papers of two categories drawn at random (each of 40 papers or more; any of a paper's categories
counts). It is shown threads of five; a place is read with the chance 1/rank; what is read is liked or disliked as its
categories say, but for one reaction in twenty. Half of what it is shown it likes, as far as there is enough: topics and
search bring a channel near to what it wants. The learner sees titles, abstracts and reactions, never a category.

Beside it, on the same reactions: no learning; arxiv-sanity-lite's way (github.com/karpathy/arxiv-sanity-lite: tf-idf of
words and pairs, a linear SVM of what was liked against everything else); and the same SVM of 👍 against 👎.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log1p, log2
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot import embeddings
from bot.app.backtest.evaluation import interval
from bot.digest.selection import ranked_positions
from bot.digest.shortlist import Shortlist
from bot.embeddings import embedding_text
from bot.model import Channel, Evidence, Feedback, Paper, Trend
from bot.query.paper_set import PaperSet
from bot.ranking.profile import Corpus, Example, ProfileMatch, learn_profile
from bot.ranking.trend import USUAL_OLD
from bot.ranking.votes import votes
from tests.bench.figures import Row, Times, timed
from tests.bench.scale import Scale
from tests.harness.recordings import DATA

FILE = "arxiv_labelled/arxiv_full_days.jsonl.gz"
REACTIONS = 20
FEW = 5
FRESH = 9_000
"""Seed of the first channel that was not looked at before the profile's numbers were chosen."""
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


class Learners:
    """Each way to rank: reactions -> a score for every late paper, in the shortlist's order."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        vectoriser = TfidfVectorizer(
            strip_accents="unicode",
            stop_words="english",
            token_pattern=r"(?u)\b[a-zA-Z_][a-zA-Z0-9_]+\b",
            ngram_range=(1, 2),
            max_features=20_000,
            sublinear_tf=True,
            max_df=0.1,
            min_df=5,
        )
        self._features = vectoriser.fit_transform([f"{paper.title} {paper.abstract}" for paper in pool.papers])

    def profile_match(self, reacted: Sequence[Reaction]) -> ProfileMatch:
        """Paperboy's own profile, learnt by the product's functions."""
        pool, somebody = self._pool, Channel("bench:T1/U1")
        signs = [
            Feedback(somebody, pool.papers[each.at].id, "reaction", each.value, pool.shortlist.now, each.place)
            for each in reacted
        ]
        index = {pool.papers[each.at].id: each.at for each in reacted}
        examples = [
            Example(pool.papers[index[paper_id]], weight, pool.vectors[index[paper_id]])
            for paper_id, weight in votes(signs).items()
        ]
        return ProfileMatch(learn_profile(examples, pool.corpus), pool.corpus)

    def none(self, _: Sequence[Reaction]) -> np.ndarray:
        """The trend alone."""
        return -np.arange(len(self._pool.late), dtype=float)

    def digest(self, reacted: Sequence[Reaction]) -> np.ndarray:
        """The order of a digest: trend and profile."""
        order = list(
            ranked_positions(self._pool.shortlist, PaperSet.first(len(self._pool.late)), self.profile_match(reacted))
        )
        scores = np.empty(len(order))
        scores[order] = -np.arange(len(order), dtype=float)
        return scores

    def profile(self, reacted: Sequence[Reaction]) -> np.ndarray:
        """The profile alone, without the trend."""
        profile_match = self.profile_match(reacted)
        return self._pool.corpus.scores(profile_match.profile.words, profile_match.profile.direction)

    def sanity(self, reacted: Sequence[Reaction]) -> np.ndarray:
        """arxiv-sanity-lite: C = 0.01, classes balanced, what is not liked is a counter-example."""
        labels = np.zeros(self._features.shape[0])
        labels[[each.at for each in reacted if each.value > 0]] = 1
        return self._svm(self._features, labels, 0.01)

    def thumbs(self, reacted: Sequence[Reaction]) -> np.ndarray:
        """Linear SVM of 👍 against 👎, with scikit-learn's own C = 1."""
        rows = [each.at for each in reacted]
        return self._svm(self._features[rows], np.array([each.value for each in reacted]), 1.0)

    def _svm(self, features: Any, labels: np.ndarray, cost: float) -> np.ndarray:
        if len(set(labels)) < 2:
            return self.none(())
        machine = LinearSVC(class_weight="balanced", max_iter=10_000, tol=1e-6, C=cost).fit(features, labels)
        return np.asarray(machine.decision_function(self._features[self._pool.late]))


def ndcg(pool: Pool, scores: np.ndarray, liked: frozenset[str]) -> float:
    """NDCG@5 on each late day that has a liked paper, and their mean."""
    days: dict[str, list[int]] = {}
    for at, i in enumerate(pool.late):
        days.setdefault(pool.days[i], []).append(at)
    return fmean(each for day in days.values() if (each := _of_day(pool, scores, liked, day)) is not None)


def _of_day(pool: Pool, scores: np.ndarray, liked: frozenset[str], day: Sequence[int]) -> float | None:
    order = sorted(day, key=lambda at: (-scores[at], at))
    gains = [1.0 if pool.categories[pool.late[at]] & liked else 0.0 for at in order]
    best = sum(1 / log2(place + 2) for place in range(min(5, int(sum(gains)))))
    return sum(gain / log2(place + 2) for place, gain in enumerate(gains[:5])) / best if best else None


WAYS = ("none", "digest", "profile", "sanity", "thumbs")


def played(
    pool: Pool, seeds: Sequence[int], count: int = REACTIONS, ways: Sequence[str] = WAYS
) -> dict[str, list[float]]:
    """For each way its NDCG@5, seed by seed."""
    learners = Learners(pool)
    scores: dict[str, list[float]] = {way: [] for way in ways}
    for seed in seeds:
        dice = Random(seed)
        liked = frozenset(dice.sample(pool.frequent, 2))
        reacted = reactions(pool, liked, dice, count)
        for way in ways:
            scores[way].append(ndcg(pool, getattr(learners, way)(reacted), liked))
    return scores


def lines(file: Path) -> list[dict[str, Any]]:
    """The rows of a gzipped JSON Lines file."""
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]


def measure(scale: Scale) -> Iterator[Row]:
    """NDCG@5 before and after 20 reactions, beside the two SVMs; with the 95 % interval of the difference."""
    if not (DATA / FILE).exists():
        yield Row("learning", f"NDCG@5 after {REACTIONS} reactions", f"skipped: needs {DATA} (PAPERBOY_DATA)")
        return
    rows = lines(DATA / FILE)
    pool = make_pool(rows[:: max(len(rows) // scale.labelled, 1)])
    seeds = range(scale.seeds)
    scores, few = played(pool, seeds), played(pool, seeds, FEW, ("none", "digest", "sanity"))
    what = f"NDCG@5 after {REACTIONS} reactions, {scale.seeds} channels: "
    yield _row(scores, what + "the digest's order (trend and profile)", "digest", "none", "no learning")
    yield _row(scores, what + "the digest's order", "digest", "sanity", "arxiv-sanity's tf-idf + SVM")
    yield _row(scores, what + "the digest's order", "digest", "thumbs", "the same SVM, 👍 against 👎")
    yield _row(scores, what + "the profile alone", "profile", "sanity", "arxiv-sanity's tf-idf + SVM")
    fresh = played(pool, range(FRESH, FRESH + 2 * scale.seeds), REACTIONS, ("digest", "sanity", "thumbs"))
    what = f"the same, {2 * scale.seeds} channels that were played only once all was chosen: "
    yield _row(fresh, what + "the digest's order", "digest", "sanity", "arxiv-sanity's tf-idf + SVM")
    yield _row(fresh, what + "the digest's order", "digest", "thumbs", "the same SVM, 👍 against 👎")
    yield _row(few, f"the same after {FEW}: the digest's order", "digest", "sanity", "arxiv-sanity's tf-idf + SVM")
    yield _cost(pool, scale)


def _row(scores: Mapping[str, Sequence[float]], what: str, way: str, peer: str, name: str) -> Row:
    ours, theirs = scores[way], scores[peer]
    low, high = interval([a - b for a, b in zip(ours, theirs, strict=True)])
    figure = f"{fmean(ours):.3f}"
    return Row("learning", what, figure, "above", f"{fmean(theirs):.3f} ({name})", f"{low:+.3f} … {high:+.3f}")


def _cost(pool: Pool, scale: Scale) -> Row:
    """Seconds that a profile adds to one channel's digest, in a worker thread."""
    learners, dice = Learners(pool), Random(0)
    reacted = reactions(pool, frozenset(dice.sample(pool.frequent, 2)), dice)
    learners.profile_match(reacted)
    times = Times()
    for _ in range(scale.runs):
        with timed(times):
            learners.profile_match(reacted)
    return Row("learning", f"one channel's profile, held against {len(pool.late):,} candidates", str(times))
