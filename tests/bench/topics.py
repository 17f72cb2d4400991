"""How well topics match: F1 against the categories that authors chose, beside keywords and tf-idf, on whole arXiv days.

Every category of 40 papers or more is asked for by arXiv's own name of it in lower case (`topics.json`, written
before anything was tuned). The marks of `bot.query.semantic` were chosen on Daily Papers that are none of these. The
peer that needs a threshold is given the one that serves it best on the reported papers.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot import embeddings
from bot.app import candidates, collect
from bot.model import Findings, Paper
from bot.query import semantic
from bot.query.ast import content_words
from bot.query.field_index import Document
from bot.query.matcher import Documents, content_texts
from bot.query.parser import parse
from bot.search import Search
from bot.search.vectors import Vectors
from bot.store.sqlite import SqliteStore
from tests.bench.figures import Row, Times, seconds, timed
from tests.bench.scale import Scale
from tests.harness.recordings import DATA

SUBJECT = "topics"
NOW = datetime(2025, 12, 31, tzinfo=UTC)
LEAST = 40
"""Papers of a category."""
RECALL = 0.5
STORED = 100_000
"""Papers with a vector, for the time of calibration."""
Scores = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Days:
    """Papers, and for each topic which of them its category has."""

    papers: tuple[Paper, ...]
    truth: Mapping[str, Flags]
    """Flags of the papers, by category."""
    names: Mapping[str, str]
    """Topic of each category; two may share one."""


def measure(scale: Scale) -> Iterator[Row]:
    """Ours, by words alone, by meaning alone, and the peers'."""
    days = _days(scale.matched)
    if days is None:
        yield Row(SUBJECT, "F1 against authors' categories", "skipped: no ../shared/data")
        return
    documents = Documents([Document(paper) for paper in days.papers], NOW)
    times = Times()
    near = asyncio.run(_near(days, documents, times))
    queries = {text: parse(text) for text in days.names.values()}
    shares = {text: documents.word_shares(content_words(query.alternatives[0])) for text, query in queries.items()}
    matched = {text: documents.matching(query, near[text]).flags(len(documents)) for text, query in queries.items()}
    exact = {text: documents.matching(query).flags(len(documents)) for text, query in queries.items()}
    ranked = {text: documents.scores(queries[text], near[text]) for text in queries}
    what = f"{len(days.truth)} categories' names, {len(documents):,} papers of whole days"
    yield _row(
        f"{what}: mean F1; precision at recall 0.5, its deviation, their ratio", days, matched, ranked, "best, smallest"
    )
    yield _row("the same, all of the words", days, exact, shares)
    yield _row("the same, any of the words", days, {text: share > 0 for text, share in shares.items()}, shares)
    cosines = _tf_idf(documents, queries)
    mark = _best_mark(days, cosines)
    flags = {text: scores >= mark for text, scores in cosines.items()}
    yield _row(f"the same, tf-idf cosine from {mark:.2f}, its best", days, flags, cosines)
    yield Row(SUBJECT, "learning what a topic means, a topic", seconds(times.median / len(queries)))
    yield from _calibration(1_000 if scale.matched else STORED)


def _days(most: int) -> Days | None:
    path = DATA / "arxiv_labelled" / "arxiv_full_days.jsonl.gz"
    if not path.exists():
        return None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = {row["id"]: row for row in map(json.loads, lines)}
    rows = dict(list(rows.items())[: most or None])
    papers = tuple(Paper(i, row["title"], row["abstract"], listed_at=NOW) for i, row in rows.items())
    names = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    truth = {category: np.array([category in row["categories"] for row in rows.values()]) for category in names}
    frequent = {category: flags for category, flags in truth.items() if flags.sum() >= (LEAST if not most else 2)}
    return Days(papers, frequent, {category: names[category] for category in frequent})


def _calibration(papers: int) -> Iterator[Row]:
    """How long it takes to know how near all stored papers are: once a state of the index, then for each topic."""
    rows = np.random.default_rng(1).integers(-127, 128, (papers, 256), dtype=np.int8)
    vectors = Vectors(np.arange(papers), rows)
    first, each = Times(), Times()
    with timed(first):
        moments = vectors.moments
    for row in vectors.of(range(100)):
        with timed(each):
            moments.spread(row)
    yield Row(SUBJECT, f"calibration over {papers:,} stored papers, once", seconds(first.median))
    yield Row(SUBJECT, "the same, then for each topic", seconds(each.median), "10 ms")


async def _near(days: Days, documents: Documents, times: Times) -> dict[str, dict[str, semantic.SemanticMatches]]:
    """Papers close in meaning to each topic, from a real store."""
    embedder = embeddings.load(embeddings.DEFAULT)
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "days.db", write=True) as store:
        await store.papers.add(Findings(days.papers), "file", NOW)
        await collect.describe(store)
        await collect.embed(store, embedder)
        search = Search(store, embedder)
        await search.nearness(["warm"], [])
        with timed(times):
            return {
                text: await candidates.meanings(search, documents, content_texts([parse(text)]))
                for text in days.names.values()
            }


def _tf_idf(documents: Documents, queries: Mapping[str, object]) -> dict[str, Scores]:
    matched = {}
    for text in queries:
        cosines = documents.similar(Paper("topic", str(text), ""))
        scores = np.zeros(len(documents), dtype=np.float32)
        for at, cosine in cosines:
            scores[at] = cosine
        matched[str(text)] = scores
    return matched


def _best_mark(days: Days, scores: Mapping[str, Scores]) -> float:
    marks = np.linspace(0.01, 0.4, 40)
    return float(
        max(
            marks,
            key=lambda mark: np.mean([_f1(flags, scores[days.names[c]] >= mark) for c, flags in days.truth.items()]),
        )
    )


def _row(what: str, days: Days, matched: Mapping[str, Flags], ranked: Mapping[str, Scores], target: str = "") -> Row:
    f1 = [_f1(truth, matched[days.names[category]]) for category, truth in days.truth.items()]
    precision = [_precision(truth, ranked[days.names[category]]) for category, truth in days.truth.items()]
    mean, deviation = np.mean(precision), np.std(precision)
    figure = f"{np.mean(f1):.3f}; {mean:.3f} ± {deviation:.3f}, {deviation / mean:.2f}"
    return Row(SUBJECT, what, figure, target)


def _f1(truth: Flags, matched: Flags) -> float:
    both = int((truth & matched).sum())
    return 2 * both / max(int(truth.sum() + matched.sum()), 1)


def _precision(truth: Flags, scores: Scores) -> float:
    """Precision where half of the category has been matched, papers of equal score in the order of their ids."""
    hits = np.cumsum(truth[np.argsort(-scores, kind="stable")])
    place = int(np.searchsorted(hits, np.ceil(RECALL * truth.sum())))
    return float(hits[place] / (place + 1))
