"""The index in the database: what is new waits in a tail, and is packed once there is enough of it.

tail (rows) ─► pack of 512 papers or more ─► merged with packs not much larger ─► a dozen packs for 100,000 papers

Everything follows from the table of papers: `forget_index` throws it away, and describing makes it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bot.search.postings import Entry, Pack, counted
from bot.store.rows import id_list

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlite_utils import Database

    from bot.store import Store

TAIL = 512
"""Papers that wait unpacked at most: packing them anew, at each look, takes 50 ms."""
LARGEST = 200_000
"""Papers of one pack: its largest array then stays far below SQLite's billion bytes."""
_NO_LIMIT = 2**62
_READ_AT_ONCE = 2_000
_COLUMNS = ("keys", "starts", "papers", "counts", "numbers", "lengths")


@dataclass(frozen=True, slots=True)
class _Packed:
    """A pack to be stored, and what it takes the place of."""

    revision: int
    pack: Pack
    vocabulary: str
    replaced: tuple[int, ...]


def revision(db: Database) -> int:
    """Grows with every change of the index."""
    return int(db.execute("SELECT value FROM index_revision").fetchone()[0])


def tail(db: Database) -> dict[int, Entry]:
    """What is not packed yet, by row number."""
    return {row[0]: Entry(*row[1:]) for row in db.execute("SELECT n, title, abstract, authors FROM index_tail")}


def orders(db: Database, numbers: Sequence[int]) -> dict[int, bytes]:
    """The stems of these papers in their order, by row number."""
    sql = "SELECT n, stems FROM index_orders WHERE n IN (SELECT value FROM json_each(?))"
    return dict(db.execute(sql, (id_list(numbers),)).fetchall())


def pack_ids(db: Database) -> list[int]:
    """The packs there are, oldest first."""
    return [row[0] for row in db.execute("SELECT id FROM index_packs ORDER BY id")]


def read_pack(db: Database, pack_id: int) -> Pack:
    """One pack."""
    row = db.execute(f"SELECT {', '.join(_COLUMNS)} FROM index_packs WHERE id = ?", (pack_id,)).fetchone()  # noqa: S608 - ours
    return Pack.from_bytes(dict(zip(_COLUMNS, row, strict=True)))


def vocabulary(db: Database) -> set[str]:
    """Every stem of every paper; a part of a name has the mark of names before it."""
    found = set(_stems(tail(db).values()))
    for row in db.execute("SELECT vocabulary FROM index_packs"):
        found.update(row[0].split("\n"))
    return found


def _stems(entries: Iterable[Entry]) -> Iterable[str]:
    return (stem for entry in entries for stem in counted(entry))


async def pack(store: Store) -> None:
    """Pack the tail if it is long. If anything else changes meanwhile, the next time will do."""
    packed = await store.connection.read(_pack)
    if packed is not None:
        await store.connection.write(_replace, packed)


def _pack(db: Database) -> _Packed | None:
    if db.execute("SELECT count(*) FROM index_tail").fetchone()[0] < TAIL:
        return None
    entries = tail(db)
    joined, size = [], len(entries)
    for pack_id, papers in db.execute("SELECT id, size FROM index_packs ORDER BY id DESC").fetchall():
        if papers > 2 * size or size + papers > LARGEST:
            break
        joined.append(pack_id)
        size += papers
    joined.reverse()
    words = set(_stems(entries.values()))
    for pack_id in joined:
        row = db.execute("SELECT vocabulary FROM index_packs WHERE id = ?", (pack_id,)).fetchone()
        words.update(row[0].split("\n"))
    whole = Pack.merged([*(read_pack(db, pack_id) for pack_id in joined), Pack.of(entries)])
    known = np.array([row[0] for row in db.execute("SELECT n FROM papers ORDER BY n")], dtype=np.int32)
    whole = whole.without(np.setdiff1d(whole.numbers, known, assume_unique=True))
    return _Packed(revision(db), whole, "\n".join(sorted(words)), tuple(joined))


def _replace(db: Database, packed: _Packed) -> None:
    if revision(db) != packed.revision:
        return
    stored = packed.pack.to_bytes()
    db.execute(
        f"INSERT INTO index_packs (size, vocabulary, {', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - ours
        (packed.pack.size, packed.vocabulary, *(stored[name] for name in _COLUMNS)),
    )
    for pack_id in packed.replaced:
        db.execute("DELETE FROM index_packs WHERE id = ?", (pack_id,))
    db.execute("DELETE FROM index_tail")
    db.execute("UPDATE index_revision SET value = value + 1")


async def forget_index(store: Store) -> int:
    """Throw the index away and have every paper described and embedded anew. Returns how many papers there are."""
    return await store.connection.write(_forget)


def _forget(db: Database) -> int:
    for table in ("index_tail", "index_packs", "index_orders", "embeddings"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    db.execute("UPDATE index_revision SET value = value + 1")
    return db.execute("UPDATE papers SET described = 0").rowcount


# --- vectors --------------------------------------------------------------------------------------------------


class Unembedded(NamedTuple):
    """A paper that waits for its vector."""

    number: int
    title: str
    abstract: str


async def unembedded(store: Store, model: str, limit: int, *, below: int | None = None) -> list[Unembedded]:
    """Papers without a vector of this model, newest first, from a row number on."""
    return await store.connection.read(_unembedded, model, limit, below)


def _unembedded(db: Database, model: str, limit: int, below: int | None) -> list[Unembedded]:
    rows = db.execute(
        "SELECT papers.n, title, abstract FROM papers LEFT JOIN embeddings ON embeddings.n = papers.n AND model = ?"
        " WHERE embeddings.n IS NULL AND papers.n < ? AND described > 0 ORDER BY papers.n DESC LIMIT ?",
        (model, _NO_LIMIT if below is None else below, limit),
    )
    return [Unembedded(*row) for row in rows]


def text_of(title: str, abstract: str) -> str:
    """What of a paper is embedded."""
    return f"{title}. {abstract}"


async def keep_vectors(store: Store, model: str, papers: Sequence[Unembedded], vectors: NDArray[np.int8]) -> None:
    """Store vectors of papers, (papers, dimensions); who was removed or rewritten meanwhile is passed over."""
    rows = [(paper, vector.tobytes()) for paper, vector in zip(papers, vectors, strict=True)]
    await store.connection.write(_keep_vectors, model, rows)


def _keep_vectors(db: Database, model: str, rows: Sequence[tuple[Unembedded, bytes]]) -> None:
    now = revision(db) + 1
    db.conn.executemany(
        "INSERT OR REPLACE INTO embeddings (n, model, revision, vector)"
        " SELECT n, ?4, ?5, ?6 FROM papers WHERE n = ?1 AND title = ?2 AND abstract = ?3",
        [(*paper, model, now, vector) for paper, vector in rows],
    )
    db.execute("UPDATE index_revision SET value = ?", (now,))


def read_vectors(db: Database, model: str, dimensions: int, since: int) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """(row numbers, vectors (papers, dimensions)) of this model, stored after a revision."""
    where = "FROM embeddings WHERE model = ? AND revision > ? AND length(vector) = ?"
    asked = (model, since, dimensions)
    count = int(db.execute(f"SELECT count(*) {where}", asked).fetchone()[0])
    numbers, rows = np.zeros(count, dtype=np.int64), np.zeros((count, dimensions), dtype=np.int8)
    # Never all of them as objects: at 100,000 papers that took as much memory again.
    cursor = db.execute(f"SELECT n, vector {where} LIMIT ?", (*asked, count))
    for start in range(0, count, _READ_AT_ONCE):
        found = cursor.fetchmany(_READ_AT_ONCE)
        span = slice(start, start + len(found))
        numbers[span] = [row[0] for row in found]
        rows[span] = np.frombuffer(b"".join(row[1] for row in found), dtype=np.int8).reshape(len(found), dimensions)
    return numbers, rows
