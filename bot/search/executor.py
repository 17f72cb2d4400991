"""Execution of a search: the plan of each alternative -> hits, read and confirmed a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count, islice

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder
from bot.model import Order, Paper
from bot.model.segment import PaperFilter
from bot.query.field_index import Document
from bot.query.matcher import Documents
from bot.search.cost import FIELDS, ORDER, ROW, TEXT, Meter, lexical_cost, plan_cost, scan_cost, words_cost
from bot.search.fusion import FusedCandidates, FusionRequest, fuse, lexical_scores
from bot.search.plan import Plan
from bot.search.postings import NAME
from bot.search.proximity import in_a_row
from bot.search.snapshot import Snapshot
from bot.store.protocols import IndexView

FIRST_SCANNED = 2_000
"""Newest papers among which a query without words looks first."""
PHRASES_BY_AGE = 3_000
"""Newest papers with all words of a phrase that are looked through for it; after them come the best by score."""
BATCH = 100
"""Papers that are read and confirmed together, so that a page costs no more than it shows."""
TRENDING_FOR = timedelta(days=14)
"""Age up to which a paper can be trending."""

_Candidate = tuple[int, float, bool, bool]
"""Number, score, partial, by meaning."""
Likes = Mapping[str, Mapping[str, float]]
"""Id of a paper that `like:` names -> ids of the papers like it, itself included, and their closeness."""


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
        self._scanned: dict[PaperFilter, list[NDArray[np.int32]]] = {}
        """Numbers that passed a condition, a part of the papers each."""
        self._masks: dict[PaperFilter, NDArray[np.bool_]] = {}
        self._named: set[str] = set()
        """Ids of the papers that `like:` names."""

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
            age = hit.paper.age_at.timestamp() if hit.paper.age_at else 0.0
            return hit.partial, -standing.get(hit.paper.id, -1e9), -age

        return sorted(hits, key=key)

    def _alternative(self, plan: Plan) -> list[Hit]:
        if plan.like is not None:
            return self._like(plan, plan.like)
        if plan.asks_nothing:
            return []
        if not plan.groups:
            return self._confirmed(self._read(self._newest(plan), plan), plan, self._request.enough)
        return self._words_by_age(plan) if self._request.order == "newest" else self._words(plan)

    # --- candidates -----------------------------------------------------------------------------------------------

    def _words(self, plan: Plan) -> list[Hit]:
        """Hits by score; if too few of the candidates meet the conditions, among all papers that meet them."""
        words = FusionRequest(plan.groups, self._vector(plan), self._embedder.dense_weight, self._view.stem_orders)
        enough, trending = self._request.enough, self._request.order == "trending"
        candidates = fuse(self._snapshot, words, self._index_mask(plan))
        hits = self._confirmed(self._scored(candidates, plan), plan, enough)
        if len(hits) >= enough or (plan.condition == PaperFilter() and not trending):
            return hits
        mask = self._condition_mask(plan)
        if not mask.any():
            return hits
        self._meter.charge(words_cost(self._snapshot, plan.groups))
        candidates = fuse(self._snapshot, words, mask)
        return self._confirmed(self._scored(candidates, plan), plan, None if trending else enough)

    def _words_by_age(self, plan: Plan) -> list[Hit]:
        """Papers that have all the words, the newest first; then, if they are few, the others by score."""
        self._meter.charge(lexical_cost(self._snapshot, plan.groups))
        mask = self._index_mask(plan)
        complete = lexical_scores(self._snapshot, plan.groups)[1] == len(plan.groups)
        complete &= np.True_ if mask is None else mask[: len(complete)]
        newest = self._numbers(plan.condition) if complete.any() else iter(())
        numbers = (n for n in newest if n < len(complete) and complete[n])
        looked_at = islice(numbers, PHRASES_BY_AGE if plan.rows else None)
        read = self._read(((number, 0.0, False, False) for number in looked_at), plan)
        hits = self._confirmed(read, plan, self._request.enough)
        if len(hits) >= self._request.enough:
            return hits
        ids = {hit.paper.id for hit in hits}
        return hits + [hit for hit in self._words(plan) if hit.paper.id not in ids]

    def _newest(self, plan: Plan) -> Iterator[_Candidate]:
        mask = self._index_mask(plan)
        if mask is None or mask.any():
            for number in self._numbers(self._condition(plan)):
                if mask is None or (number < len(mask) and mask[number]):
                    yield number, 0.0, False, False

    def _numbers(self, condition: PaperFilter) -> Iterator[int]:
        """Numbers of the papers that meet a condition, newest first, from more and more papers at a time, once each."""
        scanned, papers = self._scanned.setdefault(condition, []), self._snapshot.room
        start, size = 0, FIRST_SCANNED
        for at in count():
            if at == len(scanned):
                if start >= papers:
                    return
                self._meter.charge(scan_cost(condition) * min(size, papers - start))
                passed = self._view.numbers(condition, skip=start, among=size)
                scanned.append(np.fromiter(passed, dtype=np.int32))
            yield from scanned[at].tolist()
            start, size = start + size, size * 4

    def _vector(self, plan: Plan) -> NDArray[np.float32] | None:
        if not plan.text or not self._embedder.dense_weight:
            return None
        vector = self._embedder.embed([plan.text])[0]
        return vector if vector.any() else None

    def _scored(self, candidates: FusedCandidates, plan: Plan) -> Iterator[Hit]:
        columns = (candidates.numbers.tolist(), candidates.scores.tolist(), candidates.words.tolist())
        rows = ((n, score, words < len(plan.groups), not words) for n, score, words in zip(*columns, strict=True))
        return self._read(rows, plan)

    def _like(self, plan: Plan, paper_id: str) -> list[Hit]:
        # Whoever names a paper knows it: it is no answer to what is like it.
        closeness = {each: near for each, near in self._likes[paper_id].items() if each not in self._named}
        self._meter.charge(ROW * len(closeness))
        hits = [
            Hit(paper, closeness[each])
            for each, paper in self._view.papers(closeness).items()
            if self._request.among is None or each in self._request.among
        ]
        return self._confirmed(iter(sorted(hits, key=lambda hit: -hit.score)), plan, None)

    # --- conditions -----------------------------------------------------------------------------------------------

    def _index_mask(self, plan: Plan) -> NDArray[np.bool_] | None:
        """Mask of the papers that the conditions on stems and names let pass, (room,); None: all papers."""
        if not (plan.authors or plan.phrases or plan.without or self._request.among is not None):
            return None
        mask = self._among()
        for parts in plan.authors:
            mask &= self._having_any([(NAME + part,) for part in parts])
        for group in plan.phrases:
            mask &= self._having_any([group.stems, *((stem,) for stem in group.joined)])
        for stem in plan.without:
            mask &= ~self._having_any([(stem,)])
        return mask

    def _among(self) -> NDArray[np.bool_]:
        """Mask of the papers that may be hits, (room,)."""
        if self._request.among is None:
            return np.ones(self._snapshot.room, dtype=bool)
        mask = np.zeros(self._snapshot.room, dtype=bool)
        numbers = np.fromiter(self._view.numbers_of(self._request.among).values(), dtype=np.int64)
        mask[numbers[numbers < self._snapshot.room]] = True
        return mask

    def _having_any(self, alternatives: Iterable[Sequence[str]]) -> NDArray[np.bool_]:
        """Mask of the papers that contain all stems of an alternative, (room,)."""
        having = self._snapshot.postings.having_any(alternatives)
        return np.pad(having, (0, self._snapshot.room - len(having)))

    def _condition_mask(self, plan: Plan) -> NDArray[np.bool_]:
        """Mask of the papers that the conditions on columns let pass as well, (room,)."""
        condition, index_mask = self._condition(plan), self._index_mask(plan)
        if index_mask is not None and not index_mask.any():
            return index_mask
        if condition not in self._masks:
            numbers = np.fromiter(self._numbers(condition), dtype=np.int64)
            self._masks[condition] = np.zeros(self._snapshot.room, dtype=bool)
            self._masks[condition][numbers[numbers < self._snapshot.room]] = True
        return self._masks[condition] if index_mask is None else self._masks[condition] & index_mask

    def _condition(self, plan: Plan) -> PaperFilter:
        if self._request.order != "trending":
            return plan.condition
        start = self._request.now - TRENDING_FOR
        return replace(plan.condition, since=max(start, plan.condition.since or start))

    def _read(self, candidates: Iterable[_Candidate], plan: Plan) -> Iterator[Hit]:
        """Hits of candidates that meet the conditions on columns."""
        candidates, condition = iter(candidates), self._condition(plan)
        size = min(self._request.enough, BATCH)
        while batch := list(islice(candidates, size)):
            batch = self._in_a_row(batch, plan)
            self._meter.charge(ROW * len(batch))
            papers = self._view.papers_by_number([number for number, *_ in batch], condition)
            for number, score, partial, by_meaning in batch:
                if number in papers:
                    yield Hit(papers[number], score, partial, by_meaning)
            size = BATCH

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
            papers = [h.paper if plan.reads_text else replace(h.paper, title="", abstract="") for h in batch]
            documents = Documents(
                [Document(paper, upvotes.get(paper.id)) for paper in papers],
                self._request.now,
                neighbours=lambda paper_id: self._likes.get(paper_id, {}).keys(),
            )
            confirmed += [batch[i] for i in documents.matching(plan.exact)]
            size = BATCH
        return confirmed[:limit]
