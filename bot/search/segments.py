"""Segments of the index: new entries wait in a tail, and are merged into a segment once there are enough of them.

tail (rows) ─► segment of 512 papers or more ─► merged with segments not much larger ─► a dozen for 100,000 papers
"""

from __future__ import annotations

import numpy as np

from bot.model.segment import PaperFilter, SegmentMerge
from bot.search.postings import Segment, stem_counts
from bot.store import Store
from bot.store.protocols import IndexView

TAIL = 512
"""Most entries in the tail: making a segment of the tail, as every new snapshot does, takes 50 ms."""
LARGEST = 200_000
"""Papers in a segment: its largest array then stays far below SQLite's billion bytes."""


def vocabulary(view: IndexView) -> set[str]:
    """Every stem of every paper; a part of a name has the mark of names before it."""
    return view.vocabulary(view.segment_sizes()) | {stem for e in view.tail().values() for stem in stem_counts(e)}


async def merge_tail(store: Store) -> None:
    """Make a segment of a long tail. If the index changes meanwhile, nothing happens until the next call."""
    merge = await store.segments.read(_merge)
    if merge is not None:
        await store.segments.replace(merge)


def _merge(view: IndexView) -> SegmentMerge | None:
    if view.tail_size() < TAIL:
        return None
    entries = view.tail()
    merged_ids, size = [], len(entries)
    for segment_id, papers in reversed(view.segment_sizes().items()):
        if papers > 2 * size or size + papers > LARGEST:
            break
        merged_ids.append(segment_id)
        size += papers
    merged_ids.reverse()
    stems = view.vocabulary(merged_ids) | {stem for entry in entries.values() for stem in stem_counts(entry)}
    older = [Segment.from_stored(view.segment(segment_id)) for segment_id in merged_ids]
    segment = Segment.merged([*older, Segment.of(entries)])
    stored_numbers = np.fromiter(view.numbers(PaperFilter()), dtype=np.int32)
    segment = segment.without(np.setdiff1d(segment.numbers, stored_numbers, assume_unique=True))
    return SegmentMerge(view.revision(), segment.to_stored(), segment.size, frozenset(stems), tuple(merged_ids))
