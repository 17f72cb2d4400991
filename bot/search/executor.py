"""Execution of a search: the plan of each alternative -> hits, read and confirmed a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, reduce
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder
from bot.model import Order, Paper
from bot.model.segment import PaperFilter
from bot.query.field_index import Document
from bot.query.text_match import UnindexedDocuments
from bot.search.cost import BY_AGE, FIELDS, NUMBER, ORDER, ROW, TEXT, Meter, condition_cost, masks_cost, plan_cost
from bot.search.field_terms import age_seconds, filter_terms
from bot.search.fusion import FusedCandidates, FusionRequest, complete, fuse
from bot.search.plan import Plan
from bot.search.proximity import in_a_row
from bot.search.segment import NAME
from bot.search.snapshot import Snapshot
from bot.store import IndexView

NEWEST_AT_ONCE = 1_000
"""Newest papers of a mask that are put in order first; then more and more of them."""
MOST_UPVOTED = 20_000
"""Papers with enough upvotes that are a mask; where more have them, they are no rare find among the best or newest."""
NUMBERS_AT_ONCE = 500
"""Papers with enough upvotes that are charged together."""
PHRASES_BY_AGE = 3_000
"""Newest papers with all words of a phrase that are looked through for it; after them come the best by score."""
BATCH = 100
"""Papers that are read and confirmed together, so that a page costs no more than it shows."""
TRENDING_FOR = timedelta(days=14)
"""Age up to which a paper can be trending."""

_Candidate = tuple[int, float, bool, bool]
"""Number, score, partial, by meaning."""
Likes = Mapping[str, Mapping[int, float]]
"""Id of a paper that `like:` names -> numbers of the papers like it, itself included, and their closeness."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that matches. `score` orders the hits of one search; scores of two searches cannot be compared."""

    paper: Paper
    score: float
    partial: bool = False
    """Whether the paper has only some of the words, or none."""
    by_meaning: bool = False
    """Whether the paper has none of the words, but is close to them in meaning."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """The time, order and size of a search."""

    now: datetime
    order: Order
    standing: Mapping[str, float]
    """Standing of papers by id, for the order `trending`."""
    enough: int
    """Number of hits after which no more are looked for."""
    meter: Meter
    among: Collection[str] | None = None
    """Ids of the papers that may be hits; None: all papers."""


class Executor:
    """Hits of one search in one revision of the index."""

    def __init__(
        self, view: IndexView, snapshot: Snapshot, embedder: Embedder, likes: Likes, request: SearchRequest
    ) -> None:
        self._view, self._snapshot, self._embedder, self._likes = view, snapshot, embedder, likes
        self._request, self._meter = request, request.meter
        self._masks: dict[PaperFilter, NDArray[np.bool_] | None] = {}
        """Papers that meet a condition."""
        self._named: set[str] = set()
        """Ids of the papers that `like:` names."""
        self._ids_like = cache(lambda paper_id: {*view.ids(likes.get(paper_id, {})).values()})
        """Ids of the papers that `like:` matches; read only where they are compared."""

    def find(self, plans: Sequence[Plan]) -> list[Hit]:
        """Hits of all alternatives, each paper once with its best score, in the requested order. Raises QueryError."""
        self._meter.charge(sum(plan_cost(self._snapshot, plan) for plan in plans))
        self._named = {plan.like for plan in plans if plan.like is not None}
        best: dict[str, Hit] = {}
        for plan in plans:
            for hit in self._alternative(plan):
                if hit.paper.id not in best or hit.score > best[hit.paper.id].score:
                    best[hit.paper.id] = hit
        hits = sorted(best.values(), key=lambda hit: -hit.score)
        if self._request.order == "best":
            return hits
        standing = self._request.standing if self._request.order == "trending" else {}

        def key(hit: Hit) -> tuple[bool, float, float]:
            """Papers with all of the words first, then by standing and age."""
            return hit.partial, -standing.get(hit.paper.id, -1e9), -age_seconds(hit.paper)

        return sorted(hits, key=key)

    def _alternative(self, plan: Plan) -> list[Hit]:
        if plan.like is not None:
            return self._like(plan, plan.like)
        if plan.asks_nothing:
            return []
        if not plan.groups:
            return self._confirmed(self._read(self._newest(self._mask(plan)), plan), plan, self._request.enough)
        mask = self._mask(plan)
        if mask is not None and not mask.any():
            return []
        return self._words_by_age(plan, mask) if self._request.order == "newest" else self._words(plan, mask)

    # --- candidates -----------------------------------------------------------------------------------------------

    def _words(self, plan: Plan, mask: NDArray[np.bool_] | None) -> list[Hit]:
        """Hits by score among the papers that the conditions let pass."""
        words = FusionRequest(plan.groups, self._vector(plan), self._embedder.dense_weight, self._view.stem_orders)
        candidates = fuse(self._snapshot, words, mask)
        limit = None if self._request.order == "trending" else self._request.enough
        return self._confirmed(self._scored(candidates, plan), plan, limit)

    def _words_by_age(self, plan: Plan, mask: NDArray[np.bool_] | None) -> list[Hit]:
        """Papers that have all the words, the newest first; then, if they are few, the others by score."""
        self._meter.charge(masks_cost(self._snapshot, plan.groups))
        having = complete(self._snapshot.postings, plan.groups)
        if mask is not None:
            having &= mask[: len(having)]
        looked_at = islice(self._newest(having), PHRASES_BY_AGE if plan.rows else None)
        hits = self._confirmed(self._read(looked_at, plan), plan, self._request.enough)
        if len(hits) >= self._request.enough:
            return hits
        ids = {hit.paper.id for hit in hits}
        return hits + [hit for hit in self._words(plan, mask) if hit.paper.id not in ids]

    def _newest(self, mask: NDArray[np.bool_] | None) -> Iterator[_Candidate]:
        """Papers in a mask, newest first; None: all papers."""
        postings = self._snapshot.postings
        parts = postings.newest(postings.having(()) if mask is None else mask[: postings.room], NEWEST_AT_ONCE)
        while True:
            self._meter.charge(int(BY_AGE * self._snapshot.room))
            numbers = next(parts, None)
            if numbers is None:
                return
            for number in numbers.tolist():
                yield number, 0.0, False, False

    def _vector(self, plan: Plan) -> NDArray[np.float32] | None:
        if not plan.text or not self._embedder.dense_weight:
            return None
        vector = self._embedder.embed([plan.text])[0]
        return vector if vector.any() else None

    def _scored(self, candidates: Iterator[FusedCandidates], plan: Plan) -> Iterator[Hit]:
        columns = ((each.numbers.tolist(), each.scores.tolist(), each.words.tolist()) for each in candidates)
        rows = chain.from_iterable(zip(*each, strict=True) for each in columns)
        return self._read(((n, score, words < len(plan.groups), not words) for n, score, words in rows), plan)

    def _like(self, plan: Plan, paper_id: str) -> list[Hit]:
        # Whoever names a paper knows it: it is no answer to what is like it.
        named, among = {*self._view.numbers_of(self._named).values()}, self._among()
        order = sorted(self._likes[paper_id].items(), key=lambda pair: -pair[1])
        near = ((n, closeness) for n, closeness in order if n not in named and (among is None or among[n]))
        candidates = ((number, closeness, False, False) for number, closeness in near)
        limit = self._request.enough if self._request.order == "best" else None
        return self._confirmed(self._read(candidates, plan), plan, limit)

    # --- conditions -----------------------------------------------------------------------------------------------

    def _mask(self, plan: Plan) -> NDArray[np.bool_] | None:
        """Mask of the papers that the conditions let pass, as far as the index tells, (room,); None: all papers."""
        masks = [mask for mask in (self._among(), self._condition_mask(self._condition(plan))) if mask is not None]
        names = [tuple((NAME + part,) for part in parts) for parts in plan.authors]
        phrases = [(group.stems, *((stem,) for stem in group.joined)) for group in plan.phrases]
        alternatives: dict[tuple[tuple[str, ...], ...], None] = dict.fromkeys((*names, *phrases))
        single = [stem for ways in alternatives if len(ways) == 1 for stem in ways[0]]
        postings = self._snapshot.postings
        if single:
            masks.append(self._padded(postings.having(single)))
        masks += [self._padded(postings.having_any(ways)) for ways in alternatives if len(ways) > 1]
        masks += [~self._padded(postings.having((stem,))) for stem in dict.fromkeys(plan.without)]
        return reduce(np.logical_and, masks) if masks else None

    def _among(self) -> NDArray[np.bool_] | None:
        """Mask of the papers that may be hits, (room,); None: all papers."""
        if self._request.among is None:
            return None
        return self._of_numbers(self._view.numbers_of(self._request.among).values())

    def _condition_mask(self, condition: PaperFilter) -> NDArray[np.bool_] | None:
        """Mask of the papers that meet a condition, (room,); None: all papers."""
        if condition not in self._masks:
            self._meter.charge(condition_cost(self._snapshot, condition))
            postings = self._snapshot.postings
            masks = []
            if terms := filter_terms(condition):
                masks.append(self._padded(postings.having(terms)))
            if condition.since is not None:
                masks.append(self._padded(postings.ages >= condition.since.timestamp()))
            if condition.upvotes is not None:
                numbers = self._upvoted(condition.upvotes)
                masks += [] if numbers is None else [self._of_numbers(numbers)]
            self._masks[condition] = reduce(np.logical_and, masks) if masks else None
        return self._masks[condition]

    def _upvoted(self, least: float) -> list[int] | None:
        """Numbers of the papers with so many upvotes; None if they are too many to read: then each hit is looked at."""
        numbers: list[int] = []
        for number in self._view.upvoted(least):
            if len(numbers) == MOST_UPVOTED:
                return None
            if len(numbers) % NUMBERS_AT_ONCE == 0:
                self._meter.charge(NUMBER * NUMBERS_AT_ONCE)
            numbers.append(number)
        return numbers

    def _of_numbers(self, numbers: Iterable[int]) -> NDArray[np.bool_]:
        mask = np.zeros(self._snapshot.room, dtype=bool)
        every = np.fromiter(numbers, dtype=np.int64)
        mask[every[every < self._snapshot.room]] = True
        return mask

    def _padded(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Mask of the papers with words as one of all papers: vectors may be there earlier."""
        more = self._snapshot.room - len(mask)
        return np.pad(mask, (0, more)) if more else mask

    def _condition(self, plan: Plan) -> PaperFilter:
        if self._request.order != "trending":
            return plan.condition
        start = self._request.now - TRENDING_FOR
        return replace(plan.condition, since=max(start, plan.condition.since or start))

    def _read(self, candidates: Iterable[_Candidate], plan: Plan) -> Iterator[Hit]:
        """Hits of candidates, as far as they are still stored."""
        candidates = iter(candidates)
        size = min(self._request.enough, BATCH)
        while batch := list(islice(candidates, size)):
            batch = self._in_a_row(batch, plan)
            self._meter.charge(ROW * len(batch))
            papers = self._view.papers_by_number([number for number, *_ in batch])
            for number, score, partial, by_meaning in batch:
                if number in papers:
                    yield Hit(papers[number], score, partial, by_meaning)
            size = min(2 * size, BATCH)

    def _in_a_row(self, batch: list[_Candidate], plan: Plan) -> list[_Candidate]:
        """Candidates that may have the phrases, by the order of their stems: texts are dear to analyse."""
        for rows in plan.rows:
            self._meter.charge(ORDER * len(batch))
            orders = self._view.stem_orders([number for number, *_ in batch])
            possible = in_a_row([orders.get(number, b"") for number, *_ in batch], rows)
            batch = [candidate for candidate, has_rows in zip(batch, possible, strict=True) if has_rows]
        return batch

    def _confirmed(self, hits: Iterator[Hit], plan: Plan, limit: int | None) -> list[Hit]:
        """The first `limit` hits that match exactly."""
        if plan.exact is None:
            return list(islice(hits, limit))
        confirmed: list[Hit] = []
        size = BATCH if limit is None else min(limit, BATCH)
        while (limit is None or len(confirmed) < limit) and (batch := list(islice(hits, size))):
            self._meter.charge((TEXT if plan.reads_text else FIELDS) * len(batch))
            upvotes = self._view.upvotes([hit.paper.id for hit in batch])
            documents = UnindexedDocuments(
                [Document(hit.paper, upvotes.get(hit.paper.id)) for hit in batch],
                self._request.now,
                self._ids_like,
            )
            confirmed += [batch[i] for i in documents.matching(plan.exact)]
            size = min(2 * size, BATCH)
        return confirmed[:limit]
