"""Features of the two linear models that choose a summary. Pure.

The word model estimates for each word of an abstract whether a summary has it. The ranker scores one sentence as it
would be shown; its main feature is the F-measure that follows from the word model.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.summaries.extractive.abstract import FINDS, OURS, PROPOSES, ParsedAbstract, Sentence, claim_strength
from bot.text.analyzer import STOP_WORDS, stems

Features = dict[str, float]
REFERENCE_WORDS = 21.0
"""Words of a reference summary; 20.1 on average in the train part of SciTLDR."""
REFERENCE_NEWS = 9.0
"""Of these, content words that the title does not have."""
COUNTED = 3
"""Occurrences of a word with a key of their own; all later ones share the last."""
EMPTY = frozenset(
    stems(
        "paper work propose present introduce describe study novel new approach method framework model develop design"
        " achieve effective efficient performance superior significant significantly extensive experiment demonstrate"
        " show result various diverse enable improve enhance first simple comprehensive task challenge address based"
        " aim several multiple different outperform state-of-the-art existing bridge gap potential real world"
        " application ability capability key high quality strong robust use problem challenging"
        " analysis investigate explore examine provide focus recent advance specific particular systematic overview"
        " evaluate important effectiveness accurate accurately support facilitate complex address"
    )
)
"""Stems that nearly every abstract has and that say little of this one."""
_FROM_START = (2, 5, 9, 14, 20, 28, 36)
COLUMNS = (
    *("word", "count", "sentences", "late", "opens", "in title", "in a claim", "in title and claim", "beside title"),
    *("number", "letters", "in name", "count in title", "count in claim", "opens and claimed", "in first claim"),
    *(f"in first claim after {place}" for place in (0, *_FROM_START)),
)
"""Features of the word model."""
_LENGTHS = (8, 11, 14, 17, 20, 24, 28, 33, 40, 50)
_BACKGROUND_WORDS = (
    "existing previous prior traditional conventional recent recently typically often usually commonly despite"
    " unfortunately however challenge challenging remain remains"
)
_BACKGROUND = frozenset(stems(_BACKGROUND_WORDS))
# Matched against lower case.
_HERE = re.compile(r"\b(?:in|this) (?:this )?(?:paper|work|article|study)\b")
_ANAPHORA = re.compile(r"(?:it|they|these|those|such|its|their|this (?!paper|work|article|study|report))\b")
_CODE = re.compile(r"https?:|\bcodes?\b.{0,80}\b(?:available|released?|public)\b|\bavailable at\b|project page|代码")
_RESULT = (
    frozenset(stems("experiment results outperform state-of-the-art evaluate evaluation benchmark datasets"))
    - STOP_WORDS
)
_SHARED = frozenset(stems("http https code codes available project")) | {"代", "码"}
_DIGIT = re.compile(r"\d")


def occurrence_keys(text_stems: Iterable[str]) -> Iterator[str]:
    """A key for each occurrence: the stem, `the#2` for the second one, `the#3` for all later ones."""
    counts: dict[str, int] = {}
    for stem in text_stems:
        counts[stem] = count = counts.get(stem, 0) + 1
        yield stem if count == 1 else f"{stem}#{min(count, COUNTED)}"


def expected_rouge(text_stems: Sequence[str], likely: Mapping[str, float]) -> tuple[float, float]:
    """Expected F-measure and precision (ROUGE-1) of a text; `likely` maps occurrence keys to probabilities."""
    hits = sum([likely.get(key, 0.0) for key in occurrence_keys(text_stems)])
    return 2 * hits / (len(text_stems) + REFERENCE_WORDS), hits / max(len(text_stems), 1)


class WordFeatures(NamedTuple):
    """Input of the word model: a row of COLUMNS for each stem of an abstract."""

    stems: list[str]
    rows: NDArray[np.float64]
    """(stems, COLUMNS)"""


def word_features(parsed: ParsedAbstract) -> WordFeatures:
    """Features of all words of an abstract, computed by column."""
    many = max(len(parsed.sentences), 1)
    first, holders, claimed, in_claim = _places(parsed)
    beside, name = _neighbours(parsed), frozenset(parsed.name.split())
    vocabulary = list(parsed.counts)
    count = np.log(list(parsed.counts.values()))
    late = np.array([first[stem] for stem in vocabulary]) / many
    titled, claims = _contained(vocabulary, parsed.title_stems), _contained(vocabulary, claimed)
    named = _contained(vocabulary, name)
    opens = late == 0
    place = np.array([in_claim.get(stem, -1) for stem in vocabulary])
    steps = np.digitize(place, _FROM_START)
    columns = [
        np.ones(len(vocabulary)),
        count,
        np.array([holders[stem] for stem in vocabulary]) / many,
        late,
        opens,
        titled,
        claims,
        titled & claims,
        _contained(vocabulary, beside),
        [stem[0].isdigit() for stem in vocabulary],
        [min(len(stem), 10) / 10 for stem in vocabulary],
        named,
        count * titled,
        count * claims,
        opens & claims,
        place >= 0,
        *((place >= 0) & (steps == step) for step in range(len(_FROM_START) + 1)),
    ]
    return WordFeatures(vocabulary, np.array(columns, dtype=float).T)


def weight_kind(occurrence: int, *, stop: bool) -> str:
    """Suffix of a weight's name for the n-th occurrence of a word: ` 2`, of a stop word ` 2 stop`."""
    return f" {occurrence} stop" if stop else f" {occurrence}"


def _contained(vocabulary: Sequence[str], subset: frozenset[str]) -> NDArray[np.bool_]:
    return np.array(list(map(subset.__contains__, vocabulary)), dtype=bool)


def _places(parsed: ParsedAbstract) -> tuple[dict[str, int], Counter[str], frozenset[str], dict[str, int]]:
    """For each stem: first sentence, number of sentences, whether in a claim, place in the first claim."""
    first: dict[str, int] = {}
    holders: Counter[str] = Counter()
    for each in parsed.sentences:
        holders.update(set(each.stems))
        for stem in each.stems:
            first.setdefault(stem, each.place)
    claimed = frozenset(stem for each in parsed.claims for stem in each.stems)
    opening = parsed.claims[0].stems if parsed.claims else ()
    return first, holders, claimed, {stem: place for place, stem in reversed(list(enumerate(opening)))}


def _neighbours(parsed: ParsedAbstract) -> frozenset[str]:
    """Stems that are adjacent to a content word of the title at least twice."""
    beside: Counter[str] = Counter()
    for each in parsed.sentences:
        for stem, following in pairwise(each.stems):
            if following in parsed.title_content:
                beside[stem] += 1
            if stem in parsed.title_content:
                beside[following] += 1
    return frozenset(stem for stem, count in beside.items() if count > 1)


def sentence_features(
    parsed: ParsedAbstract, sentence: Sentence, text: str, text_stems: Sequence[str], likely: Mapping[str, float]
) -> Features:
    """Features of a sentence shown as `text`; `likely` maps occurrence keys to the word model's probabilities."""
    low = text.lower()
    claims = claim_strength(low, text_stems)
    f1, precision = expected_rouge(text_stems, likely)
    long, place = math.log(max(len(text_stems), 1)), sentence.place / max(len(parsed.sentences) - 1, 1)
    features = _of_sentence(parsed, sentence, place) | _of_words(parsed, text_stems) | _of_text(parsed, low, text_stems)
    features |= {
        "expected F1": f1 * 10,
        "expected precision": precision * 10,
        "expected news": expected_news(parsed, text_stems, likely) * 10,
        "expected F1 squared": f1 * f1 * 10,
        "expected F1 of a claim": f1 * 10 * claims,
        "proposes": float(claims == PROPOSES),
        "finds": float(claims == FINDS),
        "ours": float(claims == OURS),
        "late claim": place * claims,
        "long": long,
        "long squared": long * long,
        "long claim": long * claims,
        f"length {sum(len(text_stems) > limit for limit in _LENGTHS)}": 1.0,
    }
    return {name: value for name, value in features.items() if value}


def _of_sentence(parsed: ParsedAbstract, sentence: Sentence, place: float) -> Features:
    many, first = len(parsed.sentences), parsed.claims[0].place if parsed.claims else -1
    return {
        "place": place,
        "first": float(sentence.place == 0),
        "second": float(sentence.place == 1),
        "last": float(sentence.place == many - 1 and many > 1),
        "one of few": float(many <= 3),
        "first claim": float(sentence.place == first),
        "second claim": float(sentence in parsed.claims[1:2]),
        "before all claims": float(sentence.place < first),
        "after first claim": float(first >= 0 and sentence.place == first + 1),
        "here": float(bool(_HERE.search(sentence.low))),
        "turns": float(sentence.contrasts),
        "taken back": float(sentence.contradicted),
    }


def _of_words(parsed: ParsedAbstract, text_stems: Sequence[str]) -> Features:
    bag = frozenset(text_stems)
    about = len(parsed.title_content & bag)
    content = [stem for stem in text_stems if stem not in STOP_WORDS]
    central = sum(min(parsed.counts[stem] - 1, 3) for stem in set(content))
    return {
        "title recall": about / max(len(parsed.title_content), 1),
        "title precision": about / max(len(bag), 1),
        "news": min(news_count(parsed, text_stems), 12) / 12,
        "little news": float(news_count(parsed, text_stems) < 5),
        "central": central / max(len(content), 1),
        "content": len(content) / max(len(text_stems), 1),
    }


def expected_news(parsed: ParsedAbstract, text_stems: Iterable[str], likely: Mapping[str, float]) -> float:
    """Expected F-measure of a text's words beside the title's."""
    new = frozenset(text_stems) - parsed.title_content - STOP_WORDS
    return 2 * sum([likely.get(stem, 0.0) for stem in new]) / (len(new) + REFERENCE_NEWS)


def news_count(parsed: ParsedAbstract, text_stems: Iterable[str]) -> int:
    """Number of content words that neither the title has nor every paper."""
    return len(frozenset(text_stems) - parsed.title_content - STOP_WORDS - EMPTY)


def _of_text(parsed: ParsedAbstract, low: str, text_stems: Sequence[str]) -> Features:
    bag = frozenset(text_stems)
    features = {
        "background": float(min(len(_BACKGROUND & bag), 2)),
        "leans": float(bool(_ANAPHORA.match(low))),
        "question": float(low.endswith(("?", "？"))),
        "code": float(not _SHARED.isdisjoint(bag) and bool(_CODE.search(low))),
        "result": float(not _RESULT.isdisjoint(bag)),
        "number": float(bool(_DIGIT.search(low))),
        "brackets": float("(" in low),
        "colon": float(":" in low),
        "named": float(bool(parsed.name) and low.startswith(parsed.name)),
        "has name": float(bool(parsed.name) and parsed.name in low),
    }
    return features | {f"begins {' '.join(text_stems[:count])}": 1.0 for count in range(1, min(len(text_stems), 3) + 1)}
