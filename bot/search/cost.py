"""Cost of a search in postings touched, charged before each step, so that no query can be dear. Pure.

The unit is one posting added to a score (about 8 ns); the prices of everything else were measured in it at 100,000
papers. Words, vectors and `like:` are known from document frequencies before anything runs; scans, rows and texts are
charged as they are read. A search that would exceed `LIMIT` is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import QueryError
from bot.model.segment import PaperFilter
from bot.search.plan import Plan, StemGroup
from bot.search.postings import NAME, Postings
from bot.search.snapshot import Snapshot

LIMIT = 8_000_000
"""Postings of one search: less than 100 ms. Three words of 1,000,000 papers are 4,000,000."""
ALTERNATIVE = 4
"""Per paper: the best scores are picked, the vectors' signs are compared, and the nearest are picked."""
MASK = 1
"""Per paper: a condition on stems is combined with the others."""
PAIR = 5_000
"""Two neighbouring words are looked for in the best papers."""
UNKNOWN_WORD = 5
"""Per stem of the vocabulary: its edit distance to a word that no paper has."""
NEIGHBOURS = 16
"""Per paper, for each `like:`: forty stems of at most a fifth of the papers each, and the vectors."""
SCANNED = 20
"""A paper's columns are compared with conditions in SQL."""
PASSED = 20
"""It meets them, and its number is read."""
NO_ORGANIZATION, NO_VENUE = 25, 40
"""A word is not in its organisation, or neither in its comment nor in its journal reference: the normalised texts are
looked at as well, and nothing after it."""
SCANNED_WORD, SCANNED_CATEGORY = 5, 8
"""A word or a category is there."""
ORDER = 600
"""The order of a paper's stems is read."""
ROW = 2_500
"""A paper is read."""
FIELDS = 2_000
"""A paper's fields are compared exactly."""
TEXT = 20_000
"""A paper's title and abstract are analysed and compared."""


class Meter:
    """Postings that one search touched so far."""

    def __init__(self, query: str, limit: int = LIMIT) -> None:
        self._query, self._limit = query, limit
        self.touched = 0

    def charge(self, postings: int) -> None:
        """Charge a step before it runs. Raises QueryError if the search would be too dear."""
        if self.touched + postings > self._limit:
            problem = "This search goes through too many papers; take fewer alternatives, or add rarer words"
            raise QueryError(problem, self._query, 0, "video diffusion since:30d")
        self.touched += postings


def scan_cost(condition: PaperFilter) -> int:
    """Cost of comparing one paper's columns with a condition, at most: it passes, or one word is not there."""
    organization, venue = condition.organization, condition.venue
    last = max(PASSED, NO_ORGANIZATION * bool(organization), NO_VENUE * bool(venue))
    words = SCANNED_WORD * (len(organization) + len(venue))
    return SCANNED + last + words + SCANNED_CATEGORY * len(condition.categories)


def lexical_cost(snapshot: Snapshot, groups: Sequence[StemGroup]) -> int:
    """Cost of counting some words in all papers."""
    return sum(_postings(snapshot.postings, group) for group in groups) + MASK * snapshot.room


def words_cost(snapshot: Snapshot, groups: Sequence[StemGroup]) -> int:
    """Cost of ranking the papers by some words, by their postings and by meaning."""
    stems = sum(len(group.stems) for group in groups)
    postings = sum(_postings(snapshot.postings, group) for group in groups)
    return postings + ALTERNATIVE * snapshot.room + PAIR * max(stems - 1, 0)


def plan_cost(snapshot: Snapshot, plan: Plan) -> int:
    """Cost of one alternative as far as it is known before it runs."""
    postings = snapshot.postings
    masked = [*(NAME + part for parts in plan.authors for part in parts), *plan.without]
    cost = sum(postings.holders(stem) + MASK * snapshot.room for stem in masked)
    cost += sum(_postings(postings, group) + MASK * snapshot.room for group in plan.phrases)
    return cost + (words_cost(snapshot, plan.groups) if plan.groups and plan.like is None else 0)


def _postings(postings: Postings, group: StemGroup) -> int:
    stems = (*group.stems, *group.joined, *(NAME + name for name in group.names))
    return sum(map(postings.holders, stems))
