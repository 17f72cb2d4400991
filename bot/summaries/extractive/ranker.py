"""The choice of the variant that is shown: two linear models, their weights in `weights.json` by feature name.

Made by `python -m tests.training.tldr` from the train part of SciTLDR (Cachola et al., "TLDR: Extreme Summarization of
Scientific Documents", 2020, https://arxiv.org/abs/2004.15011): a logistic model of the words, then a listwise one of
the variants (a softmax over each abstract's; Cao et al., "Learning to Rank", 2007), towards their ROUGE-1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.summaries.extractive.abstract import FINDS, ParsedAbstract, Sentence, repeats_title
from bot.summaries.extractive.features import (
    COLUMNS,
    COUNTED,
    Features,
    expected_rouge,
    variant_features,
    weight_kind,
    word_features,
)
from bot.summaries.extractive.variants import Variant, variants
from bot.text.analyzer import STOP_WORDS, stems

SUMMARY_MAX = 320
"""Characters of a summary, at most."""
PROMISING = 3
"""Sentences that are shortened; all of them would take twice the time and change nothing in ROUGE-1."""


class Candidate(NamedTuple):
    """A variant that may be shown, its sentence and its stems."""

    sentence: Sentence
    variant: Variant
    stems: list[str]


class WordModel(NamedTuple):
    """Weights of the columns, and of single words."""

    columns: NDArray[np.float64]
    """(COLUMNS, kinds): a kind for content words and one for stop words, for each occurrence."""
    own: Mapping[str, float]


class Weights(NamedTuple):
    """The two models."""

    words: WordModel
    variants: Mapping[str, float]


@cache
def weights() -> Weights:
    """The weights that come with this package."""
    by_name = json.loads((files(__package__) / "weights.json").read_text(encoding="utf-8"))
    return Weights(word_model(by_name["words"]), by_name["variants"])


def word_model(by_name: Mapping[str, float]) -> WordModel:
    """The word model from its weights by name."""
    kinds = [weight_kind(count, stop=stop) for count in range(1, COUNTED + 1) for stop in (False, True)]
    columns = np.array([[by_name.get(name + kind, 0.0) for kind in kinds] for name in COLUMNS])
    return WordModel(columns, {name[2:]: weight for name, weight in by_name.items() if name.startswith("= ")})


def best_candidate(parsed: ParsedAbstract) -> Candidate | None:
    """The variant to show; None if no sentence says more than the title."""
    models = weights()
    likely = likelihoods(parsed, models.words)
    promising = candidates(parsed, promising_sentences(parsed, likely))
    choice = admissible(parsed, promising or candidates(parsed, parsed.sentences))
    if len(choice) < 2:
        return choice[0] if choice else None
    scores = [linear_score(variant_features(parsed, *each, likely), models.variants) for each in choice]
    return choice[scores.index(max(scores))]


def promising_sentences(parsed: ParsedAbstract, likely: Mapping[str, float]) -> list[Sentence]:
    """The sentences to shorten: those with the highest expected F-measure, and the first claim."""
    ranked = sorted(parsed.sentences, key=lambda each: -expected_rouge(each.stems, likely)[0])
    return list(dict.fromkeys([*ranked[:PROMISING], *parsed.claims[:1]]))


def candidates(parsed: ParsedAbstract, sentences: Sequence[Sentence]) -> list[Candidate]:
    """All variants of these sentences that say more than the title."""
    pairs = ((sentence, variant) for sentence in sentences for variant in variants(sentence.text))
    shortened = (Candidate(sentence, variant, stems(variant.text)) for sentence, variant in pairs)
    return [each for each in shortened if each.stems and not repeats_title(parsed, each.stems)]


def admissible(parsed: ParsedAbstract, remaining: list[Candidate]) -> list[Candidate]:
    """Candidates without these kinds, each of which is dropped only if others remain.

    In this order: sentences that the next one contradicts, questions, background of an abstract without `we` (of which
    the training data has few), texts longer than SUMMARY_MAX.
    """
    first = parsed.claims[0].place if parsed.claims and parsed.claims[0].claim < FINDS else 0
    for preferred in (
        lambda each: not each.sentence.contradicted,
        lambda each: not each.sentence.question,
        lambda each: each.sentence.claim or each.sentence.place >= first,
        lambda each: len(each.variant.text) <= SUMMARY_MAX,
    ):
        remaining = list(filter(preferred, remaining)) or remaining
    return remaining


def likelihoods(parsed: ParsedAbstract, model: WordModel) -> dict[str, float]:
    """Probability that a summary has a word, by occurrence key."""
    table = word_features(parsed)
    probabilities = {}
    for stem, scores in zip(table.stems, (table.rows @ model.columns).tolist(), strict=True):
        key, scores_of_kind = stem, scores[stem in STOP_WORDS :: 2]
        for occurrence in range(min(parsed.counts[stem], COUNTED)):
            if occurrence:
                key = f"{stem}#{occurrence + 1}"
            probabilities[key] = 1 / (1 + math.exp(-scores_of_kind[occurrence] - model.own.get(key, 0.0)))
    return probabilities


def linear_score(features: Features, weight_of: Mapping[str, float]) -> float:
    """Sum of the features times their weights."""
    return sum(weight_of.get(name, 0.0) * value for name, value in features.items())
