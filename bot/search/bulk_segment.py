"""Entries and segment of thousands of papers at once: their stems are numbers in arrays, not text that is split again.

The result is that of `segments.index_entry` and `segment.Segment.of`, in less time. Vectors come with it where the
model too reads what stands between spaces: finding that takes most of the time of both.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import PieceEmbedder, embedding_text
from bot.embeddings.wordpiece import LONGEST_TEXT
from bot.model import Paper
from bot.model.segment import IndexedPaper, IndexEntry, NewSegment, PostingsEntry, UnindexedPaper
from bot.query.field_index import name_parts
from bot.query.word_places import contains
from bot.search.field_terms import age_seconds, paper_terms
from bot.search.proximity import GAP_BYTES, order_hashes
from bot.search.segment import NAME, TITLE_COUNTS, Segment, key, of_occurrences
from bot.text.analyzer import Memo, piece_stems, without_markup

_TERMS_KEPT = 600_000
"""Terms that are remembered from one batch to the next, with as many lists: 150 MB."""
_PIECES_KEPT = 250_000
"""Pieces of texts, twice: a snapshot of arXiv has new ones all the time."""
_EMPTY = PostingsEntry("", "", "")
_MARKS = frozenset("&<\\${}~")
"""Characters of a title that HTML or LaTeX in the abstract may pair with its own."""


class _Terms(dict[str, int]):
    """Numbers of terms, given on first use, and their hashes."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self._hashes = np.zeros(0, np.uint64)

    def __missing__(self, term: str) -> int:
        number = self[term] = len(self.names)
        self.names.append(term)
        return number

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """(terms,)."""
        if missing := len(self.names) - len(self._hashes):
            new = np.fromiter(map(key.__wrapped__, self.names[-missing:]), np.uint64, missing)
            self._hashes = np.concatenate([self._hashes, new])
        return self._hashes


class _Lists:
    """Short lists of numbers by their own number, in one array."""

    def __init__(self) -> None:
        self._values = array("q")
        self._ends = array("q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, values: Iterable[int]) -> int:
        """Add a list; returns its number."""
        self._values.extend(values)
        self._ends.append(len(self._values))
        return len(self._ends) - 2

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Starts and lengths by list, and the values."""
        ends = np.array(self._ends, np.int64)
        return ends[:-1], np.diff(ends), np.array(self._values, np.int64)


class _Vocabulary:
    """Words of earlier papers: their stems, and the numbers of these."""

    def __init__(self, embedder: PieceEmbedder | None) -> None:
        self._embedder = embedder
        self.terms = _Terms()
        self.parts, self.wholes, self.word_pieces = _Lists(), _Lists(), _Lists()
        self.pieces = Memo(self._of_piece, _PIECES_KEPT)
        """Number of the lists of a piece's stems, in `parts` and in `wholes`, and of its word pieces."""

    def _of_piece(self, piece: str) -> int:
        parts, wholes = piece_stems(piece)
        self.wholes.append([self.terms[stem] for stem in wholes])
        self.word_pieces.append(self._embedder.pieces(piece) if self._embedder else ())
        return self.parts.append([self.terms[stem] for stem in parts])


class _Texts(NamedTuple):
    """Titles and abstracts in turns: the terms of all of them, and how many each has."""

    terms: NDArray[np.int64]
    sizes: NDArray[np.int64]


class IndexedTogether(NamedTuple):
    """Papers in the order of their numbers."""

    entries: list[IndexedPaper]
    """With the order of stems alone."""
    segment: NewSegment
    """All postings."""
    vectors: NDArray[np.float32] | None
    """(papers, dimensions), what the embedder makes of their texts; None without an embedder."""


class BulkIndexer:
    """Makes entries of many papers; what it knows of words is kept for the next ones."""

    def __init__(self, embedder: PieceEmbedder | None = None) -> None:
        """With `embedder` it makes vectors too."""
        self._embedder = embedder
        self._vocabulary = _Vocabulary(embedder)
        self._lock = threading.Lock()

    def indexed(self, papers: Sequence[UnindexedPaper]) -> IndexedTogether:
        """Entries, segment and vectors of papers."""
        with self._lock:
            if max(len(self._vocabulary.terms), len(self._vocabulary.parts)) > _TERMS_KEPT:
                self._vocabulary = _Vocabulary(self._embedder)
            return self._indexed(sorted(papers, key=lambda each: each.number))

    def _indexed(self, papers: Sequence[UnindexedPaper]) -> IndexedTogether:
        vocabulary = self._vocabulary
        pieces, counts = self._pieces_of([each.paper for each in papers])
        parts = _expanded(pieces, counts, vocabulary.parts)
        wholes = _wholes(_expanded(pieces, counts, vocabulary.wholes), parts)
        names, fields = _numbers(papers, self._names_of), _numbers(papers, self._fields_of)
        segment = self._segment(papers, parts, wholes, names, fields)
        orders = self._orders(parts)
        entries = [
            IndexedPaper(each.number, each.change, IndexEntry(_EMPTY, order))
            for each, order in zip(papers, orders, strict=True)
        ]
        vectors = self._vectors([each.paper for each in papers], pieces, counts)
        return IndexedTogether(entries, NewSegment("words", "", segment.size, segment.to_bytes()), vectors)

    def _pieces_of(self, papers: Sequence[Paper]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numbers of the pieces of titles and abstracts, in turns, and how many each text has."""
        number_of = self._vocabulary.pieces.__getitem__
        pieces: list[int] = []
        counts: list[int] = []
        for paper in papers:
            for text in (paper.title, paper.abstract):
                words = without_markup(text).split()
                pieces += map(number_of, words)
                counts.append(len(words))
        return np.array(pieces, np.int64), np.array(counts, np.int64)

    def _names_of(self, paper: Paper) -> list[int]:
        terms = self._vocabulary.terms
        return [terms[NAME + part] for part in {part for author in paper.authors for part in name_parts(author)}]

    def _fields_of(self, paper: Paper) -> list[int]:
        terms = self._vocabulary.terms
        return [terms[term] for term in set(paper_terms(paper))]

    def _segment(
        self, papers: Sequence[UnindexedPaper], parts: _Texts, wholes: _Texts, names: _Texts, fields: _Texts
    ) -> Segment:
        terms = np.concatenate([each.terms for each in (parts, wholes, names, fields)])
        texts, every = np.arange(len(parts.sizes)), np.arange(len(papers))
        in_title = np.where(texts & 1, 1, TITLE_COUNTS)
        owners = [np.repeat(texts >> 1, each.sizes) for each in (parts, wholes)]
        owners += [np.repeat(every, each.sizes) for each in (names, fields)]
        weights = [np.repeat(in_title, each.sizes) for each in (parts, wholes)]
        weights.append(np.ones(len(names.terms) + len(fields.terms), np.int64))
        lengths = ((parts.sizes + wholes.sizes) * in_title).reshape(-1, 2).sum(axis=1)
        used = np.flatnonzero(np.bincount(terms, minlength=1))
        hashes = self._vocabulary.terms.hashes[used]
        order = np.argsort(hashes)
        ranks = np.zeros(len(self._vocabulary.terms), np.uint64)
        ranks[used[order]] = np.arange(len(used), dtype=np.uint64)
        names_of_terms = self._vocabulary.terms.names
        return of_occurrences(
            stems=ranks[terms],
            papers=np.concatenate(owners).astype(np.uint64),
            weights=np.concatenate(weights).astype(np.uint64),
            keys=hashes[order],
            spelled=[names_of_terms[at].encode("utf-8", "surrogatepass") for at in used[order].tolist()],
            numbers=np.array([each.number for each in papers], np.int32),
            lengths=lengths,
            ages=np.array([age_seconds(each.paper) for each in papers], np.float64),
            average=None,
        )

    def _vectors(
        self, papers: Sequence[Paper], pieces: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.float32] | None:
        if self._embedder is None:
            return None
        word_pieces, sizes = _expanded(pieces, counts, self._vocabulary.word_pieces)
        ends = np.cumsum(sizes)[1::2].tolist()
        starts = [0, *ends[:-1]]
        vectors = self._embedder.embed_pieces([word_pieces[s:e] for s, e in zip(starts, ends, strict=True)])
        if whole := [at for at, paper in enumerate(papers) if not _is_sum_of_parts(paper)]:
            vectors[whole] = self._embedder.embed(
                [embedding_text(papers[at].title, papers[at].abstract) for at in whole]
            )
        return vectors

    def _orders(self, parts: _Texts) -> list[bytes]:
        data = order_hashes(self._vocabulary.terms.hashes[parts.terms]).tobytes()
        ends = (np.cumsum(parts.sizes) * 4).tolist()
        starts = [0, *ends[:-1]]
        texts = [data[start:end] for start, end in zip(starts, ends, strict=True)]
        return [title + GAP_BYTES + abstract for title, abstract in zip(texts[::2], texts[1::2], strict=True)]


def _is_sum_of_parts(paper: Paper) -> bool:
    """Whether title and abstract have the same words together as each for itself, and are read to their end."""
    return len(paper.title) + len(paper.abstract) < LONGEST_TEXT - 10 and _MARKS.isdisjoint(paper.title)


def _numbers(papers: Sequence[UnindexedPaper], terms_of: Callable[[Paper], list[int]]) -> _Texts:
    lists = [terms_of(each.paper) for each in papers]
    return _Texts(np.array([*chain.from_iterable(lists)], np.int64), np.array([*map(len, lists)], np.int64))


def _expanded(pieces: NDArray[np.int64], counts: NDArray[np.int64], lists: _Lists) -> _Texts:
    """The terms of each text's pieces."""
    starts, lengths, values = lists.arrays()
    sizes = lengths[pieces]
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    places = np.arange(total) + np.repeat(starts[pieces] - (ends - sizes), sizes)
    edges = np.concatenate([[0], ends])[np.concatenate([[0], np.cumsum(counts)])]
    return _Texts(values[places], np.diff(edges))


def _wholes(wholes: _Texts, parts: _Texts) -> _Texts:
    """The stems of hyphenated words in one of each text, each once and where they are none of its stems anyway."""
    texts = np.arange(len(parts.sizes))
    owned = np.sort(np.repeat(texts, wholes.sizes) << 32 | wholes.terms)
    owned = owned[np.diff(owned, prepend=-1) != 0]
    having = wholes.sizes > 0
    sizes = np.where(having, parts.sizes, 0)
    among = np.repeat(texts, sizes) << 32 | parts.terms[np.repeat(having, parts.sizes)]
    owned = owned[~contains(np.sort(among), owned)]
    return _Texts(owned & 0xFFFFFFFF, np.bincount(owned >> 32, minlength=len(wholes.sizes)))
