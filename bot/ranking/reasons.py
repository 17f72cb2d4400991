"""The words that are named as reasons of a profile's effect on a paper. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from bot.text import word_set
from bot.text.analyzer import STOP_WORDS

REASON_SHARE = 0.3
"""Least effect of a word that is named as a reason, as a share of the strongest word's."""
REASONS_MAX = 2
WORD_LETTERS_MIN = 3
SMALL_WORDS = word_set(
    """
    across almost already although always among another around back become beside beyond done due either else enough
    even ever every extra find first five four full get give given go hence instead keep last least less made make
    makes many moreover much namely neither never new next none now often one others part put rather second see seem
    seen several show shows since still take takes therefore third three throughout together two use used uses using
    very well whatever whereas whole
    """
)
"""Words that say nothing alone, besides the stop words of searches."""

Tokens = Sequence[tuple[str, str]]
"""Words and their stems, in order."""


class WordEffect(NamedTuple):
    """A word or a phrase of a paper, and its part of the paper's standing."""

    words: str
    weight: float


def is_readable(word: str) -> bool:
    """Whether it reads as a word: no number, stop word, or fragment of one or two Latin letters."""
    if word in STOP_WORDS or word in SMALL_WORDS or not word[0].isalpha():
        return False
    return len(word) >= WORD_LETTERS_MIN or not word.isascii()


def commonest_words(texts: Iterable[Tokens]) -> dict[str, str]:
    """Commonest word of each stem; none for numbers, stop words and fragments."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word, stem in chain.from_iterable(texts):
        if is_readable(word):
            counts[stem][word] += 1
    return {stem: by_word.most_common(1)[0][0] for stem, by_word in counts.items()}


def strongest_words(
    tokens: Tokens, effects: Mapping[str, float], pairs: frozenset[tuple[str, str]]
) -> list[WordEffect]:
    """At most two words or phrases with the largest positive effects, which share no stem."""
    least = REASON_SHARE * max(effects.values(), default=0.0)
    strong = {stem: weight for stem, weight in effects.items() if weight >= least and weight > 0}
    candidates: dict[tuple[str, ...], WordEffect] = {}
    for phrase in _phrases(tokens, strong, pairs):
        key = tuple(stem for _, stem in phrase)
        text = " ".join(word for word, _ in phrase)
        candidates.setdefault(key, WordEffect(text, sum(strong[stem] for stem in set(key))))
    best: list[WordEffect] = []
    used: set[str] = set()
    for key, effect in sorted(candidates.items(), key=lambda pair: (-pair[1].weight, pair[0])):
        if len(best) < REASONS_MAX and used.isdisjoint(key):
            used.update(key)
            best.append(effect)
    return best


def _phrases(
    tokens: Tokens, strong: Mapping[str, float], pairs: frozenset[tuple[str, str]]
) -> Iterable[tuple[tuple[str, str], ...]]:
    """Single strong words, and pairs of them that stand side by side here and in an example."""
    for token in tokens:
        if token[1] in strong and is_readable(token[0]):
            yield (token,)
    for first, second in pairwise(tokens):
        pair = (first[1], second[1])
        if (
            pair in pairs
            and first[1] != second[1]
            and strong.keys() >= set(pair)
            and all(map(is_readable, (first[0], second[0])))
        ):
            yield (first, second)
