"""Training cases of the topic matcher: one topic in one set of papers, with its features and the papers that are of it.

The sets are random days, from few to all, because how many papers there are changes how common a topic looks. The third
family are 48 topics as people write them, with some 26 papers each of the earlier days (`judged_topics.jsonl`): the
nearest by BM25 and by cosine, some further down, and some that have all of the words. One language model marked them
once, by title and the start of the abstract; none of them is among the topics of `tests/bench/judged_topics.jsonl`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot import embeddings
from bot.embeddings import embedding_text
from bot.model import Paper
from bot.query import topic_model
from bot.query.analysis import Analyses
from bot.query.topic_words import read_words
from bot.query.word_places import WordPlaces
from bot.search.vector_segment import quantise
from bot.search.vectors import Vectors
from tests.bench.topic_families import (
    Corpus,
    Row,
    Rows,
    category_corpus,
    frequent_keywords,
    keyword_corpus,
    pairs_corpus,
    paper_of,
)

PARTS = (0.3, 0.5, 0.75, 1.0)
"""Shares of the days in a corpus."""
LEAST = 5
"""Papers of a topic in a corpus."""
RARE = 60
"""Keywords of fewer papers, at least one, that are taken from a corpus, about."""
LEAST_SHARE = 0.0085
"""Share of a corpus that a category has: as of 40 papers in the whole days."""
JUDGED = Path(__file__).with_name("judged_topics.jsonl")
Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Case:
    """One topic in one corpus; `rows` are the papers of which `truth` is known, in its order."""

    family: str
    topic: str
    words: Floats
    """(papers, word features)."""
    close: Floats
    """(papers, close features)."""
    margin: Floats
    rows: NDArray[np.intp]
    truth: NDArray[np.bool_]

    @property
    def both(self) -> Floats:
        """(papers, word and close features)."""
        return np.concatenate((self.words, self.close), axis=1)


class Described:
    """Papers with the places of their words and their vectors."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.places, self._model = WordPlaces(*Analyses().of(papers)), embeddings.load(embeddings.DEFAULT)
        exact = self._model.embed([embedding_text(paper.title, paper.abstract) for paper in papers])
        stored = Vectors([], np.arange(len(papers)), quantise(exact))
        self._vectors, self._moments = stored.of(range(len(papers))), stored.moments

    def case(self, family: str, topic: str, rows: NDArray[np.intp], truth: NDArray[np.bool_]) -> Case:
        """The features of a topic."""
        words = read_words(self.places, topic)
        near = self._moments.closeness(self._vectors, self._model.embed([topic])[0])
        features = topic_model.word_features(words), topic_model.close_features(near)
        return Case(family, topic, *features, topic_model.margin(words, near), rows, truth)


def cases(family: str, corpus: Corpus) -> Iterator[Case]:
    """Every topic of a corpus."""
    described, rows = Described(corpus.papers), np.arange(len(corpus.papers))
    for topic, truth in corpus.topics:
        yield described.case(family, topic, rows, truth)


def judged_cases(rows: Iterable[Row], path: Path = JUDGED) -> Iterator[Case]:
    """The topics of a file of marks, among all of these papers and those of its marks."""
    papers = {re.sub(r"v\d+$", "", row["id"]): row for row in rows}
    places = {paper_id: place for place, paper_id in enumerate(papers)}
    described = Described([paper_of(row) for row in papers.values()])
    for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        marks = {places[each]: answer == "yes" for answer in ("yes", "no") for each in line[answer] if each in places}
        at = np.array(sorted(marks))
        yield described.case("judged", line["topic"], at, np.array([marks[place] for place in at]))


def family_cases(rows: Rows, arxiv: Sequence[Row], daily: Sequence[Row], parts: Iterable[float]) -> Iterator[Case]:
    """Categories on whole days and on Daily Papers, keywords, rare ones, and pairs, on parts of these days."""
    dice, keywords = np.random.default_rng(0), frequent_keywords(rows.daily)
    categories = {row["id"]: row["categories"] for row in arxiv}
    for part in parts:
        days, listed = _some_days(arxiv, "day", part, dice), _some_days(daily, "list_date", part, dice)
        yield from cases("categories", category_corpus(days, categories, max(LEAST, int(LEAST_SHARE * len(days)))))
        yield from cases("listed", category_corpus(listed, rows.categories, max(LEAST, int(LEAST_SHARE * len(listed)))))
        said = keyword_corpus(listed, keywords, 1)
        common, rare = _parted(said, LEAST)
        yield from cases("keywords", common)
        yield from cases("rare", replace(rare, topics=rare.topics[:: max(len(rare.topics) // RARE, 1)]))
        yield from cases("pairs", pairs_corpus(listed, keywords, LEAST))


def _parted(corpus: Corpus, least: int) -> tuple[Corpus, Corpus]:
    """The topics of at least so many papers, and those of fewer."""
    parts = (
        [each for each in corpus.topics if bool(each[1].sum() >= least) is is_common] for is_common in (True, False)
    )
    common, rare = (replace(corpus, topics=tuple(part)) for part in parts)
    return common, rare


def _some_days(rows: Sequence[Row], name: str, part: float, dice: np.random.Generator) -> list[Row]:
    days = sorted({row[name] for row in rows})
    chosen = set(dice.choice(days, max(2, round(part * len(days))), replace=False))
    return [row for row in rows if row[name] in chosen]
