"""Papers that a channel liked before and that a pick is close to. Pure.

Closeness is the cosine of two papers' vectors plus the cosine of their tf-idf weights, a word of the title counting
three times as in search. How it was judged: `README.md` here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.model import Feedback, Lessons, Paper, PublicLikes
from bot.query.matcher import bag_of
from bot.text.tfidf import Bag, TfIdf

CLOSE = 1.07
"""Closeness from which a reader is told: nine in ten of the judged pairs above it were called close, on the half that
it was chosen on."""
TITLE = 3
"""Times that a word of the title counts."""
LATEST = 100
"""Papers that a channel's picks are compared with: those that it liked last."""
NEAREST = 5
"""Of them, those nearest in meaning, whose words are compared."""


GESTURES = {"reaction": "liked", "share": "shared", "discuss": "wanted to discuss"}
"""What counts, in words. Not a save: it is private."""


class Example(NamedTuple):
    """A paper with its vector of length 1, or zeros where it has none."""

    paper: Paper
    vector: NDArray[np.float32]


def public_likes(lessons: Lessons) -> dict[str, PublicLikes]:
    """The papers that a channel liked last, by id. Saves are private and never counted; nor is what more disliked."""
    by_paper: defaultdict[str, list[Feedback]] = defaultdict(list)
    for feedback in lessons.feedback:
        if feedback.gesture in GESTURES and feedback.paper_id not in lessons.papers:
            by_paper[feedback.paper_id].append(feedback)
    likes = {paper_id: each for paper_id, signs in by_paper.items() if (each := _likes(signs)) is not None}
    latest = sorted(likes, key=lambda paper_id: likes[paper_id].last_at)[-LATEST:]
    return {paper_id: likes[paper_id] for paper_id in latest}


def _likes(signs: Sequence[Feedback]) -> PublicLikes | None:
    """The likes of one paper; None without any, or with as many people who disliked it."""
    for_it = [each for each in signs if each.value > 0]
    people = {each.user for each in for_it}
    if len(people) <= len({each.user for each in signs if each.value < 0}):
        return None
    kinds = {each.gesture for each in for_it}
    how = " or ".join(words for gesture, words in GESTURES.items() if gesture in kinds)
    return PublicLikes(len(people), how, min(each.at for each in for_it), max(each.at for each in for_it))


class Closeness:
    """Closeness of papers, by weights of words in one corpus. Immutable but for a cache."""

    def __init__(self, bags: Sequence[Bag]) -> None:
        self._weights = TfIdf(bags)
        self._rows: dict[str, Mapping[str, float]] = {}

    def closest(self, pick: Example, liked: Iterable[Example]) -> Paper | None:
        """The liked paper that a pick is closest to; None if none is close."""
        others = [each for each in liked if each.paper.id != pick.paper.id]
        if not others or not pick.vector.any():
            return None
        cosines = np.array([each.vector for each in others]) @ pick.vector
        nearest = np.argsort(-cosines, kind="stable")[:NEAREST]
        scores = {int(i): float(cosines[i]) + self.words(pick.paper, others[i].paper) for i in nearest}
        best = max(scores, key=lambda i: scores[i])
        return others[best].paper if scores[best] >= CLOSE else None

    def words(self, one: Paper, other: Paper) -> float:
        """The cosine of two papers' words."""
        row, others = self._row(one), self._row(other)
        return sum(weight * others.get(stem, 0.0) for stem, weight in row.items())

    def _row(self, paper: Paper) -> Mapping[str, float]:
        if paper.id not in self._rows:
            title = {stem: count * (TITLE - 1) for stem, count in bag_of(Paper(paper.id, paper.title)).items()}
            bag = Counter(bag_of(paper))
            bag.update(title)
            self._rows[paper.id] = self._weights.vector(bag) if bag else {}
        return self._rows[paper.id]
