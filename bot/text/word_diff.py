"""Words removed and added between two versions of a text. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from bot.text.cleaning import clean_text

WORDS_MAX = 1_000
"""Words of a text that are compared: the time grows with their square."""
GAP = 2
"""Equal words between two changes that are told as one."""
CONTEXT = 4
"""Words before and after a change that are told with it."""
WORDS_CHANGED = 5
"""Fewest words of a change of wording that is worth telling; a number is worth it alone."""
TYPO_ALIKE = 0.75
"""Similarity of two words from which one is a typo, or another form, of the other."""
REWRITTEN = 0.3
"""Similarity of two texts below which the second was written anew, and single changes tell nothing."""

_TOKEN = re.compile(r"\S+")
_NUMBER = re.compile(r"\d")
_EDGES = re.compile(r"^\W+|\W+$")


class Change(NamedTuple):
    """One place that changed: the words before and after, either of them empty."""

    before: str
    after: str
    lead: str = ""
    """The words in front of it, which stayed."""
    tail: str = ""
    """The words behind it."""


class WordDiff(NamedTuple):
    """The places that changed in their order, and whether the whole text was written anew."""

    changes: tuple[Change, ...]
    rewritten: bool = False

    def __bool__(self) -> bool:
        """Whether anything changed that is worth telling."""
        return bool(self.changes) or self.rewritten


NOTHING = WordDiff(())


def word_diff(before: str, after: str) -> WordDiff:
    """The changes worth telling from one text to another; none for white space, case, punctuation and typos."""
    old, new = (_TOKEN.findall(clean_text(text))[:WORDS_MAX] for text in (before, after))
    matcher = SequenceMatcher(None, [_bare(word) for word in old], [_bare(word) for word in new], autojunk=False)
    if min(len(old), len(new)) > 2 * WORDS_CHANGED and matcher.ratio() < REWRITTEN:
        return WordDiff((), rewritten=True)
    places: list[tuple[int, int, int, int]] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal" or _is_typo(old[i1:i2], new[j1:j2]):
            continue
        near = places and i1 - places[-1][1] <= GAP and j1 - places[-1][3] <= GAP
        start = places.pop()[::2] if near else (i1, j1)
        places.append((start[0], i2, start[1], j2))
    words = sum(max(i2 - i1, j2 - j1) for i1, i2, j1, j2 in places)
    numbers = any(_numbers(old[i1:i2]) != _numbers(new[j1:j2]) for i1, i2, j1, j2 in places)
    if words < WORDS_CHANGED and not numbers:
        return NOTHING
    around = [(new[max(j1 - CONTEXT, 0) : j1], new[j2 : j2 + CONTEXT]) for _, _, j1, j2 in places]
    parts = [(old[i1:i2], new[j1:j2], *near) for (i1, i2, j1, j2), near in zip(places, around, strict=True)]
    return WordDiff(tuple(Change(*map(" ".join, part)) for part in parts))


def _bare(word: str) -> str:
    """The word without case and punctuation around it; a mark alone is empty."""
    return _EDGES.sub("", word).casefold()


def _is_typo(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a change is of punctuation, or of letters of the same words, and of no number."""
    before, after = "".join(map(_bare, old)), "".join(map(_bare, new))
    if _NUMBER.search(before) or _NUMBER.search(after):
        return _letters(before) == _letters(after)
    before, after = _letters(before), _letters(after)
    return before == after or (
        len(old) == len(new) and SequenceMatcher(None, before, after, autojunk=False).ratio() >= TYPO_ALIKE
    )


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _numbers(words: Sequence[str]) -> list[str]:
    return [_bare(word) for word in words if _NUMBER.search(word)]
