"""Spelling correction: the most frequent indexed stem within edit distance 1 (2 for long words) of an unknown word.

Where there is none, an indexed stem in front of a misspelt ending.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from rapidfuzz.distance import OSA

from bot.model import Paper
from bot.search.cost import UNKNOWN_WORD, Meter
from bot.search.plan import Plan, StemGroup
from bot.search.postings import Postings
from bot.search.segment import NAME
from bot.search.vocabulary import Vocabulary
from bot.text.analyzer import stem_spans, words

SHORTEST = 4
"""Fewest letters of a stem that is corrected: one of three is as often a new acronym."""
MOST = 3
"""Unknown words of a query that are corrected: more of them are no slips."""
LONG = 8
"""Fewest letters of a stem that may be at edit distance 2."""
_SHORTEST_BEFORE_ENDING = 5
"""Fewest letters of a stem in front of a misspelt ending."""
_ENDINGS = (
    "ing", "ings", "ion", "ions", "ation", "ations", "ative", "ive", "ively", "ity", "able", "ally", "ized", "izing",
    "ization", "ness", "ment", "ments", "ence", "ance",
)  # fmt: skip
"""Endings that are recognised within edit distance 1."""


class Correction(NamedTuple):
    """A word as typed, and the word that was searched instead, as papers spell it."""

    typed: str
    corrected: str

    @classmethod
    def of(cls, typed: StemGroup, corrected: StemGroup, papers: Iterable[Paper]) -> Self:
        """Correction in that spelling of these papers which is nearest to the typed word; else the stem."""
        stems = frozenset(corrected.stems) | frozenset(corrected.names)
        texts = (text for paper in papers for text in (paper.title, paper.abstract, *paper.authors))
        spellings = [text[start:end].lower() for text in texts for start, end in stem_spans(text, stems)]
        nearest = min(spellings, key=lambda word: OSA.distance(word, typed.typed.lower()), default=None)
        return cls(typed.typed, nearest or (corrected.stems or corrected.names)[0])


def corrections(plans: Sequence[Plan], postings: Postings, meter: Meter) -> dict[StemGroup, StemGroup]:
    """Groups of a word that no paper has -> the group to search instead; words of phrases are left as they are."""
    phrases = {group for plan in plans for group in plan.phrases}
    groups = dict.fromkeys(group for plan in plans for group in plan.groups if group not in phrases)
    unknown = [group for group in groups if _is_unknown(group, postings)]
    if not 0 < len(unknown) <= MOST or not postings.papers:
        return {}
    stems = postings.vocabulary()
    meter.charge(UNKNOWN_WORD * len(stems) * sum(1 + bool(group.names) for group in unknown))
    guesses = {group: _guess(group, postings, stems) for group in unknown}
    return {group: guess for group, guess in guesses.items() if guess is not None}


def _is_unknown(group: StemGroup, postings: Postings) -> bool:
    return len(group.stems) == 1 and not any(map(postings.holders, group.indexed))


def _guess(group: StemGroup, postings: Postings, vocabulary: Vocabulary) -> StemGroup | None:
    stem = group.stems[0]
    if len(stem) < SHORTEST or not stem.isalpha():
        return None
    distance = 2 if len(stem) >= LONG else 1
    near = [(each.edits, -each.holders, each.stem) for each in vocabulary.near(stem, distance)]
    names = [
        (each.edits, -each.holders, NAME + each.stem)
        for name in group.names[:1]
        for each in vocabulary.near(name, distance, NAME)
    ]
    ranked = (word for _, _, word in sorted(near + names))
    best = next(filter(postings.holders, ranked), None) or _before_ending(group.typed, postings)
    if best is None:
        return None
    return StemGroup(group.typed, (), names=(best[1:],)) if best.startswith(NAME) else StemGroup(group.typed, (best,))


def _before_ending(typed: str, postings: Postings) -> str | None:
    """Stem in front of a misspelt ending: `decodnig` is `decod` and nearly `ing`."""
    word = words(typed)[0]
    for cut in range(len(word) - 2, _SHORTEST_BEFORE_ENDING - 1, -1):
        if postings.holders(word[:cut]) and any(OSA.distance(word[cut:], ending) <= 1 for ending in _ENDINGS):
            return word[:cut]
    return None
