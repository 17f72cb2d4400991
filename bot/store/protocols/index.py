"""Queries and changes of the search index.

`IndexView` is synchronous: a search makes several queries on one state of the database and computes between them,
so the whole search runs on a reader thread instead of returning to the event loop after each query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from bot.model import Paper
from bot.model.segment import PaperFilter, PostingsEntry, SegmentMerge, StoredSegment, UnembeddedPaper, VectorBatch

P = ParamSpec("P")
T = TypeVar("T")


class IndexView(Protocol):
    """One state of the papers and their index. Valid on the thread and during the call it was passed to."""

    def revision(self) -> int:
        """Number that grows with every change of the index."""

    def tail(self) -> dict[int, PostingsEntry]:
        """Entries that are in no segment yet, by paper number."""

    def segment_sizes(self) -> dict[int, int]:
        """Papers in each segment by segment id, oldest segment first."""

    def segment(self, segment_id: int) -> StoredSegment:
        """One segment."""

    def vocabulary(self, segment_ids: Iterable[int]) -> set[str]:
        """Every stem in these segments; a part of an author's name has `@` before it."""

    def stem_orders(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """Stems of these papers in their order (uint32 each), by paper number."""

    def vector_count(self, model: str, dimensions: int, since: int) -> int:
        """Number of vectors of a model that were stored after a revision."""

    def vectors(self, model: str, dimensions: int, since: int) -> Iterator[VectorBatch]:
        """Vectors of a model that were stored after a revision; vectors of another length are left out."""

    def numbers(self, condition: PaperFilter, *, skip: int = 0, among: int | None = None) -> Iterator[int]:
        """Numbers of the papers that meet a condition, newest first, of all or of those after `skip` newer ones."""

    def papers_by_number(self, numbers: Sequence[int], condition: PaperFilter) -> dict[int, Paper]:
        """Papers of these numbers that are stored and meet a condition, by number."""

    def papers(self, ids: Iterable[str]) -> dict[str, Paper]:
        """Papers of these ids that are stored, by id."""

    def ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """Paper ids by number."""

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Paper numbers by id."""

    def upvotes(self, ids: Iterable[str]) -> dict[str, float]:
        """Most upvotes that any source counts for each of these papers; papers without a count are left out."""


class Segments(Protocol):
    """The search index: a tail of single entries, segments of many papers, and vectors."""

    async def read(self, search: Callable[Concatenate[IndexView, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a search off the event loop on one state of the database."""

    async def replace(self, merge: SegmentMerge) -> bool:
        """Store a merged segment. False, and nothing changes, if the index has a newer revision."""

    async def clear(self) -> int:
        """Delete the index and the vectors, and have every paper described anew. Returns the number of papers."""

    async def unembedded(self, model: str, limit: int, *, below: int | None = None) -> list[UnembeddedPaper]:
        """Papers without a vector of this model, newest first, optionally only those numbered `below`."""

    async def keep_vectors(self, model: str, papers: Sequence[UnembeddedPaper], vectors: Sequence[bytes]) -> None:
        """Store vectors (int8 values) of papers; a paper that was removed or rewritten meanwhile is passed over."""
