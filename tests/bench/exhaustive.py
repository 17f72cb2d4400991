"""Rankings by scoring every paper: exact BM25 of all and the cosines of all vectors, fused as a search does.

Scores come from the frequencies, lengths and vectors of the stored segments alone: no rounded impacts, no rows of
frequent stems, no signs. Each paper must be in one segment, and none in the tail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import Embedder
from bot.query.parser import parse_literal
from bot.search import segment_file
from bot.search.cosine_stats import Moments
from bot.search.cost import Meter
from bot.search.fusion import CANDIDATES, FusionRequest, fuse
from bot.search.plan import Plan, make_plan
from bot.search.postings import Postings
from bot.search.segment import K1, B, key
from bot.search.snapshot import Snapshot, SnapshotCache
from bot.search.spelling import corrections
from bot.store import IndexView
from tests.bench.papers import NOW

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
_ROWS = 16_384
"""Vectors compared at once."""


class ExactPostings:
    """Postings that score in full precision; which papers have a stem is asked of those of a search."""

    def __init__(self, segments: Sequence[Arrays], postings: Postings) -> None:
        self._segments, self._postings = segments, postings
        self.room = postings.room
        lengths = np.zeros(self.room)
        for each in segments:
            lengths[each["numbers"]] = each["lengths"]
        self.average = float(lengths.sum()) / postings.papers
        self._norms = (K1 * (1 - B + B * lengths / self.average)).astype(np.float32)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._postings, name)

    def score(self, stems: Iterable[str]) -> Floats:
        """BM25 of every paper, (room,)."""
        scores = np.zeros(self.room, np.float32)
        for stem in stems:
            found = [each for segment in self._segments if (each := _postings(segment, stem))]
            weight = np.float32(self._postings.idf(sum(len(numbers) for numbers, _ in found)) * (K1 + 1))
            for numbers, counts in found:
                frequency = counts.astype(np.float32)
                scores[numbers] += weight * frequency / (frequency + self._norms[numbers])
        return scores


class ExactVectors:
    """Vectors whose nearest to some texts are those of all papers by the cosine of their bytes."""

    def __init__(self, segments: Sequence[Arrays], texts: Floats) -> None:
        self._segments = segments
        self._best = {text.tobytes(): (np.zeros(0, np.int64), np.zeros(0, np.float32)) for text in texts}
        self.moments = Moments(0, np.zeros(texts.shape[1]), np.zeros((texts.shape[1], texts.shape[1])))
        for each in segments:
            for start in range(0, len(each["numbers"]), _ROWS):
                self._compare(
                    texts, {name: each[name][start : start + _ROWS] for name in ("numbers", "rows", "lengths")}
                )
        self.papers = self.moments.papers

    def _compare(self, texts: Floats, rows: Arrays) -> None:
        has_vector = rows["lengths"] > 0
        numbers = rows["numbers"][has_vector].astype(np.int64)
        units = cast(Floats, rows["rows"][has_vector] / rows["lengths"][has_vector, None])
        self.moments = self.moments.changed(units)
        for text, cosines in zip(texts, texts @ units.T, strict=True):
            best, least = self._best[text.tobytes()], -np.inf
            if len(best[0]) == CANDIDATES:
                least = float(best[1].min())
            above = np.flatnonzero(cosines > least)
            both = np.concatenate([best[0], numbers[above]]), np.concatenate([best[1], cosines[above]])
            kept = np.argsort(-both[1], kind="stable")[:CANDIDATES]
            self._best[text.tobytes()] = both[0][kept], both[1][kept]

    def nearest(self, text: Floats, count: int, mask: NDArray[np.bool_] | None = None) -> Numbers:
        """Numbers of the papers nearest to one of the texts."""
        assert mask is None
        return self._best[text.tobytes()][0][:count]

    def cosines(self, text: Floats, numbers: Numbers) -> Floats:
        """Cosines of papers with a text."""
        cosines = np.zeros(len(numbers), np.float32)
        for each in self._segments:
            at = np.searchsorted(each["numbers"], numbers)
            at[at == len(each["numbers"])] = 0
            own = (each["numbers"][at] == numbers) & (each["lengths"][at] > 0)
            cosines[own] = each["rows"][at[own]].astype(np.float32) @ text / each["lengths"][at[own]]
        return cosines


def rankings(view: IndexView, cache: SnapshotCache, lines: Sequence[str], depth: int) -> list[list[str]]:
    """Ids of the best papers for each line of words; its misspelt words are corrected as a search does."""
    assert not view.tail(), "some papers are in no segment yet"
    snapshot, embedder = cache.current(view), cache.embedder
    plans = [_plan(line, snapshot) for line in lines]
    vectors = embedder.embed([plan.text for plan in plans])
    postings = ExactPostings(_read(view, "words"), snapshot.postings)
    near = ExactVectors(_read(view, "vectors", embedder.name), np.unique(vectors, axis=0))
    exact = cast(Snapshot, _Exact(postings, near))
    return [_ranked(view, exact, plan, vector, embedder, depth) for plan, vector in zip(plans, vectors, strict=True)]


class _Exact:
    def __init__(self, postings: ExactPostings, vectors: ExactVectors) -> None:
        self.postings, self.vectors, self.room = postings, vectors, postings.room


def _plan(line: str, snapshot: Snapshot) -> Plan:
    plan = make_plan(parse_literal(line).alternatives[0], NOW)
    corrected = corrections([plan], snapshot.postings, Meter(line))
    return replace(plan, groups=tuple(corrected.get(group, group) for group in plan.groups))


def _ranked(view: IndexView, exact: Snapshot, plan: Plan, vector: Floats, embedder: Embedder, depth: int) -> list[str]:
    request = FusionRequest(plan.groups, vector if vector.any() else None, embedder.dense_weight, view.stem_orders)
    numbers = np.concatenate([each.numbers for each in fuse(exact, request)])[:depth].tolist()
    ids = view.ids(numbers)
    return [ids[number] for number in numbers]


def _read(view: IndexView, kind: Any, model: str = "") -> list[Arrays]:
    return [segment_file.from_bytes(b"".join(view.segment(info.id)))[0] for info in view.segments(kind, model)]


def _postings(segment: Arrays, stem: str) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Numbers of the papers of a segment that have a stem, and how often."""
    hashed = np.uint64(key(stem))
    at = int(np.searchsorted(segment["keys"], hashed))
    if at == len(segment["keys"]) or segment["keys"][at] != hashed:
        return None
    span = slice(int(segment["starts"][at]), int(segment["starts"][at + 1]))
    return segment["papers"][span], segment["counts"][span]
