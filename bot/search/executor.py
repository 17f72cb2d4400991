"""One question -> hits: candidates in their order, those kept that meet every condition, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder
from bot.model import Order, Paper
from bot.model.segment import PaperFilter
from bot.query.field_index import Document
from bot.query.matcher import Documents
from bot.search import fusion
from bot.search.plan import Plan
from bot.search.postings import NAME
from bot.search.snapshot import Snapshot
from bot.store.protocols import IndexView

SCANNED = 20_000
"""Newest papers looked through for a query without words."""
AT_ONCE = 100
TRENDING_DAYS = timedelta(days=14)

Likes = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper found. `score` orders the hits of one question and compares no two questions."""

    paper: Paper
    score: float
    partial: bool = False
    """It has only some of the words, or none."""
    meant: bool = False
    """It has none of the words, and is close to them in meaning."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """The moment, the order and how many hits will do."""

    now: datetime
    order: Order
    standing: Mapping[str, float]
    enough: int


class Executor:
    """Answers one question on one state of the database and the index."""

    def __init__(self, view: IndexView, held: Snapshot, embedder: Embedder, likes: Likes) -> None:
        self._view, self._held, self._embedder, self._likes = view, held, embedder, likes

    def find(self, plans: Sequence[Plan], asked: SearchRequest) -> list[Hit]:
        """The hits of all alternatives, each paper once, in the order asked for."""
        return _ordered(_merged(self._alternative(each, asked) for each in plans), asked)

    def _alternative(self, each: Plan, asked: SearchRequest) -> Iterable[Hit]:
        if each.like is not None:
            return self._like(each, asked)
        if each.asks_nothing:
            return ()
        if not each.groups:
            return islice(self._confirmed(self._newest(each, asked), each, asked), asked.enough)
        if asked.order == "newest":
            return self._words_by_age(each, asked)
        return self._words(each, asked)

    # --- words ----------------------------------------------------------------------------------------------------

    def _words(self, each: Plan, asked: SearchRequest) -> list[Hit]:
        """By score. What few candidates meet is looked for among all papers that do."""
        wanted = fusion.FusionRequest(
            each.groups, self._vector(each), self._embedder.dense_weight, self._view.stem_orders
        )
        found = fusion.fuse(self._held, wanted, self._mask(each))
        hits = list(islice(self._confirmed(self._rows(found, each, asked), each, asked), asked.enough))
        if len(hits) >= asked.enough or not (each.condition != PaperFilter() or asked.order == "trending"):
            return hits
        found = fusion.fuse(self._held, wanted, self._meeting(each, asked))
        limit = len(found.numbers) if asked.order == "trending" else asked.enough
        return list(islice(self._confirmed(self._rows(found, each, asked), each, asked), limit))

    def _words_by_age(self, each: Plan, asked: SearchRequest) -> list[Hit]:
        """Papers that have all the words, the newest first; then, if they are few, the others by score."""
        mask = self._mask(each)
        whole = fusion.lexical_scores(self._held, each.groups)[1] == len(each.groups)
        whole &= np.True_ if mask is None else mask[: len(whole)]
        numbers = self._view.numbers_by_age()
        inside = ((n, 0.0, False, False) for n in numbers if n < len(whole) and whole[n])
        hits = list(islice(self._confirmed(self._fetched(inside, each, asked), each, asked), asked.enough))
        if len(hits) >= asked.enough:
            return hits
        known = {hit.paper.id for hit in hits}
        return hits + [hit for hit in self._words(each, asked) if hit.paper.id not in known]

    def _vector(self, each: Plan) -> NDArray[np.float32] | None:
        if not each.text or not self._embedder.dense_weight:
            return None
        vector = self._embedder.embed([each.text])[0]
        return vector if vector.any() else None

    def _rows(self, found: fusion.FusedCandidates, each: Plan, asked: SearchRequest) -> Iterator[Hit]:
        words = found.words.tolist()
        candidates = (
            (number, score, have < len(each.groups), not have)
            for number, score, have in zip(found.numbers.tolist(), found.scores.tolist(), words, strict=True)
        )
        return self._fetched(candidates, each, asked)

    # --- conditions -----------------------------------------------------------------------------------------------

    def _mask(self, each: Plan) -> NDArray[np.bool_] | None:
        """Which papers can meet what the index alone can tell; None: all of them."""
        if not (each.authors or each.phrases or each.without):
            return None
        postings = self._held.postings
        mask = np.ones(self._held.room, dtype=bool)
        for parts in each.authors:
            mask &= self._padded(_any(postings.having((NAME + part,)) for part in parts))
        for group in each.phrases:
            mask &= self._padded(_any(postings.having(stems) for stems in (group.stems, *((j,) for j in group.joined))))
        for stem in each.without:
            mask &= ~self._padded(postings.having((stem,)))
        return mask

    def _padded(self, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.pad(held, (0, self._held.room - len(held)))

    def _meeting(self, each: Plan, asked: SearchRequest) -> NDArray[np.bool_]:
        """Which papers meet the conditions of the database too."""
        numbers = np.fromiter(self._view.numbers(_condition(each, asked)), dtype=np.int64)
        mask = np.zeros(self._held.room, dtype=bool)
        mask[numbers[numbers < len(mask)]] = True
        known = self._mask(each)
        return mask if known is None else mask & known

    def _fetched(
        self, candidates: Iterable[tuple[int, float, bool, bool]], each: Plan, asked: SearchRequest
    ) -> Iterator[Hit]:
        """Candidates that are stored and meet the conditions, in their order."""
        condition = _condition(each, asked)
        waiting = iter(candidates)
        size = min(asked.enough, AT_ONCE)
        while batch := list(islice(waiting, size)):
            papers = self._view.papers_by_number([number for number, *_ in batch], condition)
            yield from (Hit(papers[n], score, partial, meant) for n, score, partial, meant in batch if n in papers)
            size = AT_ONCE

    def _newest(self, each: Plan, asked: SearchRequest) -> Iterator[Hit]:
        mask = self._mask(each)
        papers = self._view.newest(_condition(each, asked), SCANNED)
        return (Hit(paper, 0.0) for n, paper in papers if mask is None or (n < len(mask) and mask[n]))

    def _like(self, each: Plan, asked: SearchRequest) -> list[Hit]:
        near = self._likes[each.like or ""]
        papers = self._view.papers(near)
        hits = sorted((Hit(paper, near[paper_id]) for paper_id, paper in papers.items()), key=lambda hit: -hit.score)
        return list(self._confirmed(iter(hits), each, asked))

    def _confirmed(self, hits: Iterator[Hit], each: Plan, asked: SearchRequest) -> Iterator[Hit]:
        """The hits that match exactly, looked at a hundred at a time so that a page costs no more than it shows."""
        if each.exact is None:
            yield from hits
            return
        while batch := list(islice(hits, AT_ONCE)):
            upvotes = self._view.upvotes([hit.paper.id for hit in batch])
            papers = [h.paper if each.reads_text else replace(h.paper, title="", abstract="") for h in batch]
            documents = Documents(
                [Document(paper, upvotes.get(paper.id)) for paper in papers],
                asked.now,
                neighbours=lambda near: self._likes.get(near, {}).keys(),
            )
            yield from (batch[i] for i in documents.matching(each.exact))


def _any(masks: Iterable[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    whole: NDArray[np.bool_] = np.logical_or.reduce(list(masks))
    return whole


def _condition(each: Plan, asked: SearchRequest) -> PaperFilter:
    if asked.order != "trending":
        return each.condition
    start = asked.now - TRENDING_DAYS
    return replace(each.condition, since=max(start, each.condition.since or start))


def _merged(found: Iterable[Iterable[Hit]]) -> list[Hit]:
    """The hits of several alternatives, each paper once with its best score, best first."""
    best: dict[str, Hit] = {}
    for hits in found:
        for hit in hits:
            if hit.paper.id not in best or hit.score > best[hit.paper.id].score:
                best[hit.paper.id] = hit
    return sorted(best.values(), key=lambda hit: -hit.score)


def _ordered(hits: list[Hit], asked: SearchRequest) -> list[Hit]:
    """Another order than by score puts first what has all of the words."""
    if asked.order == "newest":
        return sorted(hits, key=lambda hit: (hit.partial, -_age(hit)))
    if asked.order == "trending":
        return sorted(hits, key=lambda hit: (hit.partial, -asked.standing.get(hit.paper.id, -1e9), -_age(hit)))
    return hits


def _age(hit: Hit) -> float:
    return hit.paper.age_at.timestamp() if hit.paper.age_at else 0.0
