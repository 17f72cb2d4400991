"""Values of the search index that the store keeps: analysed texts, segments as bytes, vectors, and paper filters.

A paper's number is its row number in the table of papers. `bot.search.postings.Segment` computes on the arrays whose
bytes a `StoredSegment` holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class PostingsEntry(NamedTuple):
    """Analysed title, abstract and authors of a paper, each joined by spaces."""

    title: str
    abstract: str
    authors: str


class IndexEntry(NamedTuple):
    """A paper's entry in the index: its analysed texts without stop words, and the order of its stems (uint32)."""

    title: str
    abstract: str
    authors: str
    order: bytes


class StoredSegment(NamedTuple):
    """Postings of a block of papers, as the bytes of little-endian arrays.

    `keys` uint64 (stems,); `starts` int64 (stems + 1,); `papers` int32 and `counts` uint8 (postings,); `numbers` int32
    and `lengths` uint16 (papers,).
    """

    keys: bytes
    starts: bytes
    papers: bytes
    counts: bytes
    numbers: bytes
    lengths: bytes


@dataclass(frozen=True, slots=True)
class SegmentMerge:
    """A segment to store in place of the tail and of older segments, valid for one revision of the index."""

    revision: int
    segment: StoredSegment
    size: int
    """Papers in the segment."""
    vocabulary: frozenset[str]
    replaced: tuple[int, ...]
    """Ids of the segments that were merged into it."""


class UnembeddedPaper(NamedTuple):
    """A paper that has no vector of the current model yet."""

    number: int
    title: str
    abstract: str


class VectorBatch(NamedTuple):
    """Some papers' vectors: their numbers, and int8 values, (papers, dimensions), row by row."""

    numbers: tuple[int, ...]
    values: bytes


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """Conditions that a paper's columns can tell; a superset of the exact matches may pass."""

    since: datetime | None = None
    """Earliest age date."""
    categories: tuple[str, ...] = ()
    """Prefixes; the paper has a category for each."""
    has_code: bool = False
    has_project: bool = False
    organization: tuple[str, ...] = ()
    """Normalised words that the organisation has."""
    venue: tuple[str, ...] = ()
    """Normalised words that the comment or the journal reference has."""
    upvotes: float | None = None
    """Least upvotes at any source."""

    def __and__(self, other: PaperFilter) -> PaperFilter:
        """The filter that passes what both pass."""
        starts = [start for start in (self.since, other.since) if start is not None]
        counts = [count for count in (self.upvotes, other.upvotes) if count is not None]
        return PaperFilter(
            since=max(starts, default=None),
            categories=self.categories + other.categories,
            has_code=self.has_code or other.has_code,
            has_project=self.has_project or other.has_project,
            organization=self.organization + other.organization,
            venue=self.venue + other.venue,
            upvotes=max(counts, default=None),
        )
