"""The index in memory, refreshed from the store by the first search after a change."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from bot.embeddings import DEFAULT, Embedder, load
from bot.search import segments
from bot.search.postings import Postings, Segment
from bot.search.vectors import Vectors
from bot.store.protocols import IndexView


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One revision of the index; immutable, so searches keep using it while a newer one is made."""

    revision: int
    segments: dict[int, Segment]
    postings: Postings
    vectors: Vectors

    @property
    def room(self) -> int:
        """Upper bound of paper numbers, exclusive."""
        return max(self.postings.room, self.vectors.room)


class SnapshotCache:
    """The latest snapshot, shared by reader threads."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        """Without an `embedder` the default one, loaded by the first search."""
        self._embedder = embedder
        self._latest: Snapshot | None = None
        self._vocabulary: tuple[int, tuple[str, ...]] | None = None
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
        """The snapshot of a view's revision, or a newer one."""
        latest, revision = self._latest, view.revision()
        if latest is not None and latest.revision >= revision:
            return latest
        with self._refreshing:
            latest = self._latest
            if latest is None or latest.revision < revision:
                latest = self._latest = self._refreshed(view, latest, revision)
            return latest

    def vocabulary(self, view: IndexView) -> tuple[str, ...]:
        """Every indexed stem, for spelling correction."""
        revision = view.revision()
        if self._vocabulary is None or self._vocabulary[0] < revision:
            self._vocabulary = revision, tuple(segments.vocabulary(view, view.segment_sizes(), view.tail()))
        return self._vocabulary[1]

    def _refreshed(self, view: IndexView, before: Snapshot | None, revision: int) -> Snapshot:
        loaded = before.segments if before else {}
        stored = {each: loaded.get(each) or Segment.from_stored(view.segment(each)) for each in view.segment_sizes()}
        tail = view.tail()
        postings = Postings(
            [*stored.values(), *([Segment.of(tail)] if tail else [])], before=before.postings if before else None
        )
        return Snapshot(revision, stored, postings, self._vectors(view, before))

    def _vectors(self, view: IndexView, before: Snapshot | None) -> Vectors:
        since = before.revision if before else 0
        name, dimensions = self.embedder.name, self.embedder.dimensions
        count = view.vector_count(name, dimensions, since)
        numbers, rows = np.zeros(count, dtype=np.int64), np.zeros((count, dimensions), dtype=np.int8)
        start = 0
        for batch in view.vectors(name, dimensions, since):
            end = start + len(batch.numbers)
            numbers[start:end] = batch.numbers
            rows[start:end] = np.frombuffer(batch.values, dtype=np.int8).reshape(-1, dimensions)
            start = end
        if before is None or not before.vectors.room or not view.vector_count(name, dimensions, 0):
            return Vectors(numbers, rows)
        return before.vectors.with_more(numbers, rows) if count else before.vectors
