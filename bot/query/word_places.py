"""Where the words of a topic stand in many papers: one array of positions for each stem. Pure.

Stop words take no place, so that “computation and language” is the phrase `computation language`. A hyphenated word
takes a place for each of its parts, and stands as one word at the first and at the last of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.model import Paper
from bot.text.analyzer import content_compounds

_APART = 1
"""Places between two texts, so that no two words are side by side across it."""

Places = NDArray[np.int32]


class Occurrences(NamedTuple):
    """Places of the first and of the last part of a word, ascending."""

    first: Places
    last: Places


class WordPlaces:
    """Immutable index of the places of all stems in some papers."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._numbers: dict[str, int] = {}
        stems, places, papers_end = array("i"), array("i"), array("i", [0])
        end = 0
        for paper in papers:
            end = self._add(paper.title, end, stems, places)
            end = self._add(paper.abstract, end, stems, places)
            papers_end.append(end)
        self.papers = len(papers_end) - 1
        self._owners = np.repeat(np.arange(self.papers, dtype=np.int32), np.diff(papers_end))
        numbers = np.array(stems, dtype=np.int32)
        order = np.argsort(numbers, kind="stable")
        self._starts = np.searchsorted(numbers[order], np.arange(len(self._numbers) + 1))
        self._places = np.array(places, dtype=np.int32)[order]

    def _add(self, text: str, end: int, stems: array[int], places: array[int]) -> int:
        """Add a text from the place `end`; returns where the next one starts."""
        for parts, joined in content_compounds(text):
            here = [*zip(parts, range(end, end + len(parts)), strict=True)]
            if joined is not None and parts:
                here += [(joined, end), (joined, end + len(parts) - 1)] if len(parts) > 1 else [(joined, end)]
            for stem, place in here:
                stems.append(self._numbers.setdefault(stem, len(self._numbers)))
                places.append(place)
            end += len(parts)
        return end + _APART

    def of(self, stem: str) -> Places:
        """The places of a stem, ascending."""
        number = self._numbers.get(stem)
        return self._places[:0] if number is None else self._places[self._starts[number] : self._starts[number + 1]]

    def occurrences(self, parts: Sequence[str], joined: str | None) -> Occurrences:
        """Where a word stands, whether written in parts or in one (`content_compounds` has both)."""
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


def contains(places: Places, others: Places) -> NDArray[np.bool_]:
    """(others,): which of them are among some ascending places."""
    if not len(places):
        return np.zeros(len(others), dtype=bool)
    at = np.searchsorted(places, others)
    return np.asarray(places[np.minimum(at, len(places) - 1)] == others)
