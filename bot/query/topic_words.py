"""What papers say of a topic's words: which of them, side by side, all in a row. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.query.word_places import Occurrences, WordPlaces, contains
from bot.text.analyzer import content_compounds
from bot.text.tfidf import idf

Values = NDArray[np.float32]
_ALL = 0.999


@dataclass(frozen=True, slots=True)
class TopicWords:
    """For each paper of an index, (papers,), what it says of one topic."""

    share: Values
    """Share of the words, weighted by idf, 0 to 1."""
    adjacent: Values
    """Share of the topic's neighbouring words that stand side by side somewhere."""
    phrases: NDArray[np.intp]
    """How often all words stand in a row, stop words aside."""

    @property
    def all_said(self) -> NDArray[np.bool_]:
        """Papers that have every word somewhere."""
        return self.share > _ALL

    @property
    def phrase(self) -> NDArray[np.bool_]:
        """Papers that have all words in a row."""
        return self.phrases > 0


def read_words(places: WordPlaces, text: str) -> TopicWords:
    """What the papers say of the words of `text`."""
    words = [places.occurrences(*compound) for compound in content_compounds(text) or [((text,), None)]]
    counts = [places.counts(word.first) for word in words]
    weights = [idf(places.papers, int(np.count_nonzero(count))) for count in counts]
    said = sum(weight * (count > 0) for weight, count in zip(weights, counts, strict=True))
    share = np.asarray(said / sum(weights), dtype=np.float32)
    return TopicWords(
        share=share,
        adjacent=_adjacent(places, words) if len(words) > 1 else share,
        phrases=places.counts(_in_a_row(words)),
    )


def _in_a_row(words: list[Occurrences]) -> NDArray[np.int32]:
    """Places of the last word where all stand side by side, in order."""
    last = words[0].last
    for word in words[1:]:
        starts = last[contains(word.first, last + 1)] + 1
        last = word.last[np.searchsorted(word.first, starts)]
    return last


def _adjacent(places: WordPlaces, words: list[Occurrences]) -> Values:
    """(papers,): the share of neighbouring words that are side by side."""
    pairs = [places.counts(left.last[contains(right.first, left.last + 1)]) > 0 for left, right in pairwise(words)]
    return np.asarray(np.mean(pairs, axis=0), dtype=np.float32)
