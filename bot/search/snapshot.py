"""The index as one revision of the database has it, refreshed by the first search after a change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import DEFAULT, Embedder, load
from bot.errors import StoreError
from bot.model.segment import PostingsEntry, SegmentInfo
from bot.search.cache import SegmentCache
from bot.search.postings import Postings
from bot.search.segment import Segment
from bot.search.segment_file import DamagedSegmentError
from bot.search.segments import tail_vectors
from bot.search.vector_segment import VectorSegment
from bot.search.vectors import Vectors
from bot.store import IndexView

STALE_SECONDS = 2.0
"""While a snapshot is refreshed, others search the one before, if it was the newest so long ago at most."""

LARGE = 20_000
"""Papers of a segment, some 10 MB."""

_S = TypeVar("_S", Segment, VectorSegment)


class _Tail(NamedTuple):
    """The tail of words, and the segment that is made of it; no segment of an empty tail."""

    entries: Mapping[int, PostingsEntry]
    segments: list[Segment]


class _TailVectors(NamedTuple):
    """Vectors that are in no segment: numbers, and rows (papers, dimensions)."""

    numbers: NDArray[np.int32]
    rows: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One revision of the index; immutable, so searches keep using it while a newer one is made."""

    revision: int
    postings: Postings
    vectors: Vectors
    segments: Mapping[str, Segment]
    """Opened segments of words by checksum, oldest first."""
    vector_segments: Mapping[str, VectorSegment]
    tail: _Tail
    tail_vectors: _TailVectors
    most_mapped: int
    """Bytes of segments in memory above which the words' are given back: all vectors, and a third of the words."""

    @property
    def room(self) -> int:
        """Upper bound of paper numbers, exclusive."""
        return max(self.postings.room, self.vectors.room)


class SnapshotCache:
    """The latest snapshot, shared by reader threads."""

    def __init__(self, embedder: Embedder | None = None, files: SegmentCache | None = None) -> None:
        """Without an `embedder` the default one, loaded by the first search; without `files` all is held in memory."""
        self._embedder = embedder
        self._files = files or SegmentCache()
        self._latest: Snapshot | None = None
        self._newest_at = 0.0
        """When the latest snapshot was the newest (`time.monotonic`)."""
        self._refreshing = threading.Lock()

    @property
    def embedder(self) -> Embedder:
        """Model whose vectors are in the snapshot."""
        if self._embedder is None:
            self._embedder = load(DEFAULT)
        return self._embedder

    @property
    def is_loaded(self) -> bool:
        """Whether there is a snapshot."""
        return self._latest is not None

    def current(self, view: IndexView) -> Snapshot:
        """The snapshot of a view's revision, or a newer one; one of two seconds ago while another thread refreshes it.

        Raises StoreError if the stored index is damaged.
        """
        latest, now = self._latest, time.monotonic()
        if latest is not None:
            self._files.release(latest.segments, latest.most_mapped)
        if latest is None or now - self._newest_at > STALE_SECONDS:
            return self.refresh(view)
        if latest.revision >= view.revision():
            self._newest_at = now
            return latest
        if not self._refreshing.acquire(blocking=False):
            return latest
        try:
            return self._refreshed(view, now)
        finally:
            self._refreshing.release()

    def refresh(self, view: IndexView) -> Snapshot:
        """The snapshot of a view's revision, or a newer one. Raises StoreError if the stored index is damaged."""
        now = time.monotonic()
        latest = self._latest
        if latest is None or latest.revision < view.revision():
            with self._refreshing:
                return self._refreshed(view, now)
        self._newest_at = now
        return latest

    def _refreshed(self, view: IndexView, now: float) -> Snapshot:
        before, revision = self._latest, view.revision()
        if before is None or before.revision < revision:
            self._latest = self._made(view, before, revision)
        self._newest_at = now
        assert self._latest is not None  # noqa: S101 - made above
        return self._latest

    def _made(self, view: IndexView, before: Snapshot | None, revision: int) -> Snapshot:
        """A snapshot; whatever has not changed is taken over from the one before."""
        infos, vector_infos = view.segments("words"), view.segments("vectors", self.embedder.name)
        segments = self._opened(view, infos, Segment.from_bytes, before.segments if before else {})
        opened = before.vector_segments if before else {}
        vector_segments = self._opened(view, vector_infos, VectorSegment.from_bytes, opened)
        tail, vectors_of_tail = _tail(view, before), self._tail_vectors(view, before)
        if before and tail is before.tail and list(segments) == list(before.segments):
            postings = before.postings
        else:
            postings = Postings([*segments.values(), *tail.segments], before=before.postings if before else None)
        if before and vectors_of_tail is before.tail_vectors and list(vector_segments) == list(before.vector_segments):
            vectors = before.vectors
        else:
            vectors = Vectors(list(vector_segments.values()), *vectors_of_tail)
        if before is None or {**segments, **vector_segments}.keys() != {**before.segments, **opened}.keys():
            self._files.keep({**segments, **vector_segments}.keys())
        words, rows = (sum(s.nbytes for s in each.values()) for each in (segments, vector_segments))
        most = rows + words // 3
        return Snapshot(revision, postings, vectors, segments, vector_segments, tail, vectors_of_tail, most)

    def _opened(
        self,
        view: IndexView,
        infos: Sequence[SegmentInfo],
        read: Callable[[memoryview], _S],
        before: Mapping[str, _S],
    ) -> dict[str, _S]:
        """Segments by checksum, oldest first; those that were open `before` are taken over."""
        segments: dict[str, _S] = {}
        for info in infos:
            segments.pop(info.checksum, None)  # of two that are equal the later place counts
            segment = before.get(info.checksum)
            if segment is None:
                data = self._files.open(info.checksum, partial(_parts, view, info))
                try:
                    segment = read(data)
                except DamagedSegmentError as error:
                    remedy = "`paperboy reindex` makes it anew"
                    raise StoreError(f"the search index in the database cannot be read ({error}): {remedy}") from None
            segments[info.checksum] = segment
        return segments

    def _tail_vectors(self, view: IndexView, before: Snapshot | None) -> _TailVectors:
        latest = _TailVectors(*tail_vectors(view, self.embedder.name, self.embedder.dimensions))
        if before is None or not np.array_equal(before.tail_vectors.numbers, latest.numbers):
            return latest
        return before.tail_vectors if np.array_equal(before.tail_vectors.rows, latest.rows) else latest


def _parts(view: IndexView, info: SegmentInfo) -> Iterator[bytes]:
    if info.papers >= LARGE:
        view.read_ahead()
    return view.segment(info.id)


def _tail(view: IndexView, before: Snapshot | None) -> _Tail:
    entries, old = view.tail(), before.tail if before else _Tail({}, [])
    if entries == old.entries:
        return old
    if not entries:
        return _Tail(entries, [])
    changed = {number: entry for number, entry in entries.items() if old.entries.get(number) != entry}
    removed = np.array([number for number in old.entries if number not in entries], dtype=np.int32)
    if 2 * (len(changed) + len(removed)) > len(entries):
        return _Tail(entries, [Segment.of(entries)])
    kept = [segment.without(removed) for segment in old.segments]  # a few new entries cost a fifth of them all
    return _Tail(entries, [Segment.merged([*kept, Segment.of(changed)] if changed else kept)])
