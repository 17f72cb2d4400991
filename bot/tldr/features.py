"""What words and sentences tell about what a paper's authors would say in one sentence. Pure.

Two small linear models read these features. The word model looks at one word of the abstract: is it one that a summary
would have? The ranker looks at one variant of one sentence, and its chief feature is the F-measure that the word model
expects of it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bot.analysis import STOP_WORDS, words
from bot.tldr.reading import FINDS, OURS, PROPOSES, Reading, Sentence, claim
from bot.tldr.variants import Variant

Features = dict[str, float]
REFERENCE = 21.0
"""Words of a summary that people write; SciTLDR's train part has 20.1 on average."""
_COUNTED = 3
"""The third time a word comes and every later time are one."""
_FROM_START = (2, 5, 9, 14, 20, 28, 36)
_LENGTHS = (8, 11, 14, 17, 20, 24, 28, 33, 40, 50)
_BACKGROUND_WORDS = (
    "existing previous prior traditional conventional recent recently typically often usually commonly despite"
    " unfortunately however challenge challenging remain remains"
)
_BACKGROUND = frozenset(_BACKGROUND_WORDS.split())
# Matched against lower case.
_HERE = re.compile(r"\b(?:in|this) (?:this )?(?:paper|work|article|study)\b")
_LEANS = re.compile(r"(?:it|they|these|those|such|its|their|this (?!paper|work|article|study|report))\b")
_CODE = re.compile(r"https?:|\bcodes?\b.{0,80}\b(?:available|released?|public)\b|\bavailable at\b|project page|代码")
_RESULT = re.compile(r"\b(?:experiments?|results?|outperforms?|state-of-the-art|evaluat\w+|benchmarks?|datasets?)\b")
_DIGIT = re.compile(r"\d")


def keys(said: Iterable[str]) -> Iterator[str]:
    """A key for each word: its stem; the second time it comes `the#2`, from the third on `the#3`."""
    seen: Counter[str] = Counter()
    for stem in said:
        seen[stem] += 1
        yield stem if seen[stem] == 1 else f"{stem}#{min(seen[stem], _COUNTED)}"


def expected(said: Sequence[str], likely: Mapping[str, float]) -> tuple[float, float]:
    """ROUGE-1's F-measure and precision, as the word model expects them of a text."""
    hits = sum(likely.get(key, 0.0) for key in keys(said))
    return 2 * hits / (len(said) + REFERENCE), hits / max(len(said), 1)


def word_features(reading: Reading, listed: Callable[[str], bool]) -> dict[str, Features]:
    """The features of every word of an abstract, by its key; `listed` says which features have a weight."""
    places = _Places(reading)
    found: dict[str, Features] = {}
    for stem, count in reading.counts.items():
        kind = " stop" if stem in STOP_WORDS else ""
        plain = places.features(stem, count, kind)
        for time, key in zip(range(1, _COUNTED + 1), keys([stem] * count), strict=False):
            again = f"{time}: " if time > 1 else ""
            own = {again + name: value for name, value in plain.items()} if again else dict(plain)
            own[f"{again}word{kind}"] = 1.0
            if listed(name := f"= {key}"):
                own[name] = 1.0
            found[key] = own
    return found


class _Places:
    """Where each word of an abstract stands."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._many = max(len(reading.sentences), 1)
        self._holders = Counter(stem for each in reading.sentences for stem in set(each.stems))
        self._first: dict[str, int] = {}
        for each in reading.sentences:
            for stem in each.stems:
                self._first.setdefault(stem, each.place)
        self._claimed = frozenset(stem for each in reading.claims for stem in each.stems)
        first_claim = reading.claims[0].stems if reading.claims else ()
        self._in_claim = {stem: place for place, stem in reversed(list(enumerate(first_claim)))}
        self._beside = _neighbours(reading)
        self._name = reading.called.split()

    def features(self, stem: str, count: int, kind: str) -> Features:
        titled, claimed, first = stem in self._reading.title, stem in self._claimed, self._first[stem]
        found = {
            "count": math.log(count),
            "sentences": self._holders[stem] / self._many,
            "late": first / self._many,
            "opens": float(first == 0),
            f"in title{kind}": float(titled),
            f"in a claim{kind}": float(claimed),
            f"in title and claim{kind}": float(titled and claimed),
            f"beside title words{kind}": float(stem in self._beside),
            "number": float(stem[0].isdigit()),
            "letters": min(len(stem), 10) / 10,
            "in name": float(stem in self._name),
        }
        if not kind:
            found |= {
                "count in title": math.log(count) * titled,
                "count in claim": math.log(count) * claimed,
                "opens and claimed": float(first == 0 and claimed),
            }
        if (place := self._in_claim.get(stem)) is not None:
            found[f"first claim{kind}"] = 1.0
            found[f"first claim {sum(place > limit for limit in _FROM_START)}{kind}"] = 1.0
        return {name: value for name, value in found.items() if value}


def _neighbours(reading: Reading) -> frozenset[str]:
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
    reading: Reading,
    sentence: Sentence,
    variant: Variant,
    said: Sequence[str],
    likely: Mapping[str, float],
) -> Features:
    """The features of one variant of one sentence; `said` are its stems, `likely` what the word model thinks of them."""
    low = variant.text.lower()
    claims = claim(low)
    f1, precision = expected(said, likely)
    long, place = math.log(max(len(said), 1)), sentence.place / max(len(reading.sentences) - 1, 1)
    found = _of_sentence(reading, sentence, place) | _of_words(reading, said) | _of_text(reading, low)
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


def _of_sentence(reading: Reading, sentence: Sentence, place: float) -> Features:
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


def _of_words(reading: Reading, said: Sequence[str]) -> Features:
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


def _of_text(reading: Reading, low: str) -> Features:
    spoken = words(low)
    found = {
        "background": float(min(len(_BACKGROUND.intersection(spoken)), 2)),
        "leans": float(bool(_LEANS.match(low))),
        "question": float(low.endswith(("?", "？"))),
        "code": float(bool(_CODE.search(low))),
        "result": float(bool(_RESULT.search(low))),
        "number": float(bool(_DIGIT.search(low))),
        "brackets": float("(" in low),
        "colon": float(":" in low),
        "named": float(bool(reading.called) and low.startswith(reading.called)),
        "has name": float(bool(reading.called) and reading.called in low),
    }
    return found | {f"begins {' '.join(spoken[:count])}": 1.0 for count in range(1, min(len(spoken), 3) + 1)}
