"""Judged collections: how well an engine ranks, as nDCG@10 a query, and the interval of a difference."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.harness.recordings import DATA

DEPTH = 10
RESAMPLES = 10_000


@dataclass(frozen=True)
class Collection:
    """Documents (id, title, text) and queries (text, relevant ids)."""

    name: str
    documents: tuple[tuple[str, str, str], ...]
    queries: tuple[tuple[str, frozenset[str]], ...]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Titles and texts, without the ids."""
        return [(title, text) for _, title, text in self.documents]

    def part(self, queries: int) -> Collection:
        """Part with the first queries, their relevant documents and 50 others."""
        chosen = self.queries[:queries]
        relevant = frozenset().union(*(ids for _, ids in chosen))
        some = {row[0] for row in self.documents[:50]}
        return Collection(self.name, tuple(row for row in self.documents if row[0] in relevant | some), chosen)


@cache
def collection(name: str) -> Collection | None:
    """`scifact` (train claims) or `cacm`; None where the data is not at hand."""
    folder = DATA / name
    if not folder.exists():
        return None
    relevant: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, *_, document, grade = line.split()
        if grade.isdigit() and int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    queries = tuple(
        (row["text"], frozenset(relevant[str(row["_id"])]))
        for row in _rows(folder / "queries.jsonl.gz")
        if str(row["_id"]) in relevant
    )
    documents = tuple((str(r["_id"]), r["title"], r["text"]) for r in _rows(folder / "corpus.jsonl.gz"))
    return Collection(name, documents, queries)


def _rows(path: Any) -> Iterable[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def ndcg(ranked: Sequence[str], relevant: frozenset[str]) -> float:
    """nDCG at 10 with binary relevance (Järvelin & Kekäläinen, 2002)."""
    gain = sum(1 / np.log2(place + 2) for place, each in enumerate(ranked[:DEPTH]) if each in relevant)
    return float(gain / sum(1 / np.log2(place + 2) for place in range(min(len(relevant), DEPTH))))


def difference_interval(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the mean difference, by paired bootstrap over the queries (Smucker et al., CIKM 2007)."""
    differences: NDArray[np.float64] = np.asarray(ours) - np.asarray(theirs)
    dice = np.random.default_rng(1)
    drawn = dice.integers(0, len(differences), (RESAMPLES, len(differences)))
    low, high = np.percentile(differences[drawn].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)
