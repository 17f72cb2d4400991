"""Search over all papers: lexical, on SQLite's FTS5, with the query language of topics.

query ─► candidates (FTS5, best 300 by bm25) ─► matching confirms what words alone cannot ─► hits
too few hits ─► the same with any of the rarest words, marked as partial

index.py        what the index holds of a paper
candidates.py   an alternative of a query as an FTS5 expression and conditions
similar.py      papers like a given one
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Literal

from bot.arxiv_id import paper_id
from bot.matching import Document, Documents
from bot.query import liked, parse, positive_terms
from bot.search.candidates import Plan, plan
from bot.search.index import Frequencies, index_entry, quoted
from bot.search.similar import Neighbour, neighbours
from bot.store.rows import id_list, to_paper
from bot.terms import Query
from bot.typed import tidy

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.model import Paper
    from bot.store import Store

__all__ = ["Hit", "Neighbour", "Order", "Results", "Search", "index_entry"]

Order = Literal["best", "newest", "trending"]

CANDIDATES = 300
"""Rows of the index that are looked at more closely."""
SCANNED = 20_000
"""Newest papers looked through for a query without words."""
AT_ONCE = 100
RAREST = 6
"""Words of the second look: the OR of all of them costs 165 ms at 100,000 papers, of six 20-33 ms."""
TRENDING_DAYS = timedelta(days=14)
LIKE = 0.15
"""Cosine from which `like:` takes a paper; over the whole store, where stems tell more than in a day's papers."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper found; `partial` if it has only some of the words."""

    paper: Paper
    score: float
    partial: bool = False


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


class Search:
    """Questions about papers in words."""

    def __init__(self, store: Store) -> None:
        self._db = store.connection
        self._frequencies = Frequencies()

    async def search(  # noqa: PLR0913 - a search is these facts
        self,
        text: str,
        *,
        limit: int,
        now: datetime,
        offset: int = 0,
        order: Order = "best",
        standing: Mapping[str, float] | None = None,
    ) -> Results:
        """A page of what matches. Raises QueryError. `trending` looks at 14 days, by `standing` (of paper ids)."""
        text = tidy(text)
        if found := paper_id(text):
            return await self._db.read(_by_id, found, text)
        query = parse(text)
        asked = _Asked(query, now, order, standing or {}, offset + limit + 1)
        hits = await self._db.read(self._find, asked)
        return Results(
            query=str(query),
            hits=tuple(hits[offset : offset + limit]),
            more=len(hits) > offset + limit,
            stems=frozenset(positive_terms(query)),
            only_common=not hits and all(_nothing_asked(plan(terms, now)) for terms in query.alternatives),
        )

    async def similar(self, paper: Paper, *, limit: int, offset: int = 0) -> tuple[list[Neighbour], bool]:
        """A page of papers like this one, best first, and whether there are more."""
        found = await self._db.read(neighbours, self._frequencies, paper)
        return found[offset : offset + limit], len(found) > offset + limit

    def _find(self, db: Database, asked: _Asked) -> list[Hit]:
        plans = [plan(terms, asked.now) for terms in asked.query.alternatives]
        likes = self._likes(db, asked.query)
        hits = _merged(self._alternative(db, each, asked, likes) for each in plans)
        if len(hits) >= asked.enough:
            return _ordered(hits, asked)
        known = {hit.paper.id for hit in hits}
        second = _merged(self._some_words(db, each, asked, likes) for each in plans if len(each.groups) > 1)
        return _ordered(hits, asked) + [hit for hit in second if hit.paper.id not in known]

    def _likes(self, db: Database, query: Query) -> dict[str, dict[str, float]]:
        """For each paper that `like:` names, its own id and its neighbours', and how near they are."""
        found: dict[str, dict[str, float]] = {}
        for wanted in liked(query):
            rows = list(db.query("SELECT * FROM papers WHERE id = ?", (wanted,)))
            near = neighbours(db, self._frequencies, to_paper(rows[0])) if rows else []
            found[wanted] = {wanted: 1.0} | {n.paper.id: n.cosine for n in near if n.cosine >= LIKE}
        return found

    @staticmethod
    def _alternative(db: Database, each: Plan, asked: _Asked, likes: Mapping[str, Mapping[str, float]]) -> list[Hit]:
        """What has all that one alternative asks for."""
        if each.like is not None:
            near = likes[each.like]
            rows = db.query("SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(?))", (id_list(near),))
            hits = [Hit(to_paper(row), near[row["id"]]) for row in rows]
        elif match := each.match():
            hits = _matching(db, each, match, asked, partial=False)
        elif _nothing_asked(each):
            return []
        else:
            return list(islice(_confirmed(db, _newest(db, each, asked), each, asked, likes), asked.wanted))
        return list(islice(_confirmed(db, hits, each, asked, likes), asked.wanted))

    def _some_words(
        self, db: Database, each: Plan, asked: _Asked, likes: Mapping[str, Mapping[str, float]]
    ) -> list[Hit]:
        """What has some of its words, the rarest first to be looked for."""
        rarest = self._frequencies.rarest(db, each.stems, RAREST)
        if each.like is not None or not rarest:
            return []
        hits = _matching(db, each, each.match([quoted(stem) for stem in rarest]), asked, partial=True)
        return list(islice(_confirmed(db, hits, each, asked, likes), asked.enough))


@dataclass(frozen=True, slots=True)
class _Asked:
    query: Query
    now: datetime
    order: Order
    standing: Mapping[str, float]
    enough: int

    @property
    def wanted(self) -> int:
        """Hits of one alternative worth confirming: all, where another order than the index's comes after."""
        return CANDIDATES if self.order == "trending" else self.enough


def _by_id(db: Database, found: str, text: str) -> Results:
    rows = db.query("SELECT * FROM papers WHERE id = ?1 OR doi = ?1 ORDER BY id = ?1 DESC LIMIT 1", (found,))
    return Results(text, tuple(Hit(to_paper(row), 1.0) for row in rows), paper_id=found)


def _nothing_asked(each: Plan) -> bool:
    """Only stop words."""
    return not (each.groups or each.authors or each.where or each.like or each.exact)


def _conditions(each: Plan, asked: _Asked) -> tuple[str, tuple[object, ...]]:
    where, parameters = [*each.where], [*each.parameters]
    if asked.order == "trending":
        where.append("papers.age_at >= ?")
        parameters.append((asked.now - TRENDING_DAYS).timestamp())
    return "".join(f" AND {condition}" for condition in where), tuple(parameters)


def _matching(db: Database, each: Plan, match: str, asked: _Asked, *, partial: bool) -> list[Hit]:
    conditions, parameters = _conditions(each, asked)
    order = "papers.age_at DESC" if asked.order == "newest" and not partial else "score"
    rows = db.query(
        "SELECT papers.*, bm25(papers_index, 5.0, 1.0, 2.0) AS score"  # noqa: S608 - the conditions are ours, values bound
        " FROM papers_index JOIN papers ON papers.n = papers_index.rowid"
        f" WHERE papers_index MATCH ?{conditions} ORDER BY {order}, papers.n DESC LIMIT ?",
        (match, *parameters, CANDIDATES),
    )
    return [Hit(to_paper(row), -row["score"], partial) for row in rows]


def _newest(db: Database, each: Plan, asked: _Asked) -> Iterator[Hit]:
    conditions, parameters = _conditions(each, asked)
    rows = db.query(
        f"SELECT * FROM papers WHERE 1 = 1{conditions} ORDER BY age_at DESC LIMIT ?",  # noqa: S608 - as above
        (*parameters, SCANNED),
    )
    return (Hit(to_paper(row), 0.0) for row in rows)


def _confirmed(
    db: Database, hits: Iterable[Hit], each: Plan, asked: _Asked, likes: Mapping[str, Mapping[str, float]]
) -> Iterator[Hit]:
    """The hits that match exactly, looked at a hundred at a time so that a page costs no more than it shows."""
    if each.exact is None:
        yield from hits
        return
    waiting = iter(hits)
    while batch := list(islice(waiting, AT_ONCE)):
        upvotes = _upvotes(db, [hit.paper.id for hit in batch])
        papers = [h.paper if each.reads_text else replace(h.paper, title="", abstract="") for h in batch]
        documents = Documents(
            [Document(paper, upvotes.get(paper.id)) for paper in papers],
            asked.now,
            neighbours=lambda near: likes.get(near, {}).keys(),
        )
        yield from (batch[i] for i in documents.positions(each.exact))


def _upvotes(db: Database, ids: list[str]) -> dict[str, float]:
    rows = db.execute(
        "SELECT paper_id, max(value) FROM series WHERE kind = 'upvotes'"
        " AND paper_id IN (SELECT value FROM json_each(?)) GROUP BY paper_id",
        (id_list(ids),),
    )
    return {row[0]: row[1] for row in rows}


def _merged(found: Iterable[list[Hit]]) -> list[Hit]:
    """The hits of several alternatives, each paper once with its best score, best first."""
    best: dict[str, Hit] = {}
    for hits in found:
        for hit in hits:
            if hit.paper.id not in best or hit.score > best[hit.paper.id].score:
                best[hit.paper.id] = hit
    return sorted(best.values(), key=lambda hit: -hit.score)


def _ordered(hits: list[Hit], asked: _Asked) -> list[Hit]:
    if asked.order == "newest":
        return sorted(hits, key=_age, reverse=True)
    if asked.order == "trending":
        return sorted(hits, key=lambda hit: (-asked.standing.get(hit.paper.id, -1e9), -_age(hit)))
    return hits


def _age(hit: Hit) -> float:
    return hit.paper.age_at.timestamp() if hit.paper.age_at else 0.0
