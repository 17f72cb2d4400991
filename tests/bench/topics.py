"""How well topics match: names of arXiv's categories, keywords of Daily Papers, and topics that people write.

The first two on days that the matcher's training did not see (`topic_families.py`), at the one setting that ships,
beside all and any of the words, the rule of version 0.7.0, and one cosine for all topics, which is given the mark that
serves it best on the reported papers. The third are twenty topics with the fifty papers nearest to each
(`judged_topics.jsonl`: ids, yes or no), which were read and marked before the training; both readings are by one
language model, and no person has judged them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot import embeddings
from bot.embeddings import embedding_text
from bot.model import Paper
from bot.query.field_index import Document
from bot.query.matcher import Documents, content_texts
from bot.query.parser import parse
from bot.query.semantic import Closeness
from bot.query.topic_model import EXAMPLES, MATCHES, MOST_SAID, TYPICAL
from bot.query.topic_words import read_words
from bot.search.vector_segment import quantise
from bot.search.vectors import Vectors
from tests.bench.figures import Row, Times, seconds, timed
from tests.bench.papers import NOW
from tests.bench.scale import Scale
from tests.bench.topic_families import (
    LATER_ARXIV,
    LATER_HF,
    Corpus,
    Rows,
    category_corpus,
    frequent_keywords,
    keyword_corpus,
    paper_of,
    read_rows,
)
from tests.bench.topic_figures import figures, mean_figures
from tests.harness.recordings import DATA

SUBJECT = "topics"
LEAST_SHARE = 0.0085
"""Share of the papers that a category has: 40 of the 4,683 of whole days."""
KEYWORD_LEAST = 5
STORED = 100_000
"""Papers with a vector, for the time of calibration."""
CANDIDATES = 10_000
ALL, ANY = 0.999, 1e-6
"""Shares of the words that are all of them, and any."""
Scores = NDArray[np.floating]
TARGETS = {"categories": "F1 ≥ .30, precision ≥ .31, drown ≤ 30 %", "keywords": "F1 ≥ that of the words - .01"}


@dataclass(frozen=True)
class Matched:
    """What each topic's papers score: by the matcher, by the share of the words, by the rule of 0.7.0, by cosine."""

    truth: NDArray[np.bool_]
    ours: Scores
    share: Scores
    before: Scores
    cosines: Scores

    def at(self, rows: Sequence[int], truth: NDArray[np.bool_]) -> Matched:
        """Some of the papers, with their truth."""
        scores = (each[rows] for each in (self.ours, self.share, self.before, self.cosines))
        return Matched(truth, *scores)


def measure(scale: Scale) -> Iterator[Row]:
    """The figures of each family, then the times."""
    rows = read_rows(DATA)
    if rows is None:
        yield Row(SUBJECT, "F1 of topics", "skipped: no ../shared/data")
        return
    for family, corpus in _corpora(rows, scale.matched):
        matched, _ = _matched(corpus)
        yield from _rows(
            f"{family}: {len(matched)} topics, {len(corpus.papers):,} papers of later days", family, matched
        )
    judged = _judged(rows)
    if judged and not scale.matched:
        yield from _rows("topics that people write: 20, the 50 nearest papers of each", "judged", judged)
    yield from _times(1_000 if scale.matched else STORED, 200 if scale.matched else CANDIDATES)


def _corpora(rows: Rows, most: int) -> Iterator[tuple[str, Corpus]]:
    arxiv = [row for row in rows.arxiv if row["day"] >= LATER_ARXIV][: most or None]
    daily = [row for row in rows.daily if row["list_date"] >= LATER_HF][: most or None]
    categories = {row["id"]: row["categories"] for row in arxiv}
    least = 2 if most else KEYWORD_LEAST
    yield "categories", category_corpus(arxiv, categories, max(least, int(LEAST_SHARE * len(arxiv))))
    yield "keywords", keyword_corpus(daily, frequent_keywords(rows.daily), least)


def _matched(corpus: Corpus) -> tuple[list[Matched], Documents]:
    documents, near = _index(corpus.papers)
    return [_of_topic(documents, near, topic, truth) for topic, truth in corpus.topics], documents


def _index(papers: Sequence[Paper]) -> tuple[Documents, Callable[[str], Closeness]]:
    """The papers, and the closeness of all of them to a text."""
    model = embeddings.load(embeddings.DEFAULT)
    exact = model.embed([embedding_text(paper.title, paper.abstract) for paper in papers])
    stored = Vectors([], np.arange(len(papers)), quantise(exact))
    vectors = stored.of(range(len(papers)))

    def near(text: str) -> Closeness:
        vector = model.embed([text])[0]
        return stored.moments.closeness(vectors, vector)

    return Documents([Document(paper) for paper in papers], NOW), near


def _of_topic(documents: Documents, near: Callable[[str], Closeness], topic: str, truth: NDArray[np.bool_]) -> Matched:
    text = next(iter(content_texts([parse(topic)])))
    closeness = near(text)
    share = read_words(documents.word_places, text).share
    ours = documents.probabilities(text, closeness)
    return Matched(truth, ours, share, _before(share, closeness), closeness.cosines)


def _before(share: Scores, closeness: Closeness) -> Scores:
    """Scores of version 0.7.0, from 0: all of the words, or nearer than most papers that have most of them."""
    spread, examples = closeness.spread, closeness.cosines[share >= MOST_SAID]
    mark = spread.mean + 3 * spread.deviation
    if len(examples) >= EXAMPLES:
        mark = max(float(np.quantile(examples, TYPICAL)), spread.mean + spread.deviation)
    margins = (closeness.cosines - mark) / spread.deviation
    return np.where(share > ALL, np.maximum(margins, 0), margins)


def _rows(what: str, family: str, matched: Sequence[Matched]) -> Iterator[Row]:
    mark = max(np.linspace(0.1, 0.7, 31), key=lambda at: _mean_f1(matched, float(at)))
    kinds: dict[str, tuple[Callable[[Matched], Scores], float]] = {
        "": (lambda each: each.ours, MATCHES),
        "; all of the words": (lambda each: each.share, ALL),
        "; any of the words": (lambda each: each.share, ANY),
        "; version 0.7.0": (lambda each: each.before, 0.0),
        f"; cosine from {mark:.2f}, its best": (lambda each: each.cosines, float(mark)),
    }
    for name, (scores, at) in kinds.items():
        mean = mean_figures(figures(each.truth, scores(each), at) for each in matched)
        yield Row(SUBJECT, what + name, str(mean), "" if name else TARGETS.get(family, ""))


def _mean_f1(matched: Sequence[Matched], mark: float) -> float:
    return mean_figures(figures(each.truth, each.cosines, mark) for each in matched).f1


def _judged(rows: Rows) -> list[Matched]:
    """The judged topics, matched among all papers of the data and looked at among those that were judged."""
    path = Path(__file__).with_name("judged_topics.jsonl")
    by_id = {re.sub(r"v\d+$", "", row["id"]): row for row in (*rows.arxiv, *rows.listed)}
    documents, near = _index([paper_of(row) for row in by_id.values()])
    ids = list(by_id)
    places = {paper_id: place for place, paper_id in enumerate(ids)}
    judged = []
    for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        marks = {paper_id: answer == "yes" for answer in ("yes", "no") for paper_id in line[answer]}
        at = sorted(map(places.__getitem__, marks))  # equal scores rank in this order, which knows nothing of the marks
        truth = np.array([marks[ids[place]] for place in at])
        judged.append(_of_topic(documents, near, line["topic"], truth).at(at, truth))
    return judged


def _times(stored: int, candidates: int) -> Iterator[Row]:
    """How long a topic takes among so many candidates, beside so many stored papers."""
    dice = np.random.default_rng(1)
    vectors = Vectors([], np.arange(stored), dice.integers(-127, 128, (stored, 256), dtype=np.int8))
    first, each = Times(), Times()
    with timed(first):
        moments = vectors.moments
    yield Row(SUBJECT, f"calibration over {stored:,} stored papers, once", seconds(first.median))
    words = [f"word{number}" for number in range(2_000)]
    frequency = 1 / np.arange(1, len(words) + 1)
    frequency /= frequency.sum()
    texts = (" ".join(dice.choice(words, 150, p=frequency)) for _ in range(candidates))
    documents = Documents([Document(Paper(f"10.1/{n}", "A title", text)) for n, text in enumerate(texts)], NOW)
    assert documents.word_places
    numbers = np.arange(candidates)
    for number in range(0, 100, 2):
        text = f"{words[number]} {words[number + 1]}"
        with timed(each):
            documents.probabilities(text, moments.closeness(vectors.of(numbers), vectors.of([number])[0]))
    what = f"a topic's matching among {candidates:,} candidates, beside {stored:,} stored papers"
    yield Row(SUBJECT, what, seconds(each.median), "< 15 ms")
