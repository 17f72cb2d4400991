"""What a word that no paper has was meant to be: the commonest stem that is one slip away, or two in a long word.

Failing that, a stem that it begins with, if the ending that follows is misspelt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Self

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.model import Paper
from bot.search.plan import Plan, StemGroup
from bot.search.postings import NAME
from bot.search.snapshot import Snapshot
from bot.text.analyzer import stem_spans, words

SHORTEST = 4
"""Letters of a stem that is corrected: three are as often an acronym that nobody used yet."""
LONG = 8
"""Letters from which two slips are forgiven."""
_LOOKED_AT = 50
_SHORTEST_BEFORE_ENDING = 5
"""Letters of a stem that is known by its beginning alone."""
_ENDINGS = (
    "ing",
    "ings",
    "ion",
    "ions",
    "ation",
    "ations",
    "ative",
    "ive",
    "ively",
    "ity",
    "able",
    "ally",
    "ized",
    "izing",
    "ization",
    "ness",
    "ment",
    "ments",
    "ence",
    "ance",
)
"""What may follow a stem, and be misspelt."""


class Correction(NamedTuple):
    """A word as typed, and what was looked for instead, as it stands in a paper."""

    typed: str
    meant: str

    @classmethod
    def of(cls, typed: StemGroup, meant: StemGroup, papers: Iterable[Paper]) -> Self:
        """How the corrected word is spelt in the papers that were found, as near to the typed one as may be."""
        wanted = frozenset(meant.stems) | frozenset(meant.names)
        texts = (text for paper in papers for text in (paper.title, paper.abstract, *paper.authors))
        spelt = [text[start:end].lower() for text in texts for start, end in stem_spans(text, wanted)]
        nearest = min(spelt, key=lambda word: OSA.distance(word, typed.typed.lower()), default=None)
        return cls(typed.typed, nearest or (meant.stems or meant.names)[0])


def corrected(
    plans: Sequence[Plan], snapshot: Snapshot, known: Callable[[], Sequence[str]]
) -> dict[StemGroup, StemGroup]:
    """For each word that no paper has, the group of what it was meant to be; without those nobody can guess."""
    unknown = {group for each in plans for group in each.groups if _unknown(group, snapshot)}
    unknown -= {group for each in plans for group in each.phrases}
    if not unknown or not snapshot.postings.papers:
        return {}
    vocabulary = known()
    guesses = {group: _guess(group, snapshot, vocabulary) for group in unknown}
    return {group: guess for group, guess in guesses.items() if guess is not None}


def _unknown(group: StemGroup, snapshot: Snapshot) -> bool:
    said = [*group.joined, *(NAME + name for name in group.names)]
    return len(group.stems) == 1 and not any(snapshot.postings.holders(stem) for stem in [*group.stems, *said])


def _guess(group: StemGroup, snapshot: Snapshot, vocabulary: Sequence[str]) -> StemGroup | None:
    stem = group.stems[0]
    if len(stem) < SHORTEST or not stem.isalpha():
        return None
    slips = 2 if len(stem) >= LONG else 1
    as_word = _near(stem, vocabulary, slips)
    as_name = _near(NAME + group.names[0], vocabulary, slips) if group.names else []
    near = [(slips, -snapshot.postings.holders(word), word) for word, slips in (*as_word, *as_name)]
    best = next((word for _, holders, word in sorted(near) if holders), None) or _before_ending(group.typed, snapshot)
    if best is None:
        return None
    return StemGroup(group.typed, (), names=(best[1:],)) if best.startswith(NAME) else StemGroup(group.typed, (best,))


def _before_ending(typed: str, snapshot: Snapshot) -> str | None:
    """The stem in front of a misspelt ending: `decodnig` is `decod` and nearly `ing`."""
    word = words(typed)[0]
    for cut in range(len(word) - 2, _SHORTEST_BEFORE_ENDING - 1, -1):
        if snapshot.postings.holders(word[:cut]) and any(OSA.distance(word[cut:], end) <= 1 for end in _ENDINGS):
            return word[:cut]
    return None


def _near(stem: str, vocabulary: Sequence[str], slips: int) -> list[tuple[str, int]]:
    found = process.extract(stem, vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=_LOOKED_AT)
    return [(word, int(distance)) for word, distance, _ in found if word.startswith(NAME) == stem.startswith(NAME)]
