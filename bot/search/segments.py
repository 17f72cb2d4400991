"""The stored lexical index: entries of papers wait in a tail until there are enough to make a segment of them.

entry ─► tail (rows) ─► segment of 512 papers or more ─► merged with segments not much larger ─► 12 for 100,000 papers
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from bot.model import Paper
from bot.model.segment import IndexEntry, PaperFilter, PostingsEntry, SegmentMerge
from bot.query.field_index import name_parts
from bot.search.postings import Segment, stem_counts
from bot.search.proximity import order_of
from bot.store import Store
from bot.store.protocols import IndexView
from bot.text.analyzer import index_stems

TAIL = 512
"""Most entries in the tail: making a segment of the tail, as every new snapshot does, takes 50 ms."""
LARGEST = 200_000
"""Papers in a segment: its largest array then stays far below SQLite's billion bytes."""


def index_entry(paper: Paper) -> IndexEntry:
    """Analysed title, abstract and authors of a paper, and the order of its stems."""
    title, abstract = index_stems(paper.title), index_stems(paper.abstract)
    authors = " ".join(part for author in paper.authors for part in name_parts(author))
    return IndexEntry(_text(*title), _text(*abstract), authors, order_of(title[0], abstract[0]))


def _text(split: list[str], joined: list[str]) -> str:
    """Stems with hyphens split, then those of hyphenated words in one (`multi-modal`: multi modal … multimod)."""
    split_stems = set(split) if joined else set()
    return " ".join([*split, *(stem for stem in joined if stem not in split_stems)])


def vocabulary(view: IndexView, segment_ids: Iterable[int], tail: Mapping[int, PostingsEntry]) -> set[str]:
    """Every stem of some segments and of the tail; a part of an author's name has `@` before it."""
    return view.vocabulary(segment_ids) | {stem for entry in tail.values() for stem in stem_counts(entry)}


async def merge_tail(store: Store) -> None:
    """Make a segment of a long tail; if the index changes meanwhile, nothing changes until the next call."""
    merge = await store.segments.read(_merge)
    if merge is not None:
        await store.segments.replace(merge)


def _merge(view: IndexView) -> SegmentMerge | None:
    tail = view.tail()
    if len(tail) < TAIL:
        return None
    merged_ids, size = [], len(tail)
    for segment_id, papers in reversed(view.segment_sizes().items()):
        if papers > 2 * size or size + papers > LARGEST:
            break
        merged_ids.append(segment_id)
        size += papers
    merged_ids.reverse()
    stems = vocabulary(view, merged_ids, tail)
    older = [Segment.from_stored(view.segment(segment_id)) for segment_id in merged_ids]
    segment = Segment.merged([*older, Segment.of(tail)])
    stored_numbers = np.fromiter(view.numbers(PaperFilter()), dtype=np.int32)
    segment = segment.without(np.setdiff1d(segment.numbers, stored_numbers, assume_unique=True))
    return SegmentMerge(view.revision(), segment.to_stored(), segment.size, frozenset(stems), tuple(merged_ids))
