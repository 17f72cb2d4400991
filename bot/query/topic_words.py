"""Words of a topic in papers: which of them, in the title, near each other, all in a row. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.query.word_places import Occurrences, WordPlaces, contains
from bot.text.analyzer import content_compounds
from bot.text.tfidf import idf

Values = NDArray[np.float32]
WINDOW = 12
"""Words to either side within which words stand together: about a sentence."""
_ALL = 0.999


@dataclass(frozen=True, slots=True)
class TopicWords:
    """For each paper of an index, (papers,), what it says of one topic. Shares are weighted by idf, 0 to 1."""

    rarity: tuple[float, ...]
    """The idf of each word."""
    share: Values
    """Share of the words."""
    title_share: Values
    """Share of the words that the title has."""
    together: Values
    """Largest share of the words within `WINDOW` of the rarest one."""
    adjacent: Values
    """Share of the topic's neighbouring words that stand side by side somewhere; not weighted."""
    phrases: NDArray[np.intp]
    """How often all words stand in a row, stop words aside."""
    title_phrases: NDArray[np.intp]

    @property
    def all_said(self) -> NDArray[np.bool_]:
        """Papers that have every word somewhere."""
        return self.share > _ALL

    @property
    def phrase(self) -> NDArray[np.bool_]:
        """Papers that have all words in a row."""
        return self.phrases > 0


def read_words(places: WordPlaces, text: str) -> TopicWords:
    """The words of `text` that the papers say."""
    words = [places.occurrences(*compound) for compound in content_compounds(text) or [((text,), None)]]
    holders = [places.counts(word.first) > 0 for word in words]
    rarity = np.array([idf(places.papers, int(np.count_nonzero(papers))) for papers in holders])
    weights = rarity / rarity.sum()
    row, share = _in_a_row(words), _weighted(weights, holders)
    one_word = len(words) == 1
    return TopicWords(
        rarity=tuple(rarity.tolist()),
        share=share,
        title_share=_weighted(weights, [places.in_titles(word.first) > 0 for word in words]),
        together=share if one_word else _together(places, words, weights),
        adjacent=share if one_word else _adjacent(places, words),
        phrases=places.counts(row),
        title_phrases=places.in_titles(row),
    )


def _weighted(weights: NDArray[np.floating], said: Sequence[NDArray[np.bool_]]) -> Values:
    return np.asarray(sum(weight * papers for weight, papers in zip(weights, said, strict=True)), dtype=np.float32)


def _in_a_row(words: Sequence[Occurrences]) -> NDArray[np.int32]:
    """Places of the last word where all stand side by side, in order."""
    last = words[0].last
    for word in words[1:]:
        starts = last[contains(word.first, last + 1)] + 1
        last = word.last[np.searchsorted(word.first, starts)]
    return last


def _together(places: WordPlaces, words: Sequence[Occurrences], weights: NDArray[np.floating]) -> Values:
    """(papers,): the largest share of the words around a place of the rarest one that any paper has."""
    rarest = min((word for word in words if len(word.first)), key=lambda word: len(word.first), default=words[0])
    near, around = np.zeros(len(rarest.first)), places.around(rarest.first, WINDOW)
    for word, weight in zip(words, weights, strict=True):
        start, end = (np.searchsorted(word.first, side) for side in around)
        near += weight * (end > start)
    return places.highest(rarest.first, near)


def _adjacent(places: WordPlaces, words: Sequence[Occurrences]) -> Values:
    """(papers,): the share of neighbouring words that are side by side."""
    pairs = [places.counts(left.last[contains(right.first, left.last + 1)]) > 0 for left, right in pairwise(words)]
    return np.asarray(np.mean(pairs, axis=0), dtype=np.float32)
