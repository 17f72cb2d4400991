"""Queries and changes of the search index.

`IndexView` is synchronous: a search makes several queries on one state of the database and computes between them,
so the whole search runs on a reader thread instead of returning to the event loop after each query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from bot.model import Paper
from bot.model.segment import (
    IndexedPaper,
    NewSegment,
    PostingsEntry,
    SegmentInfo,
    SegmentKind,
    UnembeddedPaper,
    UnindexedPaper,
    VectorBatch,
)

P = ParamSpec("P")
T = TypeVar("T")


class IndexView(Protocol):
    """One state of the papers and their index. Valid on the thread and during the call it was passed to."""

    def revision(self) -> int:
        """Number that grows with every change of the index."""

    def segments(self, kind: SegmentKind, model: str = "") -> list[SegmentInfo]:
        """Segments of a kind and model, oldest first: of a paper in several, the last counts."""

    def segment(self, segment_id: int) -> Iterator[bytes]:
        """The bytes of a segment, in parts."""

    def read_ahead(self) -> None:
        """Read from the disk ahead, if that is possible: large segments are read next."""

    def tail(self) -> dict[int, PostingsEntry]:
        """Entries that are in no segment yet, by paper number; they count before every segment's."""

    def tail_vectors(self, model: str, dimensions: int | None) -> Iterator[VectorBatch]:
        """Vectors of a model that are in no segment yet, of a length; None: of any."""

    def stored(self) -> Iterator[int]:
        """Numbers of all papers, ascending."""

    def stem_orders(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """Stems of these papers in their order (uint32 each), by paper number."""

    def upvoted(self, least: float) -> Iterator[int]:
        """Numbers of the papers for which some source counts at least so many upvotes."""

    def papers_by_number(self, numbers: Sequence[int]) -> dict[int, Paper]:
        """Papers of these numbers that are stored, by number."""

    def papers(self, ids: Iterable[str]) -> dict[str, Paper]:
        """Papers of these ids that are stored, by id."""

    def ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """Paper ids by number."""

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Paper numbers by id."""

    def upvotes(self, ids: Iterable[str]) -> dict[str, float]:
        """Most upvotes that any source counts for each of these papers; papers without a count are left out."""


class Segments(Protocol):
    """The search index: tails of single entries and vectors, and segments of many papers."""

    async def read(self, search: Callable[Concatenate[IndexView, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a search off the event loop on one state of the database."""

    async def unindexed(self, limit: int, first_stored: Mapping[str, Paper] | None = None) -> list[UnindexedPaper]:
        """Papers whose entry is missing or out of date, the highest numbers first.

        `first_stored`: new papers as they were added, by id; those that have not changed since are not read.
        """

    async def index(self, papers: Sequence[IndexedPaper], segment: NewSegment | None = None) -> None:
        """Store entries in the tail, or as this segment of them. A paper that changed meanwhile stays unindexed."""

    async def unembedded(self, model: str, limit: int, *, below: int | None = None) -> list[UnembeddedPaper]:
        """Papers without a vector of this model, the highest numbers first, optionally only those `below` a number."""

    async def keep_vectors(
        self, model: str, papers: Sequence[UnembeddedPaper], vectors: Sequence[bytes], segment: NewSegment | None = None
    ) -> None:
        """Store vectors (int8 values) of papers in the tail, or as this segment of them.

        A paper that was removed or rewritten meanwhile is passed over; in a segment its vector stays until it has
        another.
        """

    async def replace(self, segment: NewSegment) -> bool:
        """Store a merged segment. False, and nothing changes, if a segment that it replaces is gone."""

    async def clear(self) -> int:
        """Delete the index and the vectors, and have every paper indexed anew. Returns the number of papers."""
