"""The queries of a search, on one state of the database.

They are synchronous: a search makes several and computes between them, so all of it runs on a reader thread instead of
returning to the event loop after each query.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count, islice

from bot.model import Paper
from bot.model.segment import PostingsEntry, SegmentInfo, SegmentKind, VectorBatch
from bot.store.sql.rows import AMONG, id_list, papers_by_id, papers_by_number
from bot.store.sql.transaction import Transaction

IS_WHOLE = "position > 0"
"""Condition on `index_segments`: all parts are there, and it counts."""
_VECTORS_AT_ONCE = 2_000


class IndexView:
    """One state of the papers and their index. Valid on the thread and during the call it was passed to."""

    def __init__(self, db: Transaction) -> None:
        self._db = db

    def revision(self) -> int:
        """Number that grows with every change of the index."""
        return int(self._db.execute("SELECT value FROM index_revision").fetchone()[0])

    def segments(self, kind: SegmentKind, model: str = "") -> list[SegmentInfo]:
        """Segments of a kind and model, oldest first: of a paper in several, the last counts."""
        rows = self._db.execute(
            "SELECT id, kind, model, papers, checksum FROM index_segments"
            f" WHERE kind = ? AND model = ? AND {IS_WHOLE} ORDER BY position",
            (kind, model),
        )
        return [SegmentInfo(*row) for row in rows]

    def segment(self, segment_id: int) -> Iterator[bytes]:
        """The bytes of a segment, in parts."""
        sql = "SELECT data FROM index_parts WHERE segment_id = ? AND part = ?"
        for number in count():  # a query each: of an answer with several the server would send hundreds at once
            rows = list(self._db.stream(sql, (segment_id, number)))
            if not rows:
                return
            yield rows[0][0]

    def read_ahead(self) -> None:
        """Read from the disk ahead, if that is possible: large segments are read next."""
        self._db.read_ahead()

    def tail(self) -> dict[int, PostingsEntry]:
        """Entries that are in no segment yet, by paper number; they count before every segment's."""
        rows = self._db.execute("SELECT n, title, abstract, authors, fields, age_at FROM index_entries ORDER BY n")
        return {row[0]: PostingsEntry(*row[1:]) for row in rows}

    def tail_vectors(self, model: str, dimensions: int | None) -> Iterator[VectorBatch]:
        """Vectors of a model that are in no segment yet, of a length; None: of any."""
        length = "" if dimensions is None else "AND length(vector) = ? "
        sql = (
            "SELECT n, vector FROM embeddings WHERE model = ? AND length(vector) > 1"  # the condition of the index
            f" {length}ORDER BY revision, n"
        )
        stored = iter(self._db.stream(sql, (model,) if dimensions is None else (model, dimensions)))
        while rows := list(islice(stored, _VECTORS_AT_ONCE)):
            yield VectorBatch(tuple(row[0] for row in rows), b"".join(row[1] for row in rows))

    def stored(self) -> Iterator[int]:
        """Numbers of all papers, ascending."""
        sql = "SELECT (SELECT min(n) FROM papers), (SELECT max(n) FROM papers), (SELECT count(*) FROM papers)"
        first, last, papers = self._db.execute(sql).fetchone()
        if not papers:
            return iter(())
        if last - first + 1 == papers:
            return iter(range(first, last + 1))
        # Sorted here: in the order of numbers SQLite would read the whole table, and so it reads an index.
        return iter(sorted(row[0] for row in self._db.stream("SELECT n FROM papers")))

    def stem_orders(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """Stems of these papers in their order (uint32 each), by paper number."""
        sql = f"SELECT n, stems FROM index_orders WHERE n {AMONG}"
        return dict(self._db.execute(sql, (id_list(numbers),)).fetchall())

    def upvoted(self, least: float) -> Iterator[int]:
        """Numbers of the papers for which some source counts at least so many upvotes."""
        sql = (
            "SELECT n FROM papers WHERE id IN (SELECT paper_id FROM series WHERE kind = 'upvotes' AND value >= ?)"
            " ORDER BY n"
        )
        return (row[0] for row in self._db.execute(sql, (least,)))

    def papers_by_number(self, numbers: Sequence[int]) -> dict[int, Paper]:
        """Papers of these numbers that are stored, by number."""
        return papers_by_number(self._db, numbers)

    def papers(self, ids: Collection[str]) -> dict[str, Paper]:
        """Papers of these ids that are stored, by id."""
        return papers_by_id(self._db, ids)

    def ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """Paper ids by number."""
        sql = f"SELECT n, id FROM papers WHERE n {AMONG}"
        return dict(self._db.execute(sql, (id_list(numbers),)).fetchall())

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Paper numbers by id."""
        sql = "SELECT id, n FROM papers WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(sql, (id_list(ids),)).fetchall())

    def upvotes(self, ids: Iterable[str]) -> dict[str, float]:
        """Most upvotes that any source counts for each of these papers; papers without a count are left out."""
        rows = self._db.execute(
            "SELECT paper_id, max(value) FROM series WHERE kind = 'upvotes'"
            " AND paper_id IN (SELECT value FROM json_each(?)) GROUP BY paper_id",
            (id_list(ids),),
        )
        return dict(rows.fetchall())
