"""Cost of a search in postings scored, charged before each step, so that no query can be dear. Pure.

The unit is one posting added to a score (about 6 ns); the prices of everything else were measured in it at a million
papers. Words, vectors and conditions are known from document frequencies before they are looked up; rows and texts are
charged as they are read. A search that would exceed `LIMIT` is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import QueryError
from bot.model.segment import PaperFilter
from bot.search.field_terms import filter_terms
from bot.search.plan import Plan, StemGroup
from bot.search.segment import NAME
from bot.search.snapshot import Snapshot

LIMIT = 10_000_000
"""Postings of one search: less than 100 ms. Three words of 1,000,000 papers are a tenth of it."""
ALTERNATIVE = 100_000
"""The words are embedded, and the papers that have the best scores and the nearest vectors are compared."""
PAPER = 0.7
"""Per paper, for each alternative: the best scores are picked, the vectors' signs are compared."""
STEM = 15_000
"""Which of the best have a stem is looked up, and where its postings are."""
MASK = 0.08
"""Per paper: a condition on stems is combined with the others."""
BY_AGE = 0.15
"""Per paper: the papers between two ages are picked."""
PAIR = 7_000
"""Two neighbouring words are looked for in the best papers."""
UNKNOWN_WORD = 1
"""Per stem of the vocabulary: its letters are compared with those of a word that no paper has."""
NUMBER = 200
"""The number of a paper with enough upvotes is read."""
ORDER = 800
"""The order of a paper's stems is read."""
ROW = 3_300
"""A paper is read."""
FIELDS = 2_700
"""A paper's fields are compared exactly."""
TEXT = 27_000
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


def per_alternative(room: int) -> int:
    """Cost of ranking so many papers, but for the postings of the words."""
    return ALTERNATIVE + int(PAPER * room)


def mask_cost(snapshot: Snapshot, stems: Sequence[str]) -> int:
    """Cost of a mask of the papers that have some stems."""
    each = STEM + int(MASK * snapshot.room)
    return sum(snapshot.postings.work(stem) + each for stem in stems)


def masks_cost(snapshot: Snapshot, groups: Sequence[StemGroup]) -> int:
    """Cost of a mask of the papers that have every word."""
    return sum(mask_cost(snapshot, group.indexed) for group in dict.fromkeys(groups))


def condition_cost(snapshot: Snapshot, condition: PaperFilter) -> int:
    """Cost of a mask of the papers that meet a condition, but for those with enough upvotes."""
    passes = (condition.since is not None) + (condition.upvotes is not None)
    return mask_cost(snapshot, filter_terms(condition)) + int(MASK * snapshot.room) * passes


def words_cost(snapshot: Snapshot, groups: Sequence[StemGroup]) -> int:
    """Cost of ranking the papers by some words, by their postings and by meaning."""
    pairs = max(sum(len(group.stems) for group in groups) - 1, 0)
    stems = dict.fromkeys(stem for group in groups for stem in group.indexed)
    scored = sum(snapshot.postings.work(stem) for stem in stems) + STEM * len(stems)
    return scored + per_alternative(snapshot.room) + PAIR * pairs


def plan_cost(snapshot: Snapshot, plan: Plan) -> int:
    """Cost of one alternative as far as it is known before it runs, but for its condition on columns."""
    masked = [*(NAME + part for parts in plan.authors for part in parts), *plan.without]
    cost = mask_cost(snapshot, masked) + masks_cost(snapshot, plan.phrases)
    return cost + (words_cost(snapshot, plan.groups) if plan.groups and plan.like is None else 0)
