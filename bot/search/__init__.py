"""Search over all papers by words and by meaning, with the query language of topics.

query ─► plan ─► ranked (postings + vectors, fused) ─► conditions, then matching, confirm what words cannot ─► hits

plan.py          an alternative of a query as groups of stems, masks and a filter
executor.py      an alternative as hits
fusion.py        the best of both halves, fused
postings.py      the lexical half, in memory       vectors.py       the half by meaning, in memory
segments.py      merges the tail into segments     snapshot.py      both halves, refreshed from the store
proximity.py     which words stand side by side    cosine_stats.py  how near all papers are to a text
spelling.py      corrections of words that no paper has
similar.py       papers like a given one
remote.py        papers that are not stored, asked of the sources
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot import embeddings
from bot.embeddings import Embedder
from bot.model import Order, Paper
from bot.model.paper_id import paper_id
from bot.query.ast import Query
from bot.query.lexer import tidy
from bot.query.parser import like_ids, parse, parse_literal, positive_terms
from bot.query.semantic import Spread
from bot.search.executor import Executor, Hit, SearchRequest
from bot.search.index import index_entry
from bot.search.plan import Plan, plan
from bot.search.remote import RemoteResults, RemoteSearch
from bot.search.segments import merge_tail
from bot.search.similar import Neighbour, SimilarPapers, alike, neighbours, read_page
from bot.search.snapshot import SnapshotCache
from bot.search.spelling import Correction, corrected
from bot.store import Store
from bot.store.protocols import IndexView

__all__ = [
    "Correction",
    "Hit",
    "Neighbour",
    "Order",
    "RemoteResults",
    "RemoteSearch",
    "Search",
    "SearchResults",
    "index_entry",
    "merge_tail",
]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of hits, and what there is to say about them."""

    query: str
    """As Paperboy read it."""
    hits: tuple[Hit, ...]
    more: bool = False
    stems: frozenset[str] = frozenset()
    """What was looked for, for highlighting."""
    paper_id: str | None = None
    """Set when an id or a link was asked for; without a hit nobody told us that paper yet."""
    only_common: bool = False
    """Every word is too common to be looked for."""
    corrections: tuple[Correction, ...] = ()
    """Words that no paper has, and what was looked for instead."""


class Search:
    """Questions about papers in words. Shared by everybody who asks; what it holds in memory follows the database."""

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        """Without an `embedder` the default one, loaded when first needed."""
        self._store = store
        self._embedder = embedder
        self._snapshots: SnapshotCache | None = None

    async def search(  # noqa: PLR0913 - a search is these facts
        self,
        text: str,
        *,
        limit: int,
        now: datetime,
        offset: int = 0,
        order: Order = "best",
        standing: Mapping[str, float] | None = None,
        literal: bool = False,
    ) -> SearchResults:
        """A page of what matches. Raises QueryError. `trending` looks at 14 days, by `standing` (of paper ids).

        `literal`: the text is words, whatever it looks like; else the query language, an id or a link.
        """
        text = tidy(text)
        if not literal and (found := paper_id(text)):
            paper = await self._store.papers.find(found)
            return SearchResults(text, (Hit(paper, 1.0),) if paper else (), paper_id=found)
        query = parse_literal(text) if literal else parse(text)
        asked = SearchRequest(now, order, standing or {}, offset + limit + 1)
        return await self._store.segments.read(self._page, query, asked, slice(offset, offset + limit))

    async def similar(self, paper: Paper, *, limit: int, offset: int = 0) -> tuple[list[Neighbour], bool]:
        """A page of papers like this one, best first, and whether there are more."""
        return await self._store.segments.read(self._near, paper, slice(offset, offset + limit))

    async def nearness(self, texts: Sequence[str], ids: Sequence[str]) -> list[tuple[Spread, NDArray[np.float32]]]:
        """For each text how near all stored papers that have a vector are, by and large, and these `ids`, by cosine.

        Of ids without a vector it is nan.
        """
        return await self._store.segments.read(self._nearness, texts, ids)

    async def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of these papers, (ids, dimensions), of length 1; all zero where there is none."""
        return await self._store.segments.read(lambda view: self._cache.current(view).vectors.of(_numbers(view, ids)))

    @property
    def _cache(self) -> SnapshotCache:
        if self._snapshots is None:
            self._snapshots = SnapshotCache(self._embedder or embeddings.load(embeddings.DEFAULT))
        return self._snapshots

    def _page(self, view: IndexView, query: Query, asked: SearchRequest, page: slice) -> SearchResults:
        held = self._cache.current(view)
        plans = [plan(terms, asked.now) for terms in query.alternatives]
        words = corrected(plans, held, lambda: self._cache.vocabulary(view))
        plans = [replace(each, groups=tuple(words.get(group, group) for group in each.groups)) for each in plans]
        finder = Executor(view, held, self._cache.embedder, self._likes(view, query))
        hits = finder.find(plans, asked)
        shown = tuple(hits[page])
        corrections = tuple(Correction.of(old, new, [hit.paper for hit in shown]) for old, new in words.items())
        return SearchResults(
            query=str(query),
            hits=shown,
            more=len(hits) > page.stop,
            stems=frozenset(positive_terms(query)) | {stem for group in words.values() for stem in group.stems},
            only_common=not hits and all(map(_asks_nothing, plans)),
            corrections=corrections,
        )

    def _near(self, view: IndexView, paper: Paper, page: slice) -> tuple[list[Neighbour], bool]:
        near = self._neighbours(view, paper)
        return read_page(view, near, page), len(near.order) > page.stop

    def _neighbours(self, view: IndexView, paper: Paper) -> SimilarPapers:
        return neighbours(view, self._cache.current(view), self._cache.embedder, paper)

    def _likes(self, view: IndexView, query: Query) -> dict[str, dict[str, float]]:
        """For each paper that `like:` names, its own id and its neighbours', and how near they are."""
        found: dict[str, dict[str, float]] = {}
        for wanted in like_ids(query):
            paper = view.papers((wanted,)).get(wanted)
            near = alike(self._neighbours(view, paper)) if paper else {}
            found[wanted] = {wanted: 1.0} | near
        return found

    def _nearness(
        self, view: IndexView, texts: Sequence[str], ids: Sequence[str]
    ) -> list[tuple[Spread, NDArray[np.float32]]]:
        held = self._cache.current(view)
        numbers = np.array(_numbers(view, ids), dtype=np.int64)
        asked = self._cache.embedder.embed(texts)
        near = np.asarray(asked @ held.vectors.of(numbers).T, dtype=np.float32)
        near[:, ~held.vectors.has(numbers)] = np.nan
        return [(held.vectors.moments.spread(vector), row) for vector, row in zip(asked, near, strict=True)]


def _numbers(view: IndexView, ids: Sequence[str]) -> list[int]:
    """The row numbers of these papers, -1 for those that are not stored."""
    numbers = view.numbers_of(ids)
    return [numbers.get(paper_id, -1) for paper_id in ids]


def _asks_nothing(each: Plan) -> bool:
    return each.asks_nothing
