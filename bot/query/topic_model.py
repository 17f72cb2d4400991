"""The trained matcher: from what a paper says of a topic, and how close it is in meaning, to a probability. Pure.

A small network reads what is said, beside the closeness where that is known. A paper is also of the topic if it is
closer than most examples are, unless the papers nearest to the topic say it: then it is a term, and a paper without it
is of something else. The likelier of both counts. `python -m tests.training.topics` makes the weights; how and on what
is in this folder's README.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.query.semantic import Closeness
from bot.query.topic_words import TopicWords, Values

MATCHES = 0.5
"""Probability from which a paper is of a topic, for every topic."""
PAPER_FEATURES = ("phrase", "phrases", "all words", "share", "adjacent", "together", "title share", "title phrase")
TOPIC_FEATURES = ("words", "said", "said in a row", "cohesion", "rarest word", "commonest word")
CLOSE_FEATURES = ("closeness", "refined closeness")
MOST_WORDS = 5
"""Words from which a topic is as long as any."""
NEAREST = 20
"""Papers nearest in meaning, of which it is looked at how likely they say the topic."""
MOST_SAID = 0.65
"""Share of the words, weighted by idf, from which a paper is an example of them."""
TYPICAL = 0.6
"""Share of the examples that may be below the mark."""
EXAMPLES = 5
"""Examples below which the mark is that of outliers."""
OUTLYING = 3.0
"""That mark, in standard deviations above the mean: 1 in 700 of a normal distribution."""
_FARTHEST = 5.0
"""Standard deviations beyond which a feature is not told apart."""


@dataclass(frozen=True, slots=True)
class Network:
    """Logistic regression on standardised features and on `hidden` sums of them."""

    mean: Values
    scale: Values
    hidden: Values
    """(features, hidden)."""
    hidden_bias: Values
    outer: Values
    direct: Values
    bias: float

    def __call__(self, features: Values) -> Values:
        """(papers,): probabilities."""
        inputs = np.clip((features - self.mean) / self.scale, -_FARTHEST, _FARTHEST)
        logits = np.tanh(inputs @ self.hidden + self.hidden_bias) @ self.outer + inputs @ self.direct + self.bias
        return logistic(logits)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Network:
        """A network as it is written in JSON."""
        arrays = {name: np.array(value, dtype=np.float32) for name, value in stored.items() if name != "bias"}
        return cls(**arrays, bias=stored["bias"])


@dataclass(frozen=True, slots=True)
class Meaning:
    """Conditions under which a paper is of a topic by meaning alone."""

    slope: float
    """Of the logit."""
    mark: float
    """Least margin, while none of the nearest papers says the topic."""
    term: float
    """How far it rises where all of them do."""
    least: float
    """Least refined closeness, whatever the margin."""

    def __call__(self, margins: Values, refined: Values, said_by_nearest: float) -> Values:
        """(papers,): probabilities."""
        return logistic(self.slope * self.above(margins, refined, said_by_nearest))

    def above(self, margins: Values, refined: Values, said_by_nearest: float) -> Values:
        """(papers,): how far each paper is above what it needs; -inf where unknown."""
        above = np.minimum(margins - self.mark - self.term * said_by_nearest, refined - self.least)
        return np.asarray(np.nan_to_num(above, nan=-np.inf), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Weights:
    """The parts of the matcher."""

    words: Network
    """Of the words alone."""
    both: Network
    """Of the words and the closeness."""
    meaning: Meaning


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights shipped with Paperboy, read once."""
    stored = json.loads(files(__package__).joinpath("topic_weights.json").read_text(encoding="utf-8"))
    return Weights(Network.of(stored["words"]), Network.of(stored["both"]), Meaning(**stored["meaning"]))


def probabilities(words: TopicWords, closeness: Closeness | None) -> Values:
    """(papers,): the probability that each paper is of the topic; without `closeness` by its words alone."""
    weights, features = load_weights(), word_features(words)
    if closeness is None:
        return weights.words(features)
    near = np.nan_to_num(close_features(closeness))
    by_words = weights.both(np.concatenate((features, near), axis=1))
    if not (has_vector := closeness.known).all():
        by_words = np.where(has_vector, by_words, weights.words(features))
    nearest = said_by_nearest(by_words, closeness)
    return np.maximum(by_words, weights.meaning(margin(words, closeness), closeness.refined, nearest))


def word_features(words: TopicWords) -> Values:
    """(papers, `PAPER_FEATURES` and `TOPIC_FEATURES`).

    Cohesion: in how many of the papers with all words they stand in a row.
    """
    phrase, all_said, papers = words.phrase, words.all_said, len(words.share)
    with_phrase, with_all = int(np.count_nonzero(phrase)), int(np.count_nonzero(all_said))
    columns: Sequence[NDArray[Any] | float] = (
        phrase,
        np.log1p(words.phrases),
        all_said,
        words.share,
        words.adjacent,
        words.together,
        words.title_share,
        words.title_phrases > 0,
        min(len(words.rarity), MOST_WORDS),
        _log_odds(with_all, papers),
        _log_odds(with_phrase, papers),
        (with_phrase + 0.5) / (with_all + 1),
        max(words.rarity),
        min(words.rarity),
    )
    features = np.empty((papers, len(columns)), np.float32)
    for number, column in enumerate(columns):
        features[:, number] = column
    return features


def close_features(closeness: Closeness) -> Values:
    """(papers, `CLOSE_FEATURES`), in standard deviations of all stored papers; nan where unknown."""
    return np.stack((closeness.spread.standardised(closeness.cosines), closeness.refined), axis=1)


def margin(words: TopicWords, closeness: Closeness) -> Values:
    """(papers,): how far the refined closeness lies above that of the examples; nan where unknown.

    Examples are the papers with most of the words; where there are few, the mark is that of outliers.
    """
    examples = closeness.refined[(words.share >= MOST_SAID) & closeness.known]
    mark = max(float(np.quantile(examples, TYPICAL)), 1.0) if len(examples) >= EXAMPLES else OUTLYING
    return np.asarray(closeness.refined - mark, dtype=np.float32)


def said_by_nearest(said: Values, closeness: Closeness) -> float:
    """How likely the papers nearest in meaning say the topic, on average."""
    ranked = np.nan_to_num(-closeness.refined, nan=np.inf)
    nearest = np.argpartition(ranked, NEAREST)[:NEAREST] if len(ranked) > NEAREST else np.arange(len(ranked))
    return float(said[nearest].mean())


def logistic(logits: NDArray[np.floating]) -> Values:
    """Probabilities of logits."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float32)


def _log_odds(papers: int, among: int) -> float:
    return float(np.log((papers + 0.5) / (among - papers + 0.5)))
