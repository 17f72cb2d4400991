"""The stored index: entries and vectors wait in a tail until there are enough to make a segment, and segments merge.

entry ─► tail (rows) ─► segment of 512 papers or more ─► merged with its neighbours, eight to one ─► 12 for 1,000,000
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder
from bot.model import Paper
from bot.model.segment import IndexEntry, NewSegment, PostingsEntry, SegmentInfo, SegmentKind
from bot.query.field_index import name_parts
from bot.search.field_terms import age_seconds, paper_terms
from bot.search.proximity import order_of
from bot.search.segment import Segment
from bot.search.segment_file import read_facts
from bot.search.vector_segment import VectorSegment
from bot.store import IndexView, Store
from bot.text.analyzer import index_stems

TAIL = 512
"""Most entries in the tail: making a segment of the tail, as every new snapshot does, takes 50 ms."""
TAIL_VECTORS = 4_096
"""Most vectors in the tail: every new snapshot reads them."""
LARGEST = 300_000
"""Papers of a merged segment at most: 200 MB of postings, of which a merge holds two in memory."""
_TIER = 8
"""Neighbours are merged once they have eight times the papers of a tier: a posting is written four times in all."""

_S = TypeVar("_S", Segment, VectorSegment)


def index_entry(paper: Paper) -> IndexEntry:
    """Analysed title, abstract, authors and fields of a paper, and the order of its stems."""
    title, abstract = index_stems(paper.title), index_stems(paper.abstract)
    authors = " ".join(part for author in paper.authors for part in name_parts(author))
    fields = " ".join(paper_terms(paper))
    postings = PostingsEntry(_text(*title), _text(*abstract), authors, fields, age_seconds(paper))
    return IndexEntry(postings, order_of(title[0], abstract[0]))


def _text(split: list[str], joined: list[str]) -> str:
    """Stems with hyphens split, then those of hyphenated words in one (`multi-modal`: multi modal … multimod)."""
    split_stems = set(split) if joined else set()
    return " ".join([*split, *(stem for stem in joined if stem not in split_stems)])


async def merge_tail(store: Store, embedder: Embedder | None = None) -> None:
    """Make segments of long tails, and merge segments, until nothing is left to: of words, or of a model's vectors."""
    step = _words_step if embedder is None else _vectors_step(embedder.name, embedder.dimensions)
    while (segment := await store.segments.read(step)) is not None and await store.segments.replace(segment):
        pass


def words_segment(entries: Mapping[int, PostingsEntry]) -> NewSegment:
    """Segment of entries by paper number."""
    segment = Segment.of(entries)
    return NewSegment("words", "", segment.size, segment.to_bytes())


def tail_vectors(
    view: IndexView, model: str, dimensions: int, most: int | None = None
) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Numbers of the papers whose vectors are in no segment, and rows (papers, dimensions); about `most`, if given."""
    numbers: list[int] = []
    values: list[bytes] = []
    for batch in view.tail_vectors(model, dimensions):
        numbers += batch.numbers
        values.append(batch.values)
        if most is not None and len(numbers) >= most:
            break
    rows = np.frombuffer(b"".join(values), dtype=np.int8).reshape(-1, dimensions)
    return np.array(numbers, dtype=np.int32), rows


def vectors_segment(
    view: IndexView, model: str, numbers: Sequence[int] | NDArray[np.int32], rows: NDArray[np.int8]
) -> NewSegment:
    """Segment of vectors, (papers, dimensions); its signs compare with those that are stored."""
    order = np.argsort(np.asarray(numbers, dtype=np.int32), kind="stable")
    segment = VectorSegment.of(np.asarray(numbers, dtype=np.int32)[order], rows[order], _centre(view, model))
    return NewSegment("vectors", model, segment.size, segment.to_bytes())


def _words_step(view: IndexView) -> NewSegment | None:
    tail = view.tail()
    if len(tail) >= TAIL:
        return replace(words_segment(tail), tail=tuple(tail), tail_revision=view.revision())
    return _merged(view, "words", "", Segment.from_bytes, Segment.merged)


def _vectors_step(model: str, dimensions: int) -> Callable[[IndexView], NewSegment | None]:
    def step(view: IndexView) -> NewSegment | None:
        numbers, rows = tail_vectors(view, model, dimensions, most=LARGEST)
        if len(numbers) >= TAIL_VECTORS:
            segment = vectors_segment(view, model, numbers, rows)
            return replace(segment, tail=tuple(numbers.tolist()), tail_revision=view.revision())
        return _merged(view, "vectors", model, VectorSegment.from_bytes, VectorSegment.merged)

    return step


def _merged(
    view: IndexView,
    kind: SegmentKind,
    model: str,
    read: Callable[[bytes], _S],
    merge: Callable[[Sequence[_S]], _S],
) -> NewSegment | None:
    """The newest segments merged, without papers that were removed; None if they are large enough as they are."""
    infos = mergeable(view.segments(kind, model))
    if not infos:
        return None
    segment = merge([read(b"".join(view.segment(info.id))) for info in infos])
    stored = np.fromiter(view.stored(), dtype=np.int32)
    segment = segment.without(np.setdiff1d(segment.numbers, stored, assume_unique=True))
    return NewSegment(kind, model, segment.size, segment.to_bytes(), tuple(info.id for info in infos))


def mergeable(infos: Sequence[SegmentInfo]) -> list[SegmentInfo]:
    """The newest segments of at most a tier's size that have the size of the next tier together, oldest first."""
    bound = TAIL * _TIER
    while bound <= LARGEST:
        papers, start = 0, len(infos)
        while start and infos[start - 1].papers < bound and papers + infos[start - 1].papers <= LARGEST:
            start -= 1
            papers += infos[start].papers
        if papers >= bound and len(infos) - start > 1:
            return list(infos[start:])
        bound *= _TIER
    return []


def _centre(view: IndexView, model: str) -> NDArray[np.float32] | None:
    """Zero point of the signs of the stored vectors; None if there are none."""
    for info in view.segments("vectors", model):
        for part in view.segment(info.id):
            return np.array(read_facts(part)["centre"], dtype=np.float32)
    return None
