"""Does a channel's feedback move its ranking the right way? A replay of whole arXiv days, with simulated channels.

    two categories ─► threads of five from the earlier days ─► 20 reactions ─► digest of each later day ─► its NDCG@5

The learner sees titles, abstracts and reactions, never a category; how channels react is in `simulated_channels.py`.

Digests are chosen by the product (`bot.digest.choose`) with all its bounds: the day's first by trend stays in, and
before two people or five signs no paper moves by more than one place. Beside it, on the same reactions and without
bounds: the profile alone; no learning; arxiv-sanity-lite's way (github.com/karpathy/arxiv-sanity-lite: tf-idf of
words and pairs, a linear SVM of what was liked against everything else); and the same SVM of 👍 against 👎.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random
from statistics import fmean
from typing import Any

import numpy as np

from bot.app.backtest.evaluation import interval
from bot.digest.selection import ChannelRequest, choose
from bot.model import Channel, Feedback, Subscription
from bot.query.paper_set import PaperSet
from bot.ranking.profile import Example, ProfileMatch, learn_profile
from bot.ranking.votes import votes
from tests.bench.figures import Row, Times, timed
from tests.bench.scale import Scale
from tests.bench.simulated_channels import (
    REACTIONS,
    THREAD,
    DayRanking,
    Pool,
    Reaction,
    by_score,
    lines,
    make_pool,
    ndcg,
    reactions,
)
from tests.harness.recordings import DATA

FILE = "arxiv_labelled/arxiv_full_days.jsonl.gz"
FEW = (5, 4)
"""Reactions of one person from which on a paper may move by more than one place, and one less."""
FRESH = 9_000
"""Seed of the first channel that was not looked at before the profile's numbers were chosen."""
CHANNEL = Channel("bench:T1/C1")


class Learners:
    """Each way to rank: reactions -> the ranking of any late day."""

    def __init__(self, pool: Pool) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - each test process would load it

        self._pool = pool
        self._position = {trend.paper.id: at for at, trend in enumerate(pool.shortlist.trends)}
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

    def none(self, _: Sequence[Reaction]) -> DayRanking:
        """The digest by the trend alone."""
        return self._digest(None)

    def digest(self, reacted: Sequence[Reaction]) -> DayRanking:
        """The digest by trend and profile, with all bounds on what a profile may move."""
        return self._digest(self.profile_match(reacted))

    def _digest(self, profile_match: ProfileMatch | None) -> DayRanking:
        shortlist = self._pool.shortlist
        subscription = Subscription(CHANNEL, size=THREAD)

        def picks(day: Sequence[int]) -> Sequence[int]:
            now = shortlist.trends[day[0]].paper.first_seen + timedelta(days=1)
            request = ChannelRequest(PaperSet(day), (), ())
            digest = choose(
                subscription, shortlist, PaperSet(), due_at=now, now=now, request=request, profile_match=profile_match
            )
            return list(map(self._position.__getitem__, (pick.paper.id for pick in digest.picks)))

        return picks

    def profile(self, reacted: Sequence[Reaction]) -> DayRanking:
        """The profile alone, without the trend."""
        profile_match = self.profile_match(reacted)
        return by_score(self._pool.corpus.scores(profile_match.profile.words, profile_match.profile.direction))

    def sanity(self, reacted: Sequence[Reaction]) -> DayRanking:
        """arxiv-sanity-lite: C = 0.01, classes balanced, what is not liked is a counter-example."""
        labels = np.zeros(self._features.shape[0])
        labels[[each.at for each in reacted if each.value > 0]] = 1
        return self._svm(self._features, labels, 0.01)

    def thumbs(self, reacted: Sequence[Reaction]) -> DayRanking:
        """Linear SVM of 👍 against 👎, with scikit-learn's own C = 1."""
        rows = [each.at for each in reacted]
        return self._svm(self._features[rows], np.array([each.value for each in reacted]), 1.0)

    def _svm(self, features: Any, labels: np.ndarray, cost: float) -> DayRanking:
        if len(set(labels)) < 2:
            return self.none(())
        from sklearn.svm import LinearSVC  # noqa: PLC0415 - see above

        machine = LinearSVC(class_weight="balanced", max_iter=10_000, tol=1e-6, C=cost).fit(features, labels)
        return by_score(np.asarray(machine.decision_function(self._features[self._pool.late])))


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


def measure(scale: Scale) -> Iterator[Row]:
    """NDCG@5 before and after 20 reactions, beside the two SVMs; with the 95 % interval of the difference."""
    if not (DATA / FILE).exists():
        yield Row("learning", f"NDCG@5 after {REACTIONS} reactions", f"skipped: needs {DATA} (PAPERBOY_DATA)")
        return
    rows = lines(DATA / FILE)
    pool = make_pool(rows[:: max(len(rows) // scale.labelled, 1)])
    seeds = range(scale.seeds)
    scores = played(pool, seeds)
    what = f"NDCG@5 after {REACTIONS} reactions, {scale.seeds} channels: "
    yield _row(scores, what + "the digest's order (trend and profile)", "digest", "none", "no learning")
    yield _row(scores, what + "the digest's order", "digest", "sanity", "arxiv-sanity's tf-idf + SVM")
    yield _row(scores, what + "the digest's order", "digest", "thumbs", "the same SVM, 👍 against 👎")
    yield _row(scores, what + "the profile alone", "profile", "sanity", "arxiv-sanity's tf-idf + SVM")
    fresh = played(pool, range(FRESH, FRESH + 2 * scale.seeds), REACTIONS, ("digest", "sanity", "thumbs"))
    what = f"the same, {2 * scale.seeds} channels that were played only once all was chosen: "
    yield _row(fresh, what + "the digest's order", "digest", "sanity", "arxiv-sanity's tf-idf + SVM")
    yield _row(fresh, what + "the digest's order", "digest", "thumbs", "the same SVM, 👍 against 👎")
    for count in FEW:
        few, what = played(pool, seeds, count, ("none", "digest", "sanity")), f"the first {scale.seeds} after {count}: "
        yield _row(few, what + "the digest's order", "digest", "none", "no learning")
        yield _row(few, what + "the digest's order", "digest", "sanity", "arxiv-sanity's tf-idf + SVM")
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
