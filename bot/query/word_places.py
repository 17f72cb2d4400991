"""Places of a topic's words in many papers: one array of positions for each stem. Pure.

Stop words take no place, so that “computation and language” is the phrase `computation language`. A hyphenated word
takes a place for each of its parts, and stands as one word at the first and at the last of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.query.analysis import PaperAnalysis

Places = NDArray[np.int32]
_Int = TypeVar("_Int", bound=np.integer)
_NONE = np.empty(0, np.int32)


class Occurrences(NamedTuple):
    """Places of the first and of the last part of a word, ascending."""

    first: Places
    last: Places


class WordPlaces:
    """Immutable index of the places of all stems in some papers."""

    def __init__(self, analyses: Sequence[PaperAnalysis], numbers: Mapping[str, int]) -> None:
        """`numbers` of the stems in the analyses."""
        self._numbers = numbers
        self.papers = len(analyses)
        ends = np.cumsum([0, *(each.end for each in analyses)], dtype=np.int32)
        self._owners = np.repeat(np.arange(self.papers, dtype=np.int32), np.diff(ends))
        self._ends = ends
        self._titles_end = ends[:-1] + np.array([each.title_end for each in analyses], np.int32)
        stems = np.concatenate([_NONE, *(each.placed for each in analyses)])
        placed = np.concatenate([_NONE, *(each.places for each in analyses)])
        placed += np.repeat(ends[:-1], [len(each.places) for each in analyses])
        order = np.argsort(stems, kind="stable")
        self._starts = np.searchsorted(stems[order], np.arange(len(numbers) + 1))
        self._places = placed[order]

    def of(self, stem: str) -> Places:
        """The places of a stem, ascending."""
        number = self._numbers.get(stem)
        if number is None or number + 1 >= len(self._starts):  # or numbered since, for other papers
            return self._places[:0]
        return self._places[self._starts[number] : self._starts[number + 1]]

    def occurrences(self, parts: Sequence[str], joined: str | None) -> Occurrences:
        """Places of a word, whether written in parts or in one (`content_compounds` has both)."""
        first = self.of(parts[0])
        for distance, part in enumerate(parts[1:], 1):
            first = first[contains(self.of(part), first + distance)]
        if joined is None:
            return Occurrences(first, first)
        whole = np.setdiff1d(self.of(joined), first)
        every = np.concatenate((first, whole))
        order = np.argsort(every, kind="stable")
        last = np.concatenate((first + (len(parts) - 1), whole))
        return Occurrences(every[order], last[order])

    def counts(self, places: Places) -> NDArray[np.intp]:
        """(papers,): how many of some places each paper has."""
        return np.bincount(self._owners[places], minlength=self.papers)

    def in_titles(self, places: Places) -> NDArray[np.intp]:
        """(papers,): how many of some places are in each paper's title."""
        owners = self._owners[places]
        return np.bincount(owners[places < self._titles_end[owners]], minlength=self.papers)

    def around(self, places: Places, reach: int) -> tuple[Places, Places]:
        """First place within reach of each place in its paper, and the one after the last."""
        owners = self._owners[places]
        return np.maximum(places - reach, self._ends[owners]), np.minimum(places + reach + 1, self._ends[owners + 1])

    def highest(self, places: Places, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """(papers,): the highest of the values at some places of each paper; 0 without any."""
        best = np.zeros(self.papers, dtype=np.float32)
        np.maximum.at(best, self._owners[places], values)
        return best


def contains(places: NDArray[_Int], others: NDArray[_Int]) -> NDArray[np.bool_]:
    """(others,): which of them are among some ascending places."""
    if not len(places):
        return np.zeros(len(others), dtype=bool)
    return np.asarray(places.take(places.searchsorted(others), mode="clip") == others)
