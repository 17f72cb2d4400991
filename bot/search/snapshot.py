"""The index in memory, kept in step with the database: whoever asks first after a change brings it up to date."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.search import segments
from bot.search.postings import Pack, Postings
from bot.search.vectors import Vectors

if TYPE_CHECKING:
    from sqlite_utils import Database

    from bot.embeddings import Embedder


@dataclass(frozen=True, slots=True)
class Held:
    """One state of the index; it stays as it is for who looks at it."""

    revision: int
    packs: dict[int, Pack]
    postings: Postings
    vectors: Vectors
    vectors_as_of: int

    @property
    def room(self) -> int:
        """Row numbers are below this."""
        return max(self.postings.room, self.vectors.room)


class Holdings:
    """Shared by reader threads; each state replaces the one before as a whole."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._held: Held | None = None
        self._words: tuple[int, tuple[str, ...]] | None = None
        self._refreshing = threading.Lock()

    def of(self, db: Database) -> Held:
        """The index as this connection sees the database, or newer."""
        held, now = self._held, segments.revision(db)
        if held is not None and held.revision >= now:
            return held
        with self._refreshing:
            held = self._held
            if held is None or held.revision < now:
                held = self._held = self._refreshed(db, held, now)
            return held

    def words(self, db: Database) -> tuple[str, ...]:
        """Every stem there is, for finding what a misspelt one was meant to be."""
        now = segments.revision(db)
        if self._words is None or self._words[0] < now:
            self._words = now, tuple(segments.vocabulary(db))
        return self._words[1]

    def _refreshed(self, db: Database, before: Held | None, now: int) -> Held:
        known = before.packs if before else {}
        packs = {pack_id: known.get(pack_id) or segments.read_pack(db, pack_id) for pack_id in segments.pack_ids(db)}
        last = segments.tail(db)
        everything = [*packs.values(), *([Pack.of(last)] if last else [])]
        postings = Postings(everything, before=before.postings if before else None)
        since = before.vectors_as_of if before else 0
        numbers, rows = segments.read_vectors(db, self.embedder.name, self.embedder.dimensions, since)
        vectors = before.vectors if before else Vectors(np.zeros(0, np.int64), rows[:0])
        if len(numbers):
            vectors = vectors.with_more(numbers, rows) if vectors.room else Vectors(numbers, rows)
        return Held(now, packs, postings, vectors, now)
