"""`python -m tests.training.topics [--data DIR]`: weights of the topic matcher, from the earlier days of its families.

Both networks (`bot/query/topic_model.py`) are fitted by weighted likelihood with an L2 prior; every topic of a family
weighs the same, and a paper of it as many times one that is not as makes 0.5 the best mark by F1. What the
meaning asks for is what gives the best mean F1 of the whole in a grid, with no more than `DROWNING` of the categories
drowned. `--check` holds topics apart as well as days: each fifth of the topics is matched
by a fit that saw neither them nor the later half of the earlier days; `--check-later` does so on the days that are
reported, to be looked at once.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.query import topic_model
from bot.query.topic_model import NEAREST, Meaning, Network, logistic
from tests.bench.topic_families import LATER_ARXIV, LATER_HF, Rows, read_rows
from tests.bench.topic_figures import Figures, figures, mean_figures
from tests.harness.recordings import DATA
from tests.training.topic_cases import PARTS, Case, Floats, family_cases, judged_cases

WEIGHTS = Path(topic_model.__file__).with_name("topic_weights.json")
INNER_ARXIV, INNER_HF = "2025-06", "2025-05"
"""First months of the inner split, which `--check` looks at."""
FAMILY = {"categories": 0.15, "listed": 0.1, "keywords": 0.5, "rare": 0.2, "pairs": 0.3, "judged": 1.0}
"""Weight of a topic of each family in the likelihood: the networks are for what people write."""
MISSED = {"keywords": 1.2, "pairs": 2.0, "judged": 1.6}
"""How many times a missed paper of a family weighs one too many; 1 elsewhere."""
REACH = {"categories": 0.6, "listed": 0.15, "keywords": 0.4, "judged": 0.4}
"""Weight of each family's mean F1 for the meaning."""
DROWNING = 0.15
SLOPE = 1.6
"""Of the meaning's logit: a standard deviation above the mark is a probability of 0.83."""
GRID = [
    Meaning(SLOPE, float(mark), float(term), least)
    for mark in (-1.0, -0.5, 0.0)
    for term in np.arange(0.0, 24.1, 3.0)
    for least in (1.0, 1.5, 2.0)
]
"""A lower mark, or none at all, would let a topic that nobody says bring a sixth of the papers, and more."""
HIDDEN, PRIOR, HIDDEN_PRIOR = 6, 1e-3, 3e-3
SAMPLED = 150
"""Papers of a topic, and others, that are looked at in the likelihood, each weighing for as many as there are."""
FOLDS, SEED = 5, 0


@dataclass(frozen=True)
class Fit:
    """The parts of the matcher."""

    words: Network
    both: Network
    meaning: Meaning

    def __call__(self, case: Case) -> Floats:
        """(rows,): probabilities."""
        said = self.both(case.both.astype(np.float32))
        by_meaning = self.meaning(case.margin, case.close[:, -1], _said_by_nearest(case, said))
        return np.maximum(said, by_meaning)[case.rows]


def fit(training: Sequence[Case]) -> Fit:
    """The networks, then the meaning beside them."""
    both = fit_network(training, lambda case: case.both)
    return Fit(fit_network(training, lambda case: case.words), both, fit_meaning(training, both))


def fit_network(training: Sequence[Case], features: Callable[[Case], Floats]) -> Network:
    """A network on some features."""
    inputs, truth, weights = _sampled(training, features)
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    inputs, size, dice = np.clip((inputs - mean) / scale, -5, 5), inputs.shape[1], np.random.default_rng(SEED)
    start = [dice.normal(0, 0.3, size * HIDDEN), np.zeros(HIDDEN), dice.normal(0, 0.3, HIDDEN), np.zeros(size), [-1.0]]
    objective = _objective(inputs, truth, weights)
    theta = minimize(objective, np.concatenate(start), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    parts = [each.astype(np.float32) for each in _parts(theta, size)]
    return Network(mean, scale, *parts[:4], bias=float(parts[4][0]))


def _sampled(
    training: Sequence[Case], features: Callable[[Case], Floats]
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.float32]]:
    """Features, truth and weights of at most `SAMPLED` papers of each topic and as many others."""
    dice = np.random.default_rng(SEED)
    chosen = []
    for case in training:
        counts = np.where(case.truth, case.truth.sum(), (~case.truth).sum())
        kept = dice.random(len(counts)) < SAMPLED / counts
        weights = np.maximum(counts / SAMPLED, 1) * np.where(case.truth, MISSED.get(case.family, 1.0), 1.0)
        weights *= FAMILY[case.family] / len(counts)
        chosen.append((features(case)[case.rows[kept]], case.truth[kept], weights[kept]))
    inputs, truth, weights = (np.concatenate(each) for each in zip(*chosen, strict=True))
    return inputs.astype(np.float32), truth, (weights / weights.sum()).astype(np.float32)


def _parts(theta: Floats, size: int) -> list[Floats]:
    """Hidden weights and biases, outer and direct weights, bias."""
    ends = np.cumsum([size * HIDDEN, HIDDEN, HIDDEN, size])
    hidden, *rest = np.split(theta, ends)
    return [hidden.reshape(size, HIDDEN), *rest]


def _objective(
    inputs: Floats, truth: NDArray[np.bool_], weights: NDArray[np.float32]
) -> Callable[[Floats], tuple[float, Floats]]:
    """Weighted negative log-likelihood with the prior, and its gradient."""
    size = inputs.shape[1]
    sizes = (size * HIDDEN, HIDDEN, HIDDEN, size, 1)
    prior = np.repeat((HIDDEN_PRIOR, 0.0, HIDDEN_PRIOR, PRIOR, 0.0), sizes)

    def loss(theta: Floats) -> tuple[float, Floats]:
        hidden, hidden_bias, outer, direct, bias = (each.astype(np.float32) for each in _parts(theta, size))
        active = np.tanh(inputs @ hidden + hidden_bias)
        chance = logistic(active @ outer + inputs @ direct + bias)
        likelihood = np.log(np.where(truth, chance, 1 - chance) + 1e-7)
        slope = weights * (chance - truth)
        back = np.outer(slope, outer) * (1 - active * active)
        steps = (inputs.T @ back).ravel(), back.sum(axis=0), active.T @ slope, inputs.T @ slope, [slope.sum()]
        gradient = np.concatenate(steps).astype(float) + 2 * prior * theta
        return float(prior @ (theta * theta) - weights @ likelihood), gradient

    return loss


def fit_meaning(training: Sequence[Case], both: Network) -> Meaning:
    """The meaning of the grid that gives the best F1 beside the network."""
    known = [case for case in training if case.family in REACH]
    said = [both(case.both.astype(np.float32)) for case in known]
    nearest = [_said_by_nearest(case, each) for case, each in zip(known, said, strict=True)]

    def gain(meaning: Meaning) -> float:
        by_family: dict[str, list[tuple[float, float]]] = {}
        for case, words, likely in zip(known, said, nearest, strict=True):
            above = meaning.above(case.margin[case.rows], case.close[case.rows, -1], likely)
            matched = (words[case.rows] >= topic_model.MATCHES) | (above >= 0)
            by_family.setdefault(case.family, []).append(_f1_and_drowned(case.truth, matched))
        means = {family: np.mean(each, axis=0) for family, each in by_family.items()}
        drowned = max(means["categories"][1] - DROWNING, 0.0)
        return float(sum(REACH[family] * mean[0] for family, mean in means.items()) - drowned)

    return max(GRID, key=gain)


def _f1_and_drowned(truth: NDArray[np.bool_], matched: NDArray[np.bool_]) -> tuple[float, float]:
    both, count, true = (np.count_nonzero(each) for each in (truth & matched, matched, truth))
    return 2 * both / (true + count), float(count > 3 * true)


def _said_by_nearest(case: Case, said: Floats) -> float:
    return float(said[np.argsort(-case.margin, kind="stable")[:NEAREST]].mean())


def check(training: Sequence[Case], later: Iterable[Case]) -> dict[str, Figures]:
    """Mean figures by family on other days, each topic by a fit without it."""
    by_family: dict[str, list[Figures]] = {}
    later = list(later)
    for fold in range(FOLDS):
        model = fit([case for case in training if _fold(case) != fold])
        for case in later:
            if _fold(case) == fold:
                by_family.setdefault(case.family, []).append(figures(case.truth, model(case)))
    return {family: mean_figures(each) for family, each in by_family.items()}


def _fold(case: Case) -> int:
    return zlib.crc32(case.topic.encode()) % FOLDS


def written(model: Fit) -> str:
    """The weights as JSON."""

    def plain(part: Network | Meaning) -> dict[str, Any]:
        values = ((name, getattr(part, name)) for name in part.__slots__)
        return {name: np.round(value, 4).tolist() for name, value in values}

    parts = {"words": plain(model.words), "both": plain(model.both), "meaning": plain(model.meaning)}
    return json.dumps(parts) + "\n"


def _between(rows: Rows, start: tuple[str, str], end: tuple[str, str], parts: Sequence[float]) -> list[Case]:
    """Cases of the families on the days from `start` to before `end`, of arXiv and of Daily Papers."""
    arxiv = [row for row in rows.arxiv if start[0] <= row["day"] < end[0]]
    daily = [row for row in rows.daily if start[1] <= row["list_date"] < end[1]]
    return list(family_cases(rows, arxiv, daily, parts))


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="folder of the data")
@click.option("--check", "checked", is_flag=True, help="measure on topics and earlier days that were held out")
@click.option("--check-later", is_flag=True, help="measure on topics and later days that were held out")
def main(data: Path, *, checked: bool, check_later: bool) -> None:
    """Write the weights, or measure how they are made."""
    rows = read_rows(data)
    if rows is None:
        raise click.ClickException(f"{data} has no arxiv_labelled and hf_daily_papers")
    first, inner, later, last = ("0", "0"), (INNER_ARXIV, INNER_HF), (LATER_ARXIV, LATER_HF), ("9", "9")
    earlier = [row for row in rows.arxiv if row["day"] < later[0]]
    earlier += [row for row in rows.listed if row["list_date"] < later[1]]
    judged = list(judged_cases(earlier))
    training = [*_between(rows, first, inner if checked else later, PARTS), *judged]
    if checked or check_later:
        held_out = _between(rows, inner if checked else later, later if checked else last, (1.0,))
        for family, mean in check(training, [*held_out, *judged]).items():
            click.echo(f"{family}: {mean}")
    else:
        WEIGHTS.write_text(written(fit(training)), encoding="utf-8")


if __name__ == "__main__":
    main()
