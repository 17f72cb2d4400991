"""The trained matcher: from what a paper says of a topic, and how close it is in meaning, to a probability. Pure.

Two logistic models, of the words and of the meaning; a paper is of the topic if either says so: 1 - (1 - w)(1 - m).
`python -m tests.training.topics` makes the weights; how and on what is in this folder's README.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from bot.query.semantic import Closeness
from bot.query.topic_words import TopicWords, Values

MATCHES = 0.5
"""Probability from which a paper is of a topic, for every topic."""
WORD_FEATURES = ("phrase", "phrases", "all words", "adjacent", "phrase, cohesion")
MEANING_FEATURES = ("margin", "common", "common, said by the nearest")
NEAREST = 30
"""Papers nearest in meaning, of which it is looked at how many say the topic."""
MOST_SAID = 0.65
"""Share of the words, weighted by idf, from which a paper is an example of them."""
TYPICAL = 0.6
"""Share of the examples that may be below the mark."""
EXAMPLES = 5
"""Examples below which the mark is that of outliers."""
OUTLYING = 3.0
"""That mark, in standard deviations above the mean: 1 in 700 of a normal distribution."""
_FAR = -30.0
"""Logit of a paper without a vector."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the features, and a bias each; of `WORD_FEATURES` and `MEANING_FEATURES`."""

    words: NDArray[np.float32]
    words_bias: float
    meaning: NDArray[np.float32]
    meaning_bias: float


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights shipped with Paperboy, read once."""
    stored = json.loads(files(__package__).joinpath("topic_weights.json").read_text(encoding="utf-8"))
    words, meaning = stored["words"], stored["meaning"]
    return Weights(
        np.array([words[name] for name in WORD_FEATURES], dtype=np.float32),
        words["bias"],
        np.array([meaning[name] for name in MEANING_FEATURES], dtype=np.float32),
        meaning["bias"],
    )


def probabilities(words: TopicWords, closeness: Closeness | None) -> Values:
    """(papers,): the probability that each paper is of the topic; without `closeness` by its words alone."""
    weights = load_weights()
    by_words = word_features(words) @ weights.words + weights.words_bias
    missing = _logistic(-by_words)
    if closeness is not None:
        by_meaning = meaning_features(words, closeness) @ weights.meaning + weights.meaning_bias
        missing = missing * _logistic(-np.where(closeness.known, by_meaning, _FAR))
    return np.asarray(1 - missing, dtype=np.float32)


def word_features(words: TopicWords) -> Values:
    """(papers, `WORD_FEATURES`). Cohesion: in how many of the papers with all words they stand in a row."""
    phrase = words.phrase.astype(np.float32)
    all_said = words.all_said
    cohesion = (phrase.sum() + 0.5) / (np.count_nonzero(all_said) + 1)
    columns = (phrase, np.log1p(words.phrases), all_said, words.adjacent, phrase * cohesion)
    return np.stack(columns, axis=1).astype(np.float32)


def meaning_features(words: TopicWords, closeness: Closeness) -> Values:
    """(papers, `MEANING_FEATURES`).

    A topic that many papers say, and the nearest ones most of all, is a term: papers that do not say it are not of it.
    """
    papers = len(words.share)
    cosines, phrase = closeness.cosines, words.phrase
    said = np.count_nonzero(phrase)
    common = np.float32(np.clip(2 + np.log((said + 0.5) / (papers - said + 0.5)) / 4, 0, 2))
    order = np.where(closeness.known, cosines + 0.1 * words.share, -np.inf)
    nearest = np.argpartition(-order, NEAREST)[:NEAREST] if papers > NEAREST else np.arange(papers)
    said_by_nearest = np.sqrt(phrase[nearest].mean())
    columns = np.broadcast_arrays(_margin(words, closeness), common, common * said_by_nearest)
    return np.stack(columns, axis=1).astype(np.float32)


def _margin(words: TopicWords, closeness: Closeness) -> Values:
    """(papers,): how far the cosine lies above that of the examples, in standard deviations of all stored papers.

    Examples are the papers with most of the words; where there are few, the mark is that of outliers.
    """
    mean, deviation = closeness.spread.mean, closeness.spread.deviation
    examples = closeness.cosines[(words.share >= MOST_SAID) & closeness.known]
    mark = mean + OUTLYING * deviation
    if len(examples) >= EXAMPLES:
        mark = max(float(np.quantile(examples, TYPICAL)), mean + deviation)
    return np.asarray((closeness.cosines - mark) / deviation, dtype=np.float32)


def _logistic(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, _FAR, -_FAR))))
