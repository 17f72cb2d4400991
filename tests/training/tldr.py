"""`python -m tests.training.tldr [--data DIR]`: the summary ranker's weights, from the train part of SciTLDR.

Two fits, both with an L2 prior: a logistic model of which words of an abstract its authors' summaries have, and a
listwise one of which variant of which sentence is nearest to them (a softmax over each abstract's variants towards a
softmax of their ROUGE-1; Cao et al., "Learning to Rank", 2007). What the first expects of the second's training papers
is told by a model that has not seen them. Nothing but the train part is read.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

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
    variant_features,
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
KNOWN_WORD = 100
"""Abstracts that hold a word which has a weight of its own."""
KNOWN_BEGINNING = 25
"""Variants that begin with words which have a weight of their own."""
WORDS_PRIOR, VARIANTS_PRIOR = 40.0, 300.0
"""Strength of the L2 priors, and below how sharp the target is: chosen by cross-validation on the train part."""
SHARPNESS = 0.2
LEAST_SPREAD = 0.1
"""A rarer feature is scaled as if it were this common, so that its weight stays small."""
SMALL = 5e-4
"""Weights below this are left out of the file."""


@dataclass(frozen=True)
class Example:
    """An abstract read, what may be shown of it, the F-measure of each, and its summaries' word keys."""

    reading: ParsedAbstract
    found: list[Candidate]
    f1: NDArray[np.float64]
    summaries: list[frozenset[str]]


def examples(path: Path) -> list[Example]:
    """The abstracts of a part of SciTLDR of which something may be shown."""
    made = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            title, abstract = row["title"] or "", " ".join(row["source"])
            reading = parse_abstract(clean_text(title), extractive.informative_sentences(title, abstract))
            if found := admissible(reading, candidates(reading, reading.sentences)):
                f1 = np.array([rouge1(each.variant.text, row["target"]) for each in found])
                said = [frozenset(occurrence_keys(stems(target))) for target in row["target"]]
                made.append(Example(reading, found, f1, said))
    return made


# --- the two fits ----------------------------------------------------------------------------------------------


class _Columns(dict[str, int]):
    """Features by name, in the order they were met."""

    def matrix(self, rows: Iterable[Features]) -> sp.csr_matrix:
        ends, columns, values = [0], [], []
        for row in rows:
            for name, value in row.items():
                columns.append(self.setdefault(name, len(self)))
                values.append(value)
            ends.append(len(columns))
        return sp.csr_matrix((values, columns, ends), shape=(len(ends) - 1, len(self)))


def _least(loss: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]], size: int) -> NDArray[np.float64]:
    found = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(found.x)


def fit_words(learnt: Sequence[Example], listed: Callable[[str], bool]) -> dict[str, float]:
    """Logistic regression of the share of an abstract's summaries that have a word."""
    rows, share = [], []
    for each in learnt:
        for key, told in features_by_word(each.reading, listed).items():
            rows.append(told)
            share.append(np.mean([key in said for said in each.summaries]))
    columns = _Columns()
    x, y = columns.matrix(rows), np.array(share)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ weights
        value = (np.logaddexp(0, z) - y * z).sum() + WORDS_PRIOR * (weights @ weights) / 2
        return value, x.T @ (1 / (1 + np.exp(-z)) - y) + WORDS_PRIOR * weights

    return dict(zip(columns, _least(loss, len(columns)), strict=True))


def fit_variants(learnt: Sequence[Example], told: Sequence[Sequence[Features]]) -> dict[str, float]:
    """ListNet: cross-entropy between the softmax of the scores and that of the F-measures."""
    columns = _Columns()
    x = columns.matrix(row for rows in told for row in rows)
    spread = np.sqrt(np.maximum(np.asarray(x.multiply(x).mean(0)).ravel() - np.asarray(x.mean(0)).ravel() ** 2, 0))
    scale = 1 / np.maximum(spread, LEAST_SPREAD)
    x = (x @ sp.diags(scale)).tocsr()
    whose = np.repeat(np.arange(len(learnt)), [len(each.found) for each in learnt])
    wanted = _softmax(np.concatenate([each.f1 for each in learnt]) / SHARPNESS, whose)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        given = _softmax(x @ weights, whose)
        value = -(wanted * np.log(np.maximum(given, 1e-300))).sum() + VARIANTS_PRIOR * (weights @ weights) / 2
        return value, x.T @ (given - wanted) + VARIANTS_PRIOR * weights

    return dict(zip(columns, _least(loss, len(columns)) * scale, strict=True))


def _softmax(z: NDArray[np.float64], whose: NDArray[np.int64]) -> NDArray[np.float64]:
    most = np.full(whose[-1] + 1, -np.inf)
    np.maximum.at(most, whose, z)
    grown = np.exp(z - most[whose])
    return grown / np.bincount(whose, grown)[whose]


# --- both together -----------------------------------------------------------------------------------------------


def known_words(learnt: Sequence[Example]) -> frozenset[str]:
    """The word features that have a weight of their own."""
    held = Counter(
        key for each in learnt for key in set(occurrence_keys(s for one in each.reading.sentences for s in one.stems))
    )
    return frozenset(f"= {key}" for key, count in held.items() if count >= KNOWN_WORD)


def features_by_word(reading: ParsedAbstract, listed: Callable[[str], bool]) -> dict[str, Features]:
    """The features of every word of an abstract, by its key; `listed` says which words have a weight of their own."""
    table, found = word_features(reading), {}
    for stem, row in zip(table.stems, table.rows.tolist(), strict=True):
        times = min(reading.counts[stem], COUNTED)
        for time, key in enumerate(occurrence_keys([stem] * times), 1):
            of_kind = weight_kind(time, stop=stem in STOP_WORDS)
            found[key] = {name + of_kind: value for name, value in zip(COLUMNS, row, strict=True) if value}
            if listed(name := f"= {key}"):
                found[key][name] = 1.0
    return found


def told_of(each: Example, words: WordModel) -> list[Features]:
    """The features of every variant, with what the word model expects."""
    likely = likelihoods(each.reading, words)
    return [variant_features(each.reading, *found, likely) for found in each.found]


def train(learnt: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Both models' weights."""
    listed = known_words(learnt).__contains__
    fold = np.random.default_rng(SEED).permutation(len(learnt)) % FOLDS
    told: list[list[Features]] = [[] for _ in learnt]
    for number in range(FOLDS):
        words = fit_words([each for each, its in zip(learnt, fold, strict=True) if its != number], listed)
        for at in np.flatnonzero(fold == number):
            told[at] = told_of(learnt[at], word_model(words))
    met = Counter(name for rows in told for row in rows for name in row if name.startswith("begins "))
    told = [
        [{n: v for n, v in row.items() if not n.startswith("begins ") or met[n] >= KNOWN_BEGINNING} for row in rows]
        for rows in told
    ]
    return {"words": fit_words(learnt, listed), "variants": fit_variants(learnt, told)}


def written(models: dict[str, dict[str, float]]) -> str:
    """The file: a weight a line, the heaviest first."""
    kept = {
        model: {name: round(float(weight), 4) for name, weight in weights.items() if abs(weight) >= SMALL}
        for model, weights in models.items()
    }
    ordered = {
        model: dict(sorted(each.items(), key=lambda pair: (-abs(pair[1]), pair[0]))) for model, each in kept.items()
    }
    return json.dumps({"made by": "python -m tests.training.tldr", **ordered}, indent=1, ensure_ascii=False) + "\n"


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=DATA, help="Holds scitldr/.")
def main(data: Path) -> None:
    """Write the weights beside the ranker."""
    learnt = examples(data / "scitldr" / "train.jsonl.gz")
    WEIGHTS.write_text(written(train(learnt)), encoding="utf-8")
    click.echo(f"{WEIGHTS.name}: {len(learnt)} abstracts, {WEIGHTS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
