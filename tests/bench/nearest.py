"""The 300 nearest of many vectors: CPU time, how many of the exact 300 are among them, size, and making the index.

Vectors are those of invented papers about one subject each: sentences of real papers that are near to each other. The
libraries are optional (`pip install -e '.[bench]'`). Everything runs on one thread where OPENBLAS_NUM_THREADS is 1.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot import embeddings
from bot.search.vector_segment import VectorSegment, quantise
from bot.search.vectors import Vectors
from bot.text.cleaning import clean_text
from bot.text.sentences import split_sentences
from tests.bench.figures import Row, percentile, seconds
from tests.bench.papers import source_texts
from tests.bench.scale import Scale
from tests.harness.recordings import DATA

SUBJECT = "nearest"
COUNT = 300
SEGMENT = 262_144
GRAPHS_TO = 200_000
"""Papers of which a graph of neighbours is made: of a million that takes minutes."""
_FILES = ("hf_daily_papers/papers", "arxiv_labelled/arxiv_full_days", "scifact/corpus")
_TEXTS = 16_000
_ALIKE = 12
"""Nearest papers whose sentences are mixed."""

Rows = NDArray[np.int8]
Nearest = Callable[[NDArray[np.float32]], NDArray[np.int64]]
Index = tuple[Nearest, float]
"""Numbers of the nearest rows, and bytes per vector."""


def measure(scale: Scale) -> Iterator[Row]:
    """A row an index and size."""
    for size in scale.millions:
        texts = _source_vectors(min(size, _TEXTS))
        rows, dice = _papers(size, *texts), np.random.default_rng(1)
        vectors = texts[0][dice.choice(len(texts[0]), min(scale.search_queries, 100))]
        exact = _Exact(rows)
        nearest = [set(exact.nearest(vector).tolist()) for vector in vectors]
        for name, build in INDEXES.items():
            if name in _GRAPHS and size > GRAPHS_TO:
                continue
            what, started = f"{name}, {size:,} vectors: p50, p95", time.process_time()
            try:
                answer, weight = build(rows)
            except ImportError:
                yield Row(SUBJECT, what, "skipped: pip install -e '.[bench]'")
                continue
            built = size / (time.process_time() - started)
            yield _answered(what, answer, vectors, nearest, f"{weight:,.0f} bytes each, {built:,.0f}/s made")


def _answered(what: str, answer: Nearest, vectors: NDArray[np.float32], nearest: list[set[int]], remark: str) -> Row:
    times, shares = [], []
    for vector, best in zip(vectors, nearest, strict=True):
        started = time.process_time()
        numbers = answer(vector)
        times.append(time.process_time() - started)
        shares.append(len(best & set(numbers.tolist())) / len(best))
    spread = f"{seconds(median(times))}, {seconds(percentile(times, 0.95))}"
    return Row(SUBJECT, what, f"{spread}; recall {np.mean(shares):.2f}; {remark}")


# --- vectors -----------------------------------------------------------------------------------------------------


@cache
def _source_vectors(count: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Vectors of real papers, of their sentences, and where the sentences of each begin."""
    papers: list[list[str]] = []
    for path in (DATA / f"{name}.jsonl.gz" for name in _FILES if (DATA / f"{name}.jsonl.gz").exists()):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                text = row.get("summary") or row.get("abstract") or row.get("text") or ""
                papers.append([clean_text(row["title"]), *split_sentences(clean_text(text))])
    if not papers:
        papers = [[sentence] for sentence in source_texts()[1]]
    papers = papers[:: len(papers) // count or 1]
    embedder = embeddings.load(embeddings.DEFAULT)
    starts = np.cumsum([0, *map(len, papers)])
    sentences = embedder.embed([sentence for paper in papers for sentence in paper])
    return embedder.embed([" ".join(paper) for paper in papers]), sentences, starts


def _papers(count: int, whole: NDArray[np.float32], sentences: NDArray[np.float32], starts: NDArray[np.int64]) -> Rows:
    """Vectors of invented papers, each of five to eight sentences of a paper and the papers nearest to it."""
    dice = np.random.default_rng(0)
    alike = np.empty((len(whole), _ALIKE), dtype=np.int64)
    for start in range(0, len(whole), 1_000):
        alike[start : start + 1_000] = np.argpartition(-(whole[start : start + 1_000] @ whole.T), _ALIKE)[:, :_ALIKE]
    rows = np.empty((count, whole.shape[1]), dtype=np.int8)
    for start in range(0, count, 20_000):
        some = min(20_000, count - start)
        base, lengths = dice.integers(0, len(whole), some), dice.integers(5, 9, some)
        mixed = np.zeros((some, whole.shape[1]), dtype=np.float32)
        for place in range(8):
            source = alike[base, dice.integers(0, _ALIKE, some)]
            chosen = starts[source] + (dice.random(some) * (starts[source + 1] - starts[source])).astype(np.int64)
            mixed += sentences[chosen] * (place < lengths)[:, None]
        rows[start : start + some] = quantise(mixed)
    return rows


# --- indexes -----------------------------------------------------------------------------------------------------


class _Exact:
    """Cosines of all vectors, in blocks that stay in the cache."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._lengths = np.concatenate(
            [np.linalg.norm(rows[at : at + SEGMENT].astype(np.float32), axis=1) for at in range(0, len(rows), SEGMENT)]
        )
        self._lengths[self._lengths == 0] = 1

    def nearest(self, vector: NDArray[np.float32]) -> NDArray[np.int64]:
        cosines = np.empty(len(self._rows), dtype=np.float32)
        block = np.empty((512, self._rows.shape[1]), dtype=np.float32)
        for start in range(0, len(cosines), 512):
            some = self._rows[start : start + 512]
            block[: len(some)] = some
            np.matmul(block[: len(some)], vector, out=cosines[start : start + 512])
        cosines /= self._lengths
        return _best(-cosines)


def _best(distances: NDArray[Any]) -> NDArray[np.int64]:
    return np.argpartition(distances, min(COUNT, len(distances)) - 1)[:COUNT]


def _exhaustive(rows: Rows) -> Index:
    return _Exact(rows).nearest, rows.shape[1] + 4


def _paperboy(rows: Rows) -> Index:
    segments: list[VectorSegment] = []
    for start in range(0, len(rows), SEGMENT):
        some = rows[start : start + SEGMENT]
        centre = segments[0].centre if segments else None
        segments.append(VectorSegment.of(np.arange(start, start + len(some)), some, centre))
    vectors = Vectors(segments, np.zeros(0, np.int64), rows[:0])
    size = sum(len(each.to_bytes()) for each in segments) / len(rows)
    return lambda vector: vectors.nearest(vector, COUNT), size


def _signs_alone(rows: Rows) -> Index:
    """What Paperboy 0.10 did: the Hamming distances of all signs."""
    segment = VectorSegment.of(np.arange(len(rows)), rows)

    def nearest(vector: NDArray[np.float32]) -> NDArray[np.int64]:
        own = VectorSegment.of(np.arange(1), quantise(vector[None]), segment.centre).signs[:, 0]
        distances = np.zeros(len(rows), dtype=np.uint16)
        for signs, word in zip(segment.signs, own, strict=True):
            distances += np.bitwise_count(signs ^ word)
        up_to = np.cumsum(np.bincount(distances))
        near = np.flatnonzero(distances <= int(np.searchsorted(up_to, COUNT)))
        return near[np.argsort(distances[near], kind="stable")[:COUNT]]

    return nearest, rows.shape[1] * 9 / 8 + 4


def _usearch(rows: Rows) -> Index:
    from usearch.index import Index as Graph  # noqa: PLC0415 - optional

    graph = Graph(
        ndim=rows.shape[1], metric="cos", dtype="i8", connectivity=16, expansion_add=64, expansion_search=2 * COUNT
    )
    graph.add(np.arange(len(rows)), rows, threads=1)
    return lambda vector: graph.search(quantise(vector[None])[0], COUNT, threads=1).keys, graph.memory_usage / len(rows)


def _faiss_ivf(rows: Rows) -> Index:
    import faiss  # noqa: PLC0415 - optional

    faiss.omp_set_num_threads(1)
    lists = max(int(len(rows) ** 0.5), 1)
    kind = f"IVF{lists},SQ8"
    index = faiss.index_factory(rows.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    index.train(_unit(rows[:: max(len(rows) // (40 * lists), 1)]))
    for start in range(0, len(rows), 20_000):
        index.add(_unit(rows[start : start + 20_000]))
    faiss.extract_index_ivf(index).nprobe = max(lists // 25, 1)
    return lambda vector: index.search(vector[None], COUNT)[1][0], rows.shape[1] + 8


def _faiss_binary(rows: Rows) -> Index:
    import faiss  # noqa: PLC0415 - optional

    faiss.omp_set_num_threads(1)
    centre = VectorSegment.of(np.arange(len(rows)), rows).centre
    index = faiss.IndexBinaryFlat(rows.shape[1])
    index.add(np.packbits(rows > centre, axis=1))
    return (
        lambda vector: index.search(np.packbits(quantise(vector[None]) > centre, axis=1), COUNT)[1][0],
        rows.shape[1] / 8,
    )


def _unit(rows: Rows) -> NDArray[np.float32]:
    vectors = rows.astype(np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)


INDEXES: dict[str, Callable[[Rows], Index]] = {
    "Paperboy": _paperboy,
    "signs alone, as in 0.10": _signs_alone,
    "all cosines, int8": _exhaustive,
    "faiss, IndexBinaryFlat": _faiss_binary,
    "faiss, IVF and 8 bits, 1 of 25 lists": _faiss_ivf,
    "usearch, graph of 16, int8": _usearch,
}
_GRAPHS = ("usearch, graph of 16, int8",)

if __name__ == "__main__":
    import sys
    from dataclasses import replace

    from tests.bench.figures import table
    from tests.bench.scale import FULL

    with suppress(BrokenPipeError):
        print(table(measure(replace(FULL, millions=tuple(map(int, sys.argv[1:]))))))
