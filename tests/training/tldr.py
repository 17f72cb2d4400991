"""`python -m tests.training.tldr [--data DIR]`: the summary ranker's weights, from SciTLDR.

Two fits, both with an L2 prior: a logistic model of which words of an abstract its authors' summaries have, and a
listwise one of which sentence, as it would be shown, is nearest to them (a softmax over each abstract towards a
softmax of their ROUGE-1; Cao et al., "Learning to Rank", 2007). The first model's predictions for the second's training
papers come from folds that did not train on them. Of SciTLDR only the train part is read.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.summaries import extractive
from bot.summaries.extractive.abstract import ParsedAbstract, parse_abstract
from bot.summaries.extractive.features import (
    COLUMNS,
    COUNTED,
    Features,
    occurrence_keys,
    sentence_features,
    weight_kind,
    word_features,
)
from bot.summaries.extractive.ranker import Candidate, WordModel, admissible, candidates, likelihoods, word_model
from bot.text.analyzer import STOP_WORDS, stems
from bot.text.cleaning import clean_text
from tests.harness.recordings import DATA
from tests.training.rouge import rouge1

WEIGHTS = Path(extractive.__file__).with_name("weights.json")
FOLDS = 5
SEED = 0
MIN_ABSTRACTS = 100
"""Abstracts with a word that give it a weight of its own."""
MIN_SENTENCES = 25
"""Variants with a beginning that give it a weight of its own."""
WORDS_PRIOR, SENTENCES_PRIOR = 40.0, 100.0
"""Strength of the L2 priors, and below how sharp the target is: chosen by cross-validation on the train part."""
SHARPNESS = 0.2
MIN_SPREAD = 0.1
"""A rarer feature is scaled as if it were this common, so that its weight stays small."""
MIN_WEIGHT = 5e-4
"""Weights below this are left out of the file."""


@dataclass(frozen=True)
class Example:
    """A parsed abstract, its candidates, the F-measure of each, and the word keys of its reference summaries."""

    reading: ParsedAbstract
    candidates: list[Candidate]
    f1: NDArray[np.float64]
    summaries: list[frozenset[str]]


def examples(data: Path) -> list[Example]:
    """Abstracts of SciTLDR's train part."""
    rows = _rows(data / "scitldr" / "train.jsonl.gz")
    made = (_example(row["title"] or "", " ".join(row["source"]), row["target"]) for row in rows)
    return [example for example in made if example]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _example(title: str, abstract: str, targets: Sequence[str]) -> Example | None:
    reading = parse_abstract(clean_text(title), extractive.informative_sentences(title, abstract))
    choice = admissible(reading, candidates(reading))
    if len(choice) < 2:
        return None
    keys = [frozenset(occurrence_keys(stems(target))) for target in targets]
    return Example(reading, choice, np.array([rouge1(each.text, targets) for each in choice]), keys)


# --- the two fits ----------------------------------------------------------------------------------------------


class _Columns(dict[str, int]):
    """Features by name, in the order they were occurrences."""

    def matrix(self, rows: Iterable[Features]) -> sp.csr_matrix:
        ends, columns, values = [0], [], []
        for row in rows:
            for name, value in row.items():
                columns.append(self.setdefault(name, len(self)))
                values.append(value)
            ends.append(len(columns))
        return sp.csr_matrix((values, columns, ends), shape=(len(ends) - 1, len(self)))


def _minimum(
    loss: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]], size: int
) -> NDArray[np.float64]:
    result = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(result.x)


def fit_words(training: Sequence[Example], has_weight: Callable[[str], bool]) -> dict[str, float]:
    """Logistic regression of the share of an abstract's summaries that have a word."""
    rows, share = [], []
    for each in training:
        for key, features in features_by_word(each.reading, has_weight).items():
            rows.append(features)
            share.append(np.mean([key in summary for summary in each.summaries]))
    columns = _Columns()
    x, y = columns.matrix(rows), np.array(share)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ weights
        value = (np.logaddexp(0, z) - y * z).sum() + WORDS_PRIOR * (weights @ weights) / 2
        return value, x.T @ (1 / (1 + np.exp(-z)) - y) + WORDS_PRIOR * weights

    return dict(zip(columns, _minimum(loss, len(columns)), strict=True))


def fit_sentences(training: Sequence[Example], features: Sequence[Sequence[Features]]) -> dict[str, float]:
    """ListNet: cross-entropy between the softmax of the scores and that of the F-measures."""
    columns = _Columns()
    x = columns.matrix(row for rows in features for row in rows)
    spread = np.sqrt(np.maximum(np.asarray(x.multiply(x).mean(0)).ravel() - np.asarray(x.mean(0)).ravel() ** 2, 0))
    scale = 1 / np.maximum(spread, MIN_SPREAD)
    x = (x @ sp.diags(scale)).tocsr()
    groups = np.repeat(np.arange(len(training)), [len(each.candidates) for each in training])
    target = _softmax(np.concatenate([each.f1 for each in training]) / SHARPNESS, groups)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        predicted = _softmax(x @ weights, groups)
        value = -(target * np.log(np.maximum(predicted, 1e-300))).sum() + SENTENCES_PRIOR * (weights @ weights) / 2
        return value, x.T @ (predicted - target) + SENTENCES_PRIOR * weights

    return dict(zip(columns, _minimum(loss, len(columns)) * scale, strict=True))


def _softmax(z: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    most = np.full(groups[-1] + 1, -np.inf)
    np.maximum.at(most, groups, z)
    exponentials = np.exp(z - most[groups])
    return exponentials / np.bincount(groups, exponentials)[groups]


# --- both together -----------------------------------------------------------------------------------------------


def known_words(training: Sequence[Example]) -> frozenset[str]:
    """The word features that have a weight of their own."""
    counts = Counter(
        key for each in training for key in set(occurrence_keys(s for one in each.reading.sentences for s in one.stems))
    )
    return frozenset(f"= {key}" for key, count in counts.items() if count >= MIN_ABSTRACTS)


def features_by_word(reading: ParsedAbstract, has_weight: Callable[[str], bool]) -> dict[str, Features]:
    """The features of every word of an abstract, by its key; `has_weight(word)`: it has a weight of its own."""
    table, features = word_features(reading), {}
    for stem, row in zip(table.stems, table.rows.tolist(), strict=True):
        times = min(reading.counts[stem], COUNTED)
        for time, key in enumerate(occurrence_keys([stem] * times), 1):
            of_kind = weight_kind(time, stop=stem in STOP_WORDS)
            features[key] = {name + of_kind: value for name, value in zip(COLUMNS, row, strict=True) if value}
            if has_weight(name := f"= {key}"):
                features[key][name] = 1.0
    return features


def features_of_sentences(each: Example, words: WordModel) -> list[Features]:
    """The features of every variant, with the word model's likelihoods."""
    likely = likelihoods(each.reading, words)
    return [sentence_features(each.reading, *candidate, likely) for candidate in each.candidates]


def train(training: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Weights of both models."""
    has_weight = known_words(training).__contains__
    fold = np.random.default_rng(SEED).permutation(len(training)) % FOLDS
    features: list[list[Features]] = [[] for _ in training]
    for number in range(FOLDS):
        words = fit_words([each for each, its in zip(training, fold, strict=True) if its != number], has_weight)
        for at in np.flatnonzero(fold == number):
            features[at] = features_of_sentences(training[at], word_model(words))
    occurrences = Counter(name for rows in features for row in rows for name in row if name.startswith("begins "))
    features = [
        [
            {n: v for n, v in row.items() if not n.startswith("begins ") or occurrences[n] >= MIN_SENTENCES}
            for row in rows
        ]
        for rows in features
    ]
    return {"words": fit_words(training, has_weight), "sentences": fit_sentences(training, features)}


def as_json(models: dict[str, dict[str, float]]) -> str:
    """The weights as JSON: one a line, the heaviest first."""
    rounded = {
        model: {name: round(float(weight), 4) for name, weight in weights.items() if abs(weight) >= MIN_WEIGHT}
        for model, weights in models.items()
    }
    ordered = {
        model: dict(sorted(each.items(), key=lambda pair: (-abs(pair[1]), pair[0]))) for model, each in rounded.items()
    }
    return json.dumps({"made by": "python -m tests.training.tldr", **ordered}, indent=1, ensure_ascii=False) + "\n"


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=DATA, help="Holds scitldr/.")
def main(data: Path) -> None:
    """Write the weights beside the ranker."""
    training = examples(data)
    WEIGHTS.write_text(as_json(train(training)), encoding="utf-8")
    click.echo(f"{WEIGHTS.name}: {len(training)} abstracts, {WEIGHTS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
