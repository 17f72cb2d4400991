"""The search index in SQLite: tail, segments, vectors, and the queries of a search on one state of the database.

Everything follows from the table of papers: `clear` deletes the index, and describing the papers makes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Concatenate, ParamSpec, TypeVar

from bot.model import Paper
from bot.model.segment import PaperFilter, PostingsEntry, SegmentMerge, StoredSegment, UnembeddedPaper, VectorBatch
from bot.store.protocols import IndexView
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.rows import id_list, papers_by_id, to_paper
from bot.store.sql.transaction import Transaction, query

P = ParamSpec("P")
T = TypeVar("T")

_NO_LIMIT = 2**62
_VECTORS_AT_ONCE = 2_000
_COLUMNS = ", ".join(StoredSegment._fields)
_COLUMN_CONDITIONS = {
    "has_code": "papers.code_url IS NOT NULL",
    "has_project": "papers.project_url IS NOT NULL",
}
"""Condition in SQL of each flag of a `PaperFilter`."""
_UPVOTED = "EXISTS (SELECT 1 FROM series WHERE paper_id = papers.id AND kind = 'upvotes' AND value >= ?)"
"""Quick for some papers."""
_UPVOTED_ANYWHERE = "papers.id IN (SELECT paper_id FROM series WHERE kind = 'upvotes' AND value >= ?)"
"""Quick for all papers."""
_SCANNED = "id, age_at, categories, organization_words, venue_words, code_url, project_url"
"""Columns of the index `papers_by_condition`, so that conditions read no text."""


class SqlIndexView:
    """`IndexView` over a read transaction."""

    def __init__(self, db: Transaction) -> None:
        self._db = db

    def revision(self) -> int:
        return _revision(self._db)

    def tail(self) -> dict[int, PostingsEntry]:
        rows = self._db.execute("SELECT n, title, abstract, authors FROM index_tail ORDER BY n")
        return {row[0]: PostingsEntry(*row[1:]) for row in rows}

    def segment_sizes(self) -> dict[int, int]:
        return dict(self._db.execute("SELECT id, size FROM index_packs ORDER BY id").fetchall())

    def segment(self, segment_id: int) -> StoredSegment:
        sql = f"SELECT {_COLUMNS} FROM index_packs WHERE id = ?"
        return StoredSegment(*next(iter(self._db.stream(sql, (segment_id,)))))

    def vocabulary(self, segment_ids: Iterable[int]) -> set[str]:
        sql = "SELECT vocabulary FROM index_packs WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"
        return {stem for row in self._db.execute(sql, (id_list(segment_ids),)) for stem in row[0].split("\n")}

    def stem_orders(self, numbers: Sequence[int]) -> dict[int, bytes]:
        sql = "SELECT n, stems FROM index_orders WHERE n IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"
        return dict(self._db.execute(sql, (id_list(numbers),)).fetchall())

    def vector_count(self, model: str, dimensions: int, since: int) -> int:
        sql = "SELECT count(*) FROM embeddings WHERE model = ? AND revision > ? AND length(vector) = ?"
        return int(self._db.execute(sql, (model, since, dimensions)).fetchone()[0])

    def vectors(self, model: str, dimensions: int, since: int) -> Iterator[VectorBatch]:
        # Never all of them as objects: at 100,000 papers that took as much memory again.
        sql = (
            "SELECT n, vector FROM embeddings WHERE model = ? AND revision > ? AND length(vector) = ?"
            " ORDER BY revision, n"
        )
        stored = iter(self._db.stream(sql, (model, since, dimensions)))
        while rows := list(islice(stored, _VECTORS_AT_ONCE)):
            yield VectorBatch(tuple(row[0] for row in rows), b"".join(row[1] for row in rows))

    def numbers(self, condition: PaperFilter, *, skip: int = 0, among: int | None = None) -> Iterator[int]:
        where, parameters = _where(condition, _UPVOTED_ANYWHERE)
        rows = self._db.execute(
            f"SELECT n FROM (SELECT n, {_SCANNED} FROM papers ORDER BY age_at DESC, id DESC LIMIT ? OFFSET ?) AS papers"
            f" WHERE {where}",
            (_NO_LIMIT if among is None else among, skip, *parameters),
        )
        return (row[0] for row in rows)

    def papers_by_number(self, numbers: Sequence[int], condition: PaperFilter) -> dict[int, Paper]:
        where, parameters = _where(condition, _UPVOTED)
        sql = f"SELECT * FROM papers WHERE n IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND {where}"
        return {row["n"]: to_paper(row) for row in query(self._db, sql, (id_list(numbers), *parameters))}

    def papers(self, ids: Iterable[str]) -> dict[str, Paper]:
        return papers_by_id(self._db, ids)

    def ids(self, numbers: Iterable[int]) -> dict[int, str]:
        sql = "SELECT n, id FROM papers WHERE n IN (SELECT CAST(value AS BIGINT) FROM json_each(?))"
        return dict(self._db.execute(sql, (id_list(numbers),)).fetchall())

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        sql = "SELECT id, n FROM papers WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(sql, (id_list(ids),)).fetchall())

    def upvotes(self, ids: Iterable[str]) -> dict[str, float]:
        rows = self._db.execute(
            "SELECT paper_id, max(value) FROM series WHERE kind = 'upvotes'"
            " AND paper_id IN (SELECT value FROM json_each(?)) GROUP BY paper_id",
            (id_list(ids),),
        )
        return dict(rows.fetchall())


class SqlSegments(Part):
    """`protocols.Segments` in SQL."""

    async def read(self, search: Callable[Concatenate[IndexView, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.connection.read(lambda db: search(SqlIndexView(db), *args, **kwargs))

    @writes
    def replace(self, db: Transaction, merge: SegmentMerge) -> bool:
        if _revision(db) != merge.revision:
            return False
        db.execute(
            f"INSERT INTO index_packs (size, vocabulary, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (merge.size, "\n".join(sorted(merge.vocabulary)), *merge.segment),
        )
        for segment_id in merge.replaced:
            db.execute("DELETE FROM index_packs WHERE id = ?", (segment_id,))
        db.execute("DELETE FROM index_tail")
        db.execute("UPDATE index_revision SET value = value + 1")
        return True

    @writes
    def clear(self, db: Transaction) -> int:
        for table in ("index_tail", "index_packs", "index_orders", "embeddings"):
            db.execute(f"DELETE FROM {table}")
        db.execute("UPDATE index_revision SET value = value + 1")
        return db.execute("UPDATE papers SET described = 0").rowcount

    @reads
    def unembedded(self, db: Transaction, model: str, limit: int, *, below: int | None = None) -> list[UnembeddedPaper]:
        rows = db.execute(
            "SELECT papers.n, title, abstract FROM papers LEFT JOIN embeddings ON embeddings.n = papers.n AND model = ?"
            " WHERE embeddings.n IS NULL AND papers.n < ? AND described > 0 ORDER BY papers.n DESC LIMIT ?",
            (model, _NO_LIMIT if below is None else below, limit),
        )
        return [UnembeddedPaper(*row) for row in rows]

    @writes
    def keep_vectors(
        self, db: Transaction, model: str, papers: Sequence[UnembeddedPaper], vectors: Sequence[bytes]
    ) -> None:
        revision = _revision(db) + 1
        db.executemany(
            "INSERT INTO embeddings (n, model, revision, vector)"
            " SELECT n, ?4, ?5, ?6 FROM papers WHERE n = ?1 AND title = ?2 AND abstract = ?3"
            " ON CONFLICT (n) DO UPDATE"
            " SET model = excluded.model, revision = excluded.revision, vector = excluded.vector",
            [(*paper, model, revision, vector) for paper, vector in zip(papers, vectors, strict=True)],
        )
        db.execute("UPDATE index_revision SET value = ?", (revision,))


def _where(condition: PaperFilter, upvoted: str) -> tuple[str, tuple[object, ...]]:
    """Condition in SQL, and its parameters."""
    clauses = ["1 = 1", *(sql for field, sql in _COLUMN_CONDITIONS.items() if getattr(condition, field))]
    parameters: list[object] = []
    if condition.since is not None:
        clauses.append("papers.age_at >= ?")
        parameters.append(condition.since.timestamp())
    for column, words in (("organization_words", condition.organization), ("venue_words", condition.venue)):
        clauses += [f"papers.{column} LIKE ?"] * len(words)
        parameters += [f"%{word}%" for word in words]
    for category in condition.categories:
        clauses.append("lower(papers.categories) LIKE ?")
        parameters.append(f'%"{category.lower()}%')
    if condition.upvotes is not None:
        clauses.append(upvoted)
        parameters.append(condition.upvotes)
    return " AND ".join(clauses), tuple(parameters)


def _revision(db: Transaction) -> int:
    return int(db.execute("SELECT value FROM index_revision").fetchone()[0])
