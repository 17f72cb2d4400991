"""Search over all papers by words and by meaning, with the query language of topics.

query ─► plan ─► ranked (postings + vectors, fused) ─► conditions, then matching, confirm what words cannot ─► hits

postings.py     the lexical half, in memory        packing.py    both halves in the database
vectors.py      the half by meaning, in memory     holdings.py   … kept in step with it
ranked.py       the best of both, fused            nearness.py   which words stand side by side
moments.py      how near all papers are to a text
typos.py        what a word that nobody wrote was meant to be
candidates.py   an alternative of a query as groups of stems and conditions
finding.py      an alternative as hits             similar.py    papers like a given one
elsewhere.py    papers that are not stored, asked of the sources
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from bot import embeddings
from bot.model import Order
from bot.model.paper_id import paper_id
from bot.query.ast import Query
from bot.query.lexer import tidy
from bot.query.parser import liked, parse, plain, positive_terms
from bot.search.executor import Asked, Finder, Hit
from bot.search.index import IndexEntry, index_entry
from bot.search.plan import Plan, plan
from bot.search.remote import Beyond, Elsewhere
from bot.search.segments import forget_index, pack
from bot.search.similar import Near, Neighbour, like, neighbours, read
from bot.search.snapshot import Holdings
from bot.search.spelling import Correction, corrected
from bot.store.rows import id_list, to_paper

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlite_utils import Database

    from bot.embeddings import Embedder
    from bot.model import Paper
    from bot.query.semantic import Spread
    from bot.store import Store

__all__ = [
    "Beyond",
    "Correction",
    "Elsewhere",
    "Hit",
    "IndexEntry",
    "Neighbour",
    "Order",
    "Results",
    "Search",
    "forget_index",
    "index_entry",
    "pack",
]


@dataclass(frozen=True, slots=True)
class Results:
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
        self._db = store.connection
        self._embedder = embedder
        self._held: Holdings | None = None

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
    ) -> Results:
        """A page of what matches. Raises QueryError. `trending` looks at 14 days, by `standing` (of paper ids).

        `literal`: the text is words, whatever it looks like; else the query language, an id or a link.
        """
        text = tidy(text)
        if not literal and (found := paper_id(text)):
            return await self._db.read(_by_id, found, text)
        query = plain(text) if literal else parse(text)
        asked = Asked(now, order, standing or {}, offset + limit + 1)
        return await self._db.read(self._page, query, asked, slice(offset, offset + limit))

    async def similar(self, paper: Paper, *, limit: int, offset: int = 0) -> tuple[list[Neighbour], bool]:
        """A page of papers like this one, best first, and whether there are more."""
        return await self._db.read(self._near, paper, slice(offset, offset + limit))

    async def nearness(self, texts: Sequence[str], ids: Sequence[str]) -> list[tuple[Spread, NDArray[np.float32]]]:
        """For each text how near all stored papers that have a vector are, by and large, and these `ids`, by cosine.

        Of ids without a vector it is nan.
        """
        return await self._db.read(self._nearness, texts, ids)

    async def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of these papers, (ids, dimensions), of length 1; all zero where there is none."""
        return await self._db.read(lambda db: self._holdings.of(db).vectors.of(_numbers(db, ids)))

    @property
    def _holdings(self) -> Holdings:
        if self._held is None:
            self._held = Holdings(self._embedder or embeddings.load(embeddings.DEFAULT))
        return self._held

    def _page(self, db: Database, query: Query, asked: Asked, page: slice) -> Results:
        held = self._holdings.of(db)
        plans = [plan(terms, asked.now) for terms in query.alternatives]
        words = corrected(plans, held, lambda: self._holdings.words(db))
        plans = [replace(each, groups=tuple(words.get(group, group) for group in each.groups)) for each in plans]
        finder = Finder(db, held, self._holdings.embedder, self._likes(db, query))
        hits = finder.find(plans, asked)
        shown = tuple(hits[page])
        corrections = tuple(Correction.of(old, new, [hit.paper for hit in shown]) for old, new in words.items())
        return Results(
            query=str(query),
            hits=shown,
            more=len(hits) > page.stop,
            stems=frozenset(positive_terms(query)) | {stem for group in words.values() for stem in group.stems},
            only_common=not hits and all(map(_asks_nothing, plans)),
            corrections=corrections,
        )

    def _near(self, db: Database, paper: Paper, page: slice) -> tuple[list[Neighbour], bool]:
        near = self._neighbours(db, paper)
        return read(db, near, page), len(near.order) > page.stop

    def _neighbours(self, db: Database, paper: Paper) -> Near:
        return neighbours(db, self._holdings.of(db), self._holdings.embedder, paper)

    def _likes(self, db: Database, query: Query) -> dict[str, dict[str, float]]:
        """For each paper that `like:` names, its own id and its neighbours', and how near they are."""
        found: dict[str, dict[str, float]] = {}
        for wanted in liked(query):
            rows = list(db.query("SELECT * FROM papers WHERE id = ?", (wanted,)))
            near = like(self._neighbours(db, to_paper(rows[0]))) if rows else {}
            found[wanted] = {wanted: 1.0} | near
        return found

    def _nearness(
        self, db: Database, texts: Sequence[str], ids: Sequence[str]
    ) -> list[tuple[Spread, NDArray[np.float32]]]:
        held = self._holdings.of(db)
        numbers = np.array(_numbers(db, ids), dtype=np.int64)
        asked = self._holdings.embedder.embed(texts)
        near = np.asarray(asked @ held.vectors.of(numbers).T, dtype=np.float32)
        near[:, ~held.vectors.has(numbers)] = np.nan
        return [(held.vectors.moments.spread(vector), row) for vector, row in zip(asked, near, strict=True)]


def _numbers(db: Database, ids: Sequence[str]) -> list[int]:
    """The row numbers of these papers, -1 for those that are not stored."""
    sql = "SELECT id, n FROM papers WHERE id IN (SELECT value FROM json_each(?))"
    known = dict(db.execute(sql, (id_list(ids),)).fetchall())
    return [known.get(paper_id, -1) for paper_id in ids]


def _by_id(db: Database, found: str, text: str) -> Results:
    rows = db.query("SELECT * FROM papers WHERE id = ?1 OR doi = ?1 ORDER BY id = ?1 DESC LIMIT 1", (found,))
    return Results(text, tuple(Hit(to_paper(row), 1.0) for row in rows), paper_id=found)


def _asks_nothing(each: Plan) -> bool:
    return each.asks_nothing
