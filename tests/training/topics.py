"""`python -m tests.training.topics [--data DIR]`: weights of the topic matcher, from the earlier days of two families.

One fit of both logistic models together (`bot/query/topic_model.py`), by weighted likelihood with an L2 prior. Every
topic of a corpus weighs the same, and a paper of a category weighs `MISSED` times one that is not of it: a missed paper
costs a reader more than a wrong one. The corpora are random days, from few to all, because how many papers there are
changes how common a topic looks. With `--check` each fifth of the topics is matched, on the later days, by a fit that
saw neither them nor these days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot import embeddings
from bot.embeddings import embedding_text
from bot.query import topic_model
from bot.query.analysis import Analyses
from bot.query.semantic import Closeness
from bot.query.topic_model import MEANING_FEATURES, WORD_FEATURES
from bot.query.topic_words import read_words
from bot.query.word_places import WordPlaces
from bot.search.vectors import Vectors, quantise
from tests.bench.topic_families import (
    LATER_ARXIV,
    LATER_HF,
    Corpus,
    Row,
    Rows,
    category_corpus,
    frequent_keywords,
    keyword_corpus,
    pairs_corpus,
    read_rows,
)
from tests.bench.topic_figures import Figures, figures, mean_figures
from tests.harness.recordings import DATA

WEIGHTS = Path(topic_model.__file__).with_name("topic_weights.json")
SEED = 0
PARTS = (0.15, 0.3, 0.5, 0.75, 1.0)
"""Shares of the earlier days in a corpus."""
MISSED = 6.0
FAMILY = {"categories": 1.0, "listed": 0.5, "keywords": 0.3, "pairs": 0.15}
"""Weights of the families: categories on whole days, on Daily Papers, keywords, and pairs of keywords."""
LEAST = 5
"""Papers of a topic in a corpus."""
LEAST_SHARE = 0.0085
"""Share of a corpus that a category has: as of 40 papers in the whole days."""
PRIOR = 1e-4
FOLDS = 5
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One topic in one corpus."""

    family: str
    topic: str
    words: Floats
    meaning: Floats
    truth: NDArray[np.bool_]


@dataclass(frozen=True)
class Fit:
    """Weights and bias of both models."""

    words: Floats
    words_bias: float
    meaning: Floats
    meaning_bias: float

    def __call__(self, case: Case) -> Floats:
        """(papers,): probabilities."""
        by_words, by_meaning = (
            case.words @ self.words + self.words_bias,
            case.meaning @ self.meaning + self.meaning_bias,
        )
        return 1 - _logistic(-by_words) * _logistic(-by_meaning)


def cases(family: str, corpus: Corpus) -> Iterator[Case]:
    """The features of every topic of a corpus."""
    papers = corpus.papers
    model = embeddings.load(embeddings.DEFAULT)
    exact = model.embed([embedding_text(paper.title, paper.abstract) for paper in papers])
    stored, places = Vectors(np.arange(len(papers)), quantise(exact)), WordPlaces(*Analyses().of(papers))
    vectors = stored.of(range(len(papers)))
    for topic, truth in corpus.topics:
        words, text = read_words(places, topic), model.embed([topic])[0]
        near = Closeness(vectors @ text, stored.moments.spread(text))
        if near.is_usable:
            features = topic_model.word_features(words), topic_model.meaning_features(words, near)
            yield Case(family, topic, *(each.astype(np.float64) for each in features), truth)


def earlier_cases(rows: Rows) -> list[Case]:
    """The cases of the training."""
    dice, found = np.random.default_rng(SEED), list[Case]()
    arxiv = [row for row in rows.arxiv if row["day"] < LATER_ARXIV]
    daily = [row for row in rows.daily if row["list_date"] < LATER_HF]
    keywords, categories = frequent_keywords(rows.daily), {row["id"]: row["categories"] for row in arxiv}
    for part in PARTS:
        days, listed = _some_days(arxiv, "day", part, dice), _some_days(daily, "list_date", part, dice)
        found += cases("categories", category_corpus(days, categories, max(LEAST, int(LEAST_SHARE * len(days)))))
        found += cases("listed", category_corpus(listed, rows.categories, max(LEAST, int(LEAST_SHARE * len(listed)))))
        found += cases("keywords", keyword_corpus(listed, keywords, LEAST))
        found += cases("pairs", pairs_corpus(listed, keywords, LEAST))
    return found


def later_cases(rows: Rows) -> list[Case]:
    """The cases of days that the training does not see."""
    arxiv = [row for row in rows.arxiv if row["day"] >= LATER_ARXIV]
    daily = [row for row in rows.daily if row["list_date"] >= LATER_HF]
    categories = {row["id"]: row["categories"] for row in arxiv}
    return [
        *cases("categories", category_corpus(arxiv, categories, int(LEAST_SHARE * len(arxiv)))),
        *cases("keywords", keyword_corpus(daily, frequent_keywords(rows.daily), LEAST)),
        *cases("pairs", pairs_corpus(daily, frequent_keywords(rows.daily), LEAST)),
    ]


def _some_days(rows: Sequence[Row], name: str, part: float, dice: np.random.Generator) -> list[Row]:
    days = sorted({row[name] for row in rows})
    chosen = set(dice.choice(days, max(2, round(part * len(days))), replace=False))
    return [row for row in rows if row[name] in chosen]


def fit(training: Sequence[Case]) -> Fit:
    """Both models, fitted together on standardised features."""
    (words, mean_w, scale_w), (meaning, mean_m, scale_m) = (
        _standardised(np.concatenate(each))
        for each in ([case.words for case in training], [case.meaning for case in training])
    )
    truth = np.concatenate([case.truth for case in training])
    weights = np.concatenate([_weights(case) for case in training])
    start = np.zeros(words.shape[1] + meaning.shape[1] + 2)
    split = words.shape[1]
    start[[0, split, split + 1, -1]] = 2, -3, 1, -3  # each model begins with the feature that it is named for
    objective = _objective(words, meaning, truth, weights / weights.sum())
    best = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    of_words, of_meaning = best[:split] / scale_w, best[split + 1 : -1] / scale_m
    return Fit(of_words, best[split] - mean_w @ of_words, of_meaning, best[-1] - mean_m @ of_meaning)


def _standardised(features: Floats) -> tuple[Floats, Floats, Floats]:
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    return (features - mean) / scale, mean, scale


def _weights(case: Case) -> Floats:
    missed = MISSED if case.family in {"categories", "listed"} else 1.0
    return np.where(case.truth, missed, 1.0) * (FAMILY[case.family] / len(case.truth))


def _objective(
    words: Floats, meaning: Floats, truth: NDArray[np.bool_], weights: Floats
) -> Callable[[Floats], tuple[float, Floats]]:
    """Weighted negative log-likelihood of the two models' joint probability, and its gradient."""
    split = words.shape[1]

    def loss(theta: Floats) -> tuple[float, Floats]:
        no_words = _logistic(-(words @ theta[:split] + theta[split]))
        no_meaning = _logistic(-(meaning @ theta[split + 1 : -1] + theta[-1]))
        chance = np.clip(1 - no_words * no_meaning, 1e-6, 1 - 1e-6)
        likelihood = np.where(truth, np.log(chance), np.log(1 - chance))
        slope = -weights * np.where(truth, 1 / chance, -1 / (1 - chance)) * no_words * no_meaning
        by_words, by_meaning = slope * (1 - no_words), slope * (1 - no_meaning)
        prior = theta.copy()
        prior[[split, -1]] = 0
        parts = (words.T @ by_words, [by_words.sum()], meaning.T @ by_meaning, [by_meaning.sum()])
        return float(PRIOR * prior @ prior - weights @ likelihood), np.concatenate(parts) + 2 * PRIOR * prior

    return loss


def _logistic(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))))


def check(training: Sequence[Case], later: Sequence[Case]) -> dict[str, Figures]:
    """Mean figures by family on the later days, each topic by a fit without it."""
    topics = sorted({case.topic for case in (*training, *later)})
    folds = dict(zip(np.random.default_rng(SEED).permutation(topics), np.arange(len(topics)) % FOLDS, strict=True))
    by_family: dict[str, list[Figures]] = {}
    for fold in range(FOLDS):
        model = fit([case for case in training if folds[case.topic] != fold])
        for case in later:
            if folds[case.topic] == fold:
                by_family.setdefault(case.family, []).append(figures(case.truth, model(case)))
    return {family: mean_figures(each) for family, each in by_family.items()}


def written(model: Fit) -> str:
    """The weights as JSON, by feature."""
    parts: dict[str, Any] = {
        "words": dict(zip((*WORD_FEATURES, "bias"), (*model.words, model.words_bias), strict=True)),
        "meaning": dict(zip((*MEANING_FEATURES, "bias"), (*model.meaning, model.meaning_bias), strict=True)),
    }
    rounded = {part: {name: round(float(weight), 4) for name, weight in each.items()} for part, each in parts.items()}
    return json.dumps(rounded, indent=1) + "\n"


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="folder of the data")
@click.option("--check", "checked", is_flag=True, help="also measure on topics and days that were held out")
def main(data: Path, *, checked: bool) -> None:
    """Write the weights."""
    rows = read_rows(data)
    if rows is None:
        raise click.ClickException(f"{data} has no arxiv_labelled and hf_daily_papers")
    training = earlier_cases(rows)
    if checked:
        for family, mean in check(training, later_cases(rows)).items():
            click.echo(f"{family}: {mean}")
    WEIGHTS.write_text(written(fit(training)), encoding="utf-8")


if __name__ == "__main__":
    main()
