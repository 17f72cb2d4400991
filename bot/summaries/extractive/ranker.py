"""Which variant of which sentence: two linear models, their weights in `weights.json` by the features' names.

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
"""Characters of a sentence that is shown."""


PROMISING = 3
"""Sentences that are shortened; looking at all of them is twice the work and brings nothing."""


class Candidate(NamedTuple):
    """What may be shown, where it comes from, and its stems."""

    sentence: Sentence
    variant: Variant
    said: list[str]


class WordModel(NamedTuple):
    """A weight for every column and kind of word, and those that some words have of their own."""

    columns: NDArray[np.float64]
    """(COLUMNS, kinds): for each time a word comes, one that tells something and a stop word."""
    own: Mapping[str, float]


class Weights(NamedTuple):
    """The two models."""

    words: WordModel
    variants: Mapping[str, float]


@cache
def weights() -> Weights:
    """The weights that come with this package."""
    told = json.loads((files(__package__) / "weights.json").read_text(encoding="utf-8"))
    return Weights(word_model(told["words"]), told["variants"])


def word_model(told: Mapping[str, float]) -> WordModel:
    """The word model from its weights by name."""
    kinds = [weight_kind(time, stop=stop) for time in range(1, COUNTED + 1) for stop in (False, True)]
    columns = np.array([[told.get(name + each, 0.0) for each in kinds] for name in COLUMNS])
    return WordModel(columns, {name[2:]: weight for name, weight in told.items() if name.startswith("= ")})


def best_candidate(reading: ParsedAbstract, by: Weights | None = None) -> Candidate | None:
    """What is shown of this abstract; None if nothing in it says more than the title."""
    by = by or weights()
    likely = likelihoods(reading, by.words)
    found = admissible(
        reading, candidates(reading, promising_sentences(reading, likely)) or candidates(reading, reading.sentences)
    )
    if len(found) < 2:
        return found[0] if found else None
    scores = [linear_score(variant_features(reading, *each, likely), by.variants) for each in found]
    return found[scores.index(max(scores))]


def promising_sentences(reading: ParsedAbstract, likely: Mapping[str, float]) -> list[Sentence]:
    """The sentences worth shortening: what the word model expects most of, and the first claim."""
    ranked = sorted(reading.sentences, key=lambda each: -expected_rouge(each.stems, likely)[0])
    return list(dict.fromkeys([*ranked[:PROMISING], *reading.claims[:1]]))


def candidates(reading: ParsedAbstract, among: Sequence[Sentence]) -> list[Candidate]:
    """All of these sentences that says more than the title."""
    found = (
        Candidate(sentence, variant, stems(variant.text)) for sentence in among for variant in variants(sentence.text)
    )
    return [each for each in found if each.said and not repeats_title(reading, each.said)]


def admissible(reading: ParsedAbstract, found: list[Candidate]) -> list[Candidate]:
    """Without what must not be chosen while there is something else.

    What is taken back by the next sentence, a question, the background of an abstract in which nobody says `we` (the
    ranker has learnt from few of those), and what is too long.
    """
    first = reading.claims[0].place if reading.claims and reading.claims[0].claim < FINDS else 0
    for good in (
        lambda each: not each.sentence.taken_back,
        lambda each: not each.sentence.question,
        lambda each: each.sentence.claim or each.sentence.place >= first,
        lambda each: len(each.variant.text) <= SUMMARY_MAX,
    ):
        found = list(filter(good, found)) or found
    return found


def likelihoods(reading: ParsedAbstract, by: WordModel) -> dict[str, float]:
    """How likely each word is one of a summary, by its key."""
    table = word_features(reading)
    scores, found = (table.rows @ by.columns).tolist(), {}
    for stem, row in zip(table.stems, scores, strict=True):
        key, of_kind = stem, row[stem in STOP_WORDS :: 2]
        for time in range(min(reading.counts[stem], COUNTED)):
            if time:
                key = f"{stem}#{time + 1}"
            found[key] = 1 / (1 + math.exp(-of_kind[time] - by.own.get(key, 0.0)))
    return found


def linear_score(told: Features, by: Mapping[str, float]) -> float:
    """The sum of the weights of these features."""
    return sum(by.get(name, 0.0) * value for name, value in told.items())
