"""The choice of the sentences that are shown: two linear models, their weights in `weights.json` by feature name.

Made by `python -m tests.training.tldr`: a logistic model of the words, then a listwise one of the sentences (a softmax
over each abstract's; Cao et al., "Learning to Rank", 2007), towards what summaries say beside the title.
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

from bot.summaries.extractive.abstract import FINDS, PROPOSES, ParsedAbstract, Sentence, repeats_title
from bot.summaries.extractive.faults import (
    has_known_subject,
    has_unknown_subject,
    is_about_code,
    is_loose,
    is_whole,
    points_back,
)
from bot.summaries.extractive.features import (
    COLUMNS,
    COUNTED,
    EMPTY,
    Features,
    news_count,
    sentence_features,
    weight_kind,
    word_features,
)
from bot.summaries.extractive.phrases import SUBORDINATE
from bot.summaries.extractive.quality import (
    introduces,
    is_background,
    is_topic_only,
    is_weak,
    quality_of_detail,
    states_finding,
)
from bot.summaries.extractive.rewriting import SUMMARY_MAX, fitted, shown_sentence, without_brackets, without_repeats
from bot.text.analyzer import STOP_WORDS, stems

NEWS_ENOUGH = 10
"""Content words beside the title's, from which one sentence carries a summary."""
TOPIC_LACKS = 9
"""Content words that a sentence lacks if it names a topic only."""
NEWS, FEW_NEWS = 4, 2
"""Content words that a second sentence adds, at least; the latter to the title over again."""
FEW_LACKING = 3
FIRST_SENTENCES = 4
"""Best sentences for which a second one is looked for."""
NAMED, FIRST, ABOUT, LEANING, UNKNOWN = 0.15, 0.2, 0.1, 0.1, 0.2
WEAK, LACKING, REPEATED = 0.3, 0.14, 100.0
"""What a sentence that promises, each missing content word, and the title over again take from the score."""
FINDING, TOPIC, OURS = 0.15, 0.5, 0.15
"""What a sentence gains that reports a finding, and loses that names a topic only or is about `our method`."""
FOUND = 3
"""Content words less that a finding needs."""
LONG_LEAD = 60
"""Characters of a subordinate clause, from which on it stands in the way."""
OTHER = 0.2
"""What a second sentence loses that introduces something else, or says what others did."""
CUT, SHORTENED = 0.1, 0.75
"""What a second sentence loses of which less than this share is shown."""


class Candidate(NamedTuple):
    """A sentence, the text that would be shown, and its stems."""

    sentence: Sentence
    text: str
    stems: list[str]


class WordModel(NamedTuple):
    """Weights of the columns, and of single words."""

    columns: NDArray[np.float64]
    """(COLUMNS, kinds): a kind for content words and one for stop words, for each occurrence."""
    own: Mapping[str, float]
    """Factors of the odds."""


class Weights(NamedTuple):
    """The two models."""

    words: WordModel
    sentences: Mapping[str, float]


@cache
def weights() -> Weights:
    """The weights that come with this package."""
    by_name = json.loads((files(__package__) / "weights.json").read_text(encoding="utf-8"))
    return Weights(word_model(by_name["words"]), by_name["sentences"])


def word_model(by_name: Mapping[str, float]) -> WordModel:
    """The word model from its weights by name."""
    kinds = [weight_kind(count, stop=stop) for count in range(1, COUNTED + 1) for stop in (False, True)]
    columns = np.array([[by_name.get(name + kind, 0.0) for kind in kinds] for name in COLUMNS])
    return WordModel(columns, {name[2:]: math.exp(by_name[name]) for name in by_name if name.startswith("= ")})


def best_candidates(parsed: ParsedAbstract) -> list[Candidate]:
    """One or two sentences to show, in the abstract's order; none if no sentence says more than the title."""
    everything = candidates(parsed)
    choice = admissible(parsed, everything)
    if not choice:
        return []
    models = weights()
    likely = likelihoods(parsed, models.words)
    scored = sorted(
        ((_score(parsed, each, likely, models), -each.sentence.place, each) for each in choice), reverse=True
    )
    followers = list(filter(_can_be_shown, everything))
    options = [_with_second(parsed, followers, score, each, likely) for score, _, each in scored[:FIRST_SENTENCES]]
    best = max(options, key=lambda option: option[0])[1]
    if len(best) > 1 or not repeats_title(parsed, best[0].stems):
        return best
    return admissible(parsed, [each for each in everything if not repeats_title(parsed, each.stems)])[:1]


def _score(parsed: ParsedAbstract, each: Candidate, likely: Mapping[str, float], models: Weights) -> float:
    score = linear_score(sentence_features(parsed, *each, likely), models.sentences)
    return score + _merit(parsed, each) - _demerit(parsed, each)


def _merit(parsed: ParsedAbstract, each: Candidate) -> float:
    """Points for the sentence that names the work, for the first proposal, and for a finding after all proposals."""
    first = each.sentence in (parsed.proposals or parsed.claims)[:1] and not is_topic_only(each.text)
    return NAMED * _is_about_named(parsed, each) + FIRST * first + FINDING * _is_finding(parsed, each)


def _is_finding(parsed: ParsedAbstract, each: Candidate) -> bool:
    """Whether a sentence reports a finding, after all proposals: before one it is the problem."""
    final = all(each.sentence.place > claim.place for claim in parsed.proposals)
    return final and states_finding(each.sentence.text)


def _demerit(parsed: ParsedAbstract, each: Candidate) -> float:
    """Points against a promise, another work, a topic, a subordinate clause and an unknown subject at the start."""
    named = _is_about_named(parsed, each)
    other = bool(parsed.name) and " " not in parsed.name and introduces(each.text) and not named
    weak = is_weak(each.text) or other or is_background(each.text)
    lead = each.text.partition(", ")[0] if SUBORDINATE.match(each.text) else ""
    return (
        WEAK * weak
        + TOPIC * is_topic_only(each.text)
        + OURS * each.text.startswith("Our ")
        + LEANING * (bool(lead) + 2 * (len(lead) > LONG_LEAD))
        + UNKNOWN * has_unknown_subject(each.text, parsed.title)
    )


def _is_about_named(parsed: ParsedAbstract, each: Candidate) -> bool:
    return bool(parsed.name and parsed.name in each.text.lower()) and each.sentence.claim >= PROPOSES


def candidates(parsed: ParsedAbstract) -> list[Candidate]:
    """All sentences, as they would be shown."""
    texts = ((each, without_repeats(shown_sentence(each.text), parsed.title_stems)) for each in parsed.sentences)
    every = (Candidate(each, text, _stems(each, text)) for each, text in texts)
    return [each for each in every if each.stems]


def _stems(sentence: Sentence, text: str) -> list[str]:
    return list(sentence.stems) if text == sentence.text else stems(text)


def admissible(parsed: ParsedAbstract, remaining: list[Candidate]) -> list[Candidate]:
    """Candidates without these faults, each of which counts only if others remain."""
    first = parsed.claims[0].place if parsed.claims else 0
    for preferred in (
        lambda each: not each.sentence.contradicted,
        lambda each: not each.sentence.question,
        lambda each: is_whole(each.text) and not is_loose(each.sentence.text),
        lambda each: not points_back(each.text, title=parsed.title_content),
        lambda each: len(each.text) <= SUMMARY_MAX,
        lambda each: not is_about_code(each.text.lower()),
        lambda each: each.sentence.claim >= FINDS or each.sentence.place >= first or "we " in each.sentence.low,
    ):
        remaining = list(filter(preferred, remaining)) or remaining
    return remaining


def _with_second(
    parsed: ParsedAbstract, followers: Sequence[Candidate], score: float, first: Candidate, likely: Mapping[str, float]
) -> tuple[float, list[Candidate]]:
    """The sentence, with the later one that adds most if it does not carry the summary, and their score."""
    lacking = max(
        NEWS_ENOUGH - news_count(parsed, _stems_beside_brackets(first)) - FOUND * _is_finding(parsed, first),
        TOPIC_LACKS * is_topic_only(first.text),
    )
    if not lacking:
        return score, [first]
    named = parsed.title_content | frozenset(first.stems)
    room = SUMMARY_MAX - len(first.text) - 1
    short = (_shortened(each, room) for each in followers if _may_follow(each, first, parsed.title_content))
    rated = [
        (_added(parsed, each, first, named, likely), -each.sentence.place, each)
        for each in short
        if len(each.text) <= room
    ]
    added, _, second = max(rated, default=(0.0, 0, None))
    if second is None or added <= 0:
        return score - _penalty(lacking) - REPEATED * repeats_title(parsed, first.stems), [first]
    return score + added - _penalty(max(lacking - news_count(parsed, second.stems), 0)), [first, second]


def _penalty(lacking: int) -> float:
    """Penalty of a summary for content words that it lacks; twice as much for each from `FEW_LACKING` on."""
    return LACKING * (lacking + max(lacking - FEW_LACKING, 0))


def _stems_beside_brackets(each: Candidate) -> list[str]:
    return stems(without_brackets(each.text)) if "(" in each.text else each.stems


def _shortened(each: Candidate, room: int) -> Candidate:
    text = fitted(each.text, room)
    return each if text == each.text or not is_whole(text) else Candidate(each.sentence, text, stems(text))


def _may_follow(each: Candidate, first: Candidate, title: frozenset[str]) -> bool:
    place = each.sentence.place - first.sentence.place
    return place > 0 and not points_back(each.text, first.text if place == 1 else "", title)


def _can_be_shown(each: Candidate) -> bool:
    sentence = each.sentence
    if sentence.question or sentence.contradicted or (sentence.contrasts and not sentence.claim):
        return False
    if is_loose(sentence.text) or is_topic_only(each.text):
        return False
    return is_whole(each.text) and not is_about_code(each.text.lower())


def _added(
    parsed: ParsedAbstract, each: Candidate, first: Candidate, named: frozenset[str], likely: Mapping[str, float]
) -> float:
    """Likelihood of the words that a candidate adds, for its length; less if it is weak, more if it names the work."""
    new = frozenset(each.stems) - named - STOP_WORDS - EMPTY
    if len(new) < (FEW_NEWS if news_count(parsed, first.stems) < NEWS else NEWS):
        return 0.0
    low = each.text.lower()
    about_work = bool(parsed.name and parsed.name in low) or low.startswith(("our ", "it ", "the proposed"))
    about_work = about_work or has_known_subject(each.text, first.text)
    early = not each.sentence.claim and not about_work
    early = early and any(each.sentence.place < claim.place for claim in parsed.proposals[:1])
    about = ABOUT * about_work - UNKNOWN * has_unknown_subject(each.text, f"{parsed.title} {first.text}")
    cut = CUT * (each.text != each.sentence.text and len(each.text) < len(each.sentence.text) * SHORTENED)
    other = OTHER * (early or is_background(each.sentence.text)) + OTHER * (
        bool(parsed.name) and not about_work and introduces(each.text)
    )
    likelihood = sum(likely.get(stem, 0.0) for stem in new) / (len(each.stems) + 8)
    return likelihood + about - cut - other + quality_of_detail(each.text)


def likelihoods(parsed: ParsedAbstract, model: WordModel) -> dict[str, float]:
    """Probability that a summary has a word, by occurrence key."""
    table, own = word_features(parsed), model.own
    odds = np.exp(table.rows @ model.columns)
    stop = np.array([stem in STOP_WORDS for stem in table.stems], dtype=int)
    of_kind = odds.reshape(len(table.stems), COUNTED, 2)[np.arange(len(table.stems)), :, stop]
    first = of_kind[:, 0] * [own.get(stem, 1.0) for stem in table.stems]
    probabilities = dict(zip(table.stems, (first / (1 + first)).tolist(), strict=True))
    for stem, odds_of_stem in zip(table.stems, of_kind.tolist(), strict=True):
        for occurrence in range(2, min(parsed.counts[stem], COUNTED) + 1):
            key = f"{stem}#{occurrence}"
            odd = odds_of_stem[occurrence - 1] * own.get(key, 1.0)
            probabilities[key] = odd / (1 + odd)
    return probabilities


def linear_score(features: Features, weight_of: Mapping[str, float]) -> float:
    """Sum of the features times their weights."""
    return sum(weight_of.get(name, 0.0) * value for name, value in features.items())
