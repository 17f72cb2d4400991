"""The search index in SQL: tails, segments in parts, and vectors.

Everything follows from the table of papers: `clear` deletes the index, and indexing the papers makes it again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Concatenate, ParamSpec, TypeVar

from bot.model import Paper
from bot.model.segment import (
    IndexedPaper,
    NewSegment,
    UnembeddedPaper,
    UnindexedPaper,
)
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.index_view import IS_WHOLE, IndexView
from bot.store.sql.rows import AMONG, LONGEST_VECTOR, id_list, papers_by_number
from bot.store.sql.transaction import Transaction, put

P = ParamSpec("P")
T = TypeVar("T")

PART_BYTES = 4 * 2**20
"""Bytes of a part of a segment, which is a transaction: the next change waits for so long."""
UNFINISHED_SECONDS = 3600.0
"""Time after which a segment whose parts are not all there is taken for one that a killed process left."""

_NO_LIMIT = 2**62


class Segments(Part):
    """The search index: tails of single entries and vectors, and segments of many papers.

    The parts of a segment are written before it counts, and deleted after it does not any more, each in a transaction,
    so that other changes go on meanwhile.
    """

    async def read(self, search: Callable[Concatenate[IndexView, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a search off the event loop on one state of the database."""
        return await self.connection.read(lambda db: search(IndexView(db), *args, **kwargs))

    @reads
    def unindexed(
        self, db: Transaction, limit: int, first_stored: Mapping[str, Paper] | None = None
    ) -> list[UnindexedPaper]:
        """Papers whose entry is missing or out of date, the highest numbers first.

        `first_stored`: new papers as they were added, by id; those that have not changed since are not read.
        """
        sql = "SELECT n, changes, id FROM papers WHERE indexed <> changes ORDER BY n DESC LIMIT ?"
        waiting = db.execute(sql, (limit,)).fetchall()
        unread = first_stored or {}
        papers = {n: unread[key] for n, changes, key in waiting if changes == 0 and key in unread}
        papers |= papers_by_number(db, [n for n, *_ in waiting if n not in papers])
        return [UnindexedPaper(n, changes, papers[n]) for n, changes, _ in waiting]

    async def index(self, papers: Sequence[IndexedPaper], segment: NewSegment | None = None) -> None:
        """Store entries in the tail, or as this segment of them. A paper that changed meanwhile stays unindexed."""
        while not await self._index(papers, await self._written(segment) if segment else None):
            pass

    @writes
    def _index(self, db: Transaction, papers: Sequence[IndexedPaper], segment_id: int | None) -> bool:
        revision = _next_revision(db)
        if not _is_written(db, segment_id):
            return False
        numbers = id_list(each.number for each in papers)
        stored = {row[0] for row in db.execute(f"SELECT n FROM papers WHERE n {AMONG}", (numbers,))}
        current = [each for each in papers if each.number in stored]
        put(db, "index_orders", ("n",), *({"n": each.number, "stems": each.entry.order} for each in current))
        db.update("papers", ("n",), [{"n": each.number, "indexed": each.change} for each in current])
        if segment_id is None:
            entries = ({"n": each.number, **each.entry.postings._asdict(), "revision": revision} for each in current)
            put(db, "index_entries", ("n",), *entries)
        else:
            db.execute(f"DELETE FROM index_entries WHERE n {AMONG}", (numbers,))
            _take_place(db, segment_id)
        return True

    @reads
    def unembedded(self, db: Transaction, model: str, limit: int, *, below: int | None = None) -> list[UnembeddedPaper]:
        """Papers without a vector of this model, the highest numbers first, optionally only those `below` a number."""
        # Counting takes milliseconds, and looking at every paper, to find that no further one is missing, seconds.
        sql = "SELECT (SELECT count(*) FROM papers) - (SELECT count(*) FROM embeddings WHERE model = ?)"
        missing = int(db.execute(sql, (model,)).fetchone()[0])
        if missing == 0:
            return []
        rows = db.execute(
            "SELECT n, title, abstract FROM papers WHERE n < ? AND NOT EXISTS"
            " (SELECT 1 FROM embeddings WHERE embeddings.n = papers.n AND model = ?) ORDER BY n DESC LIMIT ?",
            (_NO_LIMIT if below is None else below, model, min(limit, missing)),
        )
        return [UnembeddedPaper(*row) for row in rows]

    async def keep_vectors(
        self, model: str, papers: Sequence[UnembeddedPaper], vectors: Sequence[bytes], segment: NewSegment | None = None
    ) -> None:
        """Store vectors (int8 values) of papers in the tail, or as this segment of them.

        A paper that was removed or rewritten meanwhile is passed over; in a segment its vector stays until it has
        another.
        """
        while not await self._keep_vectors(model, papers, vectors, await self._written(segment) if segment else None):
            pass

    @writes
    def _keep_vectors(
        self,
        db: Transaction,
        model: str,
        papers: Sequence[UnembeddedPaper],
        vectors: Sequence[bytes],
        segment_id: int | None,
    ) -> bool:
        revision = _next_revision(db)
        if not _is_written(db, segment_id):
            return False
        kept = vectors if segment_id is None else [_emptied(vector) for vector in vectors]
        sql = f"SELECT n, title, abstract FROM papers WHERE n {AMONG}"
        stored = {row[0]: row for row in db.execute(sql, (id_list(each.number for each in papers),))}
        rows = [
            {"n": each.number, "model": model, "revision": revision, "vector": vector}
            for each, vector in zip(papers, kept, strict=True)
            if stored.get(each.number) == tuple(each)
        ]
        put(db, "embeddings", ("n",), *rows)
        if segment_id is not None:
            _take_place(db, segment_id)
        return True

    async def replace(self, segment: NewSegment) -> bool:
        """Store a merged segment. False, and nothing changes, if a segment that it replaces is gone."""
        segment_id = await self._written(segment)
        if not await self._replace(segment, segment_id):
            await self._delete(segment_id)
            return False
        for replaced in segment.replaced:
            await self._delete(replaced)
        return True

    @writes
    def _replace(self, db: Transaction, segment: NewSegment, segment_id: int) -> bool:
        replaced = id_list(segment.replaced)
        sql = f"SELECT position FROM index_segments WHERE id {AMONG} AND {IS_WHOLE}"
        positions = [row[0] for row in db.execute(sql, (replaced,))]
        is_possible = _is_written(db, segment_id) and len(positions) == len(segment.replaced)
        if not is_possible or not _is_tail_there(db, segment):
            return False
        db.execute(f"UPDATE index_segments SET position = ? WHERE id {AMONG}", (-int(time.time()), replaced))
        _take_place(db, segment_id, max(positions, default=None))
        tail = id_list(segment.tail)
        if segment.kind == "words":
            sql = f"DELETE FROM index_entries WHERE n {AMONG} AND revision <= ?"
            db.execute(sql, (tail, segment.tail_revision))
        else:
            db.execute(
                f"UPDATE embeddings SET vector = {_IF_ZERO} THEN ?2 ELSE ?3 END"
                " WHERE n IN (SELECT CAST(value AS BIGINT) FROM json_each(?4)) AND model = ?5 AND revision <= ?6",
                (bytes(LONGEST_VECTOR), ZERO, b"", tail, segment.model, segment.tail_revision),
            )
        _next_revision(db)
        return True

    @writes
    def clear(self, db: Transaction) -> int:
        """Delete the index and the vectors, and have every paper indexed anew. Returns the number of papers."""
        _next_revision(db)
        for table in ("index_entries", "index_segments", "index_orders", "embeddings"):
            db.execute(f"DELETE FROM {table}")
        return db.execute("UPDATE papers SET indexed = -1").rowcount

    async def _written(self, segment: NewSegment) -> int:
        """Id of a segment whose parts are all stored, and which does not count yet."""
        data = memoryview(segment.data).cast("B")
        checksum = await asyncio.to_thread(lambda: blake2b(data, digest_size=16).hexdigest())
        segment_id = await self._begin(segment, checksum, data.nbytes)
        for part, start in enumerate(range(0, data.nbytes, PART_BYTES)):
            await self._write_part(segment_id, part, data[start : start + PART_BYTES])
        return segment_id

    @writes
    def _begin(self, db: Transaction, segment: NewSegment, checksum: str, size: int) -> int:
        now = int(time.time())
        sql = f"DELETE FROM index_segments WHERE NOT {IS_WHOLE} AND position > ?"
        db.execute(sql, (int(UNFINISHED_SECONDS) - now,))
        row = db.execute(
            "INSERT INTO index_segments (kind, model, position, papers, checksum, bytes)"
            " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
            (segment.kind, segment.model, -now, segment.papers, checksum, size),
        ).fetchone()
        return int(row[0])

    @writes
    def _write_part(self, db: Transaction, segment_id: int, part: int, data: memoryview) -> None:
        if _is_written(db, segment_id):
            sql = "INSERT INTO index_parts (segment_id, part, data) VALUES (?, ?, ?)"
            db.execute(sql, (segment_id, part, data))

    async def _delete(self, segment_id: int) -> None:
        """Delete a segment that does not count."""
        while await self._delete_part(segment_id):
            pass

    @writes
    def _delete_part(self, db: Transaction, segment_id: int) -> bool:
        last = "(SELECT max(part) FROM index_parts WHERE segment_id = ?1)"
        if db.execute(f"DELETE FROM index_parts WHERE segment_id = ?1 AND part = {last}", (segment_id,)).rowcount:
            return True
        db.execute("DELETE FROM index_segments WHERE id = ?", (segment_id,))
        return False


ZERO = b"\x00"
"""What is kept of a zero vector that is in a segment; of any other nothing is."""
_IF_ZERO = "CASE WHEN vector = substr(?1, 1, length(vector)) AND length(vector) > 0"


def _emptied(vector: bytes) -> bytes:
    """Vector that is kept beside a segment: empty, or a zero byte for a zero vector."""
    return b"" if any(vector) else ZERO


def _is_written(db: Transaction, segment_id: int | None) -> bool:
    """False for a segment whose parts were deleted as those of a killed process, since this one was frozen."""
    if segment_id is None:
        return True
    return db.execute("SELECT 1 FROM index_segments WHERE id = ?", (segment_id,)).fetchone() is not None


def _is_tail_there(db: Transaction, segment: NewSegment) -> bool:
    """False if a newer segment has taken over what this one would of the tail: it would come after that."""
    if not segment.tail:
        return True
    tail = id_list(set(segment.tail))
    if segment.kind == "words":
        row = db.execute(f"SELECT count(*) FROM index_entries WHERE n {AMONG}", (tail,)).fetchone()
        return bool(row[0] == len(set(segment.tail)))
    sql = f"SELECT count(*) FROM embeddings WHERE n {AMONG} AND model = ? AND length(vector) <= 1"
    return bool(db.execute(sql, (tail, segment.model)).fetchone()[0] == 0)


def _take_place(db: Transaction, segment_id: int, position: int | None = None) -> None:
    """Let a segment count, at the place of those that it replaces or after all others."""
    if position is None:
        row = db.execute(f"SELECT coalesce(max(position), 0) + 1 FROM index_segments WHERE {IS_WHOLE}").fetchone()
        position = int(row[0])
    db.execute("UPDATE index_segments SET position = ? WHERE id = ?", (position, segment_id))


def _next_revision(db: Transaction) -> int:
    """Count a change of the index."""
    return int(db.execute("UPDATE index_revision SET value = value + 1 RETURNING value").fetchone()[0])
