"""Search over all papers by words and by meaning, with the query language of topics.

query ─► plan ─► fused candidates (postings + vectors) ─► conditions, confirmed by the matcher of topics ─► hits

plan.py          an alternative of a query as groups of stems and conditions
executor.py      the hits of all alternatives
fusion.py        candidates by words and by meaning, fused
segment.py       postings of a block of papers     postings.py      many segments as one corpus
stem_postings.py a stem's postings in that corpus
vectors.py       the vector index, mapped          vector_segment.py  a part of it, as stored
segments.py      the index as stored               snapshot.py      both as of one revision, refreshed from the store
segment_file.py  the format of its bytes           cache.py         the files they are mapped from
bulk_segment.py  thousands of papers at once
field_terms.py   terms of fields in the same index vocabulary.py    stems for spelling correction
cost.py          what a search may cost, charged before it is spent
proximity.py     words that stand close together   cosine_stats.py  mean and deviation of all papers' cosines
spelling.py      corrections of words that no paper has
similar.py       papers like a given one
remote.py        papers that are not stored, from the sources' own search
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder
from bot.errors import QueryError
from bot.model import Order, Paper
from bot.query.alternatives import left_out
from bot.query.ast import Query
from bot.query.lexer import tidy
from bot.query.parser import like_ids, named_paper, parse, parse_literal, positive_terms
from bot.query.semantic import Closeness
from bot.search.cache import SegmentCache
from bot.search.cost import ROW, Meter
from bot.search.executor import Executor, Hit, SearchRequest
from bot.search.plan import make_plan
from bot.search.remote import RemoteResults, RemoteSearch
from bot.search.segments import index_entry, merge_tail
from bot.search.similar import Neighbour, alike, neighbours, read_page
from bot.search.snapshot import SnapshotCache
from bot.search.spelling import Correction, corrections
from bot.store import IndexView, Store

__all__ = ["Correction", "RemoteResults", "RemoteSearch", "Search", "SearchResults", "index_entry", "merge_tail"]

SPELLINGS = 20
"""Papers in which the spelling of a corrected word is looked up."""


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of hits, and remarks on the query."""

    query: str
    """The query in its normal form."""
    hits: tuple[Hit, ...]
    more: bool = False
    """Whether there are hits after this page."""
    stems: frozenset[str] = frozenset()
    """Stems to highlight."""
    paper_id: str | None = None
    """Set if the query is an id or a link; without hits, that paper is not stored."""
    only_common: bool = False
    """Whether every word is too common to search for."""
    corrections: tuple[Correction, ...] = ()
    """Words that no paper has, and the words that were searched instead."""


class Search:
    """Search over the stored papers, shared by all users; the index in memory follows the database."""

    def __init__(self, store: Store, embedder: Embedder | None = None, files: SegmentCache | None = None) -> None:
        """Without an `embedder` the default one, loaded by the first search; without `files` all is held in memory."""
        self._store = store
        self._cache = SnapshotCache(embedder, files)

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
        among: Collection[str] | None = None,
    ) -> SearchResults:
        """A page of hits, with `among` of these ids alone. Raises QueryError.

        The order `trending` is by `standing` (of paper ids) among the papers of 14 days. A `literal` text is words;
        any other is the query language, an id or a link.
        """
        text = tidy(text)
        if not literal and (id_in_text := named_paper(text)):
            paper = await self._store.papers.find(id_in_text)
            if paper is not None and among is not None and paper.id not in among:
                paper = None
            return SearchResults(text, (Hit(paper, 1.0),) if paper else (), paper_id=id_in_text)
        if not literal and (others := left_out(text)):
            problem = f"“{text.split()[0]}” leaves nothing out; write - before a word, after what you look for"
            raise QueryError(problem, text, 0, f'diffusion -"{others}"' if " " in others else f"diffusion -{others}")
        query = parse_literal(text) if literal else parse(text)
        request = SearchRequest(now, order, standing or {}, offset + limit + 1, Meter(text), among)
        return await self._store.segments.read(self._page, query, request, slice(offset, offset + limit))

    def _page(self, view: IndexView, query: Query, request: SearchRequest, page: slice) -> SearchResults:
        snapshot = self._cache.current(view)
        plans = [make_plan(terms, request.now) for terms in query.alternatives]
        snapshot.postings.look_up({stem for plan in plans for group in plan.groups for stem in group.indexed})
        corrected = corrections(plans, snapshot.postings, request.meter)
        plans = [replace(plan, groups=tuple(corrected.get(group, group) for group in plan.groups)) for plan in plans]
        executor = Executor(view, snapshot, self._cache.embedder, self._likes(view, query, request.meter), request)
        all_hits = executor.find(plans)
        hits = tuple(all_hits[page])
        return SearchResults(
            query=str(query),
            hits=hits,
            more=len(all_hits) > page.stop,
            stems=frozenset(positive_terms(query)) | {stem for group in corrected.values() for stem in group.stems},
            only_common=not all_hits and all(plan.asks_nothing for plan in plans),
            corrections=tuple(Correction.of(old, new, [hit.paper for hit in hits]) for old, new in corrected.items()),
        )

    async def catch_up(self) -> None:
        """Load what changed since the last search, so that the next one need not; nothing before the first."""
        if self._cache.is_loaded:
            await self._store.segments.read(self._cache.refresh)

    async def corrections(self, text: str, now: datetime) -> tuple[Correction, ...]:
        """The words of a query that no stored paper has, and those that papers spell so. Raises QueryError."""

        def read(view: IndexView) -> tuple[Correction, ...]:
            query, meter = parse(text), Meter(text)
            snapshot = self._cache.current(view)
            plans = [make_plan(terms, now) for terms in query.alternatives]
            if not corrections(plans, snapshot.postings, meter):
                return ()
            request = SearchRequest(now, "best", {}, SPELLINGS, Meter(text))
            return self._page(view, query, request, slice(0, SPELLINGS)).corrections

        return await self._store.segments.read(read)

    def _likes(self, view: IndexView, query: Query, meter: Meter) -> dict[str, dict[int, float]]:
        """Numbers of each paper that `like:` names, closeness 1, and of its neighbours, by id."""
        if not (ids := like_ids(query)):
            return {}
        meter.charge(ROW * len(ids))
        papers, numbers = view.papers(ids), view.numbers_of(ids)
        near = {each: alike(neighbours(view, self._cache, paper, meter)) for each, paper in papers.items()}
        return {each: {numbers[each]: 1.0} | near[each] if each in near else {} for each in ids}

    async def similar(self, paper: Paper, *, limit: int, offset: int = 0) -> tuple[list[Neighbour], bool]:
        """A page of papers like this one, best first, and whether there are more."""

        def read(view: IndexView) -> tuple[list[Neighbour], bool]:
            near = neighbours(view, self._cache, paper)
            return read_page(view, self._cache.current(view).postings, near, slice(offset, offset + limit))

        return await self._store.segments.read(read)

    async def nearness(self, texts: Sequence[str], ids: Sequence[str]) -> list[Closeness]:
        """How close the papers with these `ids` are to each text, beside all stored papers."""

        def read(view: IndexView) -> list[Closeness]:
            vectors = self._cache.current(view).vectors
            numbers = np.array(_numbers(view, ids), dtype=np.int64)
            papers = vectors.of(numbers)
            return [vectors.moments.closeness(papers, text) for text in self._cache.embedder.embed(texts)]

        return await self._store.segments.read(read)

    async def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of papers, (ids, dimensions), of length 1; zero for a paper without one."""
        return await self._store.segments.read(lambda view: self._cache.current(view).vectors.of(_numbers(view, ids)))


def _numbers(view: IndexView, ids: Sequence[str]) -> list[int]:
    """Row numbers of papers, -1 for those that are not stored."""
    numbers = view.numbers_of(ids)
    return [numbers.get(paper_id, -1) for paper_id in ids]
