"""Values of the search index that the store keeps: analysed texts, segments as bytes, vectors, and paper filters.

A paper's number is its row number in the table of papers. `bot.search.segment_file` has the format of a segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from bot.model.paper import Paper

SegmentKind = Literal["words", "vectors"]


class PostingsEntry(NamedTuple):
    """Analysed title, abstract, authors and fields of a paper, each joined by spaces, and the start of its age."""

    title: str
    abstract: str
    authors: str
    fields: str = ""
    """Terms of its categories, organisation, venue and links (`bot.search.field_terms`)."""
    age_at: float = 0.0
    """Unix seconds."""


class IndexEntry(NamedTuple):
    """A paper's entry in the index: its postings without stop words, and the order of its stems (uint32)."""

    postings: PostingsEntry
    order: bytes


class UnindexedPaper(NamedTuple):
    """A paper whose entry is missing or out of date."""

    number: int
    change: int
    """Number of changes of what is indexed; it is larger once the paper has changed again."""
    paper: Paper


class IndexedPaper(NamedTuple):
    """The entry of an `UnindexedPaper`."""

    number: int
    change: int
    entry: IndexEntry


class SegmentInfo(NamedTuple):
    """A stored segment, without its bytes."""

    id: int
    kind: SegmentKind
    model: str
    """Embedding model of vectors; "" for words."""
    papers: int
    checksum: str
    """BLAKE2b of its bytes, 32 hexadecimal digits: equal ones are the same segment."""


@dataclass(frozen=True, slots=True)
class NewSegment:
    """A segment to store, in place of older ones."""

    kind: SegmentKind
    model: str
    papers: int
    data: bytes | bytearray | memoryview
    replaced: tuple[int, ...] = ()
    """Ids of the segments that were merged into it, neighbours in their order. They must still be there."""
    tail: Sequence[int] = ()
    """Numbers of the papers whose tail entries (or vectors) were merged into it."""
    tail_revision: int = 0
    """Revision at which the tail was read; an entry that changed since stays in the tail."""


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
    """Categories or archives; the paper has each."""
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
