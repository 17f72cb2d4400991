"""What words and sentences tell about what a paper's authors would say in one sentence. Pure.

Two small linear models read these features. The word model looks at one word of the abstract: is it one that a summary
would have? The ranker looks at one variant of one sentence, and its chief feature is the F-measure that the word model
expects of it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.summaries.extractive.abstract import FINDS, OURS, PROPOSES, ParsedAbstract, Sentence, claim_strength
from bot.summaries.extractive.variants import Variant
from bot.text.analyzer import STOP_WORDS, stems

Features = dict[str, float]
REFERENCE = 21.0
"""Words of a summary that people write; SciTLDR's train part has 20.1 on average."""
COUNTED = 3
"""The third time a word comes and every later time are one."""
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
_LEANS = re.compile(r"(?:it|they|these|those|such|its|their|this (?!paper|work|article|study|report))\b")
_CODE = re.compile(r"https?:|\bcodes?\b.{0,80}\b(?:available|released?|public)\b|\bavailable at\b|project page|代码")
_RESULT = (
    frozenset(stems("experiment results outperform state-of-the-art evaluate evaluation benchmark datasets"))
    - STOP_WORDS
)
_SHARED = frozenset(stems("http https code codes available project")) | {"代", "码"}
_DIGIT = re.compile(r"\d")


def occurrence_keys(said: Iterable[str]) -> Iterator[str]:
    """A key for each word: its stem; the second time it comes `the#2`, from the third on `the#3`."""
    seen: dict[str, int] = {}
    for stem in said:
        seen[stem] = time = seen.get(stem, 0) + 1
        yield stem if time == 1 else f"{stem}#{min(time, COUNTED)}"


def expected_rouge(said: Sequence[str], likely: Mapping[str, float]) -> tuple[float, float]:
    """ROUGE-1's F-measure and precision, as the word model expects them of a text."""
    hits = sum([likely.get(key, 0.0) for key in occurrence_keys(said)])
    return 2 * hits / (len(said) + REFERENCE), hits / max(len(said), 1)


class WordFeatures(NamedTuple):
    """What the word model looks at: a row of COLUMNS for every stem of an abstract."""

    stems: list[str]
    rows: NDArray[np.float64]
    """(stems, COLUMNS)"""


def word_features(reading: ParsedAbstract) -> WordFeatures:
    """Where every word of an abstract stands; by columns, since an abstract has a hundred words."""
    many = max(len(reading.sentences), 1)
    first, holders, claimed, in_claim = _places(reading)
    beside, name = _neighbours(reading), frozenset(reading.called.split())
    found = list(reading.counts)
    count = np.log(list(reading.counts.values()))
    late = np.array([first[stem] for stem in found]) / many
    titled, claims, named = _which(found, reading.title), _which(found, claimed), _which(found, name)
    opens = late == 0
    place = np.array([in_claim.get(stem, -1) for stem in found])
    steps = np.digitize(place, _FROM_START)
    columns = [
        np.ones(len(found)),
        count,
        np.array([holders[stem] for stem in found]) / many,
        late,
        opens,
        titled,
        claims,
        titled & claims,
        _which(found, beside),
        [stem[0].isdigit() for stem in found],
        [min(len(stem), 10) / 10 for stem in found],
        named,
        count * titled,
        count * claims,
        opens & claims,
        place >= 0,
        *((place >= 0) & (steps == step) for step in range(len(_FROM_START) + 1)),
    ]
    return WordFeatures(found, np.array(columns, dtype=float).T)


def weight_kind(time: int, *, stop: bool) -> str:
    """Stop words, and the times a word comes, have weights of their own: ` 2 stop`."""
    return f" {time} stop" if stop else f" {time}"


def _which(found: Sequence[str], wanted: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([stem in wanted for stem in found], dtype=bool)


def _places(reading: ParsedAbstract) -> tuple[dict[str, int], Counter[str], frozenset[str], dict[str, int]]:
    """Each stem's first sentence, its sentences, whether a claim has it, and its place in the first claim."""
    first: dict[str, int] = {}
    holders: Counter[str] = Counter()
    for each in reading.sentences:
        holders.update(set(each.stems))
        for stem in each.stems:
            first.setdefault(stem, each.place)
    claimed = frozenset(stem for each in reading.claims for stem in each.stems)
    opening = reading.claims[0].stems if reading.claims else ()
    return first, holders, claimed, {stem: place for place, stem in reversed(list(enumerate(opening)))}


def _neighbours(reading: ParsedAbstract) -> frozenset[str]:
    """Words that stand next to a telling word of the title, twice or more."""
    beside: Counter[str] = Counter()
    for each in reading.sentences:
        for left, right in zip(each.stems, each.stems[1:], strict=False):
            if right in reading.named:
                beside[left] += 1
            if left in reading.named:
                beside[right] += 1
    return frozenset(stem for stem, count in beside.items() if count > 1)


def variant_features(
    reading: ParsedAbstract,
    sentence: Sentence,
    variant: Variant,
    said: Sequence[str],
    likely: Mapping[str, float],
) -> Features:
    """The features of one variant of one sentence; `said` are its stems, `likely` what the word model says."""
    low = variant.text.lower()
    claims = claim_strength(low, said)
    f1, precision = expected_rouge(said, likely)
    long, place = math.log(max(len(said), 1)), sentence.place / max(len(reading.sentences) - 1, 1)
    found = _of_sentence(reading, sentence, place) | _of_words(reading, said) | _of_text(reading, low, said)
    found |= {
        "expected F1": f1 * 10,
        "expected precision": precision * 10,
        "expected F1 squared": f1 * f1 * 10,
        "expected F1 of a claim": f1 * 10 * claims,
        "proposes": float(claims == PROPOSES),
        "finds": float(claims == FINDS),
        "ours": float(claims == OURS),
        "late claim": place * claims,
        "long": long,
        "long squared": long * long,
        "long claim": long * claims,
        f"length {sum(len(said) > limit for limit in _LENGTHS)}": 1.0,
        "kept": len(variant.text) / max(len(sentence.text), 1),
    }
    found |= {f"without {kind}": 1.0 for kind in variant.dropped}
    return {name: value for name, value in found.items() if value}


def _of_sentence(reading: ParsedAbstract, sentence: Sentence, place: float) -> Features:
    many, first = len(reading.sentences), reading.claims[0].place if reading.claims else -1
    return {
        "place": place,
        "first": float(sentence.place == 0),
        "second": float(sentence.place == 1),
        "last": float(sentence.place == many - 1 and many > 1),
        "one of few": float(many <= 3),
        "first claim": float(sentence.place == first),
        "second claim": float(sentence in reading.claims[1:2]),
        "before all claims": float(sentence.place < first),
        "after first claim": float(first >= 0 and sentence.place == first + 1),
        "here": float(bool(_HERE.search(sentence.low))),
        "turns": float(sentence.turns),
        "taken back": float(sentence.taken_back),
    }


def _of_words(reading: ParsedAbstract, said: Sequence[str]) -> Features:
    bag = frozenset(said)
    about = len(reading.named & bag)
    content = [stem for stem in said if stem not in STOP_WORDS]
    central = sum(min(reading.counts[stem] - 1, 3) for stem in set(content))
    return {
        "title recall": about / max(len(reading.named), 1),
        "title precision": about / max(len(bag), 1),
        "central": central / max(len(content), 1),
        "content": len(content) / max(len(said), 1),
    }


def _of_text(reading: ParsedAbstract, low: str, said: Sequence[str]) -> Features:
    bag = frozenset(said)
    found = {
        "background": float(min(len(_BACKGROUND & bag), 2)),
        "leans": float(bool(_LEANS.match(low))),
        "question": float(low.endswith(("?", "？"))),
        "code": float(not _SHARED.isdisjoint(bag) and bool(_CODE.search(low))),
        "result": float(not _RESULT.isdisjoint(bag)),
        "number": float(bool(_DIGIT.search(low))),
        "brackets": float("(" in low),
        "colon": float(":" in low),
        "named": float(bool(reading.called) and low.startswith(reading.called)),
        "has name": float(bool(reading.called) and reading.called in low),
    }
    return found | {f"begins {' '.join(said[:count])}": 1.0 for count in range(1, min(len(said), 3) + 1)}
