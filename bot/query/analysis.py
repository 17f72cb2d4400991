"""Analysed texts of papers, made once and kept as long as the paper is a candidate. Pure.

The stems of all papers share one numbering, so that an index of many papers is put together from arrays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.model import Paper
from bot.text.analyzer import STOP_WORDS, compound, stems, written_words
from bot.text.tfidf import Bag

GAP = " | "
"""Separator of title and abstract, which no phrase crosses."""
STEMS_MAX = 500_000
"""Stems that are numbered until everything is analysed anew; a year brings fewer."""
_STOP_STEMS = frozenset(chain.from_iterable(stems(word) for word in STOP_WORDS))
_APART = 1
"""Places between two texts, so that no two words are side by side across it."""

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PaperAnalysis:
    """A paper's text as an index needs it."""

    split: str
    """Stems of title and abstract in order, hyphenated words in parts."""
    joined: str
    """The same with hyphenated words in one; the same object where there are none."""
    bag: Bag
    """Stems in parts, without stop words, and how often each occurs."""
    stems: Numbers
    """Numbers of the stems in either reading, each once."""
    placed: Numbers
    """Numbers of the stems of the words that take a place: no stop words."""
    places: Numbers
    """Place of each of them, ascending."""
    title_end: int
    """First place after the title."""
    end: int
    """First place after the paper."""


class _Word(NamedTuple):
    """A word with the numbers of its stems."""

    split: str
    joined: str
    parts: tuple[str, ...]
    content: tuple[int, ...]
    """Of the parts that take a place."""
    whole: int | None
    """Of the word without its hyphens, which stands at the first and at the last of its places."""


class Analyses:
    """Analyses of papers, and the numbers of their stems. Shared by threads."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        """Stem -> number; it only grows, so that a reader needs no lock."""
        self._kept: dict[str, tuple[str, str, PaperAnalysis]] = {}
        self._lock = Lock()

    def of(self, papers: Iterable[Paper]) -> tuple[list[PaperAnalysis], Mapping[str, int]]:
        """The analysis of each paper, and the number of each stem; analyses of other papers are forgotten."""
        with self._lock:
            if len(self._numbers) > STEMS_MAX:
                self._numbers, self._kept = {}, {}
            words, kept, analyses = _Words(self._numbers), {}, []
            for paper in papers:
                before = self._kept.get(paper.id)
                is_same = before is not None and before[:2] == (paper.title, paper.abstract)
                analysis = before[2] if before is not None and is_same else _analysed(paper, words)
                kept[paper.id] = (paper.title, paper.abstract, analysis)
                analyses.append(analysis)
            self._kept = kept
            return analyses, self._numbers


class _Words(dict[str, _Word]):
    """Words as they are written, each read and its stems numbered on first use."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self.numbers = numbers

    def __missing__(self, written: str) -> _Word:
        word = compound(written)
        self._of((*word.parts, word.joined))
        content = self._of(word.content)
        whole = self._of((word.content_joined,))[0] if word.content_joined is not None and content else None
        self[written] = _Word(" ".join(word.parts), word.joined, word.parts, content, whole)
        return self[written]

    def _of(self, stems_of_word: Iterable[str]) -> tuple[int, ...]:
        return tuple(self.numbers.setdefault(stem, len(self.numbers)) for stem in stems_of_word)


def _analysed(paper: Paper, words: _Words) -> PaperAnalysis:
    title, abstract = (list(map(words.__getitem__, written_words(text))) for text in (paper.title, paper.abstract))
    every = [*title, *abstract]
    split = f" {' '.join([word.split for word in title])}{GAP}{' '.join([word.split for word in abstract])} "
    joined = f" {' '.join([word.joined for word in title])}{GAP}{' '.join([word.joined for word in abstract])} "
    bag = Counter(chain.from_iterable([word.parts for word in every]))
    both = {*bag, *[word.joined for word in every if len(word.parts) > 1]}
    placed, places, end = _placed(every, len(title))
    title_end = sum(len(word.content) for word in title)
    return PaperAnalysis(
        split,
        split if joined == split else joined,
        without_stop_words(bag),
        np.fromiter(map(words.numbers.__getitem__, both), np.int32, len(both)),
        placed,
        places,
        title_end,
        end,
    )


def _placed(words: Sequence[_Word], title: int) -> tuple[Numbers, Numbers, int]:
    """Numbers of the stems that take a place, their places, ascending, and the first place after them.

    `title`: how many of the words are the title's.
    """
    contents = [word.content for word in words]
    starts = [0, *accumulate(map(len, contents))]
    wholes = [(word.whole, starts[i], starts[i + 1] - 1) for i, word in enumerate(words) if word.whole is not None]
    numbers, places = [*chain.from_iterable(contents)], [*range(starts[-1])]
    for whole, first, last in wholes:
        numbers += [whole, whole][: last - first + 1]
        places += [first, last][: last - first + 1]
    stems_placed, at = np.array(numbers, np.int32), np.array(places, np.int32)
    at += _APART * (at >= starts[title])
    if wholes:
        order = np.argsort(at, kind="stable")
        stems_placed, at = stems_placed[order], at[order]
    return stems_placed, at, starts[-1] + 2 * _APART


def without_stop_words(bag: Counter[str]) -> Bag:
    """A bag of stems, changed, without those of stop words."""
    for stem in _STOP_STEMS & bag.keys():
        del bag[stem]
    return bag
