"""Two families of topics whose papers are known: arXiv's names of categories, and keywords of Hugging Face's summaries.

A paper is of a category if its authors chose it. It is of a keyword if the list of its summary has it, or if its text
says it. Days are held apart: the weights of `bot/query/topic_weights.json` are of the earlier ones.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.model import Paper
from bot.query.analysis import Analyses
from bot.query.topic_words import read_words
from bot.query.word_places import WordPlaces
from bot.text.analyzer import content_compounds
from tests.bench.papers import NOW

LATER_ARXIV, LATER_HF = "2025-09", "2025-10"
"""First months that the training does not see."""
KEYWORD_LEAST = 20
"""Papers of a keyword in the whole set."""
PAIRS = 60
"""Pairs of keywords in a corpus, about."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Corpus:
    """Papers, and topics with flags of the papers that are of them; two topics may have one text."""

    papers: tuple[Paper, ...]
    topics: tuple[tuple[str, NDArray[np.bool_]], ...]


@dataclass(frozen=True)
class Rows:
    """The rows of the data, each paper once, and the categories of Daily Papers."""

    arxiv: tuple[Row, ...]
    listed: tuple[Row, ...]
    """Daily Papers."""
    daily: tuple[Row, ...]
    """Those of them with keywords."""
    categories: Mapping[str, Sequence[str]]


def read_rows(data: Path) -> Rows | None:
    """The rows in a folder; None if it lacks them."""
    arxiv, daily = data / "arxiv_labelled" / "arxiv_full_days.jsonl.gz", data / "hf_daily_papers" / "papers.jsonl.gz"
    joined = data / "arxiv_labelled" / "hf_paper_categories.jsonl.gz"
    if not (arxiv.exists() and daily.exists() and joined.exists()):
        return None
    categories = {row["id"]: row["categories"] for row in _lines(joined)}
    once = ({row["id"]: row for row in _lines(path)}.values() for path in (arxiv, daily))
    whole_days, listed = map(tuple, once)
    return Rows(whole_days, listed, tuple(row for row in listed if row.get("ai_keywords")), categories)


def category_names() -> dict[str, str]:
    """arXiv's names in lower case, by category; written before anything was tuned."""
    names: dict[str, str] = json.loads(Path(__file__).with_name("topics.json").read_text(encoding="utf-8"))
    return names


def category_corpus(rows: Iterable[Row], categories: Mapping[str, Sequence[str]], least: int) -> Corpus:
    """Papers of whole days or of a list, and the names of the categories that at least so many of them have."""
    known = [row for row in rows if row["id"] in categories]
    truth = {c: np.array([c in categories[row["id"]] for row in known], dtype=bool) for c in category_names()}
    topics = ((name, truth[category]) for category, name in category_names().items())
    return Corpus(tuple(map(paper_of, known)), tuple((name, each) for name, each in topics if each.sum() >= least))


def keyword_corpus(rows: Sequence[Row], keywords: Iterable[str], least: int) -> Corpus:
    """Papers of Daily Papers, and the keywords that at least so many of them carry or say."""
    papers = tuple(map(paper_of, rows))
    places, carried = WordPlaces(*Analyses().of(papers)), [keywords_of(row) for row in rows]
    topics = []
    for keyword in keywords:
        carries = np.array([keyword in each for each in carried], dtype=bool)
        topics.append((keyword, carries | read_words(places, keyword).phrase))
    return Corpus(papers, tuple((keyword, each) for keyword, each in topics if each.sum() >= least))


def pairs_corpus(rows: Sequence[Row], keywords: Iterable[str], least: int) -> Corpus:
    """Papers of Daily Papers, and pairs of keywords as one topic, of which papers are that are of both.

    They stand for the topics of several words that people write, which hardly a paper has in a row.
    """
    single = keyword_corpus(rows, keywords, least)
    pairs = [
        (f"{one} {other}", mine & others)
        for (one, mine), (other, others) in combinations(single.topics, 2)
        if not {stem for parts, _ in content_compounds(one) for stem in parts}
        & {stem for parts, _ in content_compounds(other) for stem in parts}
    ]
    frequent = [(topic, truth) for topic, truth in pairs if truth.sum() >= least]
    return Corpus(single.papers, tuple(frequent[:: max(len(frequent) // PAIRS, 1)]))


def frequent_keywords(rows: Iterable[Row]) -> list[str]:
    """The keywords of `KEYWORD_LEAST` papers or more that have a word to go by."""
    counts = Counter(keyword for row in rows for keyword in keywords_of(row))
    return sorted(word for word, count in counts.items() if count >= KEYWORD_LEAST and content_compounds(word))


def keywords_of(row: Row) -> Collection[str]:
    """Keywords of a summary in lower case, without what stands in brackets."""
    return {re.sub(r"\s*\(.*?\)", "", keyword).strip().lower() for keyword in row["ai_keywords"]}


def paper_of(row: Row) -> Paper:
    """Title and abstract of a row, without anything that names its topic."""
    return Paper(row["id"], row["title"], row.get("abstract") or row["summary"], listed_at=NOW)


def _lines(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(map(json.loads, lines))
