"""Two linear models of a paper without votes. Pure; the weights are made by `tests.training.forecast`.

P(listed)            logistic: tf-idf of words and pairs in title and abstract, the text's vector, plain features
ln(1 + upvotes)      linear, if listed: tf-idf of words and pairs, plain features, and the history of authors and
                     organisation where known
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.embeddings import static
from bot.model import Paper
from bot.ranking.forecast.features import plain_features, terms, text_of
from bot.ranking.forecast.history import NAMES, History
from bot.text.cleaning import clean_text

CARD, TERMS = "forecast.json", "terms.npz"
"""Files of the weights: of named features, and of terms and the vector's dimensions."""
ARRAYS = ("idf", "in_text", "in_title", "of_vector", "for_upvotes", "for_upvotes_with_history")
TEXT, VECTOR = "words of title and abstract", "meaning of the text"
"""Names of the two groups of features that are told as a whole."""
UPVOTES_MOST = 100_000.0
CLIP = 4.0
"""Deviations from the mean at which a feature is bounded."""

Contributions = Mapping[str, float]
"""Additive part of each feature in a model's result."""


class Forecast(NamedTuple):
    """Expectations of a paper before anybody has voted."""

    listed: float
    """Probability that Daily Papers lists it."""
    upvotes: float
    """Upvotes after a week if it is listed: as likely to be exceeded as missed."""
    low: float
    high: float
    """Bounds of those upvotes with a probability of 80 %."""


@dataclass(frozen=True)
class LinearModel:
    """Weights of named features, each held against its mean and its spread."""

    bias: float
    weights: Mapping[str, tuple[float, float, float]]
    """Feature -> weight, mean, standard deviation."""

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> LinearModel:
        """The model from its JSON."""
        return cls(card["bias"], {name: tuple(each) for name, each in card["weights"].items()})

    def contributions(self, features: Mapping[str, float]) -> dict[str, float]:
        """Part of each known feature: nought at its mean, bounded at four deviations."""
        return {
            name: weight * min(max((features[name] - mean) / deviation, -CLIP), CLIP)
            for name, (weight, mean, deviation) in self.weights.items()
            if name in features
        }


@dataclass(frozen=True)
class Model:
    """Both models and what they need."""

    table: static.StaticModel
    numbers: Mapping[str, int]
    """Term -> its number."""
    idf: NDArray[np.float32]
    in_text: NDArray[np.float32]
    in_title: NDArray[np.float32]
    """Weights of terms."""
    of_vector: NDArray[np.float32]
    for_upvotes: NDArray[np.float32]
    for_upvotes_with_history: NDArray[np.float32]
    """Weights of terms in the models of upvotes."""
    listed: LinearModel
    upvotes: LinearModel
    upvotes_with_history: LinearModel
    spread: tuple[float, float]
    spread_with_history: tuple[float, float]
    """Bounds of 80 % of the residuals of ln(1 + upvotes)."""
    until: date
    """The last day that it was fitted on."""

    @classmethod
    def from_card(cls, card: Mapping[str, Any], numbers: Mapping[str, int], *arrays: NDArray[np.float32]) -> Model:
        """The model from its card, its terms and the arrays named by ARRAYS."""
        idf, in_text, in_title, of_vector, for_upvotes, for_upvotes_with = arrays
        names = ("listed", "upvotes", "upvotes_with_history")
        listed, upvotes, with_history = (LinearModel.from_card(card[name]) for name in names)
        spread, spread_with = ((card[name][0], card[name][1]) for name in ("spread", "spread_with_history"))
        of_terms = numbers, idf, in_text, in_title, of_vector, for_upvotes, for_upvotes_with
        until = date.fromisoformat(card["until"])
        return cls(static.load(), *of_terms, listed, upvotes, with_history, spread, spread_with, until)

    def forecasts(
        self, papers: Sequence[Paper], days: Sequence[date | None] | None = None, history: History | None = None
    ) -> list[Forecast]:
        """Forecast of each paper; `history` counts before each one's day, and not at all without a day."""
        plain = [plain_features(paper) for paper in papers]
        logits = self.logits(papers, plain)
        days = days if days is not None else [None] * len(papers)
        results = []
        for paper, features, logit, day in zip(papers, plain, logits, days, strict=True):
            expected, (low, high) = self._expected(paper, features, day, history)
            votes = (min(max(math.expm1(expected + step), 0.0), UPVOTES_MOST) for step in (0.0, low, high))
            results.append(Forecast(1 / (1 + math.exp(-logit)), *votes))
        return results

    def probabilities(self, papers: Sequence[Paper]) -> list[float]:
        """Probability of being listed."""
        return [1 / (1 + math.exp(-logit)) for logit in self.logits(papers)]

    def logits(self, papers: Sequence[Paper], plain: Sequence[Mapping[str, float]] | None = None) -> list[float]:
        """Log-odds of being listed."""
        plain = plain if plain is not None else [plain_features(paper) for paper in papers]
        vectors = self.table.embed([text_of(paper) for paper in papers]) @ self.of_vector
        return [
            self.listed.bias + self._of_terms(paper) + float(vector) + sum(self.listed.contributions(features).values())
            for paper, features, vector in zip(papers, plain, vectors, strict=True)
        ]

    def why_listed(self, paper: Paper) -> Contributions:
        """Part of each feature in the log-odds of being listed."""
        vector = self.table.embed([text_of(paper)])[0] @ self.of_vector
        return {TEXT: self._of_terms(paper), VECTOR: float(vector)} | self.listed.contributions(plain_features(paper))

    def _of_terms(self, paper: Paper) -> float:
        whole = term_vector(terms(text_of(paper)), self.numbers, self.idf)
        title = term_vector(terms(clean_text(paper.title)), self.numbers, self.idf)
        return float(whole[1] @ self.in_text[whole[0]] + title[1] @ self.in_title[title[0]])

    def _expected(
        self, paper: Paper, plain: Mapping[str, float], day: date | None, history: History | None
    ) -> tuple[float, tuple[float, float]]:
        """ln(1 + upvotes), and the bounds around it."""
        columns, weights = term_vector(terms(text_of(paper)), self.numbers, self.idf)
        if history is None or day is None or not (paper.authors or paper.organization):
            text = float(weights @ self.for_upvotes[columns])
            return self.upvotes.bias + text + sum(self.upvotes.contributions(plain).values()), self.spread
        features = {**plain, **dict(zip(NAMES, history.features(paper, day), strict=True))}
        model, text = self.upvotes_with_history, float(weights @ self.for_upvotes_with_history[columns])
        return model.bias + text + sum(model.contributions(features).values()), self.spread_with_history


def term_vector(
    occurrences: Iterable[str], numbers: Mapping[str, int], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Numbers and tf-idf of the terms that have one, as a vector of length 1; tf is 1 + ln(occurrences)."""
    counts = Counter(numbers[term] for term in occurrences if term in numbers)
    columns = np.fromiter(counts, np.int64, len(counts))
    weights = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * idf[columns]
    return columns, np.asarray(weights / max(float(np.linalg.norm(weights)), 1e-9), np.float32)


@lru_cache(maxsize=1)
def load() -> Model:
    """The model shipped with Paperboy, read once."""
    folder = files(__package__)
    card: dict[str, Any] = json.loads(folder.joinpath(CARD).read_text(encoding="utf-8"))
    with np.load(BytesIO(folder.joinpath(TERMS).read_bytes()), allow_pickle=False) as arrays:
        names = arrays["terms"].tobytes().decode().split("\n")
        weights = [arrays[name].astype(np.float32) for name in ARRAYS]
    return Model.from_card(card, {term: number for number, term in enumerate(names)}, *weights)
